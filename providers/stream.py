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
    Finding,
    Health,
    Heard,
    PlanItem,
    Ref,
    Result,
    Schema,
    Tagged,
    Upserts,
)

VERSION = "0.1.0"
"""Of this program, said by both ends; the package's metadata reads it from here (asking the metadata
costs 15 ms at each start)."""
PROTOCOL = 1
"""Raised whenever the other end could misread what this end writes."""


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


class Failed(Tagged, frozen=True, tag="failed", kw_only=True):
    """The command with that id could not be carried out; 0 for the engine itself."""

    id: int
    detail: str
    remedy: str = ""


Body = (
    Upserts | Deletes | Began | Complete | Health | About | Schema | Heard
    | Welcome | Gone | Beat | Plan | Outcome | Document | Findings | Failed
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


class Propose(Tagged, frozen=True, tag="propose", kw_only=True):
    """Ask what an action would do to these objects. Nothing happens yet."""

    id: int
    action: str
    refs: tuple[Ref, ...]


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


Command = Hello | Propose | Confirm | Cancel | Fetch | Refresh | Diagnose | Verify | Bye
