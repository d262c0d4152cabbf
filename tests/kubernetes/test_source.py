"""One cluster as a source: both kinds, denial, silence, back-pressure, the self-check, the end
(L14–L18, L20)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from providers.contract import (
    Cordons,
    Diagnoses,
    Problem,
    Refreshes,
    Restarts,
    Reviews,
    Shows,
    Source,
    Subject,
    Verifies,
)
from providers.kubernetes.known import Known
from providers.kubernetes.timing import Timing
from providers.kubernetes.watching import QUEUE, KubernetesSource
from providers.model import About, Finding, Health, Node, Ref, SourceInfo, Upserts

from . import samples
from .apiserver import ApiServer, Fault
from .mirror import Mirror
from .virtual_time import run

EPOCH = 1_790_000_000.0


class Abilities:
    """What a source passes its calls on to."""

    def __init__(self, info: SourceInfo) -> None:
        self.info = info

    async def about(self) -> SourceInfo:
        await asyncio.sleep(0.5)
        return SourceInfo(name="double", provider="kubernetes", kinds=("node", "pod"), identity="ann")

    async def manifest(self, ref: Ref) -> str:
        return f"kind: {ref.kind}"

    async def review(self, action: str, ref: Ref) -> str:
        return f"not {action}"

    async def node(self, ref: Ref) -> Subject:
        return Subject(ref=ref, kind="Node", name="n", uid=ref.uid)

    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        raise Problem(f"{node.name} {on} {dry_run}")

    async def workload(self, ref: Ref) -> Subject:
        return Subject(ref=ref, kind="Deployment", name="d", uid=ref.uid)

    async def restart(self, workload: Subject, *, dry_run: bool) -> None:
        raise Problem(f"{workload.name} {dry_run}")

    async def diagnose(self) -> Sequence[Finding]:
        return [Finding(subject="s", level="ok", detail="d")]


def cluster(nodes: int = 3, pods: int = 20) -> ApiServer:
    api = ApiServer()
    for number in range(nodes):
        api.apply("nodes", samples.node(f"n{number}"))
    for number in range(pods):
        api.apply("pods", samples.pod(f"p{number:05}", ("shop", "default")[number % 2]))
    return api


class Clock:
    """Wall time that can be set."""

    ahead = EPOCH

    def __call__(self) -> float:
        return self.ahead + asyncio.get_running_loop().time()


@asynccontextmanager
async def opened(
    api: ApiServer,
    namespaces: Sequence[str] = (),
    *,
    wall: Callable[[], float] | None = None,
    only: bool = False,
    abilities: Abilities | None = None,
) -> AsyncIterator[tuple[Mirror, KubernetesSource]]:
    """The source's stream, fed to a mirror."""
    mirror = Mirror()
    timing = Timing(thick=0, random=lambda: 0.5, wall=wall or Clock())
    source = KubernetesSource(api, abilities or Abilities(api.info), namespaces, only=only, timing=timing)

    async def feed() -> None:
        stream = source.stream()
        try:
            async for batch in stream:
                await mirror.put(batch)
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    task = asyncio.create_task(feed())
    try:
        yield mirror, source
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})


def equal(mirror: Mirror, api: ApiServer) -> bool:
    whole = mirror.complete >= {"node", "pod"}
    return whole and mirror.versions() == api.versions("nodes") | api.versions("pods")


def overall(mirror: Mirror) -> Health:
    return mirror.health.get("", Health(state="connecting", since=0))


def test_it_is_what_the_contract_asks_for() -> None:
    async def story() -> None:
        api = cluster()
        source: Source = KubernetesSource(api, Abilities(api.info))
        for capability in (Refreshes, Shows, Reviews, Cordons, Restarts, Diagnoses, Verifies):
            assert isinstance(source, capability)
        assert isinstance(source, KubernetesSource)
        ref = Ref("double", "pod", "u")
        assert await source.manifest(ref) == "kind: pod"
        assert await source.review("cordon", ref) == "not cordon"
        assert (await source.node(ref)).name == "n"
        assert (await source.workload(ref)).name == "d"
        assert [each.detail for each in await source.diagnose()] == ["d"]
        with pytest.raises(Problem, match="n True False"):
            await source.cordon(await source.node(ref), True, dry_run=False)
        with pytest.raises(Problem, match="d True"):
            await source.restart(await source.workload(ref), dry_run=True)

    run(story())


