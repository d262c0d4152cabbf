"""Read-only: of everything that the services can do, only the list leaves the engine."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import boto3
import pytest

from providers.aws import guard, sessions
from providers.aws.account import Account
from providers.aws.budget import Pace
from providers.aws.threads import Threads
from providers.contract import Refused
from tests.aws.cloud import Cloud

SERVICES = ("ec2", "autoscaling", "eks", "sqs", "sts", "iam")
PASSES: dict[str, set[str]] = {
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
    "sqs": set(),
    "sts": {"AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"},
    "iam": {"ListAccountAliases"},
}


@pytest.fixture
def session() -> Any:
    """boto3's own, which knows every operation, and the guard."""
    made = boto3.Session("AKIATESTING", "throw-away", region_name="eu-west-1")
    guard.watch(made.events)
    return made


def passing(client: Any) -> set[str]:
    """The operations of a client that the hook lets pass; nothing is sent."""

    found = set()

    def sent(model: Any, **_: Any) -> None:
        found.add(model.name)

    client.meta.events.register_last("before-call", sent)
    service = client.meta.service_model
    signer = client._request_signer
    for name in service.operation_names:
        with suppress(Refused):
            client.meta.events.emit(
                f"before-call.{service.service_id.hyphenize()}.{name}",
                model=service.operation_model(name),
                params={
                    "body": {"SourceRegion": "us-east-1"},
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


async def test_nothing_that_acts_reaches_the_cloud(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    ec2 = cloud.client("ec2")
    machine = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    threads = Threads(4, "test")
    make = partial(sessions.session, "environment", "eu-west-1", "", guard.watch)
    account = Account("environment", make, threads, Pace(1000), lambda client: None)
    assert (await account.call("eu-west-1", "ec2", "describe_instances"))["Reservations"]
    for verb in ("reboot_instances", "start_instances", "stop_instances"):
        with pytest.raises(Refused, match="Instances was not sent"):
            await account.change("eu-west-1", "ec2", verb, InstanceIds=[machine])
    state = ec2.describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"]
    assert state == "running"
    await account.close()
    threads.shutdown()
