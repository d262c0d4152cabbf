"""Pods as they are made and as they change: one function a state, each what kubectl would print for it."""

from __future__ import annotations

from msgspec.structs import replace

from providers.demo import names
from providers.demo.workload import Workload
from providers.demo.world import Cluster
from providers.model import Pod


def fresh(cluster: Cluster, workload: Workload, name: str, message: str = "") -> Pod:
    """A new pod of the workload that no node has yet."""
    return Pod(
        uid=names.uid(cluster.rng),
        namespace=workload.namespace,
        name=name,
        created=float(int(cluster.now())),
        status="Pending",
        phase="Pending",
        containers=workload.containers,
        message=message,
        owner=workload.owner,
        labels=workload.labels,
        claims=workload.claims(name),
    )


def settled(
    cluster: Cluster, workload: Workload, name: str, node: str, *, created: float, restarts: int = 0
) -> Pod:
    """A pod that has been running, all its containers ready, since it was created."""
    return Pod(
        uid=names.uid(cluster.rng),
        namespace=workload.namespace,
        name=name,
        created=created,
        status="Running",
        ready=workload.containers,
        containers=workload.containers,
        restarts=restarts,
        last_restart=_when_restarted(cluster, created) if restarts else None,
        node=node,
        ip=cluster.next_pod_address(),
        phase="Running",
        owner=workload.owner,
        labels=workload.labels,
        claims=workload.claims(name),
    )


def _when_restarted(cluster: Cluster, created: float) -> float:
    return float(int(created + (cluster.now() - created) * cluster.rng.random()))


def waiting(pod: Pod, message: str) -> Pod:
    """Still Pending, and why."""
    return replace(pod, message=message)


def bound(pod: Pod, node: str) -> Pod:
    return replace(pod, node=node, status="ContainerCreating", message="")


def running(pod: Pod, ip: str = "", ready: int | None = None) -> Pod:
    """Running, with `ready` containers ready; all of them unless told."""
    count = pod.containers if ready is None else ready
    return replace(pod, status="Running", phase="Running", ready=count, ip=ip or pod.ip, message="")


def unready(pod: Pod) -> Pod:
    """Running, but its readiness probe fails."""
    message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    return replace(pod, ready=pod.containers - 1, message=message)


def restarted(pod: Pod, at: float) -> Pod:
    """Running again after a container of it ended."""
    return replace(running(pod), restarts=pod.restarts + 1, last_restart=at)


def failed(pod: Pod, status: str = "Error") -> Pod:
    """Just after a container ended: "Error" or "OOMKilled"."""
    message = f"container {app_of(pod)} exited with code {137 if status == 'OOMKilled' else 1}"
    return replace(pod, status=status, ready=pod.containers - 1, message=message)


def backing_off(pod: Pod, seconds: int) -> Pod:
    whose = f"container={app_of(pod)} pod={pod.name}_{pod.namespace}({pod.uid})"
    message = f"back-off {_short(seconds)} restarting failed {whose}"
    return replace(pod, status="CrashLoopBackOff", ready=pod.containers - 1, message=message)


def pull_failed(pod: Pod, image: str, backing: bool) -> Pod:
    """The image can't be pulled: "ErrImagePull" and "ImagePullBackOff" take turns."""
    if backing:
        return replace(pod, status="ImagePullBackOff", message=f'Back-off pulling image "{image}"')
    return replace(pod, status="ErrImagePull", message=f"{image}: not found")


def bad_image(pod: Pod) -> str:
    """An image of the pod's workload with a tag that nobody pushed."""
    return f"registry.example.com/{pod.namespace}/{app_of(pod)}:v2.14.0-rc.9"


def evicted(pod: Pod) -> Pod:
    message = (
        "The node was low on resource: ephemeral-storage. Threshold quantity: 8584082227, available: "
        "7902Mi. Container was using 214Mi, request is 0, has larger consumption of ephemeral-storage."
    )
    return replace(pod, status="Evicted", phase="Failed", ready=0, message=message)


def completed(pod: Pod) -> Pod:
    return replace(pod, status="Completed", phase="Succeeded", ready=0, message="")


def terminating(pod: Pod) -> Pod:
    return replace(pod, status="Terminating", deleting=True)


def lost(pod: Pod) -> Pod:
    """Its node is silent and it is to go: nobody knows whether it still runs."""
    message = f"Node {pod.node} which was running pod {pod.name} is unresponsive"
    return replace(pod, status="Unknown", ready=0, deleting=True, message=message)


def app_of(pod: Pod) -> str:
    """The name of its main container: that of its workload, told by its labels."""
    for pair in pod.labels.split(","):
        if pair.startswith("app="):
            return pair[4:]
    return pod.name


def _short(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
