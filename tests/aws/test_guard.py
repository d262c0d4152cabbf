"""Read-only: of everything that the services can do, only the list leaves the engine."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import Any

import boto3
import pytest

from providers.aws import sessions
from providers.aws.account import Account
from providers.aws.budget import Pace
from providers.aws.guard import Guard
from providers.aws.threads import Threads
from providers.contract import Refused
from tests.aws.cloud import Cloud

SERVICES = ("ec2", "autoscaling", "eks", "sqs", "sts", "iam")
OURS = "https://sqs.eu-west-1.amazonaws.com/123456789012/quarterdeck"
PASSES = {
    "ec2": {
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeRegions",
        "DescribeSpotInstanceRequests",
        "DescribeSpotPriceHistory",
        "DescribeVolumes",
    },
    "autoscaling": {"DescribeAutoScalingGroups", "DescribeAutoScalingInstances"},
    "eks": {"DescribeCluster", "DescribeNodegroup", "ListClusters", "ListNodegroups"},
    "sqs": {"DeleteMessageBatch", "GetQueueUrl", "ReceiveMessage"},
    "sts": {"AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"},
    "iam": {"ListAccountAliases"},
}


@pytest.fixture
def session() -> Any:
    """boto3's own, which knows every operation, and the guard."""
    made = boto3.Session("AKIATESTING", "throw-away", region_name="eu-west-1")
    Guard([OURS]).watch(made.events)
    return made


def passing(client: Any) -> set[str]:
    """The operations of a client that the hook lets pass; nothing is sent."""

    found = set()

    def sent(model: Any, **_: Any) -> None:
        found.add(model.name)

    client.meta.events.register_last("before-call", sent)
    service = client.meta.service_model
    body: Any = (
        json.dumps({"QueueUrl": OURS}).encode()
        if service.service_name == "sqs"
        else {"SourceRegion": "us-east-1"}
    )
    signer = client._request_signer
    for name in service.operation_names:
        with suppress(Refused):
            client.meta.events.emit(
                f"before-call.{service.service_id.hyphenize()}.{name}",
                model=service.operation_model(name),
                params={
                    "body": body,
                    "url": "https://nowhere",
                    "method": "POST",
                    "headers": {},
                    "context": {},
                },
                request_signer=signer,
                context={},
            )
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_of_all_operations_only_the_list_passes(session: Any, service: str) -> None:
    client = session.client(service, region_name="eu-west-1")
    assert len(client.meta.service_model.operation_names) > len(PASSES[service])
    assert passing(client) == PASSES[service]


def test_what_can_hold_secrets_does_not_pass(session: Any) -> None:
    client = session.client("ec2", region_name="eu-west-1")
    with pytest.raises(Refused, match="DescribeInstanceAttribute was not sent"):
        client.describe_instance_attribute(InstanceId="i-1", Attribute="userData")
    with pytest.raises(Refused, match="GetConsoleOutput was not sent"):
        client.get_console_output(InstanceId="i-1")


@pytest.mark.parametrize("queue", [OURS, "quarterdeck"])
def test_queues_that_were_configured_pass_by_url_and_by_name(
    monkeypatch: pytest.MonkeyPatch, cloud: Cloud, queue: str
) -> None:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    made = sessions.session("environment", "eu-west-1", watch=Guard([queue]).watch)
    sqs = made.client("sqs", region_name="eu-west-1")
    for name in ("quarterdeck", "payments"):
        cloud.client("sqs").create_queue(QueueName=name)
    assert "Messages" not in sqs.receive_message(QueueUrl=OURS)
    with pytest.raises(Refused, match="ReceiveMessage was not sent"):
        sqs.receive_message(QueueUrl=OURS.replace("quarterdeck", "payments"))
    with pytest.raises(Refused, match="SendMessage was not sent"):
        sqs.send_message(QueueUrl=OURS, MessageBody="hello")
    with pytest.raises(Refused, match="GetQueueUrl was not sent"):
        sqs.get_queue_url(QueueName="payments")


@pytest.mark.parametrize("body", [b"[1]", b'"fleet"', b"null", b"7", b"{", b""])
def test_a_body_that_names_no_queue_does_not_pass(session: Any, body: bytes) -> None:
    sqs = session.client("sqs", region_name="eu-west-1").meta.service_model
    with pytest.raises(Refused, match="ReceiveMessage was not sent"):
        Guard([OURS]).check(sqs.operation_model("ReceiveMessage"), {"body": body})


async def test_nothing_that_acts_reaches_the_cloud(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    ec2 = cloud.client("ec2")
    machine = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    threads = Threads(4, "test")
    make = partial(sessions.session, "environment", "eu-west-1", "", Guard().watch)
    account = Account("environment", make, threads, Pace(1000), lambda client: None)
    assert (await account.call("eu-west-1", "ec2", "describe_instances"))["Reservations"]
    for verb in ("reboot_instances", "start_instances", "stop_instances"):
        with pytest.raises(Refused, match="Instances was not sent"):
            await account.change("eu-west-1", "ec2", verb, InstanceIds=[machine])
    state = ec2.describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"]
    assert state == "running"
    await account.close()
    threads.shutdown()
