"""How a host is: reached or not, and which of its load, memory, disks and units are not as they should be."""

from __future__ import annotations

from collections.abc import Iterator

from console.item import Item
from console.views.ages import UNKNOWN, age, duration
from console.views.amounts import counted
from console.views.kinds import Trouble
from providers.model import Disk, LinuxHost
from widgets.cells import Cell, Tone

DISK_FULL = 0.90
DISK_VERY_FULL = 0.97
INODES_FULL = 0.90
MEMORY_SHORT = 0.05
"""Of all memory, what is left at least on a host that is well."""
LOAD_HIGH = 4.0
"""Over five minutes, to each of its CPUs."""

_UP = Trouble(0, "good", "●")
_REBOOT = Trouble(1, "info", "⟳", ("to reboot",))
_FAILED = Trouble(2, "warn", "◐", ("with failed units",))
_LOADED = Trouble(2, "warn", "◐", ("overloaded",))
_MEMORY = Trouble(2, "warn", "◐", ("short of memory",))
_DISK = Trouble(2, "warn", "◐", ("with a full disk",))
_VERY_FULL = Trouble(3, "bad", "◐", ("with a full disk",))
_UNASKED = Trouble(1, "dim", "?", ("not asked yet",))
_DOWN = {
    "unreachable": Trouble(3, "bad", "✕", ("unreachable",)),
    "refused": Trouble(3, "bad", "✕", ("refused",)),
    "unverified": Trouble(3, "bad", "✕", ("unverified",)),
    "unreadable": Trouble(2, "warn", "✕", ("unreadable",)),
}

COUNTED = (
    "unreachable",
    "refused",
    "unverified",
    "unreadable",
    "with a full disk",
    "short of memory",
    "overloaded",
    "with failed units",
    "to reboot",
    "not asked yet",
)
"""The words of a title's counts, the worst first."""


def trouble(item: Item) -> Trouble:
    """As bad as the worst, counted under every word. What is not known is no trouble."""
    host: LinuxHost = item.obj
    if host.state != "up":
        return _DOWN.get(host.state, _UNASKED)
    ranked = sorted(_troubles(host), key=lambda how: -how.severity)
    if not ranked:
        return _UP
    words = dict.fromkeys(word for how in ranked for word in how.counted)
    return ranked[0]._replace(counted=tuple(words))


def _troubles(host: LinuxHost) -> Iterator[Trouble]:
    disk = fullest(host)
    if disk is not None and (disk_tone(disk) or inodes_tone(disk)):
        yield _VERY_FULL if "bad" in (disk_tone(disk), inodes_tone(disk)) else _DISK
    if memory_tone(host):
        yield _MEMORY
    if load_tone(host):
        yield _LOADED
    if host.failed_units:
        yield _FAILED
    if host.reboot_pending:
        yield _REBOOT


def current(item: Item) -> LinuxHost | None:
    """The host, where what is known of it is how it is now."""
    return item.obj if item.obj.state == "up" else None


def faded(item: Item, cell: Cell) -> Cell:
    """The cell as it was, where that is how it was and not how it is."""
    return cell if item.obj.state == "up" or cell is UNKNOWN else Cell(cell.text, "dim")


# ---- shares ------------------------------------------------------------------------------------------


def used(disk: Disk) -> float:
    """Of a disk, from 0 to 1."""
    return disk.used / disk.size if disk.size else 0.0


def fullest(host: LinuxHost) -> Disk | None:
    """The disk that is nearest to its end, be it in bytes or in inodes."""
    return max(host.disks, key=lambda disk: max(used(disk), disk.inodes_used or 0.0), default=None)


def memory_used(host: LinuxHost) -> float | None:
    """Of its memory, from 0 to 1; None unknown."""
    if not host.memory or host.memory_available is None:
        return None
    return 1.0 - host.memory_available / host.memory


def load_share(host: LinuxHost) -> float | None:
    """The load over five minutes to each of its CPUs; None unknown."""
    return host.load[1] / host.cpus if host.load and host.cpus else None


def disk_tone(disk: Disk) -> Tone:
    share = used(disk)
    return "bad" if share >= DISK_VERY_FULL else "warn" if share >= DISK_FULL else ""


def inodes_tone(disk: Disk) -> Tone:
    share = disk.inodes_used or 0.0
    return "bad" if share >= DISK_VERY_FULL else "warn" if share >= INODES_FULL else ""


def memory_tone(host: LinuxHost) -> Tone:
    share = memory_used(host)
    return "warn" if share is not None and share > 1.0 - MEMORY_SHORT else ""


def load_tone(host: LinuxHost) -> Tone:
    share = load_share(host)
    return "warn" if share is not None and share > LOAD_HIGH else ""


# ---- cells -------------------------------------------------------------------------------------------


def state_cell(item: Item, now: float) -> Cell:
    """`● up`, `✕ unreachable 5m`, `◐ up · disk / 93%`, `✕ unverified 2h`."""
    host: LinuxHost = item.obj
    how = trouble(item)
    if not host.state:
        return Cell("? not asked yet", "dim")
    if host.state != "up":
        since = age(item, host.since, now)
        return Cell(" ".join(filter(None, (how.glyph, host.state, since))), how.tone)
    return Cell(" · ".join([f"{how.glyph} up", *_words(host)]), how.tone)


def _words(host: LinuxHost) -> Iterator[str]:
    disk = fullest(host)
    if disk is not None and disk_tone(disk):
        yield f"{disk.path} {used(disk):.0%}"
    elif disk is not None and inodes_tone(disk):
        yield f"{disk.path} inodes {disk.inodes_used:.0%}"
    if memory_tone(host):
        yield "memory"
    if load_tone(host):
        yield "load"
    if host.failed_units:
        yield f"{counted(len(host.failed_units), 'unit')} failed"
    if host.reboot_pending:
        yield "reboot"


def uptime_cell(item: Item, now: float) -> Cell:
    """How long it runs; of one that does not answer, how long it ran when it last did."""
    host: LinuxHost = item.obj
    clocks = [now, item.stale_since, None if host.state == "up" else host.asked]
    if host.booted is None:
        return UNKNOWN
    return Cell(duration(min(clock for clock in clocks if clock is not None) - host.booted), "dim")


def address_of(item: Item) -> str:
    """What is connected to."""
    host: LinuxHost = item.obj
    return host.address or host.name
