"""Two profiles of one account: it is shown once, paced once, and by the other when the first one ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from providers.aws.options import Options
from providers.aws.source import RegionSource
from providers.aws.tenants import Tenants
from providers.contract import Host, Problem
from providers.model import Batch, Complete, Deletes, Instance, Upserts
from tests.aws.cloud import HOME, Cloud

OTHER = "210987654321"


def source(cloud: Cloud, name: str, tenants: Tenants, account: str = HOME) -> RegionSource:
    return RegionSource(cloud.account(name, account=account), "eu-west-1", Options(), Host(), tenants=tenants)


async def whole(stream: AsyncIterator[Batch]) -> set[str]:
    """The instances that are shown once the list is complete."""
    shown: set[str] = set()
    async for batch in stream:
        if isinstance(batch, Upserts):
            shown |= {obj.uid for obj in batch.objects if isinstance(obj, Instance)}
        elif isinstance(batch, Deletes) and batch.kind == "instance":
            shown -= set(batch.uids)
        elif isinstance(batch, Complete) and batch.kind == "instance":
            break
    return shown


@pytest.fixture
def one(cloud: Cloud) -> Any:
    cloud.reset()
    made = cloud.client("ec2").run_instances(ImageId="ami-760aaa0f", MinCount=1, MaxCount=1)
    yield made["Instances"][0]["InstanceId"]
    cloud.reset()


async def test_an_account_under_two_profiles_is_shown_once(cloud: Cloud, one: str) -> None:
    tenants = Tenants()
    first, second = source(cloud, "prod", tenants), source(cloud, "prod-again", tenants)
    async with asyncio.timeout(30), aclosing(first.stream()) as stream:
        assert await whole(stream) == {one}
        with pytest.raises(Problem) as caught:
            await whole(second.stream())
        assert HOME in caught.value.detail
        assert "aws-prod-eu-west-1" in caught.value.detail
        assert caught.value.state == "denied"
        with pytest.raises(Problem):
            await anext(second.stream())  # known by now: not a row is shown again
    assert await whole(second.stream()) == {one}
    await first.close()
    await second.close()


async def test_profiles_of_one_account_share_its_pace_and_others_do_not(cloud: Cloud, one: str) -> None:
    tenants = Tenants()
    sources = [source(cloud, "a", tenants), source(cloud, "b", tenants), source(cloud, "c", tenants, OTHER)]
    accounts = [each._account for each in sources]
    async with asyncio.timeout(30):
        for each in sources:
            try:
                await whole(each.stream())
            except Problem:
                pass
    assert accounts[0].pace is accounts[1].pace
    assert accounts[2].pace is not accounts[0].pace
    for each in sources:
        await each.close()


async def test_whose_the_instances_are_is_known_before_the_list_is_whole(cloud: Cloud, one: str) -> None:
    each = source(cloud, "prod", Tenants())
    async with asyncio.timeout(30), aclosing(each.stream()) as stream:
        await whole(stream)
    assert each.info.account == f"prod {HOME}"
    await each.close()