def test_nodes_and_pods_come_together_and_identity_follows() -> None:
    async def story() -> None:
        api = cluster()
        async with opened(api) as (mirror, source):
            await mirror.until(lambda: equal(mirror, api), 1)
            assert isinstance(mirror.batches[0], About)
            first = next(each for each in mirror.batches if isinstance(each, Upserts))
            assert isinstance(first.objects[0], Node), "nodes come first"
            assert overall(mirror).state == "live"
            assert {kind: each.state for kind, each in mirror.health.items()} == {
                "": "live",
                "node": "live",
                "pod": "live",
            }
            await mirror.until(lambda: source.info.identity == "ann", 1)
            told = [each.info.identity for each in mirror.batches if isinstance(each, About)]
            assert told == ["", "ann"]

    run(story())


def test_objects_are_located_by_uid_until_they_are_gone() -> None:
    async def story() -> None:
        api = cluster()
        async with opened(api) as (mirror, source):
            await mirror.until(lambda: equal(mirror, api), 1)
            uid = next(each.uid for each in mirror.objects.values() if each.name == "p00000")  # type: ignore[union-attr]
            assert source.locate(Ref("x", "pod", uid)) == ("shop", "p00000")
            assert source.locate(Ref("x", "node", uid)) is None
            api.delete("pods", "p00000", "shop")
            await mirror.until(lambda: equal(mirror, api), 1)
            assert source.locate(Ref("x", "pod", uid)) is None

    run(story())


# ---- L14 ---------------------------------------------------------------------------------------------


def test_L14_a_denied_kind_stops_says_why_and_is_looked_at_again_rarely() -> None:
    async def story() -> None:
        api = cluster()
        api.deny = {"/api/v1/pods"}
        async with opened(api) as (mirror, _):
            await mirror.until(lambda: mirror.health.get("pod", overall(mirror)).state == "denied", 1)
            await mirror.until(lambda: overall(mirror).state == "live", 1)
            assert 'User "ann" cannot list resource "pods"' in mirror.health["pod"].detail
            assert "at the cluster scope" in overall(mirror).detail
            await asyncio.sleep(1000)
            assert 3 <= api.count("initial", path="/api/v1/pods") <= 5
            api.apply("nodes", samples.node("n0", ready="False"))
            await mirror.until(lambda: "False" in str(mirror.objects), 1)
            api.deny = set()
            await mirror.until(lambda: equal(mirror, api), 301)
            assert overall(mirror).state == "live"
            assert overall(mirror).detail == ""

    run(story())


def test_L14_everything_denied_is_denied() -> None:
    async def story() -> None:
        api = cluster()
        api.deny = {"/api/v1/pods", "/api/v1/nodes"}
        async with opened(api) as (mirror, _):
            await mirror.until(lambda: overall(mirror).state == "denied", 1)

    run(story())


def test_L14_denied_for_the_whole_cluster_the_namespaces_are_looked_into() -> None:
    async def story() -> None:
        api = cluster()
        api.deny = {"/api/v1/pods", "/api/v1/nodes", "/api/v1/namespaces/secret/pods"}
        async with opened(api, ["shop", "secret", "default"]) as (mirror, source):
            await mirror.until(lambda: mirror.versions() == api.versions("pods"), 1)
            assert overall(mirror).state in ("live", "loading")
            assert 'in the namespace "secret"' in mirror.health["pod"].detail
            api.apply("pods", samples.pod("late", "shop"))
            await mirror.until(lambda: mirror.versions() == api.versions("pods"), 1)
            uid = next(iter(api.versions("pods", "shop")))
            assert source.locate(Ref("x", "pod", uid)) is not None

    run(story())


