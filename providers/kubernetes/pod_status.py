"""STATUS, READY and RESTARTS of a pod, exactly as the API server's own table printer computes them.

Follows printPod in k8s.io/kubernetes pkg/printers/internalversion/printers.go (v1.36) step by step, so
that what is shown equals `kubectl get pods` for every odd pod too.
"""

from __future__ import annotations

from msgspec import Struct

from providers.kubernetes.moments import seconds
from providers.kubernetes.shapes import ContainerStatus, PodShape, PodStatus, Terminated


class Printed(Struct, frozen=True, gc=False):
    """What kubectl prints: `ready`/`containers` is READY, `last_restart` is seconds since the epoch."""

    status: str
    ready: int
    containers: int
    restarts: int
    last_restart: float | None


class _Tally:
    """What the walk over containers adds up."""

    __slots__ = ("last", "ready", "reason", "restarts")

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.ready = 0
        self.restarts = 0
        self.last: float | None = None

    def restarted(self, container: ContainerStatus) -> None:
        self.restarts += container.restart_count
        ended = container.last_state.terminated
        at = seconds(ended.finished_at) if ended is not None else None
        if at is not None:
            self.last = at if self.last is None else max(self.last, at)


def printed(pod: PodShape) -> Printed:
    """STATUS, READY and RESTARTS of a pod."""
    status = pod.status
    tally = _Tally(_base_reason(status))
    sidecars = _sidecars(pod)
    initialized = True
    if status.init_container_statuses:
        initialized = _walk_init(pod, status.init_container_statuses, sidecars, tally)
    if initialized or _condition(status, "Initialized"):
        _walk_containers(status, tally)
    if pod.metadata.deletion_timestamp is not None:
        tally.reason = _terminating(status, tally.reason)
    return Printed(
        status=tally.reason,
        ready=tally.ready,
        containers=len(pod.spec.containers or ()) + len(sidecars),
        restarts=tally.restarts,
        last_restart=tally.last if tally.restarts else None,
    )


def _base_reason(status: PodStatus) -> str:
    for condition in status.conditions or ():
        if condition.reason == "SchedulingGated" and condition.type == "PodScheduled":
            return "SchedulingGated"
    return status.reason or status.phase


def _sidecars(pod: PodShape) -> frozenset[str] | set[str]:
    """Names of init containers that run on beside the others."""
    if not pod.spec.init_containers:
        return _NONE
    return {each.name for each in pod.spec.init_containers if each.restart_policy == "Always"}


_NONE: frozenset[str] = frozenset()


def _walk_init(
    pod: PodShape, statuses: list[ContainerStatus], sidecars: frozenset[str] | set[str], tally: _Tally
) -> bool:
    """True when every init container has done its part. Then only sidecars' restarts count."""
    only_sidecars = _Tally("")
    for index, container in enumerate(statuses):
        tally.restarted(container)
        sidecar = container.name in sidecars
        if sidecar:
            only_sidecars.restarted(container)
        ended = container.state.terminated
        if ended is not None and ended.exit_code == 0:
            continue
        if sidecar and container.started:
            tally.ready += container.ready
            continue
        tally.reason = _init_reason(container, index, len(pod.spec.init_containers or ()))
        if _condition(pod.status, "Initialized"):
            tally.restarts, tally.last = only_sidecars.restarts, only_sidecars.last
        return False
    tally.restarts, tally.last = only_sidecars.restarts, only_sidecars.last
    return True


def _init_reason(container: ContainerStatus, index: int, total: int) -> str:
    ended, waiting = container.state.terminated, container.state.waiting
    if ended is not None:
        return "Init:" + _ended_reason(ended)
    if waiting is not None and waiting.reason and waiting.reason != "PodInitializing":
        return "Init:" + waiting.reason
    return f"Init:{index}/{total}"


def _ended_reason(ended: Terminated) -> str:
    if ended.reason:
        return ended.reason
    return f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code}"


def _walk_containers(status: PodStatus, tally: _Tally) -> None:
    running = False
    error = ""
    for container in reversed(status.container_statuses or ()):
        tally.restarted(container)
        state = container.state
        if state.waiting is not None and state.waiting.reason:
            tally.reason = state.waiting.reason
        elif state.terminated is not None:
            tally.reason = _ended_reason(state.terminated)
            if state.terminated.exit_code != 0:
                error = tally.reason
        elif container.ready and state.running is not None:
            running = True
            tally.ready += 1
    if tally.reason == "Completed":
        tally.reason = _completed(status, running, error)


def _completed(status: PodStatus, running: bool, error: str) -> str:
    if running and any(each.type == "Ready" and each.status == "True" for each in status.conditions or ()):
        return "Running"
    return error or ("NotReady" if running else "Completed")


def _terminating(status: PodStatus, reason: str) -> str:
    if status.reason == "NodeLost":
        return "Unknown"
    return reason if status.phase in ("Succeeded", "Failed") else "Terminating"


def _condition(status: PodStatus, kind: str) -> bool:
    """Whether the first condition of this type is True."""
    for condition in status.conditions or ():
        if condition.type == kind:
            return condition.status == "True"
    return False


def complaint(status: PodStatus) -> str:
    """Why the pod is not well in the server's words, or ""."""
    if status.message:
        return status.message
    for condition in status.conditions or ():
        if condition.type == "PodScheduled" and condition.status == "False" and condition.message:
            return condition.message
    containers = (status.init_container_statuses or []) + (status.container_statuses or [])
    for container in containers:
        state = container.state
        if state.waiting is not None and state.waiting.message:
            return state.waiting.message
        if state.terminated is not None and state.terminated.exit_code and state.terminated.message:
            return state.terminated.message
    return ""
