"""The vocabulary: what a fleet is made of and what can be said about it, as frozen values.

Everything here crosses the pipe between engine and console, so every struct is encoded as an array
with its tag first: a field is only ever added at the end, with a default.

Units: times are seconds since the epoch (float), memory is bytes, CPU is cores. An unknown number is
None and an unknown word is "", never zero.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Kind = str
"""What sort of object: "node", "pod", "instance", "event", or a record's own kind ("deployments.apps")."""

Labels = str
"""Labels as kubectl prints them: `key=value` pairs joined by commas, sorted by key.

One string instead of a dict: 1.2 MB instead of 4 for 10,000 pods."""


class Tagged(Struct, frozen=True, array_like=True, tag_field="_"):
    """A member of a union on the wire: its tag is the first element of the array."""


class Ref(Struct, frozen=True, array_like=True, order=True, gc=False):
    """Identity of an object: never a row number, never a name."""

    source: str
    kind: Kind
    uid: str


class Owner(Struct, frozen=True, array_like=True, gc=False):
    """The controller that made an object."""

    kind: str
    name: str
    uid: str


class Condition(Struct, frozen=True, array_like=True, gc=False):
    """One condition of a node: its type, "True" / "False" / "Unknown", why, and since when."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    since: float | None = None


class Node(Tagged, frozen=True, tag="node", kw_only=True):
    """A Kubernetes node."""

    uid: str
    name: str
    created: float | None = None
    status: str = ""
    """As `kubectl get nodes` prints it: "Ready", "NotReady,SchedulingDisabled", "Unknown"."""
    ready: bool | None = None
    unschedulable: bool = False
    roles: str = "<none>"
    version: str = ""
    cpu: float | None = None
    """Allocatable cores."""
    memory: int | None = None
    """Allocatable bytes."""
    pod_limit: int | None = None
    internal_ip: str = ""
    external_ip: str = ""
    provider_id: str = ""
    zone: str = ""
    instance_type: str = ""
    os_image: str = ""
    kernel: str = ""
    runtime: str = ""
    conditions: tuple[Condition, ...] = ()
    taints: tuple[str, ...] = ()
    labels: Labels = ""
    rv: str = ""
    """The server's resourceVersion, opaque; "" where a provider has none."""
    ipv6: str = ""
    """Its first internal address of that sort."""
    dns: str = ""
    """Its internal name, or else its external one."""


class Pod(Tagged, frozen=True, tag="pod", kw_only=True, gc=False):
    """A Kubernetes pod. STATUS, READY and RESTARTS are what `kubectl get pods` prints."""

    uid: str
    namespace: str
    name: str
    created: float | None = None
    status: str = ""
    ready: int = 0
    containers: int = 0
    """Containers that count for READY: the total in "1/2"."""
    restarts: int = 0
    last_restart: float | None = None
    node: str = ""
    """Name of the node it is bound to, "" while unscheduled."""
    ip: str = ""
    phase: str = ""
    deleting: bool = False
    message: str = ""
    """Why it is not well, in the server's words (scheduler, kubelet), or ""."""
    owner: Owner | None = None
    labels: Labels = ""
    rv: str = ""
    claims: tuple[str, ...] = ()
    """Names of the claims to volumes that it mounts, in its own namespace."""


