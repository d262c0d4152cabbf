"""A small cluster in memory: uids, preconditions, rollouts, permissions, and a watch that shows changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from itertools import count

import msgspec

from providers.contract import Problem, Refused, Subject, Uncertain
from providers.engine.watchers import Watchers
from providers.model import Batch, Began, Complete, Node, Object, Pod, Ref, SourceInfo, Upserts, kind_of


@dataclass(frozen=True)
class Workload:
    """A controller as the server holds it."""

    kind: str
    name: str
    uid: str
    paused: bool = False
    restarts: int = 0


@dataclass
class Faults:
    """What is wrong with the cluster's answers."""

    denied: set[str] = field(default_factory=set)
    dry_run: str = ""
    lost_answer: bool = False
    """Writes happen and their answer never arrives."""
    bug: bool = False
    hang: asyncio.Event | None = None
    """Writes wait for it."""


class Cluster:
    """A source with every capability, and the engine's watch of it."""

    def __init__(self, name: str = "prod-eu") -> None:
        self.info = SourceInfo(
            name=name, provider="memory", kinds=("node", "pod"), cluster=name, identity="alice"
        )
        self.objects: dict[str, Object] = {}
        self.workloads: dict[str, Workload] = {}
        self.owners: dict[str, str] = {}
        """Pod uid → workload uid, "" for a bare one."""
        self.faults = Faults()
        self.writes: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.shown = True
        """Whether the watch shows changes."""
        self._uids = count(1)
        self.watchers = Watchers()
        """The engine's, which sees only what passes."""
        self._visible: dict[str, Object] = {}

    # ---- what people and controllers do to it ---------------------------------------------------------

    def add_node(self, name: str) -> Ref:
        uid = f"{name}-uid-{next(self._uids)}"
        return self._add(Node(uid=uid, name=name, status="Ready"))

    def add_workload(self, kind: str, name: str, *, pods: int) -> list[Ref]:
        uid = f"{name}-uid-{next(self._uids)}"
        self.workloads[uid] = Workload(kind, name, uid)
        return [self.add_pod(f"{name}-{number}", uid) for number in range(pods)]

    def add_pod(self, name: str, owner: str = "") -> Ref:
        uid = f"{name}-uid-{next(self._uids)}"
        self.owners[uid] = owner
        return self._add(Pod(uid=uid, namespace="shop", name=name, status="Running"))

    def replace_node(self, ref: Ref) -> Ref:
        """Another node of the same name."""
        node = self.objects.pop(ref.uid)
        assert isinstance(node, Node)
        return self.add_node(node.name)

    def pause(self, name: str) -> None:
        for uid, workload in self.workloads.items():
            if workload.name == name:
                self.workloads[uid] = replace(workload, paused=True)

    def show(self) -> None:
        """Let the watch catch up."""
        self.shown = True
        before, self._visible = self._visible, dict(self.objects)
        for uid in before | self._visible:
            now = self._visible.get(uid)
            if now is not before.get(uid):
                kind = kind_of(now or before[uid])
                self.watchers.passed(Ref(self.info.name, kind, uid), now)

    def _add(self, obj: Object) -> Ref:
        self.objects[obj.uid] = obj
        self._visible[obj.uid] = obj
        return Ref(self.info.name, kind_of(obj), obj.uid)

    # ---- the contract --------------------------------------------------------------------------------

    async def stream(self) -> AsyncIterator[Batch]:
        for kind in self.info.kinds:
            yield Began(kind)
            yield Upserts(tuple(obj for obj in self.objects.values() if kind_of(obj) == kind))
            yield Complete(kind)

    async def review(self, action: str, ref: Ref) -> str:
        return f"alice may not {action} {ref.kind}s" if action in self.faults.denied else ""

    async def node(self, ref: Ref) -> Subject:
        node = self.objects.get(ref.uid)
        if not isinstance(node, Node):
            raise Refused("the node is gone, or is another one of the same name")
        return Subject(ref=ref, kind="Node", name=node.name, uid=node.uid, unschedulable=node.unschedulable)

    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        async with self._write(f"cordon {node.name} {on}", dry_run):
            found = self.objects.get(node.uid)
            if not isinstance(found, Node):
                raise Refused(f"node {node.name} is another one by now")
            if not dry_run:
                self.objects[node.uid] = msgspec.structs.replace(found, unschedulable=on)

    async def workload(self, ref: Ref) -> Subject:
        pod = self.objects.get(ref.uid)
        if not isinstance(pod, Pod):
            raise Refused("the pod is gone")
        owner = self.workloads.get(self.owners[pod.uid])
        if owner is None:
            return Subject(
                ref=ref, kind="Pod", name=pod.name, namespace="shop", uid=pod.uid, pods=1, bare=True
            )
        if owner.paused:
            raise Refused(f"deployment {owner.name} is paused")
        pods = sum(uid == owner.uid for uid in self.owners.values())
        return Subject(ref=ref, kind=owner.kind, name=owner.name, namespace="shop", uid=owner.uid, pods=pods)

    async def restart(self, workload: Subject, *, dry_run: bool) -> None:
        async with self._write(f"restart {workload.name}", dry_run):
            if workload.bare:
                if workload.uid not in self.objects:
                    raise Refused("the pod is another one by now")
                doomed = [workload.uid]
            else:
                doomed = [uid for uid, owner in self.owners.items() if owner == workload.uid]
            for uid in () if dry_run else doomed:
                pod = self.objects.pop(uid, None)
                if isinstance(pod, Pod) and not workload.bare:
                    self.add_pod(pod.name + "x", workload.uid)

    def _write(self, what: str, dry_run: bool) -> _Write:
        return _Write(self, what, dry_run)

    async def began(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.faults.hang:
            await self.faults.hang.wait()
        if self.faults.bug:
            raise ZeroDivisionError("a provider's own mistake")

    async def ended(self, what: str) -> None:
        self.writes.append(what)
        if self.shown:
            self.show()
        if self.faults.lost_answer:
            raise Uncertain("no answer from the server")


@dataclass
class _Write:
    cluster: Cluster
    what: str
    dry_run: bool

    async def __aenter__(self) -> None:
        if self.dry_run:
            if self.cluster.faults.dry_run:
                raise Problem(self.cluster.faults.dry_run)
            return
        try:
            await self.cluster.began()
        except BaseException:
            self.cluster.at_once -= 1
            raise

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.dry_run:
            return
        self.cluster.at_once -= 1
        if kind is None:
            await self.cluster.ended(self.what)
