"""What an action is, and the ones there are: every module here that has `actions`, in order of its name.

An action only describes: it reads the object and hands back a Step. The pipeline (providers.engine.pipeline)
reviews access, rehearses, asks the person, writes the audit, executes and watches, the same for every action.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, runtime_checkable

from providers.contract import Refused, Source, Subject
from providers.errand import Errand
from providers.model import ActionSpec, Danger, Object, PlanItem, Ref
from providers.stream import Order


@dataclass(frozen=True, kw_only=True)
class Step:
    """An action on one object, read from the server and ready: what it will do, and how to tell it did."""

    item: PlanItem
    """With `refused` where the object is such that there is nothing to do."""
    subject: Subject
    """What is really written to. Steps with the same subject are carried out once."""
    verb: str
    """What it does, as a sentence starts: "Cordon", "Delete"."""
    danger: Danger
    sent: str
    """Exactly what will be sent, for the audit."""
    rehearse: Callable[[], Awaitable[None]]
    """The server's dry run. Raises Refused or Problem."""
    execute: Callable[[], Awaitable[None]]
    """The real one, conditional on the subject's uid. Raises Refused, Uncertain or Problem."""
    seen: Callable[[Object | None], bool] | None
    """Whether the watch shows it done: called with the object of `item.ref`, None when it is gone.

    None instead of a function: no stream can show it, and the server's answer is the outcome."""
    settle_seconds: float = 30.0
    """How long the watch may take to show it."""
    typed: bool = False
    """Confirmed by a typed word, however harmless and however few."""
    patience_seconds: float | None = None
    """How long the request itself may take; None for the usual time."""
    ends: bool = False
    """Cancelling the plan ends it where it is; else what was sent is awaited."""
    same: str = ""
    """What it really happens to, where the subject does not tell: of those steps one is carried out."""


class Action(Protocol):
    """Something that can be done to an object. It keeps nothing between calls."""

    @property
    def spec(self) -> ActionSpec: ...

    async def prepare(self, source: Source, ref: Ref) -> Step:
        """Read the object now and say what would be done. Raises Refused or Problem."""


@runtime_checkable
class Worded(Protocol):
    """Something that a person words, done to hosts and not by their sources: a command, a file."""

    @property
    def spec(self) -> ActionSpec:
        """With `worded`."""

    @property
    def wrong(self) -> Callable[[Order], str]:
        """What is wrong with the order whatever the host, in one line; "" when nothing is."""

    async def prepare_for(self, source: Source, ref: Ref, errand: Errand) -> Step:
        """Say what would be done there. Raises Refused. What came of it execute() tells as Ran."""


def where(source: Source, namespace: str = "") -> str:
    """The place as people say it: "prod-eu, namespace shop"."""
    info = source.info
    place = info.cluster or " ".join(filter(None, (info.account, info.region))) or info.name
    return f"{place}, namespace {namespace}" if namespace else place


def not_offered(source: Source, what: str) -> Refused:
    """The refusal of a source that lacks the capability: "nodes can't be cordoned from here: …"."""
    return Refused(f"{what} from here: provider {source.info.provider} does not offer it")


@cache
def discover() -> tuple[Action | Worded, ...]:
    """Every action there is. The order is stable: by module, then as the module lists them."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(action for name in names for action in import_module(f"{__name__}.{name}").actions)
