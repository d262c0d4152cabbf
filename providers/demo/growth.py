"""A cluster before anything happens: nodes with their machines, then pods by the chunk, when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from providers.demo import machines, names, pods
from providers.demo.names import App, Pool, WorkloadKind
from providers.demo.workload import Workload
from providers.demo.world import Cluster, cordoned
from providers.model import Instance, Node, Pod

CHUNK = 500
_DAY = 86_400.0
_USUAL_POD_LIMIT = 110
_STRAY = 2
"""Of the instances that are no nodes, counted from 0: the one that its group made and no cluster ever saw."""


class Sizes(Struct, frozen=True):
    """How much of everything one cluster gets."""

    nodes: int
    pods: int
    idle: int
    """Instances that are no nodes."""
    lost_node: bool = False
    """One node is NotReady, because its machine was reclaimed."""
    cordoned_node: bool = False
    denied: bool = False
    """Its pods may not be listed, so it has none that anybody could count."""


def split(total: int, weights: list[int]) -> list[int]:
    """Whole shares of a total in proportion to weights, which are not all 0; they add up to it."""
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    for at in sorted(range(len(weights)), key=lambda at: -(total * weights[at] % whole)):
        if sum(shares) == total:
            break
        shares[at] += 1
    return shares


# ---- nodes and machines ------------------------------------------------------------------------------


def grow_machines(cluster: Cluster, sizes: Sizes) -> None:
    """Every node and instance of the cluster, at once: 30 ms for a thousand."""
    limit = max(_USUAL_POD_LIMIT, -(-3 * sizes.pods // max(sizes.nodes, 1) // 10) * 10)
    for number in range(sizes.nodes):
        _grow_node(cluster, number, _pool(cluster, sizes, number), limit)
    for number in range(sizes.idle):
        launched = float(int(cluster.now() - cluster.rng.uniform(2, 400) * _DAY))
        stray = sizes.nodes >= 4 and number == _STRAY
        pool = _pool(cluster, sizes, 1)
        cluster.add(
            machines.machine(cluster, pool, number % 3, launched)
            if stray
            else machines.idle_machine(cluster, number, launched)
        )
    _spoil_nodes(cluster, sizes)


def _pool(cluster: Cluster, sizes: Sizes, number: int) -> Pool:
    if not cluster.place.managed and number == 0 and sizes.nodes >= 4:
        return machines.CONTROL_PLANE
    return names.POOLS[number % len(names.POOLS)]


def _grow_node(cluster: Cluster, number: int, pool: Pool, limit: int) -> None:
    age = cluster.rng.uniform(0.1, 14 if pool.lifecycle == "spot" else 60) * _DAY
    launched = float(int(cluster.now() - age))
    instance = machines.machine(cluster, pool, number % 3, launched)
    cluster.add(instance)
    cluster.add(machines.node(cluster, instance, pool, launched + 52, limit))


def _spoil_nodes(cluster: Cluster, sizes: Sizes) -> None:
    workers = [node for node in cluster.nodes.values() if node.roles == "<none>"]
    if sizes.lost_node and len(workers) >= 4:
        node = workers[0]
        cluster.add(machines.unheard(node, cluster.now() - 40))
        instance = cluster.instances[node.provider_id.rpartition("/")[2]]
        gone = replace(instance, state="terminated", reason=machines.RECLAIMED, checks="", group_state="")
        cluster.add(replace(gone, since=cluster.now() - 43))
    if sizes.cordoned_node and len(workers) >= 4:
        cluster.add(cordoned(workers[2], True))
        oldest = min(_members(cluster, workers[3]), key=lambda member: member.launched or 0.0)
        cluster.add(replace(oldest, image=machines.OLD_IMAGE))


def _members(cluster: Cluster, node: Node) -> list[Instance]:
    """The machines of the group that the node's own belongs to."""
    group = cluster.instances[node.provider_id.rpartition("/")[2]].group
    return [instance for instance in cluster.instances.values() if instance.group == group]


# ---- pods --------------------------------------------------------------------------------------------


class _Seats:
    """Where the next pod goes: round and round the nodes, the bigger ones more often."""

    def __init__(self, cluster: Cluster, rng: Random) -> None:
        weights = {pool.type: pool.weight for pool in names.POOLS}
        self._seats = [
            node.name
            for node in cluster.nodes.values()
            for _ in range(weights.get(node.instance_type, 0))
            if node.roles == "<none>"
        ]
        rng.shuffle(self._seats)
        self._next = 0

    def next(self) -> str:
        if not self._seats:
            return ""
        self._next += 1
        return self._seats[self._next % len(self._seats)]


def grow_pods(cluster: Cluster, sizes: Sizes) -> Iterator[tuple[Pod, ...]]:
    """Every pod of the cluster, `sizes.pods` of them, put into it and handed back by the chunk."""
    chunk: list[Pod] = []
    for pod in _grow(cluster, sizes):
        cluster.add(pod)
        chunk.append(pod)
        if len(chunk) == CHUNK:
            yield tuple(chunk)
            chunk.clear()
    if chunk:
        yield tuple(chunk)


