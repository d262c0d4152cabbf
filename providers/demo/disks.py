"""Volumes that a simulated storage driver makes for claims: each goes where its pod is, within its zone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from providers.model import Instance, Owner, Pod, Record

if TYPE_CHECKING:
    from providers.demo.world import Cluster

_GIB = 100
_DEVICE = "/dev/xvdba"


def disks_of(cluster: Cluster, pod: Pod, *, gone: bool = False) -> list[Record]:
    """The volumes of a pod's claims as they are now that it is where it is, or gone.

    They are made once the pod has a node, in that node's zone.
    """
    machine = None if gone else _machine(cluster, pod.node)
    made = [_disk(cluster, pod, claim, machine) for claim in pod.claims]
    return [disk for disk in made if disk is not None]


def zone_held(cluster: Cluster, pod: Pod) -> str:
    """The zone that a pod's volumes hold it to, "" for none."""
    held = [cluster.disks.get(_uid(cluster, pod, claim)) for claim in pod.claims]
    return next((_zone(disk) for disk in held if disk is not None), "")


def _disk(cluster: Cluster, pod: Pod, claim: str, machine: Instance | None) -> Record | None:
    uid = _uid(cluster, pod, claim)
    before = cluster.disks.get(uid)
    if before is None and machine is None:
        return None
    attached = machine if machine is not None and machine.state != "terminated" else None
    zone = _zone(before) if before is not None else machine.zone if machine is not None else ""
    where = ("in-use", attached.uid, _DEVICE) if attached is not None else ("available", "", "")
    return Record(
        kind="volume",
        uid=uid,
        name=uid,
        created=before.created if before is not None else pod.created,
        cells=(where[0], f"{_GIB} GiB", "gp3", zone, *where[1:]),
        owner=Owner("Instance", attached.name, attached.uid) if attached is not None else None,
        labels=_labels(cluster, pod.namespace, claim, uid),
    )


def _labels(cluster: Cluster, namespace: str, claim: str, uid: str) -> str:
    """What the driver tags its volumes with."""
    made_for = "kubernetes.io/created-for"
    tags = {
        "ebs.csi.aws.com/cluster": "true",
        f"kubernetes.io/cluster/{cluster.place.cluster}": "owned",
        f"{made_for}/pv/name": f"pvc-{uid[4:]}",
        f"{made_for}/pvc/name": claim,
        f"{made_for}/pvc/namespace": namespace,
    }
    return ",".join(sorted(f"{key}={value}" for key, value in tags.items()))


def _uid(cluster: Cluster, pod: Pod, claim: str) -> str:
    named = f"{cluster.place.cluster}/{pod.namespace}/{claim}".encode()
    return f"vol-0{crc32(named):08x}{crc32(named[::-1]):08x}"


def _zone(disk: Record) -> str:
    return disk.cells[3]


def _machine(cluster: Cluster, node: str) -> Instance | None:
    found = cluster.node_named(node)
    return cluster.instances.get(found.provider_id.rpartition("/")[2]) if found is not None else None
