"""The policy in docs/aws.md is what is really asked for: no action more, none less."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from providers.aws.options import Options
from providers.aws.provider import provider
from providers.aws.source import RegionSource
from providers.contract import Host
from providers.model import Ref
from tests.aws import front as fronts
from tests.aws import plugin
from tests.aws.cloud import IMAGE, Cloud
from tests.aws.following import QUICK, following
from tests.aws.front import Asked, Front
from tests.aws.test_remote import KEY, manage
from tests.aws.test_source import launch, planted, settled

PAGE = Path(__file__).parents[2] / "docs" / "aws.md"
FREE = {"sts:GetCallerIdentity"}
"""Needs no permission."""
NAMES = {"sqs:DeleteMessageBatch": "sqs:DeleteMessage"}
"""Where the action is called otherwise than the operation."""


def documented() -> set[str]:
    """The actions of the policy."""
    block = re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block
    statements = json.loads(block[1])["Statement"]
    assert all(each["Effect"] == "Allow" for each in statements)
    actions = [action for each in statements for action in each["Action"]]
    assert len(set(actions)) == len(actions)
    return set(actions)


def action(asked: Asked) -> str:
    name = f"{asked.service}:{asked.operation}"
    return NAMES.get(name, name)


@pytest.fixture
def front(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    with fronts.before(cloud.url) as front:
        for name, value in {**cloud.environment, "AWS_ENDPOINT_URL": front.url}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("providers.aws.provider.RegionSource", partial(RegionSource, timing=QUICK))
        yield front


def test_the_table_says_of_each_action_what_it_is_for() -> None:
    rows = re.findall(r"^\| `([\w-]+:\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert {name for name, _ in rows} == documented()
    assert all(why.strip() for _, why in rows)


async def entered(source: RegionSource, ref: Ref) -> None:
    """Every way of AWS's own to a shell."""
    assert not await source.may_start(ref)
    started = await source.start_session(ref)
    await source.end_session(ref, started.id)
    await source.push_key(ref, "ops", KEY)


async def test_the_policy_is_what_is_asked_for(
    cloud: Cloud, front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(cloud)
    plugin.install(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    manage(front)
    [uid] = launch(cloud, 1)
    cloud.client("ec2").run_instances(
        ImageId=IMAGE,
        MinCount=1,
        MaxCount=1,
        InstanceMarketOptions={"MarketType": "spot"},
    )
    queue = cloud.client("sqs").create_queue(QueueName="quarterdeck-events")["QueueUrl"]
    cloud.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
    options = Options(regions=("all",), queues={"environment": "quarterdeck-events"})
    sources = await provider.sources(options, Host())
    [source] = [each for each in sources if each.info.region == "eu-west-1"]
    assert isinstance(source, RegionSource)
    async with following(source) as followed:
        await followed.until(lambda f: settled(f) and f.of("nodegroup") and f.info.identity)
        name = followed.info.name
        for kind in followed.info.kinds:
            await source.manifest(Ref(name, kind, next(uid for own, uid in followed.objects if own == kind)))
        await source.diagnose()
        for verb in ("reboot", "stop", "start"):
            machine = await source.machine(Ref(name, "instance", uid))
            await source.power(machine, verb, dry_run=True)
            await source.power(machine, verb, dry_run=False)
        await source.console_output(Ref(name, "instance", uid))
        await entered(source, Ref(name, "instance", uid))
        lacking = documented() - {action(each) for each in front.asked}
        await followed.until(lambda f: lacking <= {action(each) for each in front.asked}, seconds=5)
    for each in sources:
        await each.close()
    assert {action(each) for each in front.asked} - FREE == documented()