def test_L14_of_a_withdrawn_right_only_what_is_still_allowed_stays() -> None:
    async def story() -> None:
        api = cluster()
        async with opened(api, ["shop"]) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            await asyncio.sleep(5)
            api.deny = {"/api/v1/pods"}
            api.drop()
            wanted = api.versions("pods", "shop") | api.versions("nodes")
            await mirror.until(lambda: mirror.versions() == wanted, 5)
            assert "namespace shop" in mirror.health["pod"].detail

    run(story())


def test_L14_refused_credentials_are_denied_and_no_reason_to_look_into_namespaces() -> None:
    async def story() -> None:
        api = cluster()
        expired = Fault(on=("initial", "list"), status=401, body=b"Unauthorized", times=2)
        api.faults.append(expired)
        async with opened(api, ["shop"]) as (mirror, source):
            await mirror.until(lambda: overall(mirror).state == "denied", 1)
            assert expired.fired == 2
            assert "401" in overall(mirror).detail
            await asyncio.sleep(100)
            assert len(api.asked) == 2
            source.refresh()
            await mirror.until(lambda: equal(mirror, api), 1)

    run(story())


# ---- L15, L17 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_L15_after_a_suspend_or_a_jump_of_the_clock_it_connects_anew_at_once(jump: float) -> None:
    async def story() -> None:
        api, clock = cluster(), Clock()
        async with opened(api, wall=clock) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            await asyncio.sleep(100)
            assert api.count("watch") == 0
            clock.ahead += jump
            await mirror.until(lambda: api.count("watch") == 2, 6)
            assert api.count("list") == 0
            await asyncio.sleep(60)
            assert api.count("watch") == 2
            api.apply("pods", samples.pod("new", "shop"))
            await mirror.until(lambda: equal(mirror, api), 1)
            assert overall(mirror).state == "live"

    run(story())


def test_L15_a_jump_ends_a_long_wait() -> None:
    async def story() -> None:
        api, clock = cluster(), Clock()
        away = Fault(on=("initial",), refuse=True, times=14)
        api.faults.append(away)
        async with opened(api, wall=clock) as (mirror, _):
            await asyncio.sleep(30)
            assert away.fired == 14
            assert not mirror.complete
            start = asyncio.get_running_loop().time()
            clock.ahead += 7200
            await mirror.until(lambda: equal(mirror, api), 6)
            assert asyncio.get_running_loop().time() - start <= 6

    run(story())


def test_L17_not_heard_from_within_its_bound_it_is_lagging_since_then() -> None:
    async def story() -> None:
        api = cluster()
        silent = Fault(on=("watch",), after=0, then="hang", times=2)
        api.faults.append(silent)
        async with opened(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            await asyncio.sleep(5)
            api.drop()
            await mirror.until(lambda: silent.fired == 2, 1)
            heard = EPOCH + asyncio.get_running_loop().time()
            await mirror.until(lambda: overall(mirror).state == "lagging", 82)
            assert abs(overall(mirror).since - heard) < 1
            assert "nothing heard" in overall(mirror).detail
            await mirror.until(lambda: overall(mirror).state == "live", 30)

    run(story())


def test_L17_with_bookmarks_a_quiet_cluster_is_live_for_hours() -> None:
    async def story() -> None:
        api = cluster()
        async with opened(api) as (mirror, _):
            await asyncio.sleep(4 * 3600)
            assert "lagging" not in mirror.states
            assert overall(mirror).state == "live"
            assert mirror.heard() > 400

    run(story())


def test_refresh_connects_anew_without_listing() -> None:
    async def story() -> None:
        api = cluster()
        async with opened(api) as (mirror, source):
            await mirror.until(lambda: equal(mirror, api), 1)
            for _ in range(3):
                source.refresh()
                source.refresh()
                await asyncio.sleep(0.1)
            assert api.count("watch") == 6
            assert api.count("list") == 0
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 1)

    run(story())


