"""What the streams say, and in which order."""

from __future__ import annotations

import asyncio
import contextlib

from providers.demo.clock import ManualClock
from providers.demo.source import QUIET
from providers.model import Began, Complete, Deletes, Health, Heard, Upserts
from tests.demo.reading import Reader, let_read, opened, pass_time, until_live


async def test_a_list_begins_and_ends_for_every_kind_before_it_is_live() -> None:
    for source in (await opened(frozen=True)).values():
        batches = await until_live(source)
        for kind in source.info.kinds:
            assert batches.index(Began(kind)) < batches.index(Complete(kind))
        assert isinstance(batches[0], Health)
        assert batches[0].state == "loading"
        assert not [batch for batch in batches if isinstance(batch, Deletes)]


async def test_the_sources_of_the_usual_fleet() -> None:
    sources = await opened()
    assert list(sources) == [
        "prod-eu", "prod-us", "staging", "aws-prod-eu-west-1", "aws-prod-us-east-1", "aws-dev-eu-west-1",
        "ssh",
    ]  # fmt: skip
    assert sources["prod-eu"].info.kinds == ("node", "pod")
    assert (sources["prod-eu"].info.cluster, sources["prod-eu"].info.region) == ("prod-eu", "eu-west-1")
    assert sources["aws-dev-eu-west-1"].info.account == "dev 300226535897"


async def test_clusters_in_one_account_and_region_share_its_instances() -> None:
    sources = await opened(clusters=9, frozen=True)
    assert "prod-eu-2" in sources
    async with Reader(sources["aws-prod-eu-west-1"]) as machines:
        names = {machine.name.partition("-")[0] for machine in machines.of("instance")}
        assert names == {"prod"}
        groups = {machine.group for machine in machines.of("instance") if machine.group}
        assert {"eks-compute-prod-eu", "eks-compute-prod-eu-2"} <= groups


async def test_a_lost_cluster_says_so_keeps_its_objects_and_is_listed_again() -> None:
    clock = ManualClock()
    source = (await opened(clock, rate=30))["prod-us"]
    async with Reader(source) as reader:
        await pass_time(clock, 39)
        healthy = len(reader.batches)
        await pass_time(clock, 5)
        lost = next(at for at, batch in enumerate(reader.batches) if is_health(batch, "lost"))
        assert lost >= healthy
        detail = reader.batches[lost]
        assert isinstance(detail, Health)
        assert detail.detail == "dial tcp 10.9.0.4:6443: i/o timeout"
        assert reader.batches[lost + 1 :] == [], "nothing is heard of it"
        await pass_time(clock, 20)
        after = reader.batches[lost + 1 :]
        assert is_health(after[0], "loading")
        assert [batch for batch in after if isinstance(batch, Complete)] == [
            Complete("node"),
            Complete("pod"),
        ]
        assert any(is_health(batch, "live") for batch in after)


async def test_a_quiet_source_says_that_it_is_still_there() -> None:
    clock = ManualClock()
    sources = await opened(clock, rate=0)
    for name in ("staging", "aws-prod-us-east-1"):
        async with Reader(sources[name]) as reader:
            count = len(reader.batches)
            await pass_time(clock, 3 * QUIET + 1)
            assert 2 <= len(reader.batches) - count <= 4
            assert set(map(type, reader.batches[count:])) == {Heard}


async def test_a_refresh_lists_again_and_everything_is_there() -> None:
    for name in ("prod-eu", "aws-prod-eu-west-1"):
        source = (await opened(frozen=True))[name]
        async with Reader(source) as reader:
            before, objects = len(reader.batches), dict(reader.objects)
            reader.live.clear()
            source.refresh()
            await asyncio.wait_for(reader.live.wait(), 5)
            again = [
                obj
                for batch in reader.batches[before:]
                if isinstance(batch, Upserts)
                for obj in batch.objects
            ]
            assert {obj.uid: obj for obj in again} == objects


async def test_pods_that_may_not_be_listed_are_denied_and_the_nodes_are_there() -> None:
    source = (await opened(clusters=4, frozen=True))["lab"]
    batches = await until_live(source)
    denied = next(batch for batch in batches if is_health(batch, "denied"))
    assert isinstance(denied, Health)
    assert denied.kind == "pod"
    assert "pods is forbidden" in denied.detail
    assert denied.remedy
    assert Began("pod") not in batches
    assert [len(batch.objects) for batch in batches if isinstance(batch, Upserts)] != []


async def test_L20_closing_a_stream_leaves_nothing_behind() -> None:
    sources = await opened(rate=1000)
    source = sources["prod-eu"]
    stream = source.stream()
    async with contextlib.aclosing(stream):
        async for batch in stream:
            if is_health(batch, "live"):
                break
    await let_read()
    assert source._home._feeds == []
    assert len(asyncio.all_tasks()) == 1


async def test_a_reader_that_pauses_finds_the_last_state_once() -> None:
    """L16: coalesced per uid."""
    clock = ManualClock()
    sources = await opened(clock, rate=500)
    home = sources["prod-eu"]._home
    async with Reader(sources["prod-eu"]):
        feed = home.listen(("node", "pod"))
        await pass_time(clock, 30)
        said = feed.take()
        home.leave(feed)
    upserts = [obj for batch in said if isinstance(batch, Upserts) for obj in batch.objects]
    assert len({obj.uid for obj in upserts}) == len(upserts) <= len(home.pods) + len(home.nodes)
    assert all(obj == home.pods.get(obj.uid, home.nodes.get(obj.uid)) for obj in upserts)


def is_health(batch: object, state: str) -> bool:
    return isinstance(batch, Health) and batch.state == state


async def test_what_came_and_went_unseen_is_never_said_to_be_gone() -> None:
    clock = ManualClock()
    sources = await opened(clock, rate=200)
    home = sources["staging"]._home
    async with Reader(sources["staging"]):
        feed = home.listen(("node", "pod"))
        known = {*home.nodes, *home.pods}
        await pass_time(clock, 60)
        gone = {uid for batch in feed.take() if isinstance(batch, Deletes) for uid in batch.uids}
        home.leave(feed)
    assert gone
    assert gone <= known
