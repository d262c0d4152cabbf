"""Plain Linux servers of the simulated fleet: a few of each sort, and some that need somebody."""

from __future__ import annotations

from random import Random

from msgspec import Struct
from msgspec.structs import replace

from providers.demo.clock import Clock
from providers.model import Column, Disk, LinuxHost, Owner, Record, Schema

GIB = 1 << 30
UNITS = Schema(
    kind="unit",
    title="Units",
    columns=(
        Column("Host"),
        Column("State"),
        Column("Result"),
        Column("Exit", numeric=True),
        Column("Description"),
    ),
    namespaced=False,
)
_DEBIAN = ("Debian GNU/Linux 13 (trixie)", "6.12.48+deb13-amd64")
_ROCKY = ("Rocky Linux 9.6 (Blue Onyx)", "5.14.0-570.42.2.el9_6.x86_64")
_ALPINE = ("Alpine Linux v3.22", "6.12.50-0-lts")


class Sort(Struct, frozen=True, kw_only=True):
    """A sort of server; a share is from 0 to 1, a time is in days."""

    role: str
    system: tuple[str, str] = _DEBIAN
    cpus: int = 4
    memory: int = 16
    """GiB."""
    load: float = 0.4
    used: float = 0.5
    disks: tuple[tuple[str, int, float], ...] = (("/", 40, 0.42),)
    """Path, GiB, share."""
    up: float = 41.3
    failed: tuple[tuple[str, str], ...] = ()
    """Units and what they are."""
    newer: str = ""
    """The kernel that waits for a boot."""
    state: str = "up"
    detail: str = ""
    remedy: str = ""


SORTS = (
    Sort(role="web", load=1.1, failed=(("nginx.service", "A high performance web server"),)),
    Sort(
        role="db", cpus=16, memory=128, load=3.9, used=0.81,
        disks=(("/", 40, 0.35), ("/var/lib/postgresql", 1800, 0.934)), up=203.0,
    ),
    Sort(role="bastion", cpus=2, memory=2, load=0.02, disks=(("/", 20, 0.2),), newer="6.12.57+deb13-amd64"),
    Sort(role="build", system=_ROCKY, cpus=8, memory=32, load=38.6, used=0.74),
    Sort(
        role="backup", system=_ROCKY, state="unreachable",
        disks=(("/", 40, 0.3), ("/srv/backup", 12000, 0.77)),
        detail="backup-{n}: 10.40.0.{a} port 22 does not answer within 10 s", up=88.0,
        remedy="is it on? A firewall may drop what is sent to it",
    ),
    Sort(
        role="nas", state="unverified",
        detail="nas-{n}: its host key is not known: SHA256:Vq0c4xN1r8mS2pYk6uTzJhWb3dLfGaE7RiQoM5sXnUe",
        remedy="press s and accept it there, or: ssh-keyscan -p 22 10.40.0.{a} >> ~/.ssh/known_hosts",
    ),
    Sort(role="mail", system=_ALPINE, cpus=2, memory=4, load=0.1, used=0.6),
    Sort(role="metrics", cpus=8, memory=64, load=2.2, used=0.68, disks=(("/", 60, 0.3), ("/srv", 900, 0.71))),
)  # fmt: skip


class Park:
    """The servers, alive: their loads move, and a unit that is restarted runs again."""

    def __init__(self, count: int, seed: int, clock: Clock) -> None:
        self._rng = Random(f"{seed}/hosts")
        self._clock = clock
        self.hosts: dict[str, LinuxHost] = {}
        self.units: dict[str, Record] = {}
        now = clock.now()
        for number in range(count):
            self._grow(SORTS[number % len(SORTS)], number // len(SORTS) + 1, number + 10, now)

    def _grow(self, sort: Sort, number: int, address: int, now: float) -> None:
        live = self._rng.uniform(0.85, 1.15)
        sort = replace(sort, load=round(sort.load * live, 2), up=sort.up * live)
        host = _host(sort, number, address, now)
        if number > 1:  # of each sort the first is the one in trouble
            host = replace(host, state="up", detail="", remedy="", since=host.booted, failed_units=())
        self.hosts[host.uid] = host
        for name, what in sort.failed if host.failed_units else ():
            unit = _unit(host, name, what, now - 1260.0)
            self.units[unit.uid] = unit

    def stir(self) -> tuple[LinuxHost, ...]:
        """One of them has another load."""
        up = [host for host in self.hosts.values() if host.state == "up"]
        if not up:
            return ()
        host = self._rng.choice(up)
        load = tuple(round(max(0.0, number * self._rng.uniform(0.93, 1.07)), 2) for number in host.load)
        self.hosts[host.uid] = replace(host, load=load)
        return (self.hosts[host.uid],)

    def restarted(self, uid: str) -> LinuxHost:
        """That unit runs again; the host without it among the failed ones."""
        unit = self.units.pop(uid)
        owner = unit.owner
        assert owner is not None
        host = self.hosts[owner.uid]
        failed = tuple(name for name in host.failed_units if name != unit.name)
        self.hosts[host.uid] = replace(host, failed_units=failed, units="degraded" if failed else "running")
        return self.hosts[host.uid]


def _host(sort: Sort, number: int, address: int, now: float) -> LinuxHost:
    system, kernel = sort.system
    without = sort.system is _ALPINE
    names = tuple(name for name, _ in sort.failed)
    words = {"n": number, "a": address}
    down = sort.state != "up"
    known = not (down and sort.state == "unverified")
    host = LinuxHost(
        uid=f"{sort.role}-{number}",
        name=f"{sort.role}-{number}",
        address=f"10.40.0.{address}",
        user="ops",
        state=sort.state,
        since=now - 760.0 if down else now - sort.up * 86400,
        detail=sort.detail.format(**words),
        remedy=sort.remedy.format(**words),
    )
    if not known:
        return host
    return replace(
        host,
        asked=now - 760.0 if down else now,
        booted=now - sort.up * 86400,
        load=(round(sort.load * 1.04, 2), sort.load, round(sort.load * 0.9, 2)),
        cpus=sort.cpus,
        memory=sort.memory * GIB,
        memory_available=int(sort.memory * GIB * (1 - sort.used)),
        swap=0,
        swap_free=0,
        disks=tuple(_disk(*disk) for disk in sort.disks),
        units="none" if without else "degraded" if names else "running",
        failed_units=names,
        kernel=kernel,
        kernel_installed=sort.newer or kernel,
        reboot_pending=bool(sort.newer),
        os=system,
    )


def _disk(path: str, gib: int, share: float) -> Disk:
    return Disk(path=path, size=gib * GIB, used=int(gib * GIB * share), inodes_used=round(share / 4, 3))


def _unit(host: LinuxHost, name: str, what: str, since: float) -> Record:
    return Record(
        kind="unit",
        uid=f"{host.uid}/{name}",
        name=name,
        created=since,
        cells=(host.name, "failed", "exit-code", "1", what),
        owner=Owner("Host", host.name, host.uid),
    )
