"""An API server in memory: one real history of versions, and faults that count how often they struck.

It answers lists and watches as kube-apiserver 1.36 does (a test holds both against the same client):
one counter of versions over all kinds, lists at a version, pages that stay at the version of the first,
streaming lists, bookmarks, compaction, and answers 403, 410, 422 and 504 in the server's own words.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from providers.kubernetes import faults
from providers.kubernetes.faults import ApiError, Unreachable
from providers.model import SourceInfo

from .samples import Json, line

Request = Literal["list", "page", "initial", "watch"]
BOOKMARKS = 60.0
_PATH = re.compile(r"/api/v1(?:/namespaces/(?P<namespace>[^/]+))?/(?P<kind>pods|nodes)")


@dataclass
class Fault:
    """Strikes `times` requests of some sorts. `fired` counts."""

    on: tuple[Request, ...]
    status: int = 0
    """Answer with this status and `body` …"""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    refuse: bool = False
    """… or refuse the connection …"""
    after: int | None = None
    """… or, after so many lines …"""
    insert: bytes = b""
    """… send these bytes …"""
    then: Literal["on", "close", "reset", "hang"] = "on"
    """… and go on, end in order, break off, or fall silent."""
    mutate: Callable[[bytes], bytes | None] | None = None
    """Rewrites each line from then on; None leaves it out."""
    times: int = 1
    fired: int = 0


@dataclass(frozen=True)
class Entry:
    """One change in the history."""

    version: int
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    kind: str
    object: Json


@dataclass(frozen=True)
class Asked:
    """A request that came, when (loop time), and its parameters."""

    request: Request
    path: str
    at: float
    params: Mapping[str, str]


class ApiServer:
    """Speaks the `Api` protocol itself."""

    def __init__(self) -> None:
        self.info = SourceInfo(name="double", provider="kubernetes", kinds=("node", "pod"))
        self.logins = 0
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.open = 0
        """Streams that are open now."""
        self.deny: set[str] = set()
        """Paths that are forbidden."""
        self.streaming: Literal["yes", "refused", "ignored"] = "yes"
        self.gone_as: Literal["event", "status"] = "event"
        self.slices: Callable[[bytes], list[bytes]] = lambda body: [body]
        self.buffered = False
        """What nobody has read yet comes as one chunk, as from a socket."""
        self.overtime = 0.0
        """Seconds that watches last longer than was asked for."""
        self.version = 1000
        self._compacted = 1000
        self._history: list[Entry] = []
        self._base: dict[tuple[str, str, str], Json] = {}
        self._now: dict[tuple[str, str, str], Json] = {}
        self._uids = itertools.count(1)
        self._changed = asyncio.Event()
        self._bookmarked = 0
        self._cut = 0

    # ---- what happens in the cluster -----------------------------------------------------------------

    def apply(self, kind: str, obj: Json) -> Json:
        """Create the object, or replace the one of the same name."""
        obj = copy.deepcopy(obj)
        meta = obj["metadata"]
        key = (kind, meta.get("namespace", ""), meta["name"])
        old = self._now.get(key)
        meta["uid"] = old["metadata"]["uid"] if old else meta["uid"] or f"uid-{next(self._uids)}"
        self._write("MODIFIED" if old else "ADDED", kind, key, obj)
        return obj

    def delete(self, kind: str, name: str, namespace: str = "") -> None:
        """Remove it; its last event carries the version of the removal."""
        key = (kind, namespace, name)
        self._write("DELETED", kind, key, copy.deepcopy(self._now[key]))

    def _write(self, change: Any, kind: str, key: tuple[str, str, str], obj: Json) -> None:
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        self._history.append(Entry(self.version, change, kind, obj))
        if change == "DELETED":
            del self._now[key]
        else:
            self._now[key] = obj
        self.wake()

    def compact(self) -> None:
        """Forget every version before the present one. Who watches and has not had it all is told 410."""
        self._compacted, self._history = self.version, []
        self._base = dict(self._now)

    def restore(self, version: int) -> None:
        """The store was put back from a backup: versions go back."""
        self.version = self._compacted = version
        self._history, self._base = [], dict(self._now)
        self.drop()

    def bookmark(self) -> None:
        """Send a bookmark on every watch now."""
        self._bookmarked += 1
        self.wake()

    def drop(self) -> None:
        """End every watch in order."""
        self._cut += 1
        self.wake()

    def wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def objects(self, kind: str, namespace: str = "") -> list[Json]:
        """What there is now."""
        return _filed(self._now, kind, namespace)

    def versions(self, kind: str, namespace: str = "") -> dict[str, str]:
        """resourceVersion by uid."""
        found = (each["metadata"] for each in self.objects(kind, namespace))
        return {each["uid"]: each["resourceVersion"] for each in found}

    def _at(self, version: int) -> dict[tuple[str, str, str], Json]:
        if version == self.version:
            return self._now
        state = dict(self._base)
        for entry in self._history:
            if entry.version > version:
                break
            meta = entry.object["metadata"]
            key = (entry.kind, meta.get("namespace", ""), meta["name"])
            if entry.type == "DELETED":
                state.pop(key, None)
            else:
                state[key] = entry.object
        return state

    # ---- lists ---------------------------------------------------------------------------------------

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        params = params or {}
        request: Request = "page" if params.get("continue") else "list"
        fault = self._received(request, path, params)
        await asyncio.sleep(0.01)
        if fault is not None and fault.then == "hang":
            await asyncio.sleep(30)
            raise _unreachable("stopped answering")
        kind, namespace = self._route(path)
        body = self._list(kind, namespace, params)
        return body if fault is None or fault.mutate is None else fault.mutate(body) or b""

    def _list(self, kind: str, namespace: str, params: Mapping[str, str]) -> bytes:
        version, start = self._list_version(params)
        items = _filed(self._at(version), kind, namespace)
        limit = int(params.get("limit", 0)) or len(items)
        some = items[start : start + limit]
        meta: Json = {"resourceVersion": str(version)}
        if start + limit < len(items):
            meta["continue"] = base64.b64encode(f"{version}:{start + limit}".encode()).decode()
            meta["remainingItemCount"] = len(items) - start - limit
        name = "PodList" if kind == "pods" else "NodeList"
        return json.dumps({"kind": name, "apiVersion": "v1", "metadata": meta, "items": some}).encode()

    def _list_version(self, params: Mapping[str, str]) -> tuple[int, int]:
        if token := params.get("continue"):
            version, start = map(int, base64.b64decode(token).split(b":"))
            if version < self._compacted:
                raise answer(410, "Expired", "The provided continue parameter is too old")
            return version, start
        asked, match = params.get("resourceVersion", ""), params.get("resourceVersionMatch", "")
        wanted = int(asked or 0)
        if wanted > self.version:
            raise self._too_large(wanted)
        exact = match == "Exact" or (not match and wanted and params.get("limit"))
        if exact and wanted < self._compacted:
            raise answer(410, "Expired", "The resourceVersion for the provided list is too old.")
        return (wanted if exact else self.version), 0

    def _too_large(self, wanted: int) -> ApiError:
        message = f"Too large resource version: {wanted}, current: {self.version}"
        return answer(504, "Timeout", message)

    # ---- watches -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        sock_read: float = 90,
        total: float | None = None,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        params = params or {}
        initial = params.get("sendInitialEvents") == "true"
        fault = self._received("initial" if initial else "watch", path, params)
        await asyncio.sleep(0.01)
        kind, namespace = self._route(path)
        lines = self._watch(kind, namespace, params, self._began(kind, namespace, params))
        self.open += 1
        try:
            chunks = self._chunks(_struck(lines, fault))
            yield _timed(_gathered(chunks) if self.buffered else chunks, sock_read)
        finally:
            self.open -= 1

    async def _chunks(self, lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for each in lines:
            for piece in self.slices(each):
                yield piece

    def _began(self, kind: str, namespace: str, params: Mapping[str, str]) -> tuple[list[bytes], int]:
        """What a watch begins with as of its request, and the version it goes on from; -1 ends it."""
        seen, initial, gone = self._start(params)
        if gone:
            return [gone], -1
        if not initial:
            return [], seen
        lines = [line("ADDED", obj) for obj in self.objects(kind, namespace)]
        if params.get("sendInitialEvents") == "true" and self.streaming == "yes":
            lines.append(self._bookmark_line(kind, end=True))
        return lines, self.version

    async def _watch(
        self, kind: str, namespace: str, params: Mapping[str, str], began: tuple[list[bytes], int]
    ) -> AsyncIterator[bytes]:
        until = asyncio.get_running_loop().time() + int(params.get("timeoutSeconds", 1800)) + self.overtime
        bookmarks = params.get("allowWatchBookmarks") == "true"
        lines, seen = began
        for each in lines:
            yield each
        if seen < 0:
            return
        async for each in self._follow(kind, namespace, seen, until, bookmarks):
            yield each

    def _start(self, params: Mapping[str, str]) -> tuple[int, bool, bytes]:
        """The version to go on from, whether to begin with what there is, and an ERROR to say instead.

        A version to come is waited for in silence; only a list says that it is too large.
        """
        asked = int(params.get("resourceVersion") or 0)
        if params.get("sendInitialEvents") == "true":
            if self.streaming == "refused":
                raise answer(422, "Invalid", "sendInitialEvents: Forbidden: not supported")
            if params.get("resourceVersionMatch") != "NotOlderThan":
                raise answer(422, "Invalid", "resourceVersionMatch: Forbidden: must be set")
        initial = params.get("sendInitialEvents") == "true" or not asked
        if not initial and asked < self._compacted:
            message = f"too old resource version: {asked} ({self._compacted})"
            if self.gone_as == "status":
                raise answer(410, "Expired", message)
            return asked, False, line("ERROR", _status(410, "Expired", message))
        return asked, initial, b""

    async def _follow(
        self, kind: str, namespace: str, seen: int, until: float, bookmarks: bool
    ) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        said, cut, next_bookmark = self._bookmarked, self._cut, loop.time() + BOOKMARKS
        while cut == self._cut and loop.time() < until:
            changed = self._changed
            if seen < self._compacted:
                yield line("ERROR", _status(410, "Expired", "too old resource version"))
                return
            for entry in [each for each in self._history if each.version > seen]:
                if entry.kind == kind and namespace in ("", entry.object["metadata"].get("namespace", "")):
                    yield line(entry.type, entry.object)
                seen = entry.version
            if (
                bookmarks
                and seen <= self.version
                and (said != self._bookmarked or loop.time() >= next_bookmark)
            ):
                said, next_bookmark = self._bookmarked, loop.time() + BOOKMARKS
                yield self._bookmark_line(kind)
            if changed is self._changed:
                wake = min(until, next_bookmark) if bookmarks and seen <= self.version else until
                with _ignore_timeout():
                    async with asyncio.timeout_at(wake):
                        await changed.wait()

    def _bookmark_line(self, kind: str, *, end: bool = False) -> bytes:
        meta: Json = {"resourceVersion": str(self.version), "creationTimestamp": None}
        if end:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        obj: Json = {"kind": kind.title()[:-1], "apiVersion": "v1", "metadata": meta, "spec": {}}
        if kind == "pods":
            obj["spec"] = {"containers": None}
        return line("BOOKMARK", obj | {"status": {}})

    # ---- every request -------------------------------------------------------------------------------

    def _received(self, request: Request, path: str, params: Mapping[str, str]) -> Fault | None:
        self.asked.append(Asked(request, path, asyncio.get_running_loop().time(), dict(params)))
        fault = next((f for f in self.faults if request in f.on and f.fired < f.times), None)
        if fault is None:
            return None
        fault.fired += 1
        if fault.refuse:
            raise _unreachable("refuses connections")
        if fault.status:
            raise faults.answered("double", fault.status, fault.headers, fault.body)
        return fault

    def _route(self, path: str) -> tuple[str, str]:
        match = _PATH.fullmatch(path)
        if match is None:
            raise answer(404, "NotFound", "the server could not find the requested resource")
        kind, namespace = match["kind"], match["namespace"] or ""
        if path in self.deny:
            where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
            what = f'{kind} is forbidden: User "ann" cannot list resource "{kind}" in API group ""'
            raise answer(403, "Forbidden", f"{what} {where}")
        return kind, namespace

    def count(self, *requests: Request, path: str = "") -> int:
        """Requests of these sorts so far."""
        return sum(each.request in requests and (not path or each.path == path) for each in self.asked)


def answer(status: int, reason: str, message: str) -> ApiError:
    """The error that a client makes of such an answer."""
    body = json.dumps(_status(status, reason, message)).encode()
    return faults.answered("double", status, {"Content-Type": "application/json"}, body)


def _status(code: int, reason: str, message: str) -> Json:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return status | {"message": message, "reason": reason, "code": code}


def _unreachable(words: str) -> Unreachable:
    return Unreachable(f"double {words}", "it is tried again by itself", "reset")


def _filed(state: Mapping[tuple[str, str, str], Json], kind: str, namespace: str) -> list[Json]:
    keys = sorted(key for key in state if key[0] == kind and namespace in ("", key[1]))
    return [state[key] for key in keys]


class _ignore_timeout:  # noqa: N801
    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is TimeoutError


async def _struck(lines: AsyncIterator[bytes], fault: Fault | None) -> AsyncIterator[bytes]:
    """The lines, with what the fault does to them."""
    if fault is None:
        async for each in lines:
            yield each
        return
    sent = 0
    async for each in _with_end(lines):
        if fault.after is not None and sent == fault.after:
            if fault.insert:
                yield fault.insert
            if fault.then != "on":
                await _end(fault.then)
                return
        sent += 1
        changed = each if fault.mutate is None else fault.mutate(each)
        if changed:
            yield changed


async def _with_end(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """An empty line before the first silence, so that a fault "after n" strikes without another event."""
    pending = asyncio.ensure_future(anext(lines, b"end"))
    try:
        while True:
            done, _ = await asyncio.wait({pending}, timeout=0.001)
            if not done:
                yield b""
            if await pending == b"end":
                return
            yield pending.result()
            pending = asyncio.ensure_future(anext(lines, b"end"))
    finally:
        pending.cancel()


async def _end(how: str) -> None:
    if how == "hang":
        await asyncio.Event().wait()
    if how == "reset":
        raise _unreachable("broke the connection off")


async def _timed(chunks: AsyncIterator[bytes], sock_read: float) -> AsyncIterator[bytes]:
    """As a client with that bound reads them."""
    while True:
        try:
            async with asyncio.timeout(sock_read):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise _unreachable("stopped answering") from None
        yield chunk


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """All that has come since the last chunk was taken."""
    held, come, loop = bytearray(), asyncio.Event(), asyncio.get_running_loop()

    async def pump() -> None:
        async for chunk in chunks:
            held.extend(chunk)
            come.set()

    pumping = loop.create_task(pump())
    pumping.add_done_callback(lambda _: come.set())
    try:
        while held or not pumping.done():
            await come.wait()
            come.clear()
            if held:
                chunk = bytes(held)
                held.clear()
                yield chunk
    finally:
        pumping.cancel()