def _grow(cluster: Cluster, sizes: Sizes) -> Iterator[Pod]:
    seats = _Seats(cluster, cluster.rng)
    lost = {node.name for node in cluster.nodes.values() if not node.ready}
    left = sizes.pods
    for pod in _loose(cluster, seats, sizes):
        left -= 1
        yield pod
    for workload in _workloads(cluster, sizes):
        if not left:
            return
        workload.replicas = min(workload.replicas, left)
        left -= workload.replicas
        cluster.enlist(workload)
        for pod in _grow_workload(cluster, workload, seats):
            yield _place_in_life(workload, pod, lost)


def _loose(cluster: Cluster, seats: _Seats, sizes: Sizes) -> Iterator[Pod]:
    """Pods without an owner, in a fleet that is large enough to have been played with."""
    if sizes.pods < 50:
        return
    for name in names.LOOSE:
        maker = Workload("Job", "default", name, cluster.rng, replicas=1, containers=1)
        created = float(int(cluster.now() - cluster.rng.uniform(0.1, 20) * _DAY))
        pod = pods.settled(cluster, maker, name, seats.next(), created=created)
        yield replace(pod, owner=None, labels=f"run={name}")


def _grow_workload(cluster: Cluster, workload: Workload, seats: _Seats) -> Iterator[Pod]:
    random = cluster.rng.random
    now = cluster.now()
    age = now - workload.created
    nodes = [node.name for node in cluster.nodes.values()] if workload.kind == "DaemonSet" else []
    fate = _FATES.get(
        (names.family(workload.namespace), workload.name), _completed if workload.kind == "Job" else None
    )
    for number in range(workload.replicas):
        name = f"{workload.name}-{number}" if workload.kind == "StatefulSet" else workload.next_name()
        created = float(int(now - age * (0.9 + 0.1 * random())))
        node = nodes[number] if nodes else seats.next()
        restarts = int(1 + 4 * random()) if random() < 0.04 else 0
        if not node:
            yield replace(pods.fresh(cluster, workload, name, cluster.no_room()), created=created)
            continue
        pod = pods.settled(cluster, workload, name, node, created=created, restarts=restarts)
        yield pod if fate is None else fate(cluster, pod, number)


def _place_in_life(workload: Workload, pod: Pod, lost: set[str]) -> Pod:
    """The pod counted among its workload's, unless its node is lost and it with it."""
    if pod.node in lost and workload.kind != "DaemonSet" and pod.phase == "Running":
        return pods.lost(pod)
    workload.pods[pod.uid] = None
    return replace(pod, ready=0) if pod.node in lost else pod


# ---- what ails some from the start -------------------------------------------------------------------


def _completed(cluster: Cluster, pod: Pod, number: int) -> Pod:
    return pods.completed(pod)


def _too_big(cluster: Cluster, pod: Pod, number: int) -> Pod:
    waiting = replace(pod, status="Pending", phase="Pending", node="", ip="", ready=0, restarts=0)
    return replace(waiting, last_restart=None, created=cluster.now() - 1140, message=cluster.no_room())


def _crashing(cluster: Cluster, pod: Pod, number: int) -> Pod:
    if number > cluster.rng.randrange(2):
        return pod
    restarts = 12 + 9 * number + cluster.rng.randrange(30)
    crashing = replace(pod, restarts=restarts, last_restart=cluster.now() - 90 - 40 * number)
    return pods.backing_off(crashing, 300)


def _misnamed(cluster: Cluster, pod: Pod, number: int) -> Pod:
    if number:
        return pod
    waiting = replace(
        pod, phase="Pending", ready=0, restarts=0, last_restart=None, created=cluster.now() - 260
    )
    return pods.pull_failed(waiting, pods.bad_image(pod), backing=True)


_FATES: dict[tuple[str, str], Callable[[Cluster, Pod, int], Pod]] = {
    names.TOO_BIG: _too_big,
    names.MISNAMED: _misnamed,
    **dict.fromkeys(names.CRASHING, _crashing),
}


# ---- which workloads there are -----------------------------------------------------------------------


def _workloads(cluster: Cluster, sizes: Sizes) -> Iterator[Workload]:
    """Workloads without end, each with how many pods it would like; daemons first."""
    rng = cluster.rng
    room = sizes.pods
    for namespace, name, containers in names.DAEMONS:
        if sizes.nodes and room >= 4 * sizes.nodes:
            room -= sizes.nodes
            yield _workload(cluster, "DaemonSet", namespace, (name, "DaemonSet", containers), sizes.nodes)
    scale = min(10.0, max(1.0, sizes.pods / 500))
    lap = 0
    while True:
        for namespace, apps in names.APPS:
            if lap and namespace in names.ONCE:
                continue
            space = f"{namespace}-{lap + 1}" if lap else namespace
            for app in apps:
                kind = app[1]
                replicas = _replicas(rng, kind, scale)
                yield _workload(cluster, kind, space, app, replicas)
        lap += 1


def _replicas(rng: Random, kind: WorkloadKind, scale: float) -> int:
    if kind == "Job":
        return rng.randint(1, 3)
    if kind == "StatefulSet":
        return rng.choice((1, 2, 3, 3, 5))
    return int(rng.choice((2, 2, 3, 4, 6, 9)) * scale)


def _workload(cluster: Cluster, kind: WorkloadKind, namespace: str, app: App, replicas: int) -> Workload:
    workload = Workload(kind, namespace, app[0], cluster.rng, replicas=replicas, containers=app[2])
    workload.created = float(int(cluster.now() - cluster.rng.uniform(0.05, 1) ** 3 * 90 * _DAY))
    workload.paused = (namespace, app[0]) == names.PAUSED
    return workload
