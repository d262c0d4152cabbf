"""The same options make the same fleet, to the byte."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import msgpack

from providers.demo.clock import FROZEN_NOW, ManualClock
from tests.demo.reading import Reader, opened, pass_time, until_live


async def listed(**options: Any) -> dict[str, bytes]:
    return {
        name: msgpack.encode(await until_live(source)) for name, source in (await opened(**options)).items()
    }


async def test_the_same_seed_is_the_same_frozen_fleet() -> None:
    assert await listed(frozen=True, seed=7) == await listed(frozen=True, seed=7)


async def test_another_seed_is_another_fleet_in_every_source() -> None:
    one, other = await listed(frozen=True, seed=7), await listed(frozen=True, seed=8)
    assert one.keys() == other.keys()
    assert not [name for name in one if one[name] == other[name]]


async def test_steps_are_lived_before_it_is_seen() -> None:
    fresh = await listed(frozen=True)
    later = await listed(frozen=True, steps=300)
    assert later == await listed(frozen=True, steps=300)
    assert fresh["prod-eu"] != later["prod-eu"]


@pytest.mark.parametrize("steps", [0, 600])
async def test_a_source_is_the_same_whichever_is_read_first(steps: int) -> None:
    sources = await opened(frozen=True, steps=steps)
    backwards = {name: msgpack.encode(await until_live(sources[name])) for name in reversed(sources)}
    assert backwards == await listed(frozen=True, steps=steps)


async def test_a_living_fleet_says_the_same_every_time() -> None:
    async def said() -> bytes:
        clock = ManualClock()
        sources = await opened(clock, rate=20)
        async with Reader(sources["prod-eu"]) as pods, Reader(sources["aws-prod-eu-west-1"]) as machines:
            await pass_time(clock, 40)
            return msgpack.encode((pods.batches, machines.batches))

    first = await said()
    assert first == await said()
    assert len(first) > 200_000


async def test_what_was_said_adds_up_to_what_there_is() -> None:
    clock = ManualClock()
    sources = await opened(clock, rate=50)
    async with Reader(sources["staging"]) as reader:
        await pass_time(clock, 60)
        async with Reader(sources["staging"]) as fresh:
            assert fresh.objects == reader.objects


async def test_frozen_means_that_nothing_moves() -> None:
    source = (await opened(frozen=True, rate=1000))["prod-us"]
    async with Reader(source) as reader:
        count = len(reader.batches)
        await pass_time(ManualClock(), 5)
        assert len(reader.batches) == count
        ages = [FROZEN_NOW - pod.created for pod in reader.of("pod")]
        assert min(ages) >= 0
