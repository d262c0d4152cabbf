"""Frames and commands: what crosses the pipe between an engine and a console."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from providers.model import (
    About,
    ActionSpec,
    Began,
    Complete,
    Deletes,
    Field,
    Finding,
    Health,
    Heard,
    Offer,
    PlanItem,
    Ref,
    Result,
    Schema,
    Tagged,
    Target,
    Upserts,
)

Purpose = Literal["shell", "logs", "attach", "forward", "put", "get"]
"""What a session is for. put and get: a file, as bytes."""
VERSION = "0.1.0"
"""Of this program, said by both ends; the package's metadata reads it from here (asking the metadata
costs 15 ms at each start)."""
PROTOCOL = 2
"""Raised whenever the other end could misread what this end writes."""


# ---- both ways ---------------------------------------------------------------------------------------

WINDOW = 1 << 18
"""Bytes of a session that may be on their way in one direction before they are taken."""

TERMINAL_WINDOW = 1 << 16
"""The same towards a screen: what a key brings is shown behind all that is on its way."""


class Taken(Tagged, frozen=True, tag="taken", kw_only=True):
    """So many more bytes of that session were taken: as many more may be sent."""

    id: int
    count: int


# ---- engine → console --------------------------------------------------------------------------------


class Welcome(Tagged, frozen=True, tag="welcome", kw_only=True):
    """The engine's first frame: who it is and what it can do."""

    version: str
    pid: int
    host: str
    read_only: bool
    actions: tuple[ActionSpec, ...] = ()
    audit_path: str = ""


class Gone(Tagged, frozen=True, tag="gone"):
    """The frame's source is no longer part of the fleet."""


class Beat(Tagged, frozen=True, tag="beat"):
    """Proof of life, every BEAT_SECONDS; `heard` has the sources heard from since the last one, with when."""

    heard: dict[str, float]


class Plan(Tagged, frozen=True, tag="plan", kw_only=True):
    """The answer to Propose: exactly what would happen, and how it is to be confirmed."""

    id: int
    action: str
    sentence: str
    items: tuple[PlanItem, ...]
    typed: str = ""
    """The word to type, or "" where `y` is enough."""
    pace: str = ""
    """How many hosts at a time and when it stops, for what a person worded."""


class Outcome(Tagged, frozen=True, tag="outcome", kw_only=True):
    """How an action goes, sent again as results come in; `final` when nothing more will."""

    id: int
    action: str
    results: tuple[Result, ...]
    final: bool


class Document(Tagged, frozen=True, tag="document", kw_only=True):
    """The answer to Fetch."""

    id: int
    ref: Ref
    text: str
    language: str = "yaml"


class Findings(Tagged, frozen=True, tag="findings", kw_only=True):
    """The answer to Diagnose and to Verify."""

    id: int
    findings: tuple[Finding, ...]


class Offered(Tagged, frozen=True, tag="offered", kw_only=True):
    """The answer to Ways: every way there is for that kind of object, open or not, the preferred first."""

    id: int
    offers: tuple[Offer, ...]


class Opened(Tagged, frozen=True, tag="opened", kw_only=True):
    """The session with that id stands; what it says follows as Output."""

    id: int
    way: str
    sent: str
    """Exactly what was run or asked for."""


class Output(Tagged, frozen=True, tag="output", kw_only=True):
    """Bytes that a session said. No more than WINDOW of them are on their way until they are Taken."""

    id: int
    data: bytes
    error: bool = False
    """From its standard error, where that is apart."""


class Closed(Tagged, frozen=True, tag="closed", kw_only=True):
    """The session is over, or was never opened."""

    id: int
    status: int | None = None
    """Exit status; None where there is none, as it was cut or not opened."""
    detail: str = ""
    remedy: str = ""
    final: bool = False
    """The host's key was refused: no other way over SSH would do."""


class Question(Tagged, frozen=True, tag="question", kw_only=True):
    """Something only the person knows: an unknown host key, a passphrase. Answered by Reply with that id."""

    id: int
    """Of the question; the engine counts these."""
    title: str
    lines: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    """What to type; none: yes or no."""
    sessions: tuple[int, ...] = ()
    """Ids of what waits for it."""


class Ran(Tagged, frozen=True, tag="ran", kw_only=True):
    """What a command did on one host, as part of the plan with that id; its Result is in the Outcome."""

    id: int
    ref: Ref
    exit_status: int | None = None
    """None where the command did not run to its end."""
    stdout: bytes = b""
    stderr: bytes = b""
    error: str = ""
    """Why the host was not reached, or why the command has no exit status."""
    cut: bool = False
    """More was said than is kept."""


class Failed(Tagged, frozen=True, tag="failed", kw_only=True):
    """The command with that id could not be carried out; 0 for the engine itself."""

    id: int
    detail: str
    remedy: str = ""


Body = (
    Upserts | Deletes | Began | Complete | Health | About | Schema | Heard
    | Welcome | Gone | Beat | Plan | Outcome | Document | Findings | Failed
    | Offered | Opened | Output | Closed | Taken | Question | Ran
)  # fmt: skip


