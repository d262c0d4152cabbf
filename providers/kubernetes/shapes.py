"""Nodes and pods as the API server writes them, reduced to the fields that are shown.

msgspec skips what is not declared here without building it: 6.5 kB of JSON for a pod become about 20
small objects. Structs hold no cycles, so none of them is tracked by the garbage collector. Lists may be
null (Go writes them so). Labels and owners stay raw bytes: pods of one workload share them, so they are
looked up instead of being parsed (see objects.py).
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Raw, Struct, field


class Shape(Struct, frozen=True, rename="camel", gc=False):
    """Base of what is decoded; `camel` gives the server's spelling."""


class Present(Shape, frozen=True):
    """Something of which only the presence matters."""


class Meta(Shape, frozen=True):
    uid: str = ""
    name: str = ""
    namespace: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: str | None = None
    labels: Raw = Raw()
    owner_references: Raw = Raw()


class OwnerShape(Shape, frozen=True):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None


# ---- pods --------------------------------------------------------------------------------------------


class InitContainer(Shape, frozen=True):
    name: str = ""
    restart_policy: str | None = None


class ClaimSource(Shape, frozen=True):
    claim_name: str = ""


class VolumeShape(Shape, frozen=True):
    name: str = ""
    persistent_volume_claim: ClaimSource | None = None
    ephemeral: Present | None = None


class PodSpec(Shape, frozen=True):
    node_name: str = ""
    containers: list[Present] | None = None
    init_containers: list[InitContainer] | None = None
    volumes: list[VolumeShape] | None = None


class Waiting(Shape, frozen=True):
    reason: str = ""
    message: str = ""


class Terminated(Shape, frozen=True):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    finished_at: datetime | None = None


class ContainerState(Shape, frozen=True):
    waiting: Waiting | None = None
    running: Present | None = None
    terminated: Terminated | None = None


class LastState(Shape, frozen=True):
    terminated: Terminated | None = None


class ContainerStatus(Shape, frozen=True):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: LastState = LastState()


class PodCondition(Shape, frozen=True):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class PodIP(Shape, frozen=True):
    ip: str = ""


class PodStatus(Shape, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = field(default="", name="podIP")
    pod_ips: list[PodIP] | None = field(default=None, name="podIPs")
    conditions: list[PodCondition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None


class PodShape(Shape, frozen=True):
    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


# ---- nodes -------------------------------------------------------------------------------------------


class Taint(Shape, frozen=True):
    key: str = ""
    value: str = ""
    effect: str = ""


class NodeSpec(Shape, frozen=True):
    unschedulable: bool = False
    provider_id: str = field(default="", name="providerID")
    taints: list[Taint] | None = None


class NodeCondition(Shape, frozen=True):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: datetime | None = None


class Address(Shape, frozen=True):
    type: str = ""
    address: str = ""


class NodeInfo(Shape, frozen=True):
    kubelet_version: str = ""
    os_image: str = ""
    kernel_version: str = ""
    container_runtime_version: str = ""


class NodeStatus(Shape, frozen=True):
    conditions: list[NodeCondition] | None = None
    addresses: list[Address] | None = None
    allocatable: dict[str, str] | None = None
    node_info: NodeInfo = NodeInfo()


class NodeShape(Shape, frozen=True):
    metadata: Meta = Meta()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


AnyShape = PodShape | NodeShape


# ---- around them -------------------------------------------------------------------------------------


class ListMeta(Shape, frozen=True):
    resource_version: str = ""
    continue_: str = field(default="", name="continue")


class Status(Shape, frozen=True):
    """What the server says instead of an object when something is wrong."""

    code: int = 0
    reason: str = ""
    message: str = ""


class BookmarkMeta(Shape, frozen=True):
    resource_version: str = ""
    annotations: dict[str, str] | None = None


class BookmarkObject(Shape, frozen=True):
    metadata: BookmarkMeta = BookmarkMeta()


class Bookmark(Shape, frozen=True):
    object: BookmarkObject = BookmarkObject()


class ErrorEvent(Shape, frozen=True):
    object: Status = Status()


class Identity(Shape, frozen=True):
    """Just enough of any object to compare versions."""

    uid: str = ""
    resource_version: str = ""


class Identified(Shape, frozen=True):
    metadata: Identity = Identity()


class IdentityList(Shape, frozen=True):
    metadata: ListMeta = ListMeta()
    items: list[Identified] | None = None


class RawList(Shape, frozen=True):
    """A list without its items."""

    metadata: ListMeta = ListMeta()
