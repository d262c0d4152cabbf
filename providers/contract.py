"""The plug-in contract, whole: what a provider is, what a source does, what can be done to an object.

A provider is an object found by the entry-point group `quarterdeck.providers`. It lists its sources; a
source's `stream()` is an async iterator of batches, and pulling it is the back-pressure. Whatever else a
source can do is a small capability protocol: implement the methods and the keys appear. Those that carry
bytes (shells, logs, ports, files) have a page of their own: providers.sessions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from msgspec import Struct

from providers.model import Batch, Finding, Ref, SourceInfo, State

if TYPE_CHECKING:
    from providers.sessions import Reach

Verb = Literal["reboot", "start", "stop"]


class Problem(Exception):
    """Something a person can act on: what is wrong, naming the thing, and what to do about it.

    Raised from `sources()` or `stream()` it becomes the source's health and the engine tries again
    with back-off; `state` "denied" makes it look again only rarely.
    """

    def __init__(self, detail: str, remedy: str = "", *, state: State = "lost") -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy
        self.state: State = state


class Refused(Problem):
    """An action will not be carried out on this object, and why."""


class Uncertain(Problem):
    """A request was sent and no answer came: it may have happened. Look, never repeat."""


class Host(Struct, frozen=True):
    """What the engine tells a provider about where it runs."""

    read_only: bool = False
    """Refuse every write at the transport, whoever asks."""
    reach: Callable[[], Reach] | None = None
    """Connections over SSH, kept and shared, that ask nobody anything; made when first asked for."""


class Source(Protocol):
    """One place that objects come from."""

    @property
    def info(self) -> SourceInfo:
        """Known before the first byte from the server: at least name, provider and kinds."""

    def stream(self) -> AsyncIterator[Batch]:
        """Batches for as long as the source is wanted.

        Begins each kind with Began, ends its first list with Complete, then upserts and deletes. Objects
        are cleaned (providers.text). Closing the iterator frees everything within a second. Returning or
        raising makes the engine start it again after a back-off.
        """


class Provider(Protocol):
    """A way to reach sources of one sort."""

    name: str
    summary: str
    """One line for `quarterdeck providers`."""
    options: type[Struct]
    """The options it takes, with defaults; the engine converts and checks them before calling."""

    async def sources(self, options: Any, host: Host) -> Sequence[Source]:
        """The sources those options name. Raises Problem when they can't be told at all."""


# ---- capabilities of a source ------------------------------------------------------------------------


@runtime_checkable
class Closes(Protocol):
    """Holds something between streams."""

    async def close(self) -> None: ...


@runtime_checkable
class GivesWay(Protocol):
    """Stands in for sources that can't be told yet."""

    def successors(self) -> Sequence[Source]:
        """Asked when its stream has ended by itself: what takes its place; none while that is not known."""


@runtime_checkable
class Refreshes(Protocol):
    """Can reconnect at once, whatever back-off it is in."""

    def refresh(self) -> None: ...


@runtime_checkable
class Shows(Protocol):
    """Can show an object as its server has it."""

    async def manifest(self, ref: Ref) -> str:
        """The object as YAML, read now. Raises Problem."""


@runtime_checkable
class Reviews(Protocol):
    """Can say beforehand whether an action is allowed to this identity."""

    async def review(self, action: str, ref: Ref) -> str:
        """ "" when allowed, else who is not allowed what, in one line."""


class Subject(Struct, frozen=True, kw_only=True):
    """What an action will really touch, read from the server just now."""

    ref: Ref
    kind: str
    """As people say it: "Node", "Deployment", "Pod"."""
    name: str
    namespace: str = ""
    uid: str
    """Of the thing touched (the workload), which the write is conditional on."""
    pods: int | None = None
    """Pods it disrupts, None unknown."""
    bare: bool = False
    """A pod without a controller: restarting it means deleting it, and nothing brings it back."""
    unschedulable: bool = False
    state: str = ""
    """Of a machine: as its cloud says it."""
    launched: float | None = None
    """Of a machine: since when it runs. Another launch is another boot."""
    consequences: tuple[tuple[Verb, str], ...] = ()
    """Of a machine: what else a verb takes down, gives up or costs, as its provider knows it."""
    takes: tuple[str, ...] = ()
    """Of a unit: the others that are restarted with it, because they need it or are part of it."""
    identity: str = ""
    """As whom it is done, where that is not the source's; "ops, by sudo"."""


@runtime_checkable
class Cordons(Protocol):
    """Can keep new pods off a node."""

    async def node(self, ref: Ref) -> Subject:
        """The node, read now. Raises Refused when it is gone or is another one of the same name."""

    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        """Set or lift the cordon, conditional on the uid. Raises Refused, Uncertain or Problem."""


@runtime_checkable
class Restarts(Protocol):
    """Can restart the workload that owns a pod."""

    async def workload(self, ref: Ref) -> Subject:
        """What owns the pod, read now. Raises Refused when the pod is gone or its rollout is paused."""

    async def restart(self, workload: Subject, *, dry_run: bool) -> None:
        """Roll it, or delete it where it is bare, conditional on the uid."""


@runtime_checkable
class Powers(Protocol):
    """Can reboot, start and stop a machine."""

    async def machine(self, ref: Ref) -> Subject:
        """The machine, read now. Raises Refused when it is gone."""

    async def power(self, machine: Subject, verb: Verb, *, dry_run: bool) -> None:
        """One request about one machine, after its state and launch time were read again and are the same.

        Raises Refused, Uncertain or Problem.
        """


@runtime_checkable
class Prints(Protocol):
    """Keeps what a machine printed on its console while it booted."""

    async def console_output(self, ref: Ref) -> str:
        """What was printed, the last at the end. Raises Problem."""


@runtime_checkable
class RestartsUnits(Protocol):
    """Can restart a service of a host."""

    async def unit(self, ref: Ref) -> Subject:
        """The unit, read now. Raises Refused when it is gone."""

    async def restart_unit(self, unit: Subject, *, dry_run: bool) -> None:
        """Raises Refused, Uncertain or Problem."""


@runtime_checkable
class Diagnoses(Protocol):
    """Can say what can be reached, as whom, and what may be done."""

    async def diagnose(self) -> Sequence[Finding]: ...


@runtime_checkable
class Verifies(Protocol):
    """Can hold its store against a fresh list at the same version."""

    async def verify(self) -> Sequence[Finding]: ...
