"""The ways for one file into a container and out of it, by what its shell and coreutils can do.

A file that is put there is written beside its place and moved there when all of it has come, with the rights
of the one before it: a connection that breaks leaves the old one. How long it is must be known first, as not
every server can say that input has ended; so it is kept here until then, on disk where it is large.
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
import tempfile
from collections.abc import Sequence

from providers.contract import Problem, Refused
from providers.model import Kind, Offer, Ref
from providers.sessions import Ending, Executes, Session, Size
from providers.stream import Purpose
from providers.ways import Where, containers

_GET = 'if [ -d "$1" ]; then echo "$1 is a folder" >&2; exit 1; fi; exec cat -- "$1"'
_PUT = """
path=$(readlink -f -- "$1" 2>/dev/null) || path=$1
part=$path.$3
case $path in */*) folder=${path%/*}/ ;; *) folder=./ ;; esac
if [ ! -d "$folder" ]; then echo "there is no folder $folder" >&2; exit 1; fi
if [ -d "$path" ]; then echo "$path is a folder" >&2; exit 1; fi
if [ -e "$path" ]; then cp -p -- "$path" "$part" || exit 1; fi
: > "$part" || exit 1
echo ready
if head -c "$2" > "$part" && [ "$(wc -c < "$part")" -eq "$2" ] && mv -f -- "$part" "$path"; then exit 0; fi
rm -f -- "$part"
echo "$path was not written: not all of it came, or there is no room" >&2
exit 1
"""
"""It says when it is ready: a file that is sent to one that has ended may take its last words with it."""
_MEMORY = 8 << 20
"""Bytes of a file that are kept in memory before it goes to disk."""
_PIECE = 1 << 16


class Get:
    """One file out of a container: the session says its bytes, and ended with 0 it said them all."""

    name = "cat"
    purpose: Purpose = "get"
    kinds: tuple[Kind, ...] = ("pod",)

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One for each container that runs."""
        return await _offers(where, Offer(way=self.name, title="from", detail="one file, by cat"))

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """`arguments` is the path. Raises Refused or Problem."""
        source, path = _source(where), _path(arguments)
        return await source.execute(where.target.ref, choice, ("/bin/sh", "-c", _GET, "sh", path), None)


class Put:
    """One file into a container: what is written to the session, up to its end."""

    name = "head"
    purpose: Purpose = "put"
    kinds: tuple[Kind, ...] = ("pod",)

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One for each container that runs."""
        return await _offers(
            where, Offer(way=self.name, title="into", detail="one file, whole or not at all")
        )

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """`arguments` is the path. Raises Refused or Problem."""
        return Putting(_source(where), where.target.ref, choice, _path(arguments))


class Putting:
    """Takes the file in, then runs the command that writes it. Says nothing."""

    def __init__(self, source: Executes, ref: Ref, container: str, path: str) -> None:
        self.sent = f"put {shlex.quote(path)}" + (f" into {container}" if container else "")
        self._source, self._ref, self._container, self._path = source, ref, container, path
        self._file = tempfile.SpooledTemporaryFile(max_size=_MEMORY)  # noqa: SIM115 (closed by close)
        self._whole = asyncio.Event()
        self._session: Session | None = None
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    async def read(self) -> bytes:
        """b"" when the file is there, or will not be."""
        if not self._ending.done():
            await self._whole.wait()
            self._finish(await self._put())
        return b""

    async def write(self, data: bytes) -> None:
        """Keep it."""
        if not self._whole.is_set():
            self._file.write(data)

    async def end(self) -> None:
        """That was all of it."""
        self._whole.set()

    def resize(self, size: Size) -> None:
        """There is no terminal."""

    async def ended(self) -> Ending:
        """0 when the file is there."""
        return await asyncio.shield(self._ending)

    async def close(self) -> None:
        """Leave things as they are, half-written ones beside their place."""
        self._finish(Ending(detail="closed"))
        self._whole.set()
        if self._session is not None:
            await self._session.close()
        self._file.close()

    async def _put(self) -> Ending:
        size = str(self._file.tell())
        command = ("/bin/sh", "-c", _PUT, "sh", self._path, size, f"part-{secrets.token_hex(4)}")
        try:
            session = await self._source.execute(self._ref, self._container, command, None)
        except Problem as problem:
            return Ending(detail=problem.detail, remedy=problem.remedy)
        self._session = session
        sending: asyncio.Task[None] | None = None
        try:
            while await session.read():
                sending = sending or asyncio.create_task(self._send(session))
            return await session.ended()
        finally:
            if sending is not None:
                sending.cancel()
            await session.close()

    async def _send(self, session: Session) -> None:
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            await session.write(piece)
        await session.end()

    def _finish(self, ending: Ending) -> None:
        if not self._ending.done():
            self._ending.set_result(ending)


async def _offers(where: Where, like: Offer) -> Sequence[Offer]:
    if not isinstance(where.source, Executes):
        return ()
    return await containers.offers(where.source, where.target.ref, "exec", like)


def _source(where: Where) -> Executes:
    if not isinstance(where.source, Executes):
        raise Refused(f"{where.target.label} has no containers")
    return where.source


def _path(arguments: Sequence[str]) -> str:
    path = arguments[0] if arguments else ""
    if not path or "\0" in path or path.endswith("/"):
        raise Refused(f"{path!r} names no file", "name a file with its folders: /etc/hosts")
    return path


ways = (Get(), Put())
