"""Events as EventBridge wraps them, read as what they say about instances.

Shapes: the EC2, Auto Scaling and Health pages of the EventBridge event reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
from msgspec import Struct

from providers.aws.fields import Unreadable
from providers.model import Notice
from providers.text import clean

__all__ = ["INTERRUPTION_SECONDS", "Change", "Event", "Unknown", "Unreadable", "read"]

INTERRUPTION_SECONDS = 120.0
"""From the warning to a spot instance's end. One that hibernates begins at once."""
_INSTANCE = re.compile(r"(?:^|/)(i-[0-9a-f]+)$")


class Change(Struct, frozen=True, kw_only=True):
    """What one event says about one instance. None: it does not speak of that; it is worth a look anyway."""

    account: str
    """Twelve digits; "" where what stands in for AWS does not say."""
    region: str
    instance: str
    """Its id, i-0abc."""
    at: float
    """When it happened, seconds since the epoch, as the event says it."""
    state: str | None = None
    """As DescribeInstances would call it: "running", "shutting-down"."""
    notice: Notice | None = None


class Event(Struct, frozen=True, kw_only=True):
    """An event that was understood. Without changes: about nothing that is shown."""

    id: str
    """The same for the same event, however often it is delivered."""
    changes: tuple[Change, ...]


class Unknown(Exception):
    """A sort of event that nothing is read of."""


class _Envelope(Struct, frozen=True, kw_only=True, rename="kebab"):
    id: str
    source: str
    detail_type: str
    account: str = ""
    time: datetime
    region: str
    detail: dict[str, Any]


_decode = msgspec.json.Decoder(_Envelope).decode


def read(body: str) -> Event:
    """A message's body as an Event. Raises Unknown or Unreadable."""
    try:
        envelope = _decode(body)
        told = _SORTS.get((envelope.source, envelope.detail_type))
        if told is None:
            raise Unknown(f"{clean(envelope.source, 100)}: {clean(envelope.detail_type, 100)}")
        return Event(id=envelope.id, changes=tuple(told(envelope, _seconds(envelope.time))))
    except (msgspec.MsgspecError, UnicodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(clean(f"{type(error).__name__}: {error}", 200)) from error


def _seconds(time: datetime) -> float:
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _change(
    event: _Envelope, at: float, named: object, *, state: str | None = None, notice: Notice | None = None
) -> Change:
    found = _INSTANCE.search(named) if isinstance(named, str) else None
    if found is None:
        raise ValueError(f"{named!r} is no instance")
    return Change(
        account=clean(event.account, 20),
        region=clean(event.region, 40),
        instance=found[1],
        at=at,
        state=state,
        notice=notice,
    )


# ---- EC2 ---------------------------------------------------------------------------------------------


def _state(event: _Envelope, at: float) -> Iterator[Change]:
    detail = event.detail
    yield _change(event, at, detail["instance-id"], state=clean(str(detail["state"]), 40))


def _interruption(event: _Envelope, at: float) -> Iterator[Change]:
    action = clean(str(event.detail.get("instance-action", "")), 40)
    wait = 0.0 if action == "hibernate" else INTERRUPTION_SECONDS
    notice = Notice(
        kind="spot interruption", at=at + wait, told=at, detail=f"EC2 will {action} it" if action else ""
    )
    yield _change(event, at, event.detail["instance-id"], notice=notice)


def _rebalance(event: _Envelope, at: float) -> Iterator[Change]:
    notice = Notice(kind="rebalance", told=at, detail="at a raised risk of interruption")
    yield _change(event, at, event.detail["instance-id"], notice=notice)


# ---- Auto Scaling ------------------------------------------------------------------------------------


def _hook(verb: str) -> Callable[[_Envelope, float], Iterator[Change]]:
    def waiting(event: _Envelope, at: float) -> Iterator[Change]:
        group, hook = (_word(event, key) for key in ("AutoScalingGroupName", "LifecycleHookName"))
        notice = Notice(kind="lifecycle", told=at, detail=f"{verb} in {group}, waits for {hook}")
        yield _change(event, at, event.detail["EC2InstanceId"], notice=notice)

    return waiting


def _succeeded(event: _Envelope, at: float) -> Iterator[Change]:
    yield _change(event, at, event.detail["EC2InstanceId"])


def _failed(verb: str) -> Callable[[_Envelope, float], Iterator[Change]]:
    def failed(event: _Envelope, at: float) -> Iterator[Change]:
        if not event.detail.get("EC2InstanceId"):
            return  # nothing was launched
        why = _word(event, "StatusMessage") or _word(event, "Cause")
        told = f"{_word(event, 'AutoScalingGroupName')} could not {verb} it"
        notice = Notice(kind="lifecycle", told=at, detail=f"{told}: {why}" if why else told)
        yield _change(event, at, event.detail["EC2InstanceId"], notice=notice)

    return failed


def _word(event: _Envelope, key: str) -> str:
    value = event.detail.get(key)
    return clean(value, 300) if isinstance(value, str) else ""


# ---- Health ------------------------------------------------------------------------------------------


def _health(event: _Envelope, at: float) -> Iterator[Change]:
    detail = event.detail
    if detail.get("service") != "EC2" or detail.get("statusCode") == "closed":
        return
    planned = detail.get("eventTypeCategory") == "scheduledChange"
    notice = Notice(
        kind="scheduled" if planned else "health",
        at=_moment(detail.get("startTime")) if planned else None,
        told=at,
        detail=_words(detail) or _word(event, "eventTypeCode"),
    )
    for entity in detail.get("affectedEntities") or ():
        named = entity.get("entityValue")
        if isinstance(named, str) and _INSTANCE.search(named):
            yield _change(event, at, named, notice=notice)


def _words(detail: dict[str, Any]) -> str:
    """The first line of its description, in English where there is one."""
    said = sorted(detail.get("eventDescription") or (), key=lambda each: each.get("language") != "en_US")
    text = said[0].get("latestDescription") if said else ""
    return clean(text.strip().splitlines()[0], 300) if isinstance(text, str) and text.strip() else ""


def _moment(text: object) -> float | None:
    """Of "Sat, 05 Jun 2027 15:10:09 GMT", or None."""
    try:
        return _seconds(parsedate_to_datetime(text)) if isinstance(text, str) else None
    except ValueError:
        return None


_SORTS: dict[tuple[str, str], Callable[[_Envelope, float], Iterator[Change]]] = {
    ("aws.ec2", "EC2 Instance State-change Notification"): _state,
    ("aws.ec2", "EC2 Spot Instance Interruption Warning"): _interruption,
    ("aws.ec2", "EC2 Instance Rebalance Recommendation"): _rebalance,
    ("aws.autoscaling", "EC2 Instance-launch Lifecycle Action"): _hook("launching"),
    ("aws.autoscaling", "EC2 Instance-terminate Lifecycle Action"): _hook("terminating"),
    ("aws.autoscaling", "EC2 Instance Launch Successful"): _succeeded,
    ("aws.autoscaling", "EC2 Instance Terminate Successful"): _succeeded,
    ("aws.autoscaling", "EC2 Instance Launch Unsuccessful"): _failed("launch"),
    ("aws.autoscaling", "EC2 Instance Terminate Unsuccessful"): _failed("terminate"),
    ("aws.health", "AWS Health Event"): _health,
}
"""By source and detail-type."""
