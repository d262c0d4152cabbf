"""Every sort of event, as what it says of an instance; and what is no event."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.aws.events import Change, Unknown, Unreadable, read
from providers.model import Notice
from tests.aws import envelopes
from tests.aws.envelopes import ACCOUNT, AT, REGION, UID

RETIRED = 1_769_058_000.0


def change(**more: object) -> Change:
    return Change(account=ACCOUNT, region=REGION, instance=UID, at=AT, **more)  # type: ignore[arg-type]


def noticed(kind: str, detail: str, at: float | None = None) -> Change:
    return change(notice=Notice(kind=kind, at=at, told=AT, detail=detail))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (envelopes.state("shutting-down"), change(state="shutting-down")),
        (
            envelopes.interruption(),
            noticed("spot interruption", "EC2 will terminate it", AT + 120),
        ),
        (
            envelopes.interruption("hibernate"),
            noticed("spot interruption", "EC2 will hibernate it", AT),
        ),
        (envelopes.rebalance(), noticed("rebalance", "at a raised risk of interruption")),
        (envelopes.lifecycle("terminate"), noticed("lifecycle", "terminating in workers, waits for drain")),
        (envelopes.lifecycle("launch"), noticed("lifecycle", "launching in workers, waits for drain")),
        (envelopes.scaled("EC2 Instance Launch Successful"), change()),
        (envelopes.scaled("EC2 Instance Terminate Successful"), change()),
        (
            envelopes.scaled("EC2 Instance Terminate Unsuccessful", StatusMessage="Instance is protected"),
            noticed("lifecycle", "workers could not terminate it: Instance is protected"),
        ),
        (envelopes.health(UID), noticed("scheduled", "The hardware is degraded.", RETIRED)),
        (
            envelopes.health(f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{UID}", category="issue"),
            noticed("health", "The hardware is degraded."),
        ),
        (
            envelopes.health(UID, eventDescription=[], startTime="soon"),
            noticed("scheduled", "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED"),
        ),
    ],
)
def test_what_an_event_says(body: str, told: Change) -> None:
    assert read(body).changes == (told,)


def test_a_health_event_is_about_each_instance_that_it_names() -> None:
    changes = read(envelopes.health("i-0a1", "vol-1", "i-0a2")).changes
    assert [each.instance for each in changes] == ["i-0a1", "i-0a2"]


@pytest.mark.parametrize(
    "body",
    [
        envelopes.health(UID, status="closed"),
        envelopes.health(UID, service="RDS"),
        envelopes.scaled("EC2 Instance Launch Unsuccessful", EC2InstanceId=""),
    ],
)
def test_some_say_nothing_of_an_instance(body: str) -> None:
    assert read(body).changes == ()


@pytest.mark.parametrize(
    "body",
    [
        envelopes.envelope("aws.ec2", "EBS Volume Notification", {"event": "createVolume"}),
        envelopes.state("running", source="somebody.else"),
    ],
)
def test_other_sorts_are_unknown(body: str) -> None:
    with pytest.raises(Unknown):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        '{"id": "1"}',
        envelopes.state("running")[:-9],
        envelopes.state("running", time="yesterday"),
        envelopes.state("running", detail="running"),
        envelopes.state("running", uid="vol-1"),
        envelopes.state("running", uid="i-0a; rm"),
        envelopes.state("running", detail={"state": "running"}),
        envelopes.health(UID, affectedEntities=["i-1"]),
        envelopes.health(UID, eventDescription=[None]),
        envelopes.health(UID, startTime="Thu, 99 Jan 2026 05:00:00 GMT", affectedEntities={"a": 1}),
    ],
)
def test_what_is_no_event_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        read(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ("service", "statusCode", "eventTypeCategory", "startTime", "eventDescription", "affectedEntities",
     "EC2InstanceId", "AutoScalingGroupName", "StatusMessage", "instance-id", "state", "instance-action")
)  # fmt: skip


@given(
    st.sampled_from(
        (
            ("aws.ec2", "EC2 Instance State-change Notification"),
            ("aws.autoscaling", "EC2 Instance Launch Unsuccessful"),
            ("aws.health", "AWS Health Event"),
        )
    ),
    KEYS,
    json_values,
)
def test_nothing_that_is_in_a_detail_breaks_the_reading(
    sort: tuple[str, str], key: str, value: object
) -> None:
    detail = {"service": "EC2", "instance-id": UID, "EC2InstanceId": UID, "state": "running", key: value}
    with contextlib.suppress(Unreadable):
        read(envelopes.envelope(*sort, detail))


def test_T1_what_an_event_says_is_clean() -> None:
    (told,) = read(envelopes.scaled("EC2 Instance Launch Unsuccessful", StatusMessage="no\x1b[2J")).changes
    assert told.notice is not None
    assert told.notice.detail == "workers could not launch it: no␛[2J"
