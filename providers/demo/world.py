"""The state of one simulated cluster: its nodes, pods, machines and workloads, and who listens to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container
from random import Random

from msgspec.structs import replace

from providers.demo.disks import disks_of
from providers.demo.feed import Feed
from providers.demo.names import Place
from providers.demo.workload import Key, Workload, key_of
from providers.model import Instance, Kind, Node, Pod, Record

CORDON_TAINT = "node.kubernetes.io/unschedulable:NoSchedule"

_SCATTER = 7919
"""No multiple of two or five, so stepping by it meets all of 16,000 addresses, in no visible order."""

Change = Instance | Node | Pod


class Cluster:
    """Objects by uid. put() and drop() change them, and everyone who listens hears it."""

    def __init__(self, place: Place, rng: Random, now: Callable[[], float]) -> None:
        self.place = place
        self.rng = rng
        self.now = now
        """The time to write on what happens: seconds since the epoch."""
        self.nodes: dict[str, Node] = {}
        self.pods: dict[str, Pod] = {}
        self.instances: dict[str, Instance] = {}
        self.disks: dict[str, Record] = {}
        """The volumes of its pods' claims, by uid."""
        self.workloads: dict[Key, Workload] = {}
        self.load: Counter[str] = Counter()
        """Pods bound to a node, by its name."""
        self.lanes = 0
        """Lanes of rollouts that are under way."""
        self.changes = 0
        """Upserts and deletes since it was made."""
        self.outage = ""
        """Why nobody reaches its API server, "" while everybody does."""
        self.denied = False
        """Its pods may not be listed."""
        self._node_uids: dict[str, str] = {}
        self._open: list[Node] | None = None
        self._roster: list[Workload] | None = None
        self._feeds: list[Feed] = []
        self._addresses = 0
        self._pod_addresses = 0

    # ---- listening -----------------------------------------------------------------------------------

    def listen(self, kinds: tuple[Kind, ...]) -> Feed:
        """Everything of those kinds that changes from now on; end it with leave()."""
        feed = Feed(kinds)
        self.attach(feed)
        return feed

    def attach(self, feed: Feed) -> None:
        """As listen(), with a feed that hears of other clusters too."""
        self._feeds.append(feed)

    def leave(self, feed: Feed) -> None:
        self._feeds.remove(feed)

    def relist(self, kinds: tuple[Kind, ...]) -> None:
        """Make everyone who listens to just those kinds list again."""
        for feed in self._feeds:
            if feed.kinds == kinds:
                feed.ask_relist()

    # ---- changing ------------------------------------------------------------------------------------

    def add(self, obj: Change) -> None:
        """An object that was there before anybody looked; nobody is told."""
        if isinstance(obj, Pod):
            self._put_pod(obj)
            self.disks.update({disk.uid: disk for disk in disks_of(self, obj)})
        elif isinstance(obj, Node):
            self.nodes[obj.uid] = obj
            self._node_uids[obj.name] = obj.uid
            self._open = None
        else:
            self.instances[obj.uid] = obj

    def put(self, obj: Change) -> None:
        """An object as it is now, new or changed."""
        kind = _kind(obj)
        new = obj.uid not in self._shelf(kind)
        if isinstance(obj, Pod):
            self._put_disks(disks_of(self, obj))
        self.add(obj)
        self.changes += 1
        for feed in self._feeds:
            if kind in feed.kinds:
                feed.upsert(obj.uid, obj, new=new)

    def _put_disks(self, disks: list[Record]) -> None:
        for disk in disks:
            new = disk.uid not in self.disks
            if self.disks.get(disk.uid) != disk:
                self.disks[disk.uid] = disk
                for feed in self._feeds:
                    if "volume" in feed.kinds:
                        feed.upsert(disk.uid, disk, new=new)

    def _shelf(self, kind: Kind) -> Container[str]:
        if kind == "pod":
            return self.pods
        return self.nodes if kind == "node" else self.instances

    def _put_pod(self, pod: Pod) -> None:
        before = self.pods.get(pod.uid)
        self.pods[pod.uid] = pod
        if before is not None and before.node == pod.node:
            return
        if before is not None and before.node:
            self.load[before.node] -= 1
        if pod.node:
            self.load[pod.node] += 1

    def drop(self, obj: Change) -> None:
        """The object is gone."""
        if isinstance(obj, Pod):
            self.pods.pop(obj.uid)
            self._put_disks(disks_of(self, obj, gone=True))
            if obj.node:
                self.load[obj.node] -= 1
        elif isinstance(obj, Node):
            self.nodes.pop(obj.uid)
            self._node_uids.pop(obj.name)
            self.load.pop(obj.name, None)
            self._open = None
        else:
            self.instances.pop(obj.uid)
        self.changes += 1
        kind = _kind(obj)
        for feed in self._feeds:
            if kind in feed.kinds:
                feed.delete(obj.uid, kind)

    def enlist(self, workload: Workload) -> None:
        """A workload that makes pods from now on."""
        self.workloads[workload.key] = workload
        self._roster = None

    def dismiss(self, workload: Workload) -> None:
        self.workloads.pop(workload.key, None)
        self._roster = None

    def cut_off(self, why: str) -> None:
        """Nobody reaches the API server, for that reason; everybody again with ""."""
        self.outage = why
        self.wake()

    def wake(self) -> None:
        """Make everyone who listens look, though nothing may have changed yet."""
        for feed in self._feeds:
            feed.ready.set()

    # ---- asking --------------------------------------------------------------------------------------

    def node_named(self, name: str) -> Node | None:
        return self.nodes.get(self._node_uids.get(name, ""))

    def pods_on(self, node: str) -> list[Pod]:
        """The pods bound to a node. Looks through all: 1 ms for 20,000."""
        return [pod for pod in self.pods.values() if pod.node == node]

    def workload_of(self, pod: Pod) -> Workload | None:
        return None if pod.owner is None else self.workloads.get(key_of(pod.namespace, pod.owner))

    def roster(self) -> list[Workload]:
        """Its workloads, to choose from."""
        if self._roster is None:
            self._roster = list(self.workloads.values())
        return self._roster

    def open_nodes(self) -> list[Node]:
        """The nodes that take new pods."""
        if self._open is None:
            self._open = [node for node in self.nodes.values() if node.ready and not _closed(node)]
        return self._open

    def find_room(self, zone: str = "") -> Node | None:
        """A node with room for a pod, in that zone if told: a random one first, None when all are full."""
        nodes = self.open_nodes()
        if zone:
            nodes = [node for node in nodes if node.zone == zone]
        if not nodes:
            return None
        start = self.rng.randrange(len(nodes))
        for at in range(start, start + len(nodes)):
            node = nodes[at % len(nodes)]
            if self.load[node.name] < (node.pod_limit or 0):
                return node
        return None

    def no_room(self, want: str = "Insufficient cpu") -> str:
        """Why a pod fits nowhere, in the scheduler's words."""
        total = len(self.nodes)
        reasons = Counter(_obstacle(node, want) for node in self.nodes.values())
        parts = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
        return (
            f"0/{total} nodes are available: {parts}. preemption: 0/{total} nodes are available: "
            f"{total} No preemption victims found for incoming pod."
        )

    # ---- addresses -----------------------------------------------------------------------------------

    def next_address(self, zone: int) -> str:
        """A machine's address in the zone's quarter of the network; 16,000 before any comes again."""
        self._addresses += 1
        high, low = divmod(self._addresses * _SCATTER % 16_000, 250)
        return f"10.{self.place.octet}.{zone * 64 + high}.{low + 4}"

    def next_pod_address(self) -> str:
        self._pod_addresses += 1
        number = self._pod_addresses
        return f"100.{64 + (number >> 16) % 64}.{number >> 8 & 255}.{number & 255}"


def cordoned(node: Node, on: bool) -> Node:
    """The node with its cordon set or lifted."""
    taints = tuple(taint for taint in node.taints if taint != CORDON_TAINT)
    if on:
        taints += (CORDON_TAINT,)
    return replace(node, unschedulable=on, taints=taints, status=node_status(node.ready, on))


def node_status(ready: bool | None, unschedulable: bool) -> str:
    """STATUS as kubectl prints it."""
    word = "Ready" if ready else "NotReady"
    return f"{word},SchedulingDisabled" if unschedulable else word


def _kind(obj: Change) -> Kind:
    if isinstance(obj, Pod):
        return "pod"
    return "node" if isinstance(obj, Node) else "instance"


def _closed(node: Node) -> bool:
    return node.unschedulable or any(taint.endswith(":NoSchedule") for taint in node.taints)


def _obstacle(node: Node, want: str) -> str:
    if node.unschedulable:
        return "node(s) were unschedulable"
    for taint in node.taints:
        if taint.endswith((":NoSchedule", ":NoExecute")):
            return f"node(s) had untolerated taint(s) {{{taint.rpartition(':')[0]}}}"
    return want