class Frame(Struct, frozen=True, array_like=True):
    """One item of the stream. `source` is "" when the engine itself speaks."""

    at: float
    source: str
    body: Body


BEAT_SECONDS = 5.0

# ---- console → engine --------------------------------------------------------------------------------


class ProviderChoice(Struct, frozen=True, array_like=True):
    """A provider to run and its options, as plain data; the provider checks them."""

    name: str
    options: dict[str, Any] = {}


class Hello(Tagged, frozen=True, tag="hello", kw_only=True):
    """The console's first command: what to run and how."""

    version: str
    providers: tuple[ProviderChoice, ...]
    read_only: bool = False
    audit_path: str = ""
    """Where to keep the audit log on the engine's machine; "" for its default."""
    terminal: str = ""
    """The console's own, for a child of it to give back should it be killed; "" where there is none."""


class Order(Struct, frozen=True, array_like=True, kw_only=True):
    """What is to run on many hosts, and how carefully."""

    targets: tuple[Target, ...]
    """One for each of the refs."""
    command: str = ""
    stdin: int = 0
    """The session whose Input it is given, 0 none."""
    path: str = ""
    """Of a file to be put there or fetched from there."""
    stages: tuple[int, ...] = (1, 5)
    """Hosts in the first stages, one after the other; then all that are left."""
    at_once: int = 32
    failures: int = 0
    """Hosts that may fail before no further one is begun; -1 any number."""
    timeout: float = 60.0
    """Seconds for one host."""
    mode: int = 0o644
    """Permissions of a file that is put there."""
    keep: bool = False
    """Where one is there already, its permissions instead."""


class Propose(Tagged, frozen=True, tag="propose", kw_only=True):
    """Ask what an action would do to these objects. Nothing happens yet."""

    id: int
    action: str
    refs: tuple[Ref, ...]
    order: Order | None = None
    """What is to be done, for the actions that a person words."""


class Confirm(Tagged, frozen=True, tag="confirm", kw_only=True):
    """Carry out the plan with that id; `typed` is what the person typed ("y" or the word)."""

    id: int
    typed: str


class Cancel(Tagged, frozen=True, tag="cancel", kw_only=True):
    """Forget a plan, or stop an action before its next object."""

    id: int


class Fetch(Tagged, frozen=True, tag="fetch", kw_only=True):
    """Ask for an object as its server has it, or for what it printed."""

    id: int
    ref: Ref
    what: Literal["manifest", "console"] = "manifest"
    """"console": what the machine printed while it booted."""


class Refresh(Tagged, frozen=True, tag="refresh"):
    """Connect anew at once: one source, or all with "". Whether it lists again is the source's affair."""

    source: str = ""


class Diagnose(Tagged, frozen=True, tag="diagnose"):
    """Ask every source what can be reached, as whom, and what may be done."""

    id: int


class Verify(Tagged, frozen=True, tag="verify"):
    """Ask a source to hold its store against a fresh list."""

    id: int
    source: str


class Bye(Tagged, frozen=True, tag="bye"):
    """Stop the engine."""


class Ways(Tagged, frozen=True, tag="ways", kw_only=True):
    """Ask which ways lead there."""

    id: int
    target: Target
    purpose: Purpose = "shell"


class Open(Tagged, frozen=True, tag="open", kw_only=True):
    """Begin a session with that id: Opened, Output … and Closed follow."""

    id: int
    target: Target
    purpose: Purpose = "shell"
    way: str = ""
    """"" for the first open one."""
    choice: str = ""
    """As in the Offer: the container."""
    typed: str = ""
    columns: int = 80
    rows: int = 24
    arguments: tuple[str, ...] = ()
    """What the way takes besides: a port, a path."""


class Input(Tagged, frozen=True, tag="input", kw_only=True):
    """Bytes for a session. No more than WINDOW of them are on their way until they are Taken."""

    id: int
    data: bytes
    end: bool = False
    """Nothing more will be said."""


class Resize(Tagged, frozen=True, tag="resize", kw_only=True):
    """The session's terminal has another size."""

    id: int
    columns: int
    rows: int


class Shut(Tagged, frozen=True, tag="shut", kw_only=True):
    """End the session."""

    id: int


class Reply(Tagged, frozen=True, tag="reply", kw_only=True):
    """The answer to a Question: a word for each field; None: no, or not now. For yes or no: () is yes."""

    id: int
    answers: tuple[str, ...] | None


class Follow(Tagged, frozen=True, tag="follow", kw_only=True):
    """The hosts that a source is to look after, instead of those it was told before."""

    source: str
    targets: tuple[Target, ...]


Command = (
    Hello | Propose | Confirm | Cancel | Fetch | Refresh | Diagnose | Verify | Bye
    | Ways | Open | Input | Resize | Shut | Taken | Reply | Follow
)  # fmt: skip
