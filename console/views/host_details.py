"""What the detail pane says of a plain host: why it is unwell, its failed units, what it is, its disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.item import Item
from console.views import vitals
from console.views.ages import UNKNOWN, duration
from console.views.amounts import memory
from console.views.kinds import Section
from console.views.vitals import address_of, faded, state_cell, trouble, uptime_cell
from console.views.words import word_cell
from providers.model import Disk, LinuxHost, Record
from widgets.cells import Cell

if TYPE_CHECKING:
    from console.fleet import Fleet


def instance_of(item: Item, fleet: Fleet) -> Item | None:
    """The instance that a host says it is, where a cloud shows it."""
    uid = item.obj.machine
    if not uid:
        return None
    found = (state.table("instance").get(uid) for state in fleet.sources.values())
    return next(filter(None, found), None)


def details(item: Item, fleet: Fleet, now: float) -> list[Section]:
    """Why it is unwell, what it is, its disks, and its failed units."""
    host: LinuxHost = item.obj
    why = _why(item, now)
    failed = _units(item, fleet, now)
    disks = tuple((disk.path, faded(item, _of_disk(disk))) for disk in host.disks)
    tags = [("tags" if n == 0 else "", Cell(f"{k}={v}", "dim")) for n, (k, v) in enumerate(host.tags)]
    return [
        *([Section("Why", tuple(why))] if why else []),
        *([Section("Failed units", failed)] if failed else []),
        Section("Host", (*_facts(item, fleet, now), *tags)),
        *([Section("Disks", disks)] if disks else []),
    ]


def _why(item: Item, now: float) -> list[tuple[str, Cell]]:
    host: LinuxHost = item.obj
    how = trouble(item)
    if host.state == "up":
        cut = [("answer", Cell(f"cut short: {host.detail}", "warn"))] if host.detail else []
        return [*([("state", state_cell(item, now))] if how.severity > 1 else []), *cut]
    facts = [("state", state_cell(item, now))]
    facts += [(label, Cell(text)) for label, text in (("why", host.detail), ("try", host.remedy)) if text]
    if host.asked is not None:
        facts.append(("below", Cell(f"as it was {duration(now - host.asked)} ago", "warn")))
    return facts


def _facts(item: Item, fleet: Fleet, now: float) -> list[tuple[str, Cell]]:
    host: LinuxHost = item.obj
    load = " ".join(f"{number:.2f}" for number in host.load)
    login = f"{host.user}@{address_of(item)}" if host.user else address_of(item)
    installed = host.kernel_installed if host.kernel_installed != host.kernel else ""
    pending = {True: Cell("⟳ to be rebooted", "info"), False: Cell("no")}
    return [
        ("state", state_cell(item, now)),
        ("login", Cell(f"{login} port {host.port}" if host.port else login)),
        ("instance", _instance_cell(item, fleet)),
        ("os", word_cell(host.os)),
        ("kernel", word_cell(host.kernel)),
        *([("installed", Cell(installed))] if installed else []),
        ("reboot", pending.get(host.reboot_pending, UNKNOWN)),  # type: ignore[arg-type]
        ("uptime", uptime_cell(item, now)),
        ("cpus", word_cell(str(host.cpus or ""))),
        ("load", Cell(f"{load} over 1, 5 and 15 minutes", vitals.load_tone(host)) if load else UNKNOWN),
        ("memory", _of_memory(host)),
        ("swap", _of_swap(host)),
        ("systemd", word_cell(host.units)),
    ]


def _instance_cell(item: Item, fleet: Fleet) -> Cell:
    host: LinuxHost = item.obj
    instance = instance_of(item, fleet)
    if instance is None:
        return word_cell(host.machine)
    node = f" · node {instance.node.name}" if instance.node is not None else ""
    return Cell(f"{host.machine} · {instance.name} in {instance.ref.source}{node}")


def _of_memory(host: LinuxHost) -> Cell:
    share = vitals.memory_used(host)
    if share is None:
        return UNKNOWN
    left = memory(host.memory_available)
    return Cell(f"{share:.0%} of {memory(host.memory)} used, {left} available", vitals.memory_tone(host))


def _of_swap(host: LinuxHost) -> Cell:
    if host.swap is None or host.swap_free is None:
        return UNKNOWN
    used = f"{1 - host.swap_free / host.swap:.0%} of {memory(host.swap)} used" if host.swap else "none"
    return Cell(used)


def _of_disk(disk: Disk) -> Cell:
    inodes = f" · inodes {disk.inodes_used:.0%}" if disk.inodes_used is not None else ""
    tone = vitals.disk_tone(disk) or vitals.inodes_tone(disk)
    return Cell(f"{vitals.used(disk):.0%} of {memory(disk.size)}{inodes}", tone)


def _units(item: Item, fleet: Fleet, now: float) -> tuple[tuple[str, Cell], ...]:
    """Each failed unit with its result and since when, as its record says."""
    owned = [one for one in fleet.owned_by(item.ref.uid) if one.ref.source == item.ref.source]
    records: list[Record] = sorted((one.obj for one in owned if one.kind == "unit"), key=lambda one: one.name)
    facts = []
    for record in records:
        since = f"for {duration(now - record.created)}" if record.created is not None else ""
        facts.append((record.name, Cell(" · ".join(filter(None, (*record.cells[1:3], since))), "warn")))
    return tuple(facts)
