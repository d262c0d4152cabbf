"""Reboot, start and stop of EC2 instances against moto, with a network that loses answers."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from providers.aws import guard
from providers.aws.manifest import manifest
from providers.aws.options import Options
from providers.aws.power import Power
from providers.aws.source import RegionSource
from providers.contract import Host, Powers, Prints, Problem, Refused, Subject, Uncertain, Verb
from providers.engine.audit import Audit, entries
from providers.engine.feed import Feed
from providers.engine.outbox import Outbox
from providers.engine.pipeline import Pipeline
from providers.engine.watchers import Watchers
from providers.model import Ref
from providers.stream import Body, Confirm, Outcome, Plan, Propose
from tests.aws.cloud import Cloud
from tests.aws.middleman import Middleman, between
from tests.waiting import until

REGION = "eu-west-1"
AWS_NAME: dict[Verb, str] = {"reboot": "RebootInstances", "start": "StartInstances", "stop": "StopInstances"}


@pytest.fixture
def network(cloud: Cloud) -> Iterator[Middleman]:
    with between(cloud.url) as middleman:
        yield middleman


@pytest.fixture
def looked() -> list[str]:
    return []


@pytest.fixture
def power(cloud: Cloud, network: Middleman, looked: list[str]) -> Power:
    there = Cloud(network.url)
    return Power(there.account("prod"), REGION, looked.append)


def launch(cloud: Cloud, **more: Any) -> str:
    made = cloud.client("ec2").run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, **more)
    return str(made["Instances"][0]["InstanceId"])


def ref(uid: str) -> Ref:
    return Ref("aws-prod-eu-west-1", "instance", uid)


def state(cloud: Cloud, uid: str) -> str:
    told = cloud.client("ec2").describe_instances(InstanceIds=[uid])
    return str(told["Reservations"][0]["Instances"][0]["State"]["Name"])


def tagged(**tags: str) -> dict[str, Any]:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"TagSpecifications": [{"ResourceType": "instance", "Tags": pairs}]}


def said(subject: Subject, verb: Verb) -> str:
    return "; ".join(words for of, words in subject.consequences if of == verb)


# ---- what it is --------------------------------------------------------------------------------------


async def test_a_machine_is_read_now(cloud: Cloud, power: Power) -> None:
    uid = launch(cloud, **tagged(Name="web-1"))
    subject = await power.machine(ref(uid))
    assert (subject.kind, subject.name, subject.uid, subject.state) == ("Instance", "web-1", uid, "running")
    assert subject.launched is not None
    assert isinstance(power, Powers)
    assert isinstance(power, Prints)


async def test_a_machine_that_is_gone_is_refused(power: Power) -> None:
    with pytest.raises(Refused, match="i-0123456789abcdef0 is gone from prod eu-west-1"):
        await power.machine(ref("i-0123456789abcdef0"))


async def test_what_a_stop_takes_is_told_by_tags_and_addresses(cloud: Cloud, power: Power) -> None:
    uid = launch(cloud, **tagged(**{"eks:cluster-name": "blue", "kubernetes.io/cluster/blue": "owned"}))
    subject = await power.machine(ref(uid))
    assert "node in cluster blue is lost" in said(subject, "stop")
    assert "not ready until it is back" in said(subject, "reboot")


async def test_a_public_address_is_given_up_unless_it_is_an_elastic_one(
    cloud: Cloud, network: Middleman, power: Power
) -> None:
    ec2 = cloud.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    card = {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}
    uid = launch(cloud, NetworkInterfaces=[card])
    assert "is given up" not in said(
        await power.machine(ref(uid)), "stop"
    )  # moto's all belong to the account
    network.edits["DescribeInstances"] = (b"<ipOwnerId>123456789012<", b"<ipOwnerId>amazon<")
    assert "is given up, and a start brings another" in said(await power.machine(ref(uid)), "stop")


async def test_a_groups_machine_may_be_replaced(cloud: Cloud, power: Power) -> None:
    uid = launch(cloud)
    cloud.client("ec2").create_tags(
        Resources=[uid], Tags=[{"Key": "aws:autoscaling:groupName", "Value": "workers"}]
    )
    assert "Auto Scaling group workers may take it for broken" in said(
        await power.machine(ref(uid)), "reboot"
    )


# ---- what is done to it ------------------------------------------------------------------------------


AFTER: dict[Verb, str] = {"stop": "stopped", "start": "running", "reboot": "running"}


@pytest.mark.parametrize("verb", AFTER)
async def test_A6_a_rehearsal_changes_nothing_and_the_request_is_about_one_instance_once(
    cloud: Cloud, network: Middleman, power: Power, looked: list[str], verb: Verb
) -> None:
    uid, other = launch(cloud), launch(cloud)
    if verb == "start":
        cloud.client("ec2").stop_instances(InstanceIds=[uid, other])
    others = state(cloud, other)
    subject = await power.machine(ref(uid))
    await power.power(subject, verb, dry_run=True)
    assert state(cloud, uid) == subject.state
    assert looked == []
    await power.power(subject, verb, dry_run=False)
    assert state(cloud, uid) == AFTER[verb]
    assert state(cloud, other) == others
    (sent,) = network.calls(AWS_NAME[verb])
    assert [key for key in sent if key.startswith("InstanceId")] == ["InstanceId.1"]
    assert sent["InstanceId.1"] == uid
    assert looked == [uid]


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "AccessDenied", "AuthorizationError"])
async def test_A6_unauthorized_is_denied_and_names_the_right(
    cloud: Cloud, network: Middleman, power: Power, code: str
) -> None:
    subject = await power.machine(ref(launch(cloud)))
    network.fates["DryRun StopInstances"] = (403, code)
    with pytest.raises(Refused, match="is not allowed ec2:StopInstances") as caught:
        await power.power(subject, "stop", dry_run=True)
    assert "have ec2:StopInstances allowed" in caught.value.remedy


async def test_A6_any_other_answer_to_a_rehearsal_is_a_failed_check(
    cloud: Cloud, network: Middleman, power: Power
) -> None:
    subject = await power.machine(ref(launch(cloud)))
    network.fates["DryRun StopInstances"] = (400, "IncorrectInstanceState")
    with pytest.raises(Problem, match="IncorrectInstanceState") as caught:
        await power.power(subject, "stop", dry_run=True)
    assert not isinstance(caught.value, Refused | Uncertain)


async def test_a_place_that_ignores_DryRun_is_told(
    cloud: Cloud, network: Middleman, power: Power, looked: list[str]
) -> None:
    uid = launch(cloud)
    subject = await power.machine(ref(uid))
    network.fates["DryRun RebootInstances"] = (200, "")
    with pytest.raises(Uncertain, match="was not refused"):
        await power.power(subject, "reboot", dry_run=True)
    assert looked == [uid]


async def test_A6_one_that_was_started_again_meanwhile_is_refused(
    cloud: Cloud, network: Middleman, power: Power
) -> None:
    subject = await power.machine(ref(launch(cloud)))
    earlier = msgspec.structs.replace(subject, launched=(subject.launched or 0.0) - 60)
    with pytest.raises(Refused, match="was started again meanwhile: nothing was sent"):
        await power.power(earlier, "reboot", dry_run=False)
    assert network.calls("RebootInstances") == []


async def test_A6_one_that_was_stopped_meanwhile_is_refused(
    cloud: Cloud, network: Middleman, power: Power
) -> None:
    uid = launch(cloud)
    subject = await power.machine(ref(uid))
    cloud.client("ec2").stop_instances(InstanceIds=[uid])
    with pytest.raises(Refused, match="is stopped by now: nothing was sent"):
        await power.power(subject, "reboot", dry_run=False)
    assert network.calls("RebootInstances") == []


async def test_one_that_is_gone_meanwhile_is_refused(cloud: Cloud, network: Middleman, power: Power) -> None:
    subject = await power.machine(ref(launch(cloud)))
    network.fates["DescribeInstances"] = (400, "InvalidInstanceID.NotFound")
    with pytest.raises(Refused, match="is gone"):
        await power.power(subject, "stop", dry_run=False)


@pytest.mark.parametrize("fate", ["lost", "garbled", (500, "InternalError")])
async def test_A7_an_answer_that_never_comes_is_uncertain_and_nothing_is_sent_again(
    cloud: Cloud, network: Middleman, power: Power, looked: list[str], fate: Any
) -> None:
    uid = launch(cloud)
    subject = await power.machine(ref(uid))
    network.fates["StopInstances"] = fate
    with pytest.raises(Uncertain, match=": it may have been done all the same") as caught:
        await power.power(subject, "stop", dry_run=False)
    assert caught.value.detail.startswith("prod eu-west-1: StopInstances: ")
    assert len(network.calls("StopInstances")) == 1
    assert state(cloud, uid) == "stopped"
    assert looked == [uid]


async def test_A7_too_many_requests_is_a_no_and_not_repeated(
    cloud: Cloud, network: Middleman, power: Power
) -> None:
    subject = await power.machine(ref(launch(cloud)))
    network.reaches = False
    network.fates["RebootInstances"] = (503, "RequestLimitExceeded")
    with pytest.raises(Problem) as caught:
        await power.power(subject, "reboot", dry_run=False)
    assert not isinstance(caught.value, Uncertain)
    assert len(network.calls("RebootInstances")) == 1


async def test_a_protected_instance_says_so(cloud: Cloud, network: Middleman, power: Power) -> None:
    subject = await power.machine(ref(launch(cloud)))
    network.reaches = False
    network.fates["StopInstances"] = (400, "OperationNotPermitted")
    with pytest.raises(Problem, match="OperationNotPermitted"):
        await power.power(subject, "stop", dry_run=False)


async def test_what_a_person_asks_for_does_not_wait_for_polls(cloud: Cloud, looked: list[str]) -> None:
    uid = launch(cloud)
    busy = cloud.account("prod", per_minute=1)
    await busy.call(REGION, "ec2", "describe_instances")
    power = Power(busy, REGION, looked.append)
    async with asyncio.timeout(20):
        subject = await power.machine(ref(uid))
        await power.power(subject, "stop", dry_run=True)
        await power.power(subject, "stop", dry_run=False)
        assert uid in await manifest(busy, REGION, ref(uid))
    assert state(cloud, uid) == "stopped"
    assert busy.pace.spent.calls == 6


# ---- what it printed ---------------------------------------------------------------------------------


def printed(text: bytes) -> bytes:
    output = base64.b64encode(text).decode()
    return (
        '<GetConsoleOutputResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>'
        f"<instanceId>i-1</instanceId><timestamp>2026-01-15T02:14:07.000Z</timestamp><output>{output}</output>"
        "</GetConsoleOutputResponse>"
    ).encode()


async def test_what_it_printed_is_clean_and_says_of_when_it_is(
    cloud: Cloud, network: Middleman, power: Power
) -> None:
    uid = launch(cloud)
    network.bodies["GetConsoleOutput"] = printed(
        b"[    0.0] Linux\r\n[\x1b[0;32m  OK  \x1b[0m] Up\r\n\x1b]52;c;x\x07"
    )
    assert await power.console_output(ref(uid)) == (
        "[    0.0] Linux\n[  OK  ] Up\n␛]52;c;x␇\n-- as EC2 kept it at 2026-01-15 02:14:07 UTC --"
    )
    assert [asked["Latest"] for asked in network.calls("GetConsoleOutput")] == ["true"]


async def test_a_type_without_the_latest_gives_what_it_printed_when_it_booted(
    cloud: Cloud, network: Middleman, power: Power
) -> None:
    uid = launch(cloud)
    network.fates["GetConsoleOutput"] = (400, "UnsupportedOperation")
    with pytest.raises(Problem, match="UnsupportedOperation"):
        await power.console_output(ref(uid))
    assert ["Latest" in asked for asked in network.calls("GetConsoleOutput")] == [True, False]


async def test_printing_that_is_not_answered_is_no_change_that_may_have_happened(
    cloud: Cloud, network: Middleman, power: Power
) -> None:
    network.fates["GetConsoleOutput"] = "lost"
    with pytest.raises(Problem, match="no answer came") as caught:
        await power.console_output(ref(launch(cloud)))
    assert not isinstance(caught.value, Uncertain)


async def test_nothing_printed_yet_is_said(cloud: Cloud, network: Middleman, power: Power) -> None:
    network.bodies["GetConsoleOutput"] = printed(b"")
    with pytest.raises(Problem, match="nothing has been printed yet"):
        await power.console_output(ref(launch(cloud)))


# ---- what a read-only engine does not send -----------------------------------------------------------


async def test_R2_read_only_nothing_leaves_not_even_a_rehearsal(
    cloud: Cloud, network: Middleman, looked: list[str]
) -> None:
    uid = launch(cloud)
    guarded = Cloud(network.url).account("prod", prepare=lambda client: guard.watch(client.meta.events))
    power = Power(guarded, REGION, looked.append)
    subject = await power.machine(ref(uid))
    for verb in AFTER:
        for dry_run in (True, False):
            with pytest.raises(Refused, match=r"read-only: ec2 .*Instances was not sent"):
                await power.power(subject, verb, dry_run=dry_run)
    with pytest.raises(Refused, match=r"read-only: .*can hold secrets"):
        await power.console_output(ref(uid))
    assert {asked["Action"] for asked in network.asked} == {"DescribeInstances"}
    assert looked == []


# ---- the whole way -----------------------------------------------------------------------------------


async def test_a_stop_is_confirmed_by_name_seen_by_the_closer_look_and_written_down(
    cloud: Cloud, tmp_path: Path
) -> None:
    uid = launch(cloud, **tagged(Name="web-1"))
    slow = Options(poll_seconds=3600.0)
    source = RegionSource(cloud.account("prod").used(), REGION, slow, Host())
    watchers, frames = Watchers(), list[Body]()
    feed = Feed(source.info.name, source, Outbox(), watchers)
    audit = tmp_path / "audit.jsonl"
    pipeline = Pipeline({feed.name: source}, watchers, Audit(audit), frames.append, False)
    feed.start()
    try:
        await until(lambda: feed.health.state == "live")
        pipeline.propose(Propose(id=1, action="stop", refs=(Ref(feed.name, "instance", uid),)))
        await until(lambda: frames)
        plan = frames.pop()
        assert isinstance(plan, Plan)
        assert plan.typed == "web-1"
        assert f"Stop instance web-1 ({uid}) in " in plan.sentence
        pipeline.confirm(Confirm(id=1, typed="web-1"))
        await until(lambda: any(isinstance(frame, Outcome) and frame.final for frame in frames))
    finally:
        await pipeline.close()
        await feed.stop()
    assert state(cloud, uid) == "stopped"
    intent, outcome = entries(audit)
    assert (intent.phase, intent.object.name, intent.object.uid) == ("intent", "web-1", uid)
    assert (outcome.result, outcome.detail) == ("done", "")
