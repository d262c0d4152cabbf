"""What other calls than DescribeInstances say of an instance: checks, events, its group, its spot request."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from providers.aws.events import INTERRUPTION_SECONDS
from providers.aws.fields import Tree
from providers.aws.words import Described, moment, word
from providers.model import Notice
from providers.text import clean

STATUS: Tree = {
    "instanceId": "InstanceId",
    "systemStatus": ("SystemStatus", {"status": "Status"}),
    "instanceStatus": ("InstanceStatus", {"status": "Status"}),
    "attachedEbsStatus": ("AttachedEbsStatus", {"status": "Status"}),
    "eventsSet": (
        "Events",
        [{"code": "Code", "description": "Description", "notBefore": "NotBefore"}],
    ),
}
"""What is read of each status."""
_CHECKS = ("SystemStatus", "InstanceStatus", "AttachedEbsStatus")
_OVER = ("[completed]", "[canceled]", "[cancelled]")
_RECLAIMED = ("instance-terminated-", "instance-stopped-")


class Status(Struct, frozen=True):
    """What DescribeInstanceStatus says of one instance."""

    checks: str = ""
    """ "2/2", or "" while a check has not come to a result."""
    notices: tuple[Notice, ...] = ()


class Membership(Struct, frozen=True):
    """What DescribeAutoScalingInstances says of one instance."""

    group: str
    state: str


class Spot(Struct, frozen=True):
    """What DescribeSpotInstanceRequests says of one instance."""

    product: str = ""
    """What its price is listed under: "Linux/UNIX"."""
    notice: Notice | None = None
    reason: str = ""
    """Why it was taken away."""


PriceKey = tuple[str, str, str]
"""Instance type, zone, product."""


def status(described: Described) -> tuple[str, Status]:
    """Instance id, its status."""
    return word(described["InstanceId"]), Status(
        _passed(described), _scheduled(described.get("Events") or ())
    )


def memberships(described: Iterable[Described]) -> dict[str, Membership]:
    """Instance id → its group."""
    return {
        word(each["InstanceId"]): Membership(
            word(each.get("AutoScalingGroupName")), word(each.get("LifecycleState"))
        )
        for each in described
    }


def requests(described: Iterable[Described]) -> dict[str, Spot]:
    """Instance id → its spot request; of requests without an instance nothing."""
    return {word(each["InstanceId"]): _spot(each) for each in described if each.get("InstanceId")}


def prices(described: Iterable[Described]) -> dict[PriceKey, float]:
    """The newest price of each, in US dollars an hour."""
    newest: dict[PriceKey, tuple[float, float]] = {}
    for each in described:
        key = (word(each.get("InstanceType")), word(each.get("AvailabilityZone")), product(each))
        told = (moment(each.get("Timestamp")) or 0.0, _number(each.get("SpotPrice")))
        newest[key] = max(newest.get(key, told), told)
    return {key: price for key, (_, price) in newest.items() if price > 0}


def product(described: Described) -> str:
    """Prices in a VPC are listed beside those of EC2 Classic, which is no more."""
    return word(described.get("ProductDescription")).removesuffix(" (Amazon VPC)")


def _passed(described: Described) -> str:
    """Checks passed of those that apply. A result that is still to come is no failure, so it is unknown."""
    told = [word((described.get(check) or {}).get("Status")) for check in _CHECKS]
    applying = [status for status in told if status not in ("", "not-applicable")]
    passed = applying.count("ok")
    known = "impaired" in applying or passed == len(applying)
    return f"{passed}/{len(applying)}" if applying and known else ""


def _scheduled(events: Iterable[Described]) -> tuple[Notice, ...]:
    """EC2 keeps events for a week after they are over, and says so in their description."""
    notices = []
    for event in events:
        description = clean(event.get("Description") or "", 512)
        if not description.lower().startswith(_OVER):
            detail = ": ".join(filter(None, (word(event.get("Code")), description)))
            notices.append(Notice(kind="scheduled", at=moment(event.get("NotBefore")), detail=detail))
    return tuple(notices)


def _spot(described: Described) -> Spot:
    status = described.get("Status") or {}
    code, message = word(status.get("Code")), clean(status.get("Message") or "", 512)
    told = moment(status.get("UpdateTime"))
    notice = None
    if code.startswith("marked-for-"):
        at = told + INTERRUPTION_SECONDS if told is not None else None
        notice = Notice(kind="spot interruption", at=at, told=told, detail=f"{code}: {message}")
    taken = code.startswith(_RECLAIMED) and not code.endswith("-by-user")
    return Spot(product(described), notice, f"spot reclaimed: {message or code}" if taken else "")


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0
