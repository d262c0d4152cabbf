"""Moments as servers write them, as seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime


def seconds(moment: datetime | None) -> float | None:
    """Seconds since the epoch; without a zone it is UTC, whatever this machine's zone is."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
