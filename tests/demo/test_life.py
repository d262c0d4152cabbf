"""What happens in a fleet, how often, and that it stays one fleet meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from providers.demo.clock import ManualClock
from providers.demo.fleet import Home
from providers.demo.life import Life
from providers.model import Deletes, Upserts
from tests.demo.reading import Reader, grown, live, opened, pass_time
from tests.demo.test_growth import belongs_together


def changes(fleet_clusters: list[Home]) -> int:
    return sum(home.changes for home in fleet_clusters)


@pytest.mark.parametrize(
    ("rate", "pods", "seconds", "off"),
    [(1000, 1200, 10, 0.01), (1000, 20_000, 10, 0.01), (100, 1200, 30, 0.05), (2, 1200, 600, 0.1)],
)
def test_so_many_changes_a_second(rate: float, pods: int, seconds: float, off: float) -> None:
    fleet = grown(rate=rate, pods=pods)
    live(fleet, seconds)
    assert changes(fleet.clusters) == pytest.approx(rate * seconds, rel=off)


async def test_a_thousand_a_second_are_said_by_the_streams() -> None:
    clock = ManualClock()
    sources = await opened(clock, rate=1000, pods=5000)
    async with Reader(sources["prod-eu"]) as one, Reader(sources["prod-us"]) as two:
        before = [len(one.batches), len(two.batches)]
        await pass_time(clock, 5)
        said = one.batches[before[0] :] + two.batches[before[1] :]
    count = sum(len(batch.objects) for batch in said if isinstance(batch, Upserts))
    count += sum(len(batch.uids) for batch in said if isinstance(batch, Deletes))
    assert count == pytest.approx(5 * 800, rel=0.05)
    assert len(said) < 5 * 2 * 10 * 3, "they are said in batches"


def test_without_a_rate_nothing_happens() -> None:
    fleet = grown(rate=0)
    live(fleet, 120)
    assert changes(fleet.clusters) == 0
    assert not any(home.outage for home in fleet.clusters)


def happenings(home: Home) -> Iterator[str]:
    """What can be seen to be going on in a cluster."""
    for pod in home.pods.values():
        yield pod.status
        if pod.status == "Pending" and "Insufficient cpu" in pod.message and pod.name.startswith("backfill"):
            yield "does not fit"
    for node in home.nodes.values():
        yield f"node {node.status}"
        if any(c.type == "DiskPressure" and c.status == "True" for c in node.conditions):
            yield "disk pressure"
    for instance in home.instances.values():
        yield f"instance {instance.state}"
    if home.outage:
        yield "unreachable"


def test_every_sort_of_trouble_comes_within_ten_minutes() -> None:
    fleet = grown()
    seen: Counter[str] = Counter()
    for _ in range(600):
        live(fleet, 1)
        for home in fleet.clusters:
            seen.update(set(happenings(home)))
    expected = {
        "CrashLoopBackOff", "Error", "OOMKilled", "ErrImagePull", "ImagePullBackOff", "ContainerCreating",
        "Terminating", "Evicted", "Unknown", "Completed", "does not fit", "disk pressure", "node NotReady",
        "instance shutting-down", "instance terminated", "instance pending", "unreachable",
    }  # fmt: skip
    assert not expected - seen.keys()


def test_something_goes_wrong_within_the_first_minute() -> None:
    fleet = grown(rate=5)
    before = {name for home in fleet.clusters for name in home.instances}
    gone_quiet = set[str]()
    new_trouble = set[str]()
    for _ in range(60):
        live(fleet, 1)
        for home in fleet.clusters:
            new_trouble |= set(happenings(home)) & {"disk pressure", "instance shutting-down", "ErrImagePull"}
            if home.outage:
                gone_quiet.add(home.place.cluster)
    assert len(new_trouble) >= 2
    assert gone_quiet == {"prod-us"}
    assert {name for home in fleet.clusters for name in home.instances} - before, "a machine was replaced"


@pytest.mark.parametrize("rate", [2, 60, 1000])
def test_it_stays_one_fleet_while_it_lives(rate: float) -> None:
    fleet = grown(rate=rate)
    for _ in range(12):
        live(fleet, 10)
        for home in fleet.clusters:
            belongs_together(home)


def test_workloads_get_back_the_pods_they_lose() -> None:
    fleet = grown(rate=40)
    live(fleet, 240)
    for home in fleet.clusters:
        short = [w.key for w in home.workloads.values() if w.kind != "DaemonSet" and len(w.pods) < w.replicas]
        assert len(short) < 8, "only what is being replaced just now is short"
        daemons = [w for w in home.workloads.values() if w.kind == "DaemonSet"]
        assert all(abs(len(w.pods) - len(home.nodes)) <= 2 for w in daemons)
    assert sum(len(home.pods) for home in fleet.clusters) == pytest.approx(1200, abs=60)


def test_a_new_revision_has_a_new_name_and_the_old_pods_go() -> None:
    fleet = grown(rate=60)
    home = fleet.clusters[0]
    before = {pod.owner.name for pod in home.pods.values() if pod.owner}
    live(fleet, 60)
    after = {pod.owner.name for pod in home.pods.values() if pod.owner}
    assert len(after - before) > 5
    assert len(before - after) > 5


def test_a_long_pause_is_skipped_not_lived_through() -> None:
    clock = ManualClock()
    fleet = grown(clock, rate=100, clusters=1)
    live(fleet, 10)
    before = changes(fleet.clusters)
    clock.advance(3600)
    fleet.clusters[0].advance()
    assert changes(fleet.clusters) - before < 700
    assert fleet.clusters[0].life.now == pytest.approx(clock.now(), abs=0.11)


def test_a_clock_that_is_set_back_does_not_stop_life() -> None:
    home = grown(rate=100, clusters=1).clusters[0]
    start = home.clock.now()
    home.life.advance(start + 2)
    home.life.advance(start - 900)
    before = home.changes
    home.life.advance(start - 895)
    assert home.changes > before


def test_stories_are_told_in_order_and_on_time() -> None:
    home = grown(rate=0, clusters=1, pods=0).clusters[0]
    life = Life(home, 0.0, 0.0)
    told: list[tuple[str, float]] = []

    def story(name: str, wait: float) -> Iterator[float]:
        for _ in range(3):
            told.append((name, round(life.now, 1)))
            yield wait

    life.begin(story("slow", 1.0), pace="clock")
    life.begin(story("quick", 0.2), after=0.5, pace="clock")
    assert life.seconds_to_next() == pytest.approx(0.1)
    life.advance(3.0)
    assert told == [
        ("slow", 0.1), ("quick", 0.6), ("quick", 0.8), ("quick", 1.0), ("slow", 1.1), ("slow", 2.1),
    ]  # fmt: skip


def test_a_burst_of_trouble_is_paid_for_afterwards() -> None:
    fleet = grown(rate=2, clusters=1)
    most = 0.0
    for _ in range(300):
        live(fleet, 1)
        most = max(most, changes(fleet.clusters) - 2 * (fleet.clock.now() - 1_768_443_247.0))
    assert 5 < most < 80
