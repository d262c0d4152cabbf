"""Who an account is, as its security token service says."""

from __future__ import annotations

from tests.aws.cloud import Cloud


async def test_an_account_reaches_the_cloud(cloud: Cloud) -> None:
    answer = await cloud.account().call("eu-west-1", "sts", "get_caller_identity")
    assert answer["Account"] == "123456789012"


async def test_another_account(cloud: Cloud) -> None:
    there = cloud.account("there", account="222222222222")
    answer = await there.call("eu-west-1", "sts", "get_caller_identity")
    assert answer["Account"] == "222222222222"
    assert (await there.call("eu-west-1", "ec2", "describe_instances"))["Reservations"] == []
