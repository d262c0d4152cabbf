"""The watching source on a real control plane, and the scripted server held against that same one.

Each question is put to both servers by the same client code; the answers, with names and versions made
comparable, must be equal: so the double cannot drift from what it stands for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol

import aiohttp
import pytest

from providers.contract import Problem
from providers.kubernetes.api import Api, status_of
from providers.kubernetes.client import Client
from providers.model import Health, Pod

from ..kubernetes import samples
from ..kubernetes.apiserver import ApiServer
from ..kubernetes.mirror import Mirror
from .cluster import Lab
from .following import followed, source_of
from .load import create

SPACE = "held"
PATH = f"/api/v1/namespaces/{SPACE}/pods"
Row = dict[str, Any]


class World(Protocol):
    """A server and a way to change what it has."""

    api: Api

    async def put(self, name: str, **labels: str) -> None: ...

    async def remove(self, name: str) -> None: ...

    async def forget(self) -> None:
        """Hold no history any more."""


class Double:
    """The scripted server."""

    def __init__(self) -> None:
        self.server = ApiServer()
        self.server.version, self.server._compacted = 5000, 5000
        self.api: Api = self.server

    async def put(self, name: str, **labels: str) -> None:
        self.server.apply("pods", samples.pod(name, SPACE, **labels))

    async def remove(self, name: str) -> None:
        """A pod is first marked as deleted, then gone, even without grace."""
        dying = samples.pod(name, SPACE)
        dying["metadata"]["deletionTimestamp"] = "2026-11-01T00:00:00Z"
        self.server.apply("pods", dying)
        self.server.delete("pods", name, SPACE)

    async def forget(self) -> None:
        self.server.compact()


class Real:
    """The real one. No scheduler knows of its pods, so that nothing but the test changes them."""

    def __init__(self, lab: Lab, api: Client, session: aiohttp.ClientSession) -> None:
        self.api: Api = api
        self._lab, self._session = lab, session

    async def put(self, name: str, **labels: str) -> None:
        patch = json.dumps({"metadata": {"labels": labels}})
        kind = {"Content-Type": "application/merge-patch+json"}
        async with self._session.patch(f"{PATH}/{name}", data=patch, headers=kind) as answer:
            if answer.status != 404:
                return
        spec = {"containers": [{"name": "main", "image": "a:1"}], "schedulerName": "nobody"}
        await create(self._session, PATH, {"metadata": {"name": name, "labels": labels}, "spec": spec})

    async def remove(self, name: str) -> None:
        async with self._session.delete(f"{PATH}/{name}", json={"gracePeriodSeconds": 0}):
            pass

    async def forget(self) -> None:
        await asyncio.to_thread(self._lab.restart_apiserver)


@pytest.fixture
async def real(lab: Lab) -> AsyncIterator[Real]:
    async with lab.access().session() as session, source_of(lab) as source:
        await _namespace(session)
        api = source._client
        assert isinstance(api, Client)
        yield Real(lab, api, session)
        async with session.delete(f"/api/v1/namespaces/{SPACE}"):
            pass
        await _until_gone(session)


async def _namespace(session: aiohttp.ClientSession) -> None:
    async with session.post("/api/v1/namespaces", json={"metadata": {"name": SPACE}}) as answer:
        assert answer.status in (201, 409)
    for _ in range(200):
        async with session.get(f"/api/v1/namespaces/{SPACE}/serviceaccounts/default") as answer:
            if answer.status == 200:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("no service account")


async def _until_gone(session: aiohttp.ClientSession) -> None:
    for _ in range(600):
        async with session.get(f"/api/v1/namespaces/{SPACE}") as answer:
            if answer.status == 404:
                return
        await asyncio.sleep(0.05)
    raise AssertionError(f"namespace {SPACE} stays")


# ---- the questions -----------------------------------------------------------------------------------


async def listed(world: World, **params: str) -> Row:
    """A list, or the status of its refusal."""
    try:
        return dict(json.loads(await world.api.get(PATH, params)))
    except Problem as problem:
        return {"status": status_of(problem), "reason": getattr(problem, "reason", "")}


async def watched(
    world: World, events: int, between: Callable[[], Awaitable[None]], **params: str
) -> list[Row]:
    """So many events of a watch; `between` runs once it is open. An error is an event, too."""
    asked: Mapping[str, str] = {"watch": "1", "timeoutSeconds": "20", **params}
    got: list[Row] = []
    try:
        async with asyncio.timeout(15), world.api.stream(PATH, asked) as chunks:
            await between()
            rest = b""
            async for chunk in chunks:
                *lines, rest = (rest + chunk).split(b"\n")
                got += [json.loads(each) for each in lines]
                if len(got) >= events:
                    break
    except Problem as problem:
        got.append({"type": "HTTP", "object": {"code": status_of(problem)}})
    return got


def told(event: Row) -> tuple[Any, ...]:
    """An event as far as both servers must agree on it."""
    meta = event["object"].get("metadata", {})
    if event["type"] == "BOOKMARK":
        return ("BOOKMARK", meta.get("annotations"))
    if event["type"] in ("ERROR", "HTTP"):
        return (event["type"], event["object"].get("code"), event["object"].get("reason"))
    return (event["type"], meta["name"], sorted(meta.get("labels", {})), "deletionTimestamp" in meta)


def names(page: Row) -> list[str]:
    return [each["metadata"]["name"] for each in page["items"]]


async def nothing() -> None: ...


async def pages_stay_at_their_version(world: World) -> list[Any]:
    for name in "abcde":
        await world.put(name)
    first = await listed(world, limit="2")
    await world.put("bb")
    await world.remove("e")
    second = await listed(world, limit="2", **{"continue": first["metadata"]["continue"]})
    third = await listed(world, limit="2", **{"continue": second["metadata"]["continue"]})
    whole = await listed(world)
    versions = {each["metadata"]["resourceVersion"] for each in (first, second, third)}
    left = [each["metadata"].get("remainingItemCount") for each in (first, second, third)]
    more = ["continue" in each["metadata"] for each in (first, second, third)]
    return [*map(names, (first, second, third, whole)), len(versions), left, more, sorted(first)]


async def versions_are_honoured(world: World) -> list[Any]:
    await world.put("a")
    before = (await listed(world))["metadata"]["resourceVersion"]
    await world.put("b")
    exact = await listed(world, resourceVersion=before, resourceVersionMatch="Exact")
    same = exact["metadata"]["resourceVersion"] == before
    newer = await listed(world, resourceVersion=before, resourceVersionMatch="NotOlderThan", limit="500")
    later = int(newer["metadata"]["resourceVersion"]) > int(before)
    future = str(int(newer["metadata"]["resourceVersion"]) + 1_000_000)
    ahead = await listed(world, resourceVersion=future, resourceVersionMatch="NotOlderThan")
    return [names(exact), same, names(newer), later, ahead]


async def a_streaming_list_ends_with_its_mark_and_goes_on(world: World) -> list[Any]:
    for name in "abc":
        await world.put(name)

    async def change() -> None:
        await asyncio.sleep(0.3)
        await world.put("d")
        await world.put("a", changed="yes")
        await world.remove("b")

    params = {
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
    }
    events = await watched(world, 8, change, **params)
    versions = [int(each["object"]["metadata"]["resourceVersion"]) for each in events]
    in_order = versions[3:] == sorted(set(versions[3:])) and versions[3] >= max(versions[:3])
    return [sorted(map(told, events[:3])), *map(told, events[3:]), in_order]


async def a_streaming_list_must_say_which_match(world: World) -> list[Any]:
    await world.put("a")
    events = await watched(world, 1, nothing, sendInitialEvents="true", allowWatchBookmarks="true")
    return [told(each) for each in events]


async def a_watch_brings_what_came_after_its_version(world: World) -> list[Any]:
    await world.put("a")
    version = (await listed(world))["metadata"]["resourceVersion"]
    await world.put("b")
    await world.remove("a")
    after = await watched(world, 3, nothing, resourceVersion=version)
    whole = await watched(world, 1, nothing)
    return [*map(told, after), *map(told, whole)]


async def a_version_long_gone_is_told_so(world: World) -> list[Any]:
    await world.put("a")
    await world.forget()
    return [told(each) for each in await watched(world, 1, nothing, resourceVersion="1")]


async def a_version_to_come_is_waited_for_in_silence(world: World) -> list[Any]:
    async def change() -> None:
        await world.put("b")

    await world.put("a")
    params = {"resourceVersion": "900000000", "allowWatchBookmarks": "true", "timeoutSeconds": "3"}
    return [told(each) for each in await watched(world, 1, change, **params)]


QUESTIONS = [
    pages_stay_at_their_version,
    versions_are_honoured,
    a_streaming_list_ends_with_its_mark_and_goes_on,
    a_streaming_list_must_say_which_match,
    a_watch_brings_what_came_after_its_version,
    a_version_long_gone_is_told_so,
    a_version_to_come_is_waited_for_in_silence,
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
async def test_the_double_answers_as_the_real_server(
    real: Real, question: Callable[[World], Awaitable[list[Any]]]
) -> None:
    assert await question(Double()) == await question(real)


# ---- the source on the real server -------------------------------------------------------------------


async def test_what_is_shown_equals_a_list_at_the_exact_version(lab: Lab) -> None:
    async with followed(lab) as (mirror, source):
        findings = await source.verify()
        assert [each.level for each in findings] == ["ok", "ok"], findings
        assert mirror.health[""].state == "live"
        assert mirror.health[""].skipped == 0
        assert source.info.identity == "admin"


async def test_created_changed_deleted_and_made_anew(lab: Lab, real: Real) -> None:
    def ours(mirror: Mirror) -> dict[str, Pod]:
        return {
            each.name: each
            for each in mirror.objects.values()
            if isinstance(each, Pod) and each.namespace == SPACE
        }

    async with followed(lab) as (mirror, source):
        await real.put("one", step="1")
        await mirror.until(lambda: "one" in ours(mirror), 5)
        first = ours(mirror)["one"]
        assert first.status == "Pending"
        assert first.labels == "step=1"
        await real.put("one", step="2")
        await mirror.until(lambda: ours(mirror)["one"].labels == "step=2", 5)
        await real.remove("one")
        await mirror.until(lambda: "one" not in ours(mirror), 5)
        await real.put("one", step="3")
        await mirror.until(lambda: "one" in ours(mirror), 5)
        assert ours(mirror)["one"].uid != first.uid
        assert [each.level for each in await source.verify()] == ["ok", "ok"]


async def test_a_restarted_server_is_followed_again_and_nothing_is_missed(lab: Lab, real: Real) -> None:
    await real.put("before")
    async with followed(lab) as (mirror, source):
        mirror.least = None
        await asyncio.to_thread(lab.stop_apiserver)
        await mirror.until(lambda: mirror.health[""].state == "lost", 10)
        assert "refuse" in mirror.health[""].detail or "broke" in mirror.health[""].detail
        held = len(mirror.objects)
        await asyncio.to_thread(lab.start_apiserver)
        await real.remove("before")
        await real.put("after")
        source.refresh()
        await mirror.until(lambda: "after" in mirror.names() and "before" not in mirror.names(), 30)
        await mirror.until(lambda: mirror.health[""].state == "live", 30)
        assert mirror.least is not None
        assert mirror.least >= held - 5, "nothing was taken for gone"
        assert [each.level for each in await source.verify()] == ["ok", "ok"]


def _states(mirror: Mirror) -> dict[str, str]:
    return {kind: each.state for kind, each in mirror.health.items()}


def _detail(mirror: Mirror, kind: str) -> str:
    return mirror.health.get(kind, Health(state="connecting", since=0)).detail


async def test_who_may_only_read_pods_sees_pods_and_why_no_nodes(lab: Lab) -> None:
    async with followed(lab, "pods-only", lambda mirror: "pod" in mirror.complete) as (mirror, _):
        await mirror.until(lambda: _states(mirror).get("node") == "denied", 5)
        await mirror.until(lambda: _states(mirror)[""] == "live", 5)
        assert 'cannot list resource "nodes"' in _detail(mirror, "node") or "cannot watch" in _detail(
            mirror, "node"
        )
        assert "pods-only" in _detail(mirror, "")


async def test_who_may_only_read_a_namespace_sees_that_one(lab: Lab) -> None:
    from providers.contract import Host
    from providers.kubernetes.provider import Kubernetes, Options

    options = Options(kubeconfig=str(lab.kubeconfig(user="ns-only")), namespaces=("shop", "default"))
    (source,) = await Kubernetes().sources(options, Host())
    mirror = Mirror()
    stream = source.stream()
    async with asyncio.timeout(20):
        async for batch in stream:
            await mirror.put(batch)
            if _states(mirror).get("pod") == "live" and mirror.objects and _detail(mirror, "pod"):
                break
    await stream.aclose()  # type: ignore[attr-defined]
    await source.close()  # type: ignore[attr-defined]
    assert {each.namespace for each in mirror.objects.values() if isinstance(each, Pod)} == {"shop"}
    assert _states(mirror)["node"] == "denied"


async def test_who_may_nothing_is_denied(lab: Lab) -> None:
    async with followed(lab, "nobody", lambda mirror: _states(mirror).get("") == "denied") as (mirror, _):
        assert mirror.objects == {}
        assert "nobody" in _detail(mirror, "")
