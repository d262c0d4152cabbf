"""The sources of the simulated fleet: one a cluster, and one an account and region."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

from providers.contract import Host, Problem, Refused, Subject, Verb
from providers.demo.belongings import Belongings, described
from providers.demo.boot import boot_log
from providers.demo.clock import Clock
from providers.demo.feed import Feed
from providers.demo.fleet import Home
from providers.demo.life import TICK
from providers.demo.manifest import as_yaml, instance_manifest, manifest_of
from providers.demo.power import SECONDS as POWERED_IN
from providers.demo.power import machine_of, node_on, prepare_power
from providers.demo.restart import prepare_restart, subject_of
from providers.demo.shell import Shell
from providers.demo.world import cordoned
from providers.model import (
    Batch,
    Began,
    Budget,
    Complete,
    Finding,
    Health,
    Heard,
    Instance,
    Node,
    Pod,
    Record,
    Ref,
    SourceInfo,
    Upserts,
)
from providers.sessions import Session, Size

IDENTITY = "ada (simulated)"
_CLOUDS = ("instance", "volume")
"""What a cluster tells its cloud of."""
QUIET = 10.0
"""Seconds without a change after which a source says that it is still there."""
_RESTARTED_IN = 600.0
"""Seconds of rollout that a restart takes at once where time stands still."""
_AGAIN = "it is being tried again"
_DENIAL = 'pods is forbidden: User "ada" cannot list resource "pods" in API group "" at the cluster scope'
_TO_ACT = "start it without --read-only to act"
_MAY_NOT = "ask for a role that may list pods, or leave the cluster out"


class ClusterSource:
    """Nodes and pods of one cluster, and what can be done to them."""

    def __init__(self, home: Home, host: Host) -> None:
        place = home.place
        self.info = SourceInfo(
            name=place.cluster,
            provider="demo",
            kinds=("node", "pod"),
            cluster=place.cluster,
            account=f"{place.account} {place.account_id}",
            region=place.region,
            identity=IDENTITY,
            address=f"https://10.{place.octet}.0.4:6443",
            simulated=True,
        )
        self._home = home
        self._host = host
        self._kinds = ("node",) if home.denied else self.info.kinds

    # ---- what there is ------------------------------------------------------------------------------

    async def stream(self) -> AsyncIterator[Batch]:
        """Lists, then what changes. Lost while nobody reaches the cluster, and listed again after that."""
        home = self._home
        feed = home.listen(self._kinds)
        try:
            while True:
                for batch in self._listing(feed):
                    yield batch
                    await asyncio.sleep(0)
                while not (feed.relist or home.outage):
                    for batch in feed.take():
                        yield batch
                    if not await self._stirred(feed):
                        yield Heard()
                if home.outage:
                    yield Health(state="lost", since=home.now(), detail=home.outage, remedy=_AGAIN)
                    await self._reachable(feed)
        finally:
            home.leave(feed)

    def _listing(self, feed: Feed) -> Iterator[Batch]:
        home = self._home
        yield Health(state="loading", since=home.clock.now())
        for kind in self._kinds:
            yield Began(kind)
        home.grow_machines()
        feed.relist = False
        feed.forget()
        if home.nodes:
            yield Upserts(tuple(home.nodes.values()))
        yield Complete("node")
        for chunk in home.grow():
            if not home.denied:
                yield Upserts(chunk)
        if home.denied:
            yield Health(kind="pod", state="denied", since=home.clock.now(), detail=_DENIAL, remedy=_MAY_NOT)
        else:
            yield Complete("pod")
        yield Health(state="live", since=home.clock.now())

    async def _stirred(self, feed: Feed) -> bool:
        """Live on until there is something to say, or for QUIET seconds; says whether there is."""
        home = self._home
        until = home.clock.now() + QUIET
        while not (feed.stirred or home.outage):
            if home.clock.now() >= until:
                return False
            await pause(home.clock, feed, max(home.life.seconds_to_next(), TICK))
            home.advance()
        return True

    async def _reachable(self, feed: Feed) -> None:
        """Live on until the outage is over."""
        while self._home.outage:
            await pause(self._home.clock, feed, TICK)
            self._home.advance()

    def refresh(self) -> None:
        """List again at once."""
        self._home.relist(self._kinds)

    # ---- what can be said of it ----------------------------------------------------------------------

    async def manifest(self, ref: Ref) -> str:
        """The object as YAML. Raises Problem when it is gone or the cluster is not reached."""
        self._reach()
        return as_yaml(manifest_of(self._home, self._object(ref)))

    async def review(self, action: str, ref: Ref) -> str:
        """Everything is allowed, but for what its cluster is known to deny."""
        if self._home.denied and action == "restart":
            return f'User "ada" cannot patch resource "deployments" in API group "apps" in {self.info.name}'
        return ""

    def pretend(self, name: str, size: Size) -> Session:
        """A shell with nothing behind it."""
        return Shell(name, size)

    async def diagnose(self) -> Sequence[Finding]:
        name = self.info.name
        if self._home.outage:
            return (Finding(subject=name, level="error", detail=self._home.outage, remedy=_AGAIN),)
        found = [Finding(subject=name, level="ok", detail=f"simulated: nothing here is real; as {IDENTITY}")]
        if self._home.denied:
            found.append(Finding(subject=f"{name} pods", level="error", detail=_DENIAL, remedy=_MAY_NOT))
        return found

    # ---- what can be done to it ----------------------------------------------------------------------

    async def node(self, ref: Ref) -> Subject:
        self._reach()
        node = self._object(ref)
        if not isinstance(node, Node):
            raise Refused(f"{ref.kind} {ref.uid} is no node")
        return Subject(ref=ref, kind="Node", name=node.name, uid=node.uid, unschedulable=node.unschedulable)

    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        self._may_write()
        found = self._home.nodes.get(node.uid)
        if found is None:
            raise _gone("node", node.name, node.uid)
        if not dry_run:
            self._home.put(cordoned(found, on))

    async def workload(self, ref: Ref) -> Subject:
        self._reach()
        pod = self._object(ref)
        if not isinstance(pod, Pod):
            raise Refused(f"{ref.kind} {ref.uid} is no pod")
        return subject_of(self._home, ref, pod)

    async def restart(self, workload: Subject, *, dry_run: bool) -> None:
        self._may_write()
        begin = prepare_restart(self._home, workload)
        if not dry_run:
            begin()
            if self._home.frozen:
                self._home.life.hurry(_RESTARTED_IN)

    def _object(self, ref: Ref) -> Node | Pod:
        found = self._home.nodes.get(ref.uid) if ref.kind == "node" else self._home.pods.get(ref.uid)
        if found is None:
            raise _gone(ref.kind, "", ref.uid)
        return found

    def _reach(self) -> None:
        if self._home.outage:
            raise Problem(self._home.outage, _AGAIN)

    def _may_write(self) -> None:
        _may_write(self._host)
        self._reach()


class InstanceSource:
    """The instances of one account in one region, of whichever clusters run there."""

    def __init__(self, homes: Sequence[Home], host: Host) -> None:
        place = homes[0].place
        self.info = SourceInfo(
            name=f"aws-{place.account}-{place.region}",
            provider="demo",
            kinds=("instance", "volume", "group"),
            account=f"{place.account} {place.account_id}",
            region=place.region,
            identity=IDENTITY,
            address=f"https://ec2.{place.region}.amazonaws.com",
            simulated=True,
            budget=Budget(calls=38, limit=120),
        )
        self._homes = homes
        self._host = host

    async def stream(self) -> AsyncIterator[Batch]:
        """Lists, then what changes. The clusters move when their own streams are read."""
        feed = Feed(_CLOUDS)
        belongings = Belongings()
        clock = self._homes[0].clock
        for home in self._homes:
            home.attach(feed)
        try:
            while True:
                for batch in self._listing(feed, belongings):
                    yield batch
                    await asyncio.sleep(0)
                while not feed.relist:
                    for batch in feed.take():
                        yield batch
                        for following in belongings.following(batch, self._instances()):
                            yield following
                    if not feed.stirred:
                        await pause(clock, feed, QUIET)
                    if not feed.stirred:
                        yield Heard()
        finally:
            for home in self._homes:
                home.leave(feed)

    def _instances(self) -> list[Instance]:
        return [instance for home in self._homes for instance in home.instances.values()]

    def _disks(self) -> list[Record]:
        return [disk for home in self._homes for disk in home.disks.values()]

    def _listing(self, feed: Feed, belongings: Belongings) -> Iterator[Batch]:
        now = self._homes[0].clock.now()
        yield Health(state="loading", since=now)
        yield Began("instance")
        for home in self._homes:
            home.grow_machines()
        feed.relist = False
        feed.forget()
        yield Upserts(tuple(self._instances()))
        yield Complete("instance")
        for home in self._homes:
            for _ in home.grow():
                yield Heard()  # its pods' volumes come with them
        yield from belongings.listing(self._instances(), self._disks())
        yield Health(state="live", since=now)

    def refresh(self) -> None:
        """List again at once."""
        for home in self._homes:
            home.relist(_CLOUDS)

    async def manifest(self, ref: Ref) -> str:
        """The instance as YAML. Raises Problem when it is gone."""
        if home := self._home_of(ref.uid):
            return as_yaml(instance_manifest(home, home.instances[ref.uid]))
        if (belonging := described(ref.uid, self._instances(), self._disks())) is not None:
            return as_yaml(belonging)
        raise _gone(ref.kind, "", ref.uid)

    def pretend(self, name: str, size: Size) -> Session:
        """A shell with nothing behind it."""
        return Shell(name, size)

    async def diagnose(self) -> Sequence[Finding]:
        detail = f"simulated: nothing here is real; as {IDENTITY}"
        return (Finding(subject=self.info.name, level="ok", detail=detail),)

    async def console_output(self, ref: Ref) -> str:
        """What the machine printed while it booted. Raises Problem."""
        if self._host.read_only:
            raise Refused("read-only: what a machine printed can hold secrets", _TO_ACT)
        home = self._having(ref.uid)
        instance = home.instances[ref.uid]
        if printed := boot_log(instance, node_on(home, instance)):
            return printed
        raise Problem(f"instance {instance.uid} has printed nothing yet", "ask again in a while")

    # ---- what can be done to it ----------------------------------------------------------------------

    async def machine(self, ref: Ref) -> Subject:
        home = self._having(ref.uid)
        return machine_of(home, ref, home.instances[ref.uid])

    async def power(self, machine: Subject, verb: Verb, *, dry_run: bool) -> None:
        _may_write(self._host)
        home = self._having(machine.uid)
        begin = prepare_power(home, machine, verb)
        if not dry_run:
            begin()
            if home.frozen:
                home.life.hurry(POWERED_IN)

    def _home_of(self, uid: str) -> Home | None:
        return next((home for home in self._homes if uid in home.instances), None)

    def _having(self, uid: str) -> Home:
        home = self._home_of(uid)
        if home is None:
            raise _gone("instance", "", uid)
        return home


async def pause(clock: Clock, feed: Feed, seconds: float) -> None:
    """Wait until the feed wants to be looked at, so many seconds at most."""
    feed.ready.clear()
    take_back = clock.call_later(seconds, feed.ready.set)
    try:
        await feed.ready.wait()
    finally:
        take_back()


def _may_write(host: Host) -> None:
    if host.read_only:
        raise Refused("read-only: no request that changes anything leaves this engine", _TO_ACT)


def _gone(kind: str, name: str, uid: str) -> Refused:
    return Refused(
        f"{kind} {name or uid} is gone", "look again: another of that name may have taken its place"
    )