def test_refresh_while_changes_gather_is_not_forgotten() -> None:
    async def story() -> None:
        api = cluster()
        api.buffered = True
        source = KubernetesSource(api, Abilities(api.info), timing=Timing(random=lambda: 0.5))
        mirror = Mirror()
        task = asyncio.create_task(_fed(source, mirror))
        await mirror.until(lambda: equal(mirror, api), 10)
        await asyncio.sleep(1)
        for number in range(3):
            api.apply("pods", samples.pod("busy", restarts=number))
            await asyncio.sleep(0.005)
        source.refresh()
        await mirror.until(lambda: api.count("watch") == 2, 1)
        await mirror.until(lambda: equal(mirror, api), 1)
        task.cancel()
        await asyncio.wait({task})

    run(story())


def test_refresh_in_the_middle_of_the_first_list_loses_nothing() -> None:
    async def story() -> None:
        api = cluster()
        api.faults.append(Fault(on=("initial",), after=2, then="hang", times=2))
        async with opened(api) as (mirror, source):
            await mirror.until(lambda: len(mirror.objects) == 4, 1)
            source.refresh()
            await mirror.until(lambda: equal(mirror, api), 1)

    run(story())


# ---- L16 ---------------------------------------------------------------------------------------------


def test_L16_a_slow_consumer_holds_the_watch_back_and_ends_up_right() -> None:
    async def story() -> None:
        api = cluster(1, 200)
        source = KubernetesSource(api, Abilities(api.info), timing=Timing(thick=0, random=lambda: 0.5))
        stream, mirror, most = source.stream(), Mirror(), 0
        for _ in range(2000):
            batch = await anext(stream)
            await mirror.put(batch)
            if equal(mirror, api):
                break
        changes = 10_000
        for number in range(changes):
            api.apply("pods", samples.pod(f"p{number % 200:05}", "shop", restarts=number))
        taken = 0
        while not equal(mirror, api):
            batch = await anext(stream)
            await asyncio.sleep(0.2)
            await mirror.put(batch)
            if isinstance(batch, Upserts):
                taken += 1
                most = max(most, len(batch.objects))
        assert QUEUE <= most <= 500
        assert taken < changes / 10
        await stream.aclose()  # type: ignore[attr-defined]

    run(story())


def test_L16_while_a_batch_waits_to_be_taken_nothing_is_read_and_no_bound_strikes() -> None:
    async def story() -> None:
        api = cluster(1, 2000)
        source = KubernetesSource(api, Abilities(api.info), timing=Timing(thick=0, random=lambda: 0.5))
        stream, mirror = source.stream(), Mirror()
        for _ in range(5):
            await mirror.put(await anext(stream))
        await asyncio.sleep(55)
        assert api.count("list") == 0
        while not equal(mirror, api):
            await mirror.put(await anext(stream))
        assert api.count("list") == 0
        await stream.aclose()  # type: ignore[attr-defined]

    run(story())


def test_thick_changes_gather_for_a_moment_and_a_lone_one_does_not_wait() -> None:
    async def story() -> None:
        api = cluster(1, 50)
        api.buffered = True
        source = KubernetesSource(api, Abilities(api.info), timing=Timing(random=lambda: 0.5))
        mirror, loop = Mirror(), asyncio.get_running_loop()
        task = asyncio.create_task(_fed(source, mirror))
        await mirror.until(lambda: equal(mirror, api), 10)
        await asyncio.sleep(10)
        start = loop.time()
        api.apply("pods", samples.pod("lone", "shop"))
        await mirror.until(lambda: equal(mirror, api), 1)
        assert loop.time() - start < 0.005
        await asyncio.sleep(10)
        mark, start = len(mirror.batches), loop.time()
        for number in range(100):
            api.apply("pods", samples.pod("busy", "shop", restarts=number))
            await asyncio.sleep(0.01)
        await mirror.until(lambda: equal(mirror, api), 10)
        assert len(mirror.batches) - mark <= 30
        task.cancel()
        await asyncio.wait({task})

    run(story())


