"""How a node and its machine come into being, together, so that each knows the other."""

from __future__ import annotations

from msgspec.structs import replace

from providers.demo import names
from providers.demo.names import Place, Pool
from providers.demo.world import CORDON_TAINT, Cluster, node_status
from providers.model import Condition, Instance, Node

CONTROL_PLANE = Pool("control-plane", "m6i.large", 1.93, 7 << 30, "on-demand", 0)
IMAGE = "ami-0d9c1a7f4be8a3a52"
OLD_IMAGE = "ami-07b3e5d9c1f2a4680"
RECLAIMED = "Server.SpotInstanceTermination: Spot instance termination"
_SPOT_HOURLY = {"c6i.2xlarge": 0.1417}
"""US dollars an hour that a spot machine of that type costs just now."""
_UNREACHABLE = ("node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute")
_CONTROL_TAINT = "node-role.kubernetes.io/control-plane:NoSchedule"
_PRESSURE_TAINT = "node.kubernetes.io/disk-pressure:NoSchedule"
_WELL = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def machine(cluster: Cluster, pool: Pool, zone: int, launched: float, state: str = "running") -> Instance:
    """A new instance of a node group, in the cluster's region; `zone` is 0 to 2."""
    place = cluster.place
    uid = names.instance_id(cluster.rng)
    address = cluster.next_address(zone)
    where = f"{place.region}{'abc'[zone]}"
    return Instance(
        uid=uid,
        name=f"{place.cluster}-{pool.name}",
        state=state,
        type=pool.type,
        zone=where,
        lifecycle=pool.lifecycle,
        private_ip=address,
        launched=launched,
        checks="2/2" if state == "running" else "",
        group=f"eks-{pool.name}-{place.cluster}" if place.managed else f"{pool.name}.{place.cluster}",
        image=IMAGE,
        provider_id=f"aws:///{where}/{uid}",
        tags=(("Name", f"{place.cluster}-{pool.name}"), (f"kubernetes.io/cluster/{place.cluster}", "owned")),
        since=launched,
        network=f"vpc-0{place.octet:02x}5b1e7c9d24f8a6",
        nodegroup=pool.name if place.managed else "",
        group_state="InService" if state == "running" else "Pending",
        cluster=place.cluster,
        platform="linux",
        hourly=_SPOT_HOURLY.get(pool.type) if pool.lifecycle == "spot" else None,
    )


def idle_machine(cluster: Cluster, number: int, launched: float) -> Instance:
    """An instance that is no node: a bastion, a runner, or something forgotten and stopped."""
    name = names.IDLE_MACHINES[number % len(names.IDLE_MACHINES)]
    stopped = name in ("scratch", "build-cache")
    pool = Pool(name, "t3.medium", 2.0, 4 << 30, "on-demand", 0)
    made = machine(cluster, pool, number % 3, launched, "stopped" if stopped else "running")
    public = "" if stopped or name not in ("bastion", "nat", "vpn") else f"203.0.113.{number % 250 + 2}"
    return replace(
        made,
        name=f"{cluster.place.account}-{name}-{number // len(names.IDLE_MACHINES) + 1}",
        reason="Client.UserInitiatedShutdown: User initiated shutdown" if stopped else "",
        group="",
        public_ip=public,
        tags=(("Name", name),),
        since=launched + 86_400 if stopped else launched,
        network="vpc-0c0ffee5e41ce5000",
        group_state="",
        cluster="",
        nodegroup="",
    )


def node(cluster: Cluster, instance: Instance, pool: Pool, created: float, pod_limit: int) -> Node:
    """The node that runs on the instance, ready since shortly after it was created."""
    place = cluster.place
    name = names.host_name(instance.private_ip, place.region)
    control = pool is CONTROL_PLANE
    version = "v1.36.3-eks-3cf1d2a" if place.managed else "v1.36.3"
    if cluster.rng.random() < 0.08:
        version = version.replace("36.3", "36.1")
    return Node(
        uid=names.uid(cluster.rng),
        name=name,
        created=created,
        status="Ready",
        ready=True,
        roles="control-plane" if control else "<none>",
        version=version,
        cpu=pool.cpu,
        memory=pool.memory,
        pod_limit=pod_limit,
        internal_ip=instance.private_ip,
        provider_id=instance.provider_id,
        zone=instance.zone,
        instance_type=pool.type,
        os_image=_os_image(place),
        kernel="6.12.58" if place.managed else "6.8.0-88-generic",
        runtime="containerd://2.1.5",
        conditions=tuple(Condition(*words, since=created + 31) for words in _WELL),
        taints=(_CONTROL_TAINT,) if control else (),
        labels=_labels(place, instance, pool, name),
    )


def _os_image(place: Place) -> str:
    return "Bottlerocket OS 1.51.0 (aws-k8s-1.36)" if place.managed else "Ubuntu 24.04.3 LTS"


def _labels(place: Place, instance: Instance, pool: Pool, name: str) -> str:
    pairs = [
        "kubernetes.io/arch=amd64",
        f"kubernetes.io/hostname={name}",
        "kubernetes.io/os=linux",
        f"node.kubernetes.io/instance-type={pool.type}",
        f"topology.kubernetes.io/region={place.region}",
        f"topology.kubernetes.io/zone={instance.zone}",
    ]
    if place.managed:
        pairs.append(f"eks.amazonaws.com/capacityType={pool.lifecycle.upper().replace('-', '_')}")
        pairs.append(f"eks.amazonaws.com/nodegroup={pool.name}")
    elif pool is CONTROL_PLANE:
        pairs.append("node-role.kubernetes.io/control-plane=")
    return ",".join(sorted(pairs))


# ---- what happens to a node --------------------------------------------------------------------------


def unheard(node: Node, since: float) -> Node:
    """The node after its kubelet has gone silent: everything about it is unknown."""
    conditions = tuple(
        Condition(had.type, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", since)
        for had in node.conditions
    )
    kept = tuple(taint for taint in node.taints if taint not in _UNREACHABLE)
    return replace(
        node,
        ready=False,
        status=node_status(False, node.unschedulable),
        conditions=conditions,
        taints=_UNREACHABLE + kept,
    )


def starting(node: Node, since: float) -> Node:
    """The node before its network is up."""
    message = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"
    conditions = (*node.conditions[:-1], Condition("Ready", "False", "KubeletNotReady", message, since))
    return replace(
        node,
        ready=False,
        status="NotReady",
        conditions=conditions,
        taints=("node.kubernetes.io/not-ready:NoSchedule",),
    )


def started(node: Node, since: float) -> Node:
    """The node once it takes pods."""
    conditions = (*node.conditions[:-1], Condition(*_WELL[-1], since=since))
    taints = (CORDON_TAINT,) if node.unschedulable else ()
    return replace(
        node, ready=True, status=node_status(True, node.unschedulable), conditions=conditions, taints=taints
    )


def disk_pressure(node: Node, on: bool, since: float) -> Node:
    """The node with its disk full, or with room again."""
    words = (
        ("DiskPressure", "True", "KubeletHasDiskPressure", "kubelet has disk pressure") if on else _WELL[1]
    )
    conditions = tuple(
        Condition(*words, since=since) if had.type == "DiskPressure" else had for had in node.conditions
    )
    taints = tuple(taint for taint in node.taints if taint != _PRESSURE_TAINT)
    return replace(node, conditions=conditions, taints=(*taints, _PRESSURE_TAINT) if on else taints)
