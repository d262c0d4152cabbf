"""What a diagnosis has to say of an account that says nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from providers.aws import diagnosis
from providers.aws.account import Identity
from providers.aws.diagnosis import diagnose
from providers.aws.polling import Poll
from providers.aws.timing import Timing
from providers.aws.troubles import NoIdentity
from providers.contract import Problem


class Silent:
    """An account that does not answer."""

    async def identity(self) -> Any:
        await asyncio.Event().wait()


async def _nothing() -> None:
    """Who is told of it."""


class Answering:
    """An account that says who it is, or what is wrong."""

    def __init__(self, told: Identity | Problem) -> None:
        self._told = told

    async def identity(self) -> Identity:
        if isinstance(self._told, Problem):
            raise self._told
        return self._told


def poll_of(name: str, told: bool | Problem) -> Poll:
    """One that finds a reason to ask, or none, or that something is wrong."""

    async def ask() -> bool:
        if isinstance(told, Problem):
            raise told
        return told

    essential = name in ("instances", "volumes")
    return Poll(name, ask, lambda: 1.0, Timing(), _nothing, actions=(f"ec2:{name}",), essential=essential)


async def diagnosed(account: object, *polls: Poll) -> list[tuple[str, str, str]]:
    """After each poll has asked once."""
    running = [asyncio.create_task(poll.run()) for poll in polls]
    for poll in polls:
        await poll.tried.wait()
    for task in running:
        task.cancel()
    found = await diagnose(account, "aws-prod", polls)  # type: ignore[arg-type]
    return [(finding.subject.partition(": ")[2], finding.level, finding.detail) for finding in found]


EXPIRED = NoIdentity("prod: the SSO session has expired", "log in", state="denied")
ME = Identity("123456789012", "arn:aws:iam::123456789012:user/me")


async def test_without_credentials_that_is_said_once_and_nothing_else() -> None:
    polls = [poll_of("instances", EXPIRED), poll_of("checks", False), poll_of("volumes", EXPIRED)]
    assert await diagnosed(Answering(EXPIRED), *polls) == [("identity", "error", EXPIRED.detail)]


async def test_credentials_that_do_not_come_are_the_reason_for_no_answer_as_whom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diagnosis, "_PATIENCE", 0.1)
    found = await diagnosed(Silent(), poll_of("instances", EXPIRED), poll_of("checks", False))
    assert found == [("identity", "error", EXPIRED.detail)]


async def test_what_nobody_could_need_yet_is_not_claimed() -> None:
    down = Problem("prod: nobody answers")
    polls = [poll_of("instances", down), poll_of("checks", False), poll_of("volumes", True)]
    found = await diagnosed(Answering(ME), *polls)
    assert [name for name, *_ in found] == ["identity", "instances", "volumes"]
    found = await diagnosed(Answering(ME), poll_of("instances", True), poll_of("checks", False))
    assert found[2] == ("checks", "ok", "ec2:checks: not needed here so far")


async def test_what_waits_for_the_budget_is_no_error() -> None:
    poll = poll_of("volumes", True)
    poll.paced = Problem("volumes: waiting for the API budget of 120 calls a minute")
    poll.tried.set()
    [_, found] = await diagnose(Answering(ME), "aws-prod", [poll])  # type: ignore[arg-type]
    assert (found.level, found.detail) == ("warning", poll.paced.detail)


async def test_all_that_hangs_is_waited_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "_PATIENCE", 0.5)

    async def ask() -> bool:
        return True

    poll = Poll("instances", ask, lambda: 1.0, Timing(), _nothing, actions=("ec2:DescribeInstances",))
    async with asyncio.timeout(0.9):
        found = await diagnose(Silent(), "aws-prod", [poll])  # type: ignore[arg-type]
    assert [(finding.subject, finding.level, finding.detail) for finding in found] == [
        ("aws-prod: identity", "error", "no answer as whom"),
        ("aws-prod: instances", "warning", "not answered yet: ec2:DescribeInstances"),
    ]
