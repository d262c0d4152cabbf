"""Volumes and groups of the simulated machines follow the machines."""

from __future__ import annotations

from msgspec.structs import replace

from providers.demo.belongings import Belongings, described
from providers.model import Complete, Deletes, Instance, Record, Upserts

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