class Notice(Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """Something announced for a machine: it will be taken away, moved, or restarted.

    "spot interruption" is a countdown of two minutes; "rebalance" is a hint, and half come to nothing.
    """

    kind: Literal["spot interruption", "rebalance", "scheduled", "lifecycle", "health"]
    at: float | None = None
    """When it takes effect, None unknown."""
    told: float | None = None
    """When it was announced."""
    detail: str = ""


class Instance(Tagged, frozen=True, tag="instance", kw_only=True):
    """A machine of a cloud or an inventory."""

    uid: str
    """The provider's id, such as i-0abc."""
    name: str = ""
    state: str = ""
    reason: str = ""
    """Why it is in that state, in the provider's words, or ""."""
    type: str = ""
    zone: str = ""
    lifecycle: str = ""
    """"spot", "on-demand", "" unknown."""
    private_ip: str = ""
    public_ip: str = ""
    launched: float | None = None
    checks: str = ""
    """Status checks passed of all, "2/2", or "" unknown."""
    group: str = ""
    """The group that scales it (an Auto Scaling group's name), "" none."""
    image: str = ""
    provider_id: str = ""
    """As a node on it would say it, "" unknown: nodes are joined by this and by nothing else that is sure."""
    tags: tuple[tuple[str, str], ...] = ()
    since: float | None = None
    """When it got into its state, None unknown."""
    network: str = ""
    """The network that its private address is unique in (a VPC's id), "" unknown."""
    nodegroup: str = ""
    """The managed node group it belongs to."""
    group_state: str = ""
    """How its group sees it: "InService", "Terminating:Wait"."""
    cluster: str = ""
    """The cluster that it is tagged for, as its provider calls it; "" none."""
    platform: str = ""
    """"linux", "windows", "" unknown."""
    hourly: float | None = None
    """US dollars an hour, where its provider says what it costs now (spot); None unknown."""
    notices: tuple[Notice, ...] = ()
    observed: bool = True
    """False where a file declares it and nobody asked the machine or its cloud."""
    resource: str = ""
    """Its address in the file that declares it: "module.web.aws_instance.app[0]"."""
    user: str = ""
    """Whom to log in as, where its inventory says so."""
    port: int = 0
    """Of its SSH server, 0 for the usual one."""
    ipv6: str = ""
    dns: str = ""
    """Its public name, or else its private one."""


class Event(Tagged, frozen=True, tag="event", kw_only=True, gc=False):
    """Something that happened to an object, told by the server."""

    uid: str
    at: float
    namespace: str = ""
    about_kind: str = ""
    about_name: str = ""
    about_uid: str = ""
    severity: Literal["normal", "warning"] = "normal"
    reason: str = ""
    message: str = ""
    count: int = 1


class Record(Tagged, frozen=True, tag="record", kw_only=True):
    """An object of any other kind, with the columns that its server gives it (see Schema)."""

    kind: Kind
    uid: str
    name: str
    namespace: str = ""
    created: float | None = None
    cells: tuple[str, ...] = ()
    owner: Owner | None = None
    labels: Labels = ""


class Disk(Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """A mounted file system of a host."""

    path: str
    size: int
    """Bytes."""
    used: int
    """Bytes, without what is reserved for root."""
    inodes_used: float | None = None
    """Of all inodes, 0 to 1."""


class LinuxHost(Tagged, frozen=True, tag="host", kw_only=True):
    """A Linux server as itself says it is, over SSH."""

    uid: str
    name: str
    address: str = ""
    """What is connected to; "" where its name is."""
    user: str = ""
    port: int = 0
    state: str = ""
    """"up", "unreachable", "refused" (the login was), "unverified" (its host key), "unreadable" (it answers
    with something else), "" not asked yet."""
    since: float | None = None
    """When it got into its state, None unknown."""
    detail: str = ""
    """Why it is not up, in one line."""
    remedy: str = ""
    asked: float | None = None
    """When it last answered."""
    booted: float | None = None
    load: tuple[float, ...] = ()
    """Over 1, 5 and 15 minutes."""
    cpus: int | None = None
    memory: int | None = None
    memory_available: int | None = None
    swap: int | None = None
    swap_free: int | None = None
    disks: tuple[Disk, ...] = ()
    units: str = ""
    """Of systemd: "running", "degraded", …; "" unknown, "none" where there is no systemd."""
    failed_units: tuple[str, ...] = ()
    kernel: str = ""
    """The one that runs."""
    kernel_installed: str = ""
    """The newest one installed, "" unknown."""
    reboot_pending: bool | None = None
    os: str = ""
    machine: str = ""
    """The instance id that it says it is, "" unknown."""
    tags: tuple[tuple[str, str], ...] = ()


Object = Node | Pod | Instance | Event | Record | LinuxHost


class Column(Struct, frozen=True, array_like=True):
    """A column that a server gives to a kind; a priority above 0 is shown only when wide."""

    title: str
    priority: int = 0
    numeric: bool = False


# ---- what a source says ------------------------------------------------------------------------------


class Budget(Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """How hard an account's API is asked, by all sources of that account together."""

    calls: int
    """Made in the last minute."""
    limit: int
    """The most that are made in a minute."""
    throttled: int = 0
    """Of those, refused by the server for being too many."""


class SourceInfo(Struct, frozen=True, array_like=True, kw_only=True):
    """Where objects come from: one cluster, one account in one region, one inventory."""

    name: str
    """Unique in a fleet and stable between runs; what people type (`prod-eu`)."""
    provider: str
    kinds: tuple[Kind, ...] = ()
    cluster: str = ""
    account: str = ""
    region: str = ""
    identity: str = ""
    """As whom, as the server says it; "" until known."""
    address: str = ""
    warnings: tuple[str, ...] = ()
    """What a person must see on every screen: "TLS not verified"."""
    simulated: bool = False
    namespaces: tuple[str, ...] = ()
    """Of the namespaces only these are looked into; none: into all that may be seen."""
    budget: Budget | None = None
    """Where calls are counted and paced."""
    pushed: str = ""
    """How changes are pushed, in words: "queue quarterdeck-events · 120 taken, 9 skipped"."""


State = Literal["connecting", "loading", "live", "lagging", "lost", "denied"]
"""connecting: nothing yet. loading: objects arrive, the set is not complete. live: complete and current.
lagging: complete once, not heard from within its bound. lost: broken, being tried again. denied: refused."""


class Health(Tagged, frozen=True, tag="health", kw_only=True):
    """How a source is, or, with a kind, how one kind of it is."""

    state: State
    since: float
    detail: str = ""
    """What is wrong, naming the thing, one line."""
    remedy: str = ""
    """What a person can do about it, one line."""
    kind: Kind = ""
    """"" for the source as a whole."""
    skipped: int = 0
    """Server messages that could not be read so far."""


class About(Tagged, frozen=True, tag="about"):
    """What is known of the source itself, again whenever it changes."""

    info: SourceInfo


class Schema(Tagged, frozen=True, tag="schema", kw_only=True):
    """The columns of a kind that is carried as records."""

    kind: Kind
    title: str
    columns: tuple[Column, ...]
    namespaced: bool = True


class Began(Tagged, frozen=True, tag="began"):
    """A (re)list of the kind starts. What is known of it stays until Complete."""

    kind: Kind


class Upserts(Tagged, frozen=True, tag="upserts"):
    """Objects as they are now, new or changed."""

    objects: tuple[Object, ...]


class Deletes(Tagged, frozen=True, tag="deletes"):
    """Objects that are gone."""

    kind: Kind
    uids: tuple[str, ...]


class Complete(Tagged, frozen=True, tag="complete"):
    """The list that began is whole: what was not upserted since Began is gone (the engine says so to
    the console with Deletes, before this)."""

    kind: Kind


class Heard(Tagged, frozen=True, tag="heard"):
    """The source answered just now, though nothing changed (a bookmark, an unchanged poll)."""


Batch = Upserts | Deletes | Began | Complete | Health | About | Schema | Heard
"""What a source's stream() yields."""


# ---- actions as data ---------------------------------------------------------------------------------

Danger = Literal["reversible", "disruptive", "destructive"]


class ActionSpec(Struct, frozen=True, array_like=True, kw_only=True):
    """An action as the console needs it: the key, the words, and when it makes no sense."""

    name: str
    title: str
    key: str
    kinds: tuple[Kind, ...]
    description: str
    danger: Danger = "reversible"
    unless: tuple[tuple[str, str], ...] = ()
    """Pairs of a filter (the console's query language) and the reason to say when an object matches it."""
    worded: bool = False
    """What is to be done a person says first, as an order: it is no key of its own."""


class PlanItem(Struct, frozen=True, array_like=True, kw_only=True):
    """What would happen to one object. `refused` says why nothing will."""

    ref: Ref
    label: str
    """Kind and name as people say it: "node ip-10-0-3-17"."""
    where: str
    """The cluster or account, and the namespace."""
    identity: str = ""
    effect: str = ""
    """What it does to this object, one sentence."""
    consequences: tuple[str, ...] = ()
    """What else it takes down or leaves behind."""
    refused: str = ""


class Result(Struct, frozen=True, array_like=True, kw_only=True):
    """How an action went for one object. unknown: sent, and no answer came; look, never repeat."""

    ref: Ref
    label: str
    state: Literal["running", "done", "failed", "unknown", "refused"]
    detail: str = ""


class Target(Struct, frozen=True, array_like=True, kw_only=True):
    """Where a shell, a command or a file is to go, as the console knows it. The engine checks every word."""

    ref: Ref
    """What was under the cursor."""
    label: str
    """Kind and name as people say it: "node ip-10-0-3-17"."""
    name: str = ""
    """Of the object alone."""
    machine: Ref | None = None
    """The cloud instance under it, where it is known for sure; `ref` itself where that is one."""
    host: str = ""
    """The address to connect to, or a name of the user's ssh configuration."""
    alias: str = ""
    """What its host key is filed under, where addresses are reused: an instance id; "" the host."""
    user: str = ""
    port: int = 0
    """0 for the usual one."""
    key: str = ""
    """A private key's file on the engine's machine."""
    jump: tuple[str, ...] = ()
    """Each `[user@]host[:port]`, the outermost first."""
    options: tuple[str, ...] = ()
    """Further arguments for the system's ssh, from the configuration and never from the fleet."""
    forward_agent: bool = False
    prefer: tuple[str, ...] = ()
    """Names of ways, the first that is open is taken."""
    why_not: str = ""
    """Why there is no address to connect to."""
    remedy: str = ""
    """What to do about that: which key of the configuration or which tag is to be corrected."""


class Offer(Struct, frozen=True, array_like=True, kw_only=True):
    """A way in, for one target: whether it is open, and what it would do."""

    way: str
    """Its name: "ssh", "exec"."""
    title: str
    choice: str = ""
    """Of several of the same way: the container."""
    detail: str = ""
    """What it will do, in words or as the command."""
    refused: str = ""
    """Why it is closed."""
    remedy: str = ""
    typed: str = ""
    """A word to be typed first, for what leaves something behind; `detail` says what."""
    spare: bool = False
    """Not worth a question while another way is open."""
    ssh: bool = False
    """Over SSH: the host must show the key that is kept for it."""
    deaf: bool = False
    """What is typed there goes nowhere."""
    alias: str = ""
    """Another word for the choice: the name of a port."""


class Field(Struct, frozen=True, array_like=True, kw_only=True):
    """A line that a person is asked to type."""

    text: str
    secret: bool = True


class Finding(Struct, frozen=True, array_like=True, kw_only=True):
    """One line of `doctor`: what was looked at, how it is, and what to do about it."""

    subject: str
    level: Literal["ok", "warning", "error"]
    detail: str
    remedy: str = ""


def kind_of(obj: Object) -> Kind:
    """The kind under which an object is filed: its record kind, or the name of its struct."""
    return obj.kind if isinstance(obj, Record) else type(obj).__struct_config__.tag  # type: ignore[return-value]
