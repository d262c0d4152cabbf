"""What instances come with: a volume or two each, and the groups that scale them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from zlib import crc32

from providers.model import (
    Batch,
    Began,
    Column,
    Complete,
    Deletes,
    Instance,
    Kind,
    Owner,
    Record,
    Schema,
    Upserts,
)

VOLUMES = Schema(
    kind="volume",
    title="Volumes",
    columns=(
        Column("State"),
        Column("Size", numeric=True),
        Column("Type"),
        Column("Zone"),
        Column("Instance"),
        Column("Device"),
    ),
    namespaced=False,
)
GROUPS = Schema(
    kind="group",
    title="Groups",
    columns=(
        Column("Desired", numeric=True),
        Column("In service", numeric=True),
        Column("Type"),
        Column("Lifecycle"),
    ),
    namespaced=False,
)


class Belongings:
    """What was last said of volumes and groups, so that only what is different is said again."""

    def __init__(self) -> None:
        self._volumes: dict[str, tuple[Record, ...]] = {}
        """By the uid of the instance."""
        self._groups: dict[str, Record] = {}

    def listing(self, instances: Sequence[Instance], disks: Iterable[Record] = ()) -> Iterator[Batch]:
        """All of them, from the start, with the volumes that are pods'."""
        self._volumes = {instance.uid: _volumes(instance) for instance in instances}
        self._groups = {group.uid: group for group in _groups(instances)}
        found = {
            "volume": [*(v for owned in self._volumes.values() for v in owned), *disks],
            "group": self._groups.values(),
        }
        for schema in (VOLUMES, GROUPS):
            yield schema
            yield Began(schema.kind)
            yield Upserts(tuple(found[schema.kind]))
            yield Complete(schema.kind)

    def following(self, batch: Batch, instances: Iterable[Instance]) -> Iterator[Batch]:
        """What a batch about instances changes, `instances` being all there are after it."""
        if isinstance(batch, Deletes):
            uids = batch.uids
        else:
            uids = tuple(obj.uid for obj in batch.objects) if isinstance(batch, Upserts) else ()
        now = {instance.uid: instance for instance in instances}
        yield from _difference("volume", *self._own(uids, now))
        if uids:
            before, self._groups = self._groups, {group.uid: group for group in _groups(now.values())}
            yield from _difference("group", before, self._groups)

    def _own(
        self, uids: Iterable[str], instances: Mapping[str, Instance]
    ) -> tuple[dict[str, Record], dict[str, Record]]:
        """The volumes of those instances, before and now."""
        before: dict[str, Record] = {}
        after: dict[str, Record] = {}
        for uid in uids:
            before |= {volume.uid: volume for volume in self._volumes.pop(uid, ())}
            if uid in instances:
                self._volumes[uid] = _volumes(instances[uid])
                after |= {volume.uid: volume for volume in self._volumes[uid]}
        return before, after


def described(uid: str, instances: Sequence[Instance], disks: Iterable[Record] = ()) -> dict[str, str] | None:
    """A volume or a group by its columns, None where none of those instances has it."""
    volumes = [*(volume for instance in instances for volume in _volumes(instance)), *disks]
    for schema, records in ((VOLUMES, volumes), (GROUPS, _groups(instances))):
        for record in records:
            if record.uid == uid:
                titles = [column.title.lower() for column in schema.columns]
                return {"name": record.name, **dict(zip(titles, record.cells, strict=True))}
    return None


def _difference(kind: Kind, before: Mapping[str, Record], after: Mapping[str, Record]) -> Iterator[Batch]:
    changed = tuple(record for uid, record in after.items() if before.get(uid) != record)
    if changed:
        yield Upserts(changed)
    if gone := tuple(uid for uid in before if uid not in after):
        yield Deletes(kind, gone)


def _volumes(instance: Instance) -> tuple[Record, ...]:
    """Its root volume, and for a machine of the memory pool one for data. The same uid, the same volumes."""
    if instance.state == "terminated":
        return ()
    sizes = [("/dev/xvda", 80)] + ([("/dev/xvdb", 500)] if instance.type.startswith("r") else [])
    return tuple(_volume(instance, device, gib) for device, gib in sizes)


def _volume(instance: Instance, device: str, gib: int) -> Record:
    uid = f"vol-0{crc32(f'{instance.uid}{device}'.encode()):08x}{instance.uid[-8:]}"
    return Record(
        kind="volume",
        uid=uid,
        name=uid,
        created=instance.launched,
        cells=("in-use", f"{gib} GiB", "gp3", instance.zone, instance.uid, device),
        owner=Owner("Instance", instance.name, instance.uid),
    )


def _groups(instances: Iterable[Instance]) -> tuple[Record, ...]:
    """The groups that these instances belong to, as large as they are meant to be."""
    members: dict[str, list[Instance]] = {}
    for instance in instances:
        if instance.group and instance.state != "terminated":
            members.setdefault(instance.group, []).append(instance)
    return tuple(_group(name, found) for name, found in sorted(members.items()))


def _group(name: str, members: list[Instance]) -> Record:
    serving = sum(member.state == "running" for member in members)
    first = members[0]
    return Record(
        kind="group",
        uid=name,
        name=name,
        created=min(member.launched or 0.0 for member in members),
        cells=(str(len(members)), str(serving), first.type, first.lifecycle),
    )
