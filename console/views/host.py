"""Plain Linux servers as rows."""

from __future__ import annotations

from console.item import Item
from console.query.field import Field
from console.views import vitals
from console.views.ages import UNKNOWN
from console.views.host_details import details
from console.views.kinds import KindView, ViewColumn, worst_first
from console.views.origin import FROM, SOURCE
from console.views.vitals import address_of, current, faded, fullest, state_cell, trouble, uptime_cell
from console.views.words import numbered, word_cell, word_column
from providers.model import LinuxHost
from widgets.cells import Cell, ColumnSpec


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _load(item: Item) -> float | None:
    host = current(item)
    return host.load[1] if host is not None and host.load else None


def _load_cell(item: Item, now: float) -> Cell:
    host: LinuxHost = item.obj
    return faded(item, Cell(f"{host.load[1]:.2f}", vitals.load_tone(host)) if host.load else UNKNOWN)


def _memory(item: Item) -> float | None:
    host = current(item)
    return _percent(vitals.memory_used(host)) if host is not None else None


def _memory_cell(item: Item, now: float) -> Cell:
    share = vitals.memory_used(item.obj)
    cell = UNKNOWN if share is None else Cell(f"{share:.0%}", vitals.memory_tone(item.obj))
    return faded(item, cell)


def _disk(item: Item) -> float | None:
    host = current(item)
    return max((vitals.used(disk) * 100 for disk in host.disks), default=None) if host is not None else None


def _inodes(item: Item) -> float | None:
    host = current(item)
    shares = [disk.inodes_used for disk in host.disks if disk.inodes_used is not None] if host else []
    return _percent(max(shares, default=None))


def _disk_cell(item: Item, now: float) -> Cell:
    """The disk nearest to its end: `93% /var`, `97% inodes /srv`."""
    disk = fullest(item.obj)
    if disk is None:
        return UNKNOWN
    share, inodes = vitals.used(disk), disk.inodes_used or 0.0
    if inodes > share:
        return faded(item, Cell(f"{inodes:.0%} inodes {disk.path}", vitals.inodes_tone(disk)))
    return faded(item, Cell(f"{share:.0%} {disk.path}", vitals.disk_tone(disk)))


def _booted(item: Item) -> float | None:
    host = current(item)
    return host.booted if host is not None else None


def _failed_units(item: Item) -> tuple[str, ...]:
    host = current(item)
    return host.failed_units if host is not None else ()


def _failed_count(item: Item) -> int | None:
    host = current(item)
    return len(host.failed_units) if host is not None and host.units not in ("", "none") else None


def _units_cell(item: Item, now: float) -> Cell:
    """`2 nginx.service, backup.service`: how many failed and which."""
    host: LinuxHost = item.obj
    failed = host.failed_units
    if failed:
        return faded(item, Cell(f"{len(failed)} {', '.join(failed)}", "warn"))
    if host.units in ("", "none"):
        return Cell("none", "dim") if host.units else UNKNOWN
    return faded(item, Cell("0" if host.units == "running" else host.units, "dim"))


def _kernel_cell(item: Item, now: float) -> Cell:
    host: LinuxHost = item.obj
    if not host.reboot_pending:
        return faded(item, word_cell(host.kernel))
    return faded(item, Cell(f"⟳ {host.kernel}".rstrip(), "info"))


VIEW = KindView(
    kind="host",
    title="Hosts",
    aliases=("hosts", "ho", "server", "servers"),
    columns=(
        FROM,
        word_column(
            ColumnSpec("name", "NAME", 20, flexible=True, min_width=14),
            lambda item: item.name,
            ordered=numbered,
        ),
        ViewColumn(
            ColumnSpec("state", "STATE", 30),
            state_cell,
            lambda item: worst_first(trouble(item), item.obj.state),
            Field("state", lambda item: item.obj.state, aliases=("status",), word=True, match="begins"),
            ticks=True,
        ),
        ViewColumn(
            ColumnSpec("load", "LOAD", 6, right=True), _load_cell, _load, Field("load", _load, "number")
        ),
        ViewColumn(
            ColumnSpec("mem", "MEM", 4, right=True),
            _memory_cell,
            _memory,
            Field("mem", _memory, "percent", ("memory",)),
        ),
        ViewColumn(
            ColumnSpec("disk", "DISK", 14, priority=2), _disk_cell, _disk, Field("disk", _disk, "percent")
        ),
        ViewColumn(
            ColumnSpec("units", "UNITS", 18, priority=2),
            _units_cell,
            _failed_count,
            Field("units", _failed_count, "number"),
        ),
        ViewColumn(
            ColumnSpec("age", "UPTIME", 6, right=True, priority=2),
            uptime_cell,
            lambda item: None if (booted := _booted(item)) is None else -booted,
            Field("age", _booted, "seconds", ("uptime",)),
            ticks=True,
        ),
        ViewColumn(
            ColumnSpec("kernel", "KERNEL", 18, priority=3),
            _kernel_cell,
            lambda item: item.obj.kernel or None,
            Field("kernel", lambda item: item.obj.kernel, match="begins"),
        ),
        word_column(ColumnSpec("os", "OS", 22, priority=4), lambda item: item.obj.os),
        word_column(ColumnSpec("address", "ADDRESS", 15, priority=4), address_of, match="begins"),
        word_column(ColumnSpec("user", "USER", 8, priority=5), lambda item: item.obj.user, word=False),
        word_column(ColumnSpec("id", "ID", 19, priority=5), lambda item: item.obj.machine),
    ),
    extra_fields=(
        SOURCE,
        Field("failed", _failed_units),
        Field("inodes", _inodes, "percent"),
        Field("reboot", lambda item: item.obj.reboot_pending, "flag"),
        Field("cpus", lambda item: item.obj.cpus, "number"),
        Field("mount", lambda item: tuple(disk.path for disk in item.obj.disks)),
        Field("reason", lambda item: item.obj.detail, word=True),
        Field(
            "tag",
            lambda item: ",".join([f"{key}={value}" for key, value in item.obj.tags]),
            "pairs",
            ("label", "l"),
        ),
    ),
    trouble=trouble,
    details=details,
    default_sort="state",
    ties=lambda item: numbered(item.name),
    counted=vitals.COUNTED,
)
