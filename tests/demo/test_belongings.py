"""Volumes and groups of the simulated machines follow the machines."""

from __future__ import annotations

from msgspec.structs import replace

from providers.demo.belongings import Belongings, described
from providers.demo.clock import ManualClock
from providers.model import Complete, Deletes, Instance, Pod, Record, Upserts
from tests.demo.reading import Reader, grown, live, opened, pass_time

ONE = Instance(
    uid="i-0aaaaaaaaaaaaaaa1", name="a", state="running", type="r6i.2xlarge", group="memory", zone="z1"
)
TWO = Instance(
    uid="i-0aaaaaaaaaaaaaaa2", name="b", state="running", type="m6i.xlarge", group="memory", zone="z1"
)


def records(batches: list[object]) -> dict[str, Record]:
    return {obj.uid: obj for batch in batches if isinstance(batch, Upserts) for obj in batch.objects}  # type: ignore[misc]


def test_every_machine_has_its_volumes_and_every_group_its_members() -> None:
    batches = list(Belongings().listing([ONE, TWO]))
    found = records(batches)
    owners = [record.owner.uid for record in found.values() if record.owner]
    assert sorted(owners) == [ONE.uid, ONE.uid, TWO.uid]
    assert found["memory"].cells[:2] == ("2", "2")
    assert [batch.kind for batch in batches if isinstance(batch, Complete)] == ["volume", "group"]


def test_a_machine_that_ends_takes_its_volumes_with_it_and_shrinks_its_group() -> None:
    belongings = Belongings()
    before = records(list(belongings.listing([ONE, TWO])))
    ended = replace(ONE, state="terminated")
    batches = list(belongings.following(Upserts((ended,)), [ended, TWO]))
    gone = [uid for batch in batches if isinstance(batch, Deletes) for uid in batch.uids]
    assert sorted(gone) == sorted(uid for uid, r in before.items() if r.owner and r.owner.uid == ONE.uid)
    assert records(batches)["memory"].cells[:2] == ("1", "1")
    assert list(belongings.following(Upserts((ended,)), [ended, TWO])) == []


def test_a_machine_that_is_gone_altogether_leaves_no_group() -> None:
    belongings = Belongings()
    list(belongings.listing([TWO]))
    batches = list(belongings.following(Deletes("instance", (TWO.uid,)), []))
    assert {(batch.kind, len(batch.uids)) for batch in batches if isinstance(batch, Deletes)} == {
        ("volume", 1),
        ("group", 1),
    }


def test_a_volume_is_described_by_its_columns() -> None:
    volume = next(iter(records(list(Belongings().listing([TWO])))))
    told = described(volume, [TWO])
    assert told is not None
    assert told["instance"] == TWO.uid
    assert described("vol-none", [TWO]) is None


def claimers(pods: list[Pod]) -> list[Pod]:
    return [pod for pod in pods if pod.claims]


def test_a_stateful_pod_s_volume_is_attached_where_it_runs_and_stays_in_its_zone() -> None:
    fleet = grown(rate=200)
    [home, *_] = fleet.clusters
    before = dict(home.disks)
    ran_on = {pod.name: pod.node for pod in claimers([*home.pods.values()])}
    live(fleet, 120)
    assert {uid: disk.cells[3] for uid, disk in home.disks.items()}.items() >= {
        (uid, disk.cells[3]) for uid, disk in before.items()
    }
    pods = claimers([*home.pods.values()])
    assert {pod.owner.kind for pod in pods if pod.owner} == {"StatefulSet"}
    assert any(ran_on.get(pod.name) != pod.node for pod in pods)
    for pod in pods:
        [disk] = [d for d in home.disks.values() if _claimed(d) == (pod.namespace, pod.claims[0])]
        node = home.node_named(pod.node)
        attached = disk.owner.uid if disk.owner else ""
        assert node is None or node.zone == disk.cells[3]
        assert node is None or attached in ("", node.provider_id.rpartition("/")[2])
        assert pod.status != "Running" or attached


def _claimed(disk: Record) -> tuple[str, str]:
    tags = dict(pair.split("=") for pair in disk.labels.split(","))
    made_for = "kubernetes.io/created-for/pvc"
    return (tags[f"{made_for}/namespace"], tags[f"{made_for}/name"])


async def test_who_reads_an_account_is_told_where_volumes_go() -> None:
    clock = ManualClock()
    sources = await opened(clock, rate=200)
    async with Reader(sources["prod-eu"]), Reader(sources["aws-prod-eu-west-1"]) as reader:
        first = {disk.uid: disk for disk in reader.of("volume") if disk.labels}
        await pass_time(clock, 60)
        async with Reader(sources["aws-prod-eu-west-1"]) as fresh:
            now = {disk.uid: disk for disk in fresh.of("volume")}
        assert {disk.uid: disk for disk in reader.of("volume")} == now
        assert any(now[uid] != disk for uid, disk in first.items())
        ref = reader.ref(next(iter(first.values())))
        assert "gp3" in await sources["aws-prod-eu-west-1"].manifest(ref)
