"""What carries bytes: the session, and who can open one. The second page of the plug-in contract.

A source that can run a command in a container, or put a key on a machine, implements the protocol of it here;
ways (providers.ways) are built on these, and the engine runs the sessions that they open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from providers.contract import Problem
from providers.model import Field, Ref, Target


class Size(Struct, frozen=True):
    """Of a terminal, in cells."""

    columns: int
    rows: int


class Ending(Struct, frozen=True):
    """How a session ended: its exit status, None where it has none, and why in words."""

    status: int | None = None
    detail: str = ""
    remedy: str = ""
    final: bool = False
    """The host's key was refused: no other way over SSH would do."""


class Session(Protocol):
    """Bytes both ways, with a terminal at the other end or without."""

    sent: str
    """Exactly what was run or asked for."""

    async def read(self) -> bytes:
        """What was said, at least one byte; b"" at the end. Not reading is the back-pressure."""

    async def write(self, data: bytes) -> None:
        """Say it; returns when it was taken. What is said after the end is dropped."""

    async def end(self) -> None:
        """Nothing more will be said."""

    def resize(self, size: Size) -> None:
        """The terminal has another size; nothing where there is no terminal."""

    async def ended(self) -> Ending:
        """Waits for the end."""

    async def close(self) -> None:
        """End it now and free everything, within a second."""


class Asker(Protocol):
    """The person, seen from the engine."""

    async def ask(self, title: str, lines: Sequence[str], fields: Sequence[Field] = ()) -> list[str] | None:
        """A word for each field, [] for yes where there are none; None for no, or when nobody answers."""


class Container(Struct, frozen=True, kw_only=True):
    """A container of a pod, read now."""

    name: str
    state: Literal["running", "waiting", "terminated", ""] = ""
    reason: str = ""
    remedy: str = ""
    """What can be done where it does not run."""
    role: Literal["container", "init", "sidecar", "ephemeral"] = "container"
    ports: tuple[int, ...] = ()
    port_names: tuple[str, ...] = ()
    """One for each of the ports where any has one, "" for those that have none."""
    takes_input: bool = True
    """Whether what it runs can be typed to."""


@runtime_checkable
class Executes(Protocol):
    """Can run commands in containers."""

    async def containers(self, ref: Ref) -> Sequence[Container]:
        """Of the pod, read now, the default one first. Raises Refused when it is gone."""

    async def may(self, ref: Ref, what: Literal["exec", "attach", "logs", "forward", "debug"]) -> str:
        """ "" when allowed, else who is not allowed what, in one line."""

    async def execute(self, ref: Ref, container: str, command: Sequence[str], size: Size | None) -> Session:
        """The command in that container; with a size it has a terminal. Raises Refused or Problem."""

    async def attach(self, ref: Ref, container: str, size: Size) -> Session:
        """What runs there already. Raises Refused or Problem."""


@runtime_checkable
class Logs(Protocol):
    """Keeps what containers print."""

    async def logs(self, ref: Ref, container: str, *, tail: int, previous: bool = False) -> Session:
        """The last lines, then what is printed from now on; of the previous run without the latter."""


@runtime_checkable
class Pretends(Protocol):
    """Is a simulation, of shells too."""

    def pretend(self, name: str, size: Size) -> Session:
        """A shell that looks as if it were on the machine of that name."""


@runtime_checkable
class Forwards(Protocol):
    """Can connect to ports inside."""

    async def forward(self, ref: Ref, port: int) -> Session:
        """One connection to that port of the pod. Raises Refused or Problem."""


@runtime_checkable
class Debugs(Protocol):
    """Can put a pod with the rights of root on a node."""

    def debug_plan(self, ref: Ref) -> str:
        """What is made for that, and what becomes of it, in one line."""

    async def debug(self, ref: Ref, size: Size) -> Session:
        """A shell in a pod made for it, which is gone when the session is. Nothing is made before the first
        read(). Raises Refused or Problem."""


class Refusal(Struct, frozen=True):
    """Why something can't be, and what to do about it; a false one, without words: it can."""

    detail: str = ""
    remedy: str = ""

    def __bool__(self) -> bool:
        return bool(self.detail)


class Started(Struct, frozen=True, kw_only=True):
    """A terminal that a cloud holds ready: the program to run on a pty that connects to it."""

    id: str
    command: tuple[str, ...]
    environment: dict[str, str]
    """Further variables of the program: what must not be seen among its arguments."""


@runtime_checkable
class StartsSessions(Protocol):
    """Its cloud brings terminals to machines by itself (Session Manager)."""

    async def may_start(self, ref: Ref) -> Refusal:
        """Why it can't for this machine; a false one when it may be tried."""

    async def start_session(self, ref: Ref) -> Started:
        """Raises Refused or Problem."""

    async def end_session(self, ref: Ref, id: str) -> None:
        """Give back what start_session() began. Raises Problem."""


@runtime_checkable
class TakesKeys(Protocol):
    """Its cloud can put a public key on a machine for a minute (EC2 Instance Connect)."""

    async def push_key(self, ref: Ref, user: str, public_key: str) -> None:
        """Raises Refused or Problem."""


@runtime_checkable
class Follows(Protocol):
    """Looks after whichever hosts it is told to."""

    def follow(self, targets: Sequence[Target]) -> None:
        """These, instead of those before."""


class Completed(Struct, frozen=True, kw_only=True):
    """A command that was run on a host; one that was cut has no `exit_status`, and `error` says why."""

    exit_status: int | None
    stdout: bytes = b""
    stderr: bytes = b""
    error: str = ""
    cut: bool = False
    """More was said than is kept."""


class Unverified(Problem):
    """The key that a host shows is not known; state "denied": it is another one than before, or revoked.

    Nothing was sent to it."""


@runtime_checkable
class Resolves(Protocol):
    """Knows before it connects as whom, and through what."""

    async def login(self, target: Target) -> str:
        """As people say it: "ada@web-1:2222 through bastion". Raises Problem."""


class Reach(Protocol):
    """Connections to hosts over SSH, kept and shared; one for the whole engine."""

    async def run(
        self,
        target: Target,
        command: str,
        *,
        stdin: bytes = b"",
        timeout: float = 60.0,
        limit: int = 1 << 20,
        cut: Callable[[Completed], object] = lambda _: None,
    ) -> Completed:
        """Run it there, keeping `limit` bytes of each output. Raises Problem when the host is not reached.

        When nobody waits for it any more it is ended there too, and `cut` is told what it said.
        """

    async def shell(self, target: Target, size: Size) -> Session:
        """A login shell there. Raises Problem."""

    async def put(
        self,
        target: Target,
        path: str,
        data: bytes,
        *,
        mode: int = 0o644,
        keep: bool = False,
        timeout: float = 60.0,
    ) -> None:
        """Write a file there, whole or not at all; `keep`: with the mode of one there. Raises Problem."""

    async def get(self, target: Target, path: str, *, limit: int, timeout: float = 60.0) -> bytes:
        """A file there. Raises Problem."""

    async def close(self) -> None:
        """End every connection, within a second."""
