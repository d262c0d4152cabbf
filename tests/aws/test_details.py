"""Checks, events, groups, spot requests and prices, in the words of the model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from providers.aws.details import memberships, prices, requests, status
from providers.aws.events import INTERRUPTION_SECONDS
from providers.model import Notice

OK, ILL, NEW, NONE, NOT = (
    {"Status": each} for each in ("ok", "impaired", "initializing", "insufficient-data", "not-applicable")
)
AT = datetime(2026, 12, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("system", "instance", "volumes", "checks"),
    [
        (OK, OK, None, "2/2"),
        (OK, OK, OK, "3/3"),
        (OK, OK, NOT, "2/2"),
        (OK, ILL, None, "1/2"),
        (OK, OK, ILL, "2/3"),
        (ILL, NEW, None, "0/2"),
        (NEW, NEW, None, ""),
        (OK, NEW, None, ""),
        (NONE, NONE, None, ""),
        (NOT, NOT, NOT, ""),
        (None, None, None, ""),
    ],
)
def test_checks_are_those_passed_of_all(system: Any, instance: Any, volumes: Any, checks: str) -> None:
    """A result that is still to come is no failure."""
    told = {"SystemStatus": system, "InstanceStatus": instance, "AttachedEbsStatus": volumes}
    assert status({"InstanceId": "i-1", **told})[1].checks == checks


def test_events_that_are_over_are_no_notice() -> None:
    events = [
        {"Code": "instance-reboot", "Description": "[Completed] a reboot", "NotBefore": AT},
        {"Code": "system-reboot", "Description": "[Canceled] a reboot", "NotBefore": AT},
        {"Code": "instance-stop", "Description": "the host fails\u202e", "NotBefore": AT},
        {"Code": "system-maintenance"},
    ]
    assert status({"InstanceId": "i-1", "Events": events})[1].notices == (
        Notice(kind="scheduled", at=AT.timestamp(), detail="instance-stop: the host fails\ufffd"),
        Notice(kind="scheduled", detail="system-maintenance"),
    )


def test_a_group_says_how_it_sees_its_members() -> None:
    told = memberships(
        [{"InstanceId": "i-1", "AutoScalingGroupName": "web", "LifecycleState": "Terminating:Wait"}]
    )
    assert (told["i-1"].group, told["i-1"].state) == ("web", "Terminating:Wait")


def spot(code: str, message: str = "why") -> Any:
    request = {
        "InstanceId": "i-1",
        "ProductDescription": "Linux/UNIX (Amazon VPC)",
        "Status": {"Code": code, "Message": message, "UpdateTime": AT},
    }
    return requests([request, {"SpotInstanceRequestId": "sir-1"}])["i-1"]


@pytest.mark.parametrize("code", ["marked-for-termination", "marked-for-stop"])
def test_a_mark_is_a_countdown_of_two_minutes(code: str) -> None:
    told = AT.timestamp()
    assert spot(code).notice == Notice(
        kind="spot interruption", at=told + INTERRUPTION_SECONDS, told=told, detail=f"{code}: why"
    )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("instance-terminated-no-capacity", "spot reclaimed: why"),
        ("instance-stopped-by-price", "spot reclaimed: why"),
        ("instance-terminated-by-user", ""),
        ("fulfilled", ""),
    ],
)
def test_who_took_it_is_told(code: str, reason: str) -> None:
    assert spot(code).reason == reason
    assert spot(code).notice is None


def test_prices_are_the_newest_of_type_zone_and_product() -> None:
    def price(value: str, hour: int, zone: str = "a", product: str = "Linux/UNIX") -> dict[str, Any]:
        return {
            "InstanceType": "m5.large",
            "AvailabilityZone": zone,
            "ProductDescription": product,
            "SpotPrice": value,
            "Timestamp": AT.replace(hour=hour),
        }

    told = [price("0.05", 8), price("0.04", 9), price("0.03", 7), price("0.09", 9, "b"), price("x", 9, "c")]
    told.append(price("0.2", 9, "a", "Windows (Amazon VPC)"))
    assert prices(told) == {
        ("m5.large", "a", "Linux/UNIX"): 0.04,
        ("m5.large", "b", "Linux/UNIX"): 0.09,
        ("m5.large", "a", "Windows"): 0.2,
    }
