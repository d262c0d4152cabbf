"""How a region is, from how each of its polls is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from providers.aws.polling import Poll
from providers.contract import Problem
from providers.model import Health, Kind, State
from providers.text import clean

_SEVERITY: tuple[State, ...] = ("live", "lagging", "loading", "connecting", "lost")


def of_kind(kind: Kind, poll: Poll, notes: Sequence[Problem], since: float) -> Health:
    """Of one kind; the notes are told where all else is well."""
    own = [told for told in (poll.problem, poll.paced) if told is not None]
    told = own or list(notes)[:1]
    return Health(
        state=poll.state,
        since=since,
        detail=clean("; ".join(each.detail for each in told)),
        remedy=clean(told[0].remedy) if told else "",
        kind=kind,
    )


def unknown(details: Sequence[Poll]) -> list[Problem]:
    """What fails of the details of instances leaves fields unknown, and no more; what is paced, old."""
    failed = [(each.name, each.problem) for each in details if each.problem is not None]
    told = [Problem(f"{name} unknown: {problem.detail}", problem.remedy) for name, problem in failed]
    return [*told, *(each.paced for each in details if each.paced is not None)]


def of_all(kinds: Mapping[Kind, Health], since: float) -> Health:
    """Of the whole: that of its instances; of the rest only where instances are refused."""
    allowed = [each for each in kinds.values() if each.state != "denied"]
    chosen = kinds["instance"]
    if chosen.state == "denied" and allowed:
        chosen = max(allowed, key=lambda each: _SEVERITY.index(each.state))
    told = chosen if chosen.detail else next((each for each in kinds.values() if each.detail), chosen)
    return Health(state=chosen.state, since=since, detail=told.detail, remedy=told.remedy)
