"""The health of a whole from the healths of its parts."""

from __future__ import annotations

from collections.abc import Sequence

from providers.model import Health, Kind, State

_SEVERITY: tuple[State, ...] = ("live", "lagging", "loading", "connecting", "lost")


def summed(parts: Sequence[Health], kind: Kind = "", note: str = "") -> Health:
    """The worst of those that are not denied; denied when all are. What is wrong with any of them is told
    even where the whole is well; `note` where nothing is wrong."""
    allowed = [each for each in parts if each.state != "denied"]
    worst = max(allowed, key=lambda each: _SEVERITY.index(each.state)) if allowed else parts[0]
    told = worst if worst.detail else next((each for each in parts if each.detail), worst)
    return Health(
        state=worst.state,
        since=worst.since,
        detail=told.detail or note,
        remedy=told.remedy,
        kind=kind,
        skipped=sum(each.skipped for each in parts),
    )
