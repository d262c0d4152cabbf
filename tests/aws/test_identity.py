"""Who an account is, as its security token service says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from providers.aws import sessions
from providers.aws.account import Account, Identity
from providers.aws.budget import Pace
from providers.aws.threads import Threads
from providers.aws.troubles import NoIdentity
from providers.stream import VERSION
from tests.aws.cloud import Cloud
from tests.aws.endpoint import WHO, Reply, Request, answering, refusal

KEYS = "aws_access_key_id = AKIATESTING\naws_secret_access_key = throw-away\n"


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads(8, "test")
    yield threads
    threads.shutdown()


def account(threads: Threads, profile: str = "prod", role: str = "") -> Account:
    make = partial(sessions.session, profile, "eu-west-1", role)
    return Account(profile, make, threads, Pace(1000), lambda client: None, home="eu-west-1")


async def test_who_an_account_is(cloud: Cloud) -> None:
    cloud.client("iam").create_account_alias(AccountAlias="shop")
    who = await cloud.account().identity()
    assert (who.account, who.alias, who.label) == ("123456789012", "shop", "shop 123456789012")
    assert who.arn.startswith("arn:aws:")


async def test_two_accounts_of_one_alias_differ(cloud: Cloud) -> None:
    for number in ("123456789012", "222222222222"):
        cloud.client("iam", account=number).create_account_alias(AccountAlias="shop")
    here = await cloud.account().identity()
    there = await cloud.account("there", account="222222222222").identity()
    assert {here.label, there.label} == {"shop 123456789012", "shop 222222222222"}


def test_without_an_alias_it_is_its_number() -> None:
    assert Identity("123456789012", "arn:aws:iam::123456789012:user/me").label == "123456789012"


async def test_it_is_asked_once_for_all_regions_and_an_alias_that_is_denied_is_left_out(
    nobody: Path, threads: Threads
) -> None:
    def answer(request: Request) -> Reply:
        return Reply(body=WHO) if "GetCallerIdentity" in request.body else refusal("AccessDenied")

    with answering(answer) as there:
        (nobody / ".aws" / "config").write_text(f"[profile prod]\n{KEYS}endpoint_url = {there.url}\n")
        asked = account(threads)
        found = await asyncio.gather(*(asked.identity() for _ in range(20)))
        await asked.close()
    assert {who.label for who in found} == {"123456789012"}
    assert sorted(request.body.partition("&")[0] for request in there.requests) == [
        "Action=GetCallerIdentity",
        "Action=ListAccountAliases",
    ]


async def test_a_failure_is_not_kept(nobody: Path, threads: Threads) -> None:
    expired = [True]

    def answer(request: Request) -> Reply:
        if "GetCallerIdentity" not in request.body:
            return refusal("AccessDenied")
        return refusal("ExpiredToken") if expired.pop() else Reply(body=WHO)

    with answering(answer) as there:
        (nobody / ".aws" / "config").write_text(f"[profile prod]\n{KEYS}endpoint_url = {there.url}\n")
        asked = account(threads)
        with pytest.raises(NoIdentity, match="the session of profile prod has expired"):
            await asked.identity()
        expired.append(False)
        assert (await asked.identity()).account == "123456789012"


async def test_a_role_is_assumed_from_the_profile_and_requests_go_as_it(
    cloud: Cloud, nobody: Path, threads: Threads
) -> None:
    (nobody / ".aws" / "config").write_text(f"[profile prod]\n{KEYS}endpoint_url = {cloud.url}\n")
    asked = account(threads, role="arn:aws:iam::222222222222:role/OnCall")
    who = await asked.identity()
    assert who.account == "222222222222"
    assert who.arn == "arn:aws:sts::222222222222:assumed-role/OnCall/quarterdeck"


async def test_a_profile_with_role_arn_and_source_profile(
    cloud: Cloud, nobody: Path, threads: Threads
) -> None:
    (nobody / ".aws" / "config").write_text(
        f"[profile base]\n{KEYS}[profile prod]\nsource_profile = base\n"
        f"role_arn = arn:aws:iam::333333333333:role/Audit\nendpoint_url = {cloud.url}\n"
    )
    assert (await account(threads).identity()).account == "333333333333"


async def test_endpoints_of_the_environment_and_of_one_service(
    nobody: Path, threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        answering(lambda request: Reply(body=WHO)) as usual,
        answering(lambda request: Reply(body=WHO)) as sts,
    ):
        config = nobody / ".aws" / "config"
        config.write_text(f"[profile prod]\n{KEYS}")
        monkeypatch.setenv("AWS_ENDPOINT_URL", usual.url)
        await account(threads).call("eu-west-1", "sts", "get_caller_identity")
        config.write_text(
            f"[profile prod]\n{KEYS}services = here\n[services here]\nsts =\n  endpoint_url = {sts.url}\n"
        )
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        await account(threads).call("eu-west-1", "sts", "get_caller_identity")
    assert (len(usual.requests), len(sts.requests)) == (1, 1)
    assert usual.requests[0].headers["user-agent"].startswith(f"quarterdeck/{VERSION} ")


async def test_sessions_share_what_they_read_of_botocore(nobody: Path) -> None:
    (nobody / ".aws" / "config").write_text(f"[profile a]\n{KEYS}[profile b]\n{KEYS}")
    one, other = (sessions.session(name, "eu-west-1") for name in ("a", "b"))
    assert one._session.get_component("data_loader") is other._session.get_component("data_loader")
