"""The containers of a pod as they are now: which there are, what each does, which is meant by default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from providers.contract import Refused
from providers.kubernetes.client import Client
from providers.kubernetes.lookup import Metadata, label, read
from providers.kubernetes.shapes import ContainerState, Shape
from providers.model import Ref
from providers.sessions import Container
from providers.text import clean

Role = Literal["container", "init", "sidecar", "ephemeral"]
_DEFAULT = "kubectl.kubernetes.io/default-container"
_ROLES: tuple[Role, ...] = ("container", "sidecar", "ephemeral", "init")


class Port(Shape, frozen=True):
    """What a container says that it listens on."""

    name: str = ""
    container_port: int = 0
    protocol: str = "TCP"


class ContainerSpec(Shape, frozen=True):
    """A container as it was asked for."""

    name: str = ""
    ports: tuple[Port, ...] | None = None
    restart_policy: str | None = None
    stdin: bool = False
    tty: bool = False


class PodSpec(Shape, frozen=True):
    """The containers of a pod."""

    containers: tuple[ContainerSpec, ...] | None = None
    init_containers: tuple[ContainerSpec, ...] | None = None
    ephemeral_containers: tuple[ContainerSpec, ...] | None = None
    restart_policy: str = ""


class ContainerStatus(Shape, frozen=True):
    """A container as it is."""

    name: str = ""
    restart_count: int = 0
    state: ContainerState = ContainerState()


class PodStatus(Shape, frozen=True):
    """How a pod is."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    container_statuses: tuple[ContainerStatus, ...] | None = None
    init_container_statuses: tuple[ContainerStatus, ...] | None = None
    ephemeral_container_statuses: tuple[ContainerStatus, ...] | None = None


class Pod(Struct, frozen=True):
    """A pod, read now."""

    metadata: Metadata
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def label(self) -> str:
        """As people say it: "pod shop/api-0"."""
        return label("pod", self.metadata.namespace, self.metadata.name)

    def specs(self) -> Iterator[tuple[Role, ContainerSpec]]:
        """Every container with its part, in the order of the pod's own lists."""
        for each in self.spec.containers or ():
            yield "container", each
        for each in self.spec.init_containers or ():
            yield "sidecar" if each.restart_policy == "Always" else "init", each
        for each in self.spec.ephemeral_containers or ():
            yield "ephemeral", each

    def status_of(self, name: str) -> ContainerStatus:
        """How that container is; one without a state where nothing is known yet."""
        status = self.status
        lists = (
            status.container_statuses,
            status.init_container_statuses,
            status.ephemeral_container_statuses,
        )
        return next(
            (each for found in lists for each in found or () if each.name == name), ContainerStatus(name)
        )

    def restarts(self, name: str) -> bool:
        """Whether that container, which has ended, is begun anew soon: not one that fails again and again."""
        state, policy = self.status_of(name).state, self.spec.restart_policy
        if self.metadata.deletion_timestamp is not None:
            return False
        if state.terminated is None:
            return state.waiting is not None and state.waiting.reason == "ContainerCreating"
        return policy == "Always" or (policy == "OnFailure" and state.terminated.exit_code != 0)

    def containers(self) -> tuple[Container, ...]:
        """The default one first, then those that run, helpers after what they help."""
        default = (self.metadata.annotations or {}).get(_DEFAULT, "")
        found = [
            _container(role, each, self.status_of(each.name)) for role, each in self.specs() if each.name
        ]

        def rank(each: Container) -> tuple[bool, bool, int]:
            return each.name != clean(default), each.state != "running", _ROLES.index(each.role)

        return tuple(sorted(found, key=rank))

    def spec_of(self, name: str) -> ContainerSpec:
        """What that container was asked to be; "" is the default one. Raises Refused where there is none."""
        wanted = name or next((each.name for each in self.containers()), "")
        for _, each in self.specs():
            if clean(each.name) == wanted:
                return each
        raise Refused(f"{self.label} has no container {clean(wanted, 253)}", "look at it again")


async def pod(client: Client, ref: Ref, place: tuple[str, str]) -> Pod:
    """The pod as it is now. Raises Refused when it is gone or another one has its name."""
    return await read(client, "pod", place, ref.uid, Pod)


def running(pod: Pod, name: str) -> ContainerSpec:
    """The container, which runs. Raises Refused with its reason where it does not."""
    spec = pod.spec_of(name)
    state = pod.status_of(spec.name).state
    if state.running is not None:
        return spec
    raise Refused(f"container {clean(spec.name)} of {pod.label} {told(pod, state)}", remedy(state))


def remedy(state: ContainerState) -> str:
    """What can be done about a container that does not run."""
    if state.waiting is not None and state.waiting.reason == "CrashLoopBackOff":
        return "look at its logs, and at those of its previous run"
    return "look at its logs" if state.terminated is not None else "look at the pod's events"


def explained(state: ContainerState) -> str:
    """Why it does not run, in the server's words; "" where it does or nothing is said."""
    if state.waiting is not None:
        return clean(": ".join(word for word in (state.waiting.reason, state.waiting.message) if word), 300)
    if state.terminated is None:
        return ""
    ended = state.terminated
    how = f"signal {ended.signal}" if ended.signal else f"exit status {ended.exit_code}"
    return clean(", ".join(word for word in (ended.reason, how) if word), 300)


def told(pod: Pod, state: ContainerState) -> str:
    """What it does instead of running, with the server's reason."""
    why = explained(state)
    if state.terminated is not None:
        return f"has ended ({why})"
    if state.waiting is not None:
        return f"is waiting ({why})" if why else "is waiting"
    words = pod.status.reason or pod.status.phase or "unknown"
    return f"does not run (the pod is {clean(words, 100)})"


def _container(role: Role, spec: ContainerSpec, status: ContainerStatus) -> Container:
    state = status.state
    ports = [port for port in spec.ports or () if port.protocol in ("TCP", "")]
    return Container(
        name=clean(spec.name),
        state="running"
        if state.running
        else "waiting"
        if state.waiting
        else "terminated"
        if state.terminated
        else "",
        reason=explained(state),
        remedy="" if state.running else remedy(state),
        role=role,
        takes_input=spec.stdin,
        ports=tuple(port.container_port for port in ports),
        port_names=tuple(clean(port.name, 15) for port in ports),
    )
