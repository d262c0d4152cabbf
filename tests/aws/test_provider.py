"""Options in, sources out: one for each account and region, and none held up or lost by another."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from providers.aws import account as accounts
from providers.aws import provider as providing
from providers.aws.account import Account
from providers.aws.budget import Pace
from providers.aws.options import Options
from providers.aws.provider import provider
from providers.aws.source import RegionSource
from providers.aws.standins import Unlisted, Unusable
from providers.aws.threads import Threads
from providers.contract import Closes, Host, Powers, Prints, Problem, Source
from providers.model import Ref
from tests.aws.cloud import Cloud
from tests.aws.endpoint import Reply, answering
from tests.aws.following import following

KEYS = "aws_access_key_id = AKIATESTING\naws_secret_access_key = throw-away\n"


@pytest.fixture
def config(nobody: Path) -> Path:
    return nobody / ".aws" / "config"


async def sources(*profiles: str, **options: Any) -> Sequence[Source]:
    return await provider.sources(Options(profiles=profiles, **options), Host())


def names(found: Sequence[Source]) -> list[str]:
    return [source.info.name for source in found]


async def trouble(source: Source) -> Problem:
    with pytest.raises(Problem) as raised:
        async for _ in source.stream():
            pass
    return raised.value


async def close(found: Sequence[Source]) -> None:
    await asyncio.gather(*(source.close() for source in found if isinstance(source, Closes)))


async def test_a_source_for_each_account_and_region(config: Path) -> None:
    config.write_text(f"[profile prod]\n{KEYS}[profile test]\n{KEYS}")
    role = "arn:aws:iam::222222222222:role/OnCall"
    found = await sources("prod", "test", regions=("eu-west-[12]",))
    assert names(found) == [
        "aws-prod-eu-west-1",
        "aws-prod-eu-west-2",
        "aws-test-eu-west-1",
        "aws-test-eu-west-2",
    ]
    assert {source.info.region for source in found} == {"eu-west-1", "eu-west-2"}
    await close(found)
    found = await sources("prod", regions=("eu-west-1",), roles=(role,))
    assert names(found) == ["aws-prod/OnCall-eu-west-1"]
    await close(found)


async def test_what_cannot_be_meant_is_a_source_that_says_so(config: Path) -> None:
    config.write_text(f"[profile prod]\n{KEYS}")
    found = await sources("prod", "prdo", regions=("eu-west-1", "mars-*"))
    assert names(found) == ["aws-mars-*", "aws-prod-eu-west-1", "aws-prdo"]
    said = await trouble(found[2])
    assert said.remedy == "profiles that exist: prod"
    assert said.state == "denied"
    assert isinstance(found[0], Unusable)


async def test_all_enabled_regions(cloud: Cloud, config: Path) -> None:
    config.write_text(f"[profile prod]\n{KEYS}region = eu-west-1\nendpoint_url = {cloud.url}\n")
    enabled = cloud.client("ec2").describe_regions()["Regions"]
    found = await sources("prod", regions=("all",))
    assert sorted(names(found)) == sorted(f"aws-prod-{region['RegionName']}" for region in enabled)
    assert len(found) > 10
    await close(found)


async def test_an_account_that_cannot_say_its_regions_is_a_source_of_its_own(
    cloud: Cloud, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(
        f"[profile prod]\n{KEYS}region = eu-west-1\nendpoint_url = {cloud.url}\n"
        "[profile out]\nregion = eu-west-1\n"
    )
    found = await sources("out", "prod", regions=("all", "eu-west-3"))
    assert names(found)[:2] == ["aws-out-eu-west-3", "aws-out"]
    assert len(found) > 10
    assert isinstance(found[1], Unlisted)
    assert "profile out has no credentials" in (await trouble(found[1])).detail
    # Logged in meanwhile.
    config.write_text(
        f"[profile out]\n{KEYS}region = eu-west-1\nendpoint_url = {cloud.url}\n",
    )
    assert not found[1].successors()
    assert [batch async for batch in found[1].stream()] == []
    regions = names(found[1].successors())
    assert "aws-out-eu-west-1" in regions
    assert "aws-out-eu-west-3" not in regions  # which is there already
    await close([*found, *found[1].successors()])


async def test_a_slow_account_holds_no_other_up(
    cloud: Cloud, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providing, "LISTING_SECONDS", 0.3)
    released = threading.Event()

    def slow(request: object) -> Reply:
        released.wait(20)
        return Reply(500)

    with answering(slow) as there:
        config.write_text(
            f"[profile slow]\n{KEYS}region = eu-west-1\nendpoint_url = {there.url}\n"
            f"[profile prod]\n{KEYS}region = eu-west-1\n"
        )
        found = await sources("slow", "prod", regions=("eu-west-1",))
        assert names(found) == ["aws-slow-eu-west-1", "aws-prod-eu-west-1"]
        found = await sources("slow", regions=("all",))
        assert names(found) == ["aws-slow"]
        released.set()


async def test_read_only_is_held_wherever_a_request_comes_from(cloud: Cloud, config: Path) -> None:
    config.write_text(f"[profile prod]\n{KEYS}endpoint_url = {cloud.url}\n")
    run = cloud.client("ec2").run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
    ref = Ref("aws-prod-eu-west-1", "instance", run["Instances"][0]["InstanceId"])
    options = Options(profiles=("prod",), regions=("eu-west-1",))
    found = await provider.sources(options, Host(read_only=True))
    source = found[0]
    assert isinstance(source, Powers)
    assert isinstance(source, Prints)
    machine = await source.machine(ref)
    with pytest.raises(Problem, match="read-only: ec2 RebootInstances was not sent"):
        await source.power(machine, "reboot", dry_run=True)
    with pytest.raises(Problem, match="read-only: ec2 GetConsoleOutput was not sent"):
        await source.console_output(ref)
    await close(found)


@pytest.mark.parametrize("read_only", [True, False])
async def test_read_only_the_queue_is_left_to_others(cloud: Cloud, config: Path, read_only: bool) -> None:
    """Whatever one console takes off it, another does not see."""
    config.write_text(f"[profile prod]\n{KEYS}region = eu-west-1\nendpoint_url = {cloud.url}\n")
    sqs = cloud.client("sqs")
    queue = sqs.create_queue(QueueName="fleet")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    options = Options(profiles=("prod",), queues={"prod": "fleet"})
    [source] = await provider.sources(options, Host(read_only=read_only))
    assert isinstance(source, RegionSource)
    async with following(source) as followed:
        await followed.until(lambda f: "instance" in f.complete)
        queues = [told for told in await source.diagnose() if "queue" in told.subject]
        assert bool(queues) is not read_only
    await close([source])
    left = sqs.receive_message(QueueUrl=queue).get("Messages", [])
    assert len(left) == (1 if read_only else 0)


async def test_what_gives_credentials_and_hangs_takes_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_CREDENTIALS_SECONDS", 0.05)
    released, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        released.wait(20)

    threads = Threads(8, "hung")
    account = Account("prod", hang, threads, Pace(1000), lambda client: None)
    for _ in range(2):
        calls = (account.call(f"r{number}", "ec2", "describe_instances") for number in range(5))
        for told in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(told, Problem)
            assert "its credentials have not come" in told.detail
    assert len(asked) == 1
    released.set()
    threads.shutdown()


async def test_a_configuration_that_cannot_be_read(config: Path) -> None:
    config.write_text("[profile prod")
    with pytest.raises(Problem, match="cannot be parsed"):
        await sources("prod")


async def test_threads_end_with_the_last_source(config: Path) -> None:
    config.write_text("[profile prod]\nregion = eu-west-1\n[profile test]\nregion = eu-west-1\n")
    others = set(threading.enumerate())
    found = await sources("prod", "test", regions=("all",))
    mine = set(threading.enumerate()) - others
    assert mine
    assert all(thread.daemon for thread in mine)
    await close(found[:1])
    assert any(thread.is_alive() for thread in mine)
    await close(found[1:])
    for thread in mine:
        thread.join(5)
    assert not any(thread.is_alive() for thread in mine)


async def test_threads_end_when_nothing_can_be_meant(config: Path) -> None:
    config.write_text(f"[profile prod]\n{KEYS}")
    others = set(threading.enumerate())
    found = await sources("prdo", regions=("eu-west-1",))
    assert names(found) == ["aws-prdo"]
    for thread in set(threading.enumerate()) - others:
        thread.join(5)
        assert not thread.is_alive()


def test_one_whose_regions_are_not_known_has_a_clean_name(cloud: Cloud) -> None:
    info = Unlisted(cloud.account("pro\x1b[31md"), lambda regions: []).info
    assert (info.name, info.account) == ("aws-pro\u241b[31md", "pro\u241b[31md")


def test_boto3_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, providers.aws.provider; sys.exit(any(name.startswith('boto') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- the threads -------------------------------------------------------------------------------------


def test_no_more_threads_than_its_limit_and_none_before_they_are_needed() -> None:
    threads, go = Threads(3, "few"), threading.Event()
    running = [threads.submit(go.wait, 10) for _ in range(9)]
    assert sum(thread.name.startswith("few ") for thread in threading.enumerate()) == 3
    go.set()
    assert all(future.result(10) for future in running)
    assert threads.submit(lambda: 7).result(10) == 7
    threads.shutdown()


def test_what_has_not_begun_when_they_end_is_cancelled() -> None:
    threads, go, began = Threads(1, "one"), threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        go.wait(10)

    first, second = threads.submit(hang), threads.submit(hang)
    assert began.wait(10)
    threads.shutdown()
    assert second.cancelled()
    with pytest.raises(RuntimeError):
        threads.submit(hang)
    go.set()
    first.result(10)