async def _fed(source: KubernetesSource, mirror: Mirror) -> None:
    stream = source.stream()
    try:
        async for batch in stream:
            await mirror.put(batch)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]


# ---- L18 ---------------------------------------------------------------------------------------------


def test_L18_the_self_check_compares_with_a_list_at_the_exact_version() -> None:
    async def story() -> None:
        api = cluster(3, 1100)
        async with opened(api) as (mirror, source):
            await mirror.until(lambda: equal(mirror, api), 1)
            checking = asyncio.create_task(source.verify())
            await asyncio.sleep(0.005)
            api.delete("pods", "p00000", "shop")
            api.apply("pods", samples.pod("new"))
            findings = await checking
            assert [each.level for each in findings] == ["ok", "ok"]
            assert findings[1].detail.startswith("1100 equal")
            assert {
                each.params.get("resourceVersionMatch") for each in api.asked if each.request == "list"
            } == {"Exact"}

    run(story())


def test_L18_a_difference_is_an_error_and_a_compacted_version_a_warning() -> None:
    async def story() -> None:
        api = cluster()
        async with opened(api) as (mirror, source):
            await mirror.until(lambda: equal(mirror, api), 1)
            uids = sorted(api.versions("pods"))
            known = source._coverages[1].reflectors[0].known
            entries = dict(known._entries)
            known.forget(uids[0])
            known._entries[uids[1]] = ("7", "shop", "p")
            known._entries["extra"] = ("8", "shop", "q")
            nodes, pods = await source.verify()
            assert nodes.level == "ok"
            assert pods.level == "error"
            assert "1 are missing, 1 are too many, 1 differ" in pods.detail
            known._entries = entries
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 1)
            api.apply("nodes", samples.node("n9"))
            for coverage in source._coverages:
                coverage.reflectors[0].known.version = "1001"
            api.compact()
            assert [each.level for each in await source.verify()] == ["warning", "warning"]

    run(story())


# ---- L20 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0.0, 0.005, 0.012, 0.5, 30.0])
@pytest.mark.parametrize(
    "fault",
    [
        Fault(on=("watch",)),
        Fault(on=("initial",), after=1, then="hang", times=9),
        Fault(on=("initial", "list", "page"), refuse=True, times=99),
        Fault(on=("initial",), status=422, times=9),
    ],
    ids=["well", "silent", "refused", "pages"],
)
def test_L20_closing_frees_everything_within_a_second(fault: Fault, after: float) -> None:
    async def story() -> None:
        api = cluster(3, 3000)
        fault.fired = 0
        api.faults.append(fault)
        before = asyncio.all_tasks()
        source = KubernetesSource(api, Abilities(api.info), timing=Timing(thick=0, random=lambda: 0.5))
        stream = source.stream()
        for _ in range(3):
            await anext(stream)
        await asyncio.sleep(after)
        start = asyncio.get_running_loop().time()
        await stream.aclose()  # type: ignore[attr-defined]
        assert asyncio.get_running_loop().time() - start < 1
        assert asyncio.all_tasks() == before
        assert api.open == 0
        assert [each async for each in _few(source)], "and it can be opened again"

    run(story())


async def _few(source: KubernetesSource) -> AsyncIterator[object]:
    stream = source.stream()
    for _ in range(3):
        yield await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]


def test_a_defect_of_our_own_ends_the_stream_instead_of_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise ZeroDivisionError("a defect")

    async def story() -> None:
        api = cluster()
        source = KubernetesSource(api, Abilities(api.info))
        stream = source.stream()
        await anext(stream)
        monkeypatch.setattr(Known, "has", broken)
        with pytest.raises(ZeroDivisionError):
            async for _ in stream:
                pass

    run(story())
