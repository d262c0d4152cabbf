"""How a machine is: its state with why and since when, what is announced for it, and how bad that is."""

from __future__ import annotations

from collections.abc import Iterable

from console.item import Item
from console.reasons import reason_words
from console.states import UP
from console.views.ages import UNKNOWN, age
from console.views.kinds import Trouble
from console.views.notices import notice_trouble, notice_words
from providers.model import Instance
from widgets.cells import Cell

_RUNNING = Trouble(0, "good", "●")
_IMPAIRED = Trouble(2, "warn", "◐", ("impaired",))
_MOVING = Trouble(1, "info", "◐", ("changing",))
_ENDING = Trouble(1, "info", "◌", ("terminating",))
_OUT_OF_SERVICE = Trouble(1, "info", "◐", ("not in service",))
_STOPPED = Trouble(0, "dim", "○", ("stopped",))
_TERMINATED = Trouble(0, "dim", "○", ("terminated",))
_LOST = Trouble(3, "bad", "✕", ("lost under a node",))
_DECLARED = Trouble(0, "dim", "·", ("declared",))
_UNKNOWN = Trouble(1, "dim", "?", ("unknown",))

_BY_STATE = {
    "running": _RUNNING,
    "pending": _MOVING,
    "stopping": _MOVING,
    "rebooting": _MOVING,
    "shutting-down": _ENDING,
}
_ENDS = frozenset({"stopped", "terminated"})

COUNTED = (
    "lost under a node",
    "being reclaimed",
    "impaired",
    "with an event",
    "at risk",
    "not in service",
    "changing",
    "terminating",
    "stopped",
    "terminated",
    "declared",
    "unknown",
)
"""The words of a title's counts, the worst first."""


def trouble(item: Item) -> Trouble:
    """The worst of its state, what is announced for it and how its group sees it.

    A machine that stopped is trouble only while a node says it runs on it.
    """
    state = _state_trouble(item)
    instance: Instance = item.obj
    if instance.state not in UP or not (instance.notices or _apart(instance)):
        return state
    others = [notice_trouble(notice) for notice in instance.notices]
    if _apart(instance):
        others.append(_OUT_OF_SERVICE)
    return _worst([state, *others])


def _state_trouble(item: Item) -> Trouble:
    instance: Instance = item.obj
    if not instance.observed:
        return _DECLARED
    if instance.state in _ENDS:
        off = _STOPPED if instance.state == "stopped" else _TERMINATED
        return _LOST if item.node is not None else off
    if instance.state == "running" and impaired(instance.checks):
        return _IMPAIRED
    return _BY_STATE.get(instance.state, _UNKNOWN)


def _worst(troubles: Iterable[Trouble]) -> Trouble:
    """As bad as the worst, counted under every word."""
    ranked = sorted(troubles, key=lambda how: -how.severity)
    words = dict.fromkeys(word for how in ranked for word in how.counted)
    return ranked[0]._replace(counted=tuple(words))


def impaired(checks: str) -> bool:
    """Some of its status checks are known to fail."""
    passed, _, total = checks.partition("/")
    return bool(total) and passed != total


def ended(item: Item) -> bool:
    """It does not run any more."""
    return item.obj.state in _ENDS


def _apart(instance: Instance) -> bool:
    """Its group does not count on it: it comes, goes, or stands by."""
    return instance.group_state not in ("", "InService")


def state_cell(item: Item, now: float) -> Cell:
    """`● running`, `✕ stopped 40s · spot reclaimed`, `◐ running · reclaimed in 1m50s`, `· declared`."""
    return _cell(item, now, "")


def summary_cell(item: Item, now: float) -> Cell:
    """The same with its checks, as a row about something else tells of it: `● running 2/2`."""
    return _cell(item, now, item.obj.checks)


def _cell(item: Item, now: float, checks: str) -> Cell:
    instance: Instance = item.obj
    how = trouble(item)
    if not instance.observed:
        return Cell("· declared", how.tone)
    if not instance.state:
        return UNKNOWN
    since = "" if instance.state == "running" else age(item, instance.since, now)
    state = " ".join(filter(None, (how.glyph, instance.state, checks, since)))
    return Cell(" · ".join([state, *_circumstances(instance, now)]), how.tone)


def _circumstances(instance: Instance, now: float) -> list[str]:
    words = [reason_words(instance.reason)] if instance.reason else []
    if instance.state in UP:
        words += [notice_words(notice, now) for notice in instance.notices]
        words += [instance.group_state] if _apart(instance) else []
    return words


def sentence(item: Item, now: float) -> str:
    """`instance stopped 40s ago, spot reclaimed`: what happened to it, "" while it is up and well."""
    instance: Instance = item.obj
    if trouble(item).severity == 0 or not instance.state or not instance.observed:
        return ""
    happened = f"instance {instance.state}"
    if instance.state != "running" and (since := age(item, instance.since, now)):
        happened += f" {since} ago" if instance.state in _ENDS else f" for {since}"
    checks = [f"{instance.checks} checks pass"] if impaired(instance.checks) else []
    return ", ".join([happened, *checks, *_circumstances(instance, now)])
