"""Shells by Session Manager and keys by Instance Connect: what is asked of AWS, and what of its plug-in.

Moto has no Session Manager: its answers are scripted here, as is the plug-in. Instance Connect is moto's.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from providers.aws.options import Options
from providers.aws.source import RegionSource
from providers.contract import Host, Problem, Refused
from providers.model import Offer, Ref, Target
from providers.sessions import Session, Size, StartsSessions, TakesKeys
from providers.ways import Where
from providers.ways.ssm import Ssm
from tests.aws import front as fronts
from tests.aws import plugin
from tests.aws.cloud import Cloud
from tests.aws.front import Asked, Fate, Front, Script, always

UID = "i-0abc1234def567890"
REF = Ref("aws-prod-eu-west-1", "instance", UID)
KEY = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{'x' * 43} ops"
STARTED = {"SessionId": "ada-1", "TokenValue": "a-secret-token", "StreamUrl": "wss://ssm.example/ada-1"}


def said(answer: Any) -> Fate:
    return json.dumps(answer).encode()


def managed(**known: Any) -> Script:
    """What Session Manager knows of whichever instance it is asked about."""

    def script(asked: Asked) -> Fate:
        [uid] = asked.parameters["Filters"][0]["Values"]
        return said({"InstanceInformationList": [{"InstanceId": uid, **known}]})

    return script


def manage(front: Front) -> None:
    """Let Session Manager answer."""
    front.scripts["DescribeInstanceInformation"] = managed(PingStatus="Online")
    front.scripts["StartSession"] = always(said(STARTED))
    front.scripts["TerminateSession"] = always(said({"SessionId": "ada-1"}))


@pytest.fixture
def front(cloud: Cloud) -> Iterator[Front]:
    with fronts.before(cloud.url) as front:
        manage(front)
        yield front


@pytest.fixture
def source(front: Front) -> RegionSource:
    return RegionSource(Cloud(front.url).account("prod"), "eu-west-1", Options(), Host())


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is first on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def where(source: RegionSource, kind: str = "instance") -> Where:
    ref = REF if kind == "instance" else Ref("prod", "node", "n1")
    target = Target(ref=ref, label=f"{kind} worker", machine=REF)
    nobody = cast(Any, None)
    return Where(target=target, source=None, machine=source, asker=nobody, reach=nobody)


async def offer(source: RegionSource) -> Offer:
    [found] = await Ssm().offers(where(source))
    return found


async def shown(session: Session, words: bytes) -> bytes:
    seen = b""
    async with asyncio.timeout(10):
        while words not in seen:
            piece = await session.read()
            assert piece, seen
            seen += piece
    return seen


def test_the_source_offers_both(source: RegionSource) -> None:
    assert isinstance(source, StartsSessions)
    assert isinstance(source, TakesKeys)


async def test_a_machine_whose_agent_answers_is_open(source: RegionSource, path: Path) -> None:
    plugin.install(path)
    found = await offer(source)
    assert (found.way, found.refused) == ("ssm", "")
    assert UID in found.detail


@pytest.mark.parametrize("kind", ["node", "instance"])
async def test_a_shell_by_the_plug_in(source: RegionSource, front: Front, path: Path, kind: str) -> None:
    plugin.install(path)
    session = await Ssm().open(where(source, kind), "", Size(80, 24), ())
    seen = await shown(session, b"ssm$ ")
    assert b"arguments 6: AWS_SSM_START_SESSION_RESPONSE eu-west-1 StartSession prod" in seen
    assert json.dumps({"Target": UID}).encode() in seen
    arguments, _, token = seen.partition(b"token: ")
    assert b"a-secret-token" in token
    assert b"a-secret-token" not in arguments
    assert "a-secret-token" not in session.sent
    await session.write(b"stty size; exit 3\r")
    await shown(session, b"24 80")
    ending = await session.ended()
    assert (ending.status, "status 3" in ending.detail) == (3, True)
    assert front.count("TerminateSession") == 1
    await session.close()
    assert front.count("TerminateSession") == 1


async def test_a_session_that_is_closed_is_given_back(source: RegionSource, front: Front, path: Path) -> None:
    plugin.install(path)
    session = await Ssm().open(where(source), "", Size(80, 24), ())
    await shown(session, b"ssm$ ")
    await session.close()
    assert front.count("TerminateSession") == 1


async def test_without_the_plug_in_it_is_closed_and_nothing_is_asked(
    source: RegionSource, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = await offer(source)
    assert "no session-manager-plugin on the engine's machine" in found.refused
    assert "install" in found.remedy
    with pytest.raises(Refused, match="no session-manager-plugin"):
        await Ssm().open(where(source), "", Size(80, 24), ())
    assert front.count("StartSession") == 0


@pytest.mark.parametrize("version", ["1.2.497.0", "1.1.0.0", "what?"])
async def test_a_plug_in_that_would_show_the_token_is_not_used(
    source: RegionSource, front: Front, path: Path, version: str
) -> None:
    plugin.install(path, version)
    with pytest.raises(Refused, match="too old"):
        await Ssm().open(where(source), "", Size(80, 24), ())
    assert front.count("StartSession") == 0


async def test_an_agent_that_is_silent_closes_it(source: RegionSource, front: Front, path: Path) -> None:
    plugin.install(path)
    front.scripts["DescribeInstanceInformation"] = managed(
        PingStatus="ConnectionLost", LastPingDateTime=1764200000
    )
    found = await offer(source)
    assert found.refused == "its SSM agent is ConnectionLost, last heard of at 2025-11-26 23:33 UTC"
    front.scripts["DescribeInstanceInformation"] = always(said({"InstanceInformationList": []}))
    assert "does not know" in (await offer(source)).refused


async def test_who_may_not_look_may_still_try(source: RegionSource, front: Front, path: Path) -> None:
    plugin.install(path)
    denied = (400, json.dumps({"__type": "AccessDeniedException", "message": "no"}).encode())
    front.scripts["DescribeInstanceInformation"] = always(denied)
    assert (await offer(source)).refused == ""
    front.scripts["StartSession"] = always(denied)
    with pytest.raises(Problem, match="not allowed ssm:StartSession"):
        await Ssm().open(where(source), "", Size(80, 24), ())


async def test_a_key_is_put_on_the_machine(source: RegionSource, front: Front) -> None:
    await source.push_key(REF, "ops", KEY)
    assert front.count("SendSSHPublicKey") == 1
    front.scripts["SendSSHPublicKey"] = always(said({"RequestId": "r", "Success": False}))
    with pytest.raises(Problem, match="did not take the key"):
        await source.push_key(REF, "ops", KEY)
