"""What AWS tells by itself: events that EventBridge puts into an SQS queue, each a change of one instance."""

from __future__ import annotations

from msgspec import Struct

from providers.model import Notice


class Change(Struct, frozen=True, kw_only=True):
    """What one event says about one instance. None: it does not speak of that."""

    account: str
    """Twelve digits."""
    region: str
    instance: str
    """Its id, i-0abc."""
    at: float
    """When it happened, seconds since the epoch, as the event says it."""
    state: str | None = None
    """As DescribeInstances would call it: "running", "shutting-down"."""
    notice: Notice | None = None
