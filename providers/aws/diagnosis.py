"""What `doctor` says of one account in one region: reached, as whom, and which actions are lacking."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence

from providers.aws.account import Account
from providers.aws.polling import Poll
from providers.aws.troubles import Throttled
from providers.contract import Problem
from providers.model import Finding
from providers.text import clean

_PATIENCE = 12.0
"""Seconds that all has to be answered for the first time, the identity too: who asks waits for twenty."""


async def diagnose(account: Account, name: str, polls: Sequence[Poll]) -> list[Finding]:
    """As the polls of a stream have it, which costs no call more."""
    identity, _ = await asyncio.gather(_identity(account, name), _tried(polls))
    return [identity, *(_of(poll, name) for poll in polls)]


async def _tried(polls: Sequence[Poll]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            for poll in polls:
                await poll.tried.wait()


async def _identity(account: Account, name: str) -> Finding:
    try:
        async with asyncio.timeout(_PATIENCE):
            who = await account.identity()
    except Problem as problem:
        return Finding(
            subject=f"{name}: identity", level="error", detail=problem.detail, remedy=problem.remedy
        )
    except TimeoutError:
        return Finding(subject=f"{name}: identity", level="error", detail="no answer as whom")
    return Finding(subject=f"{name}: identity", level="ok", detail=f"{who.arn}, account {who.label}")


def _of(poll: Poll, name: str) -> Finding:
    subject, problem = f"{name}: {poll.name}", poll.problem
    if problem is not None:
        mild = isinstance(problem, Throttled) or not poll.essential
        return Finding(
            subject=subject,
            level="warning" if mild else "error",
            detail=clean(problem.detail),
            remedy=clean(problem.remedy),
        )
    if not poll.tried.is_set():
        return Finding(subject=subject, level="warning", detail=f"not answered yet: {_and(poll.actions)}")
    asked = "allowed" if poll.asked else "not needed here so far"
    return Finding(subject=subject, level="ok", detail=f"{_and(poll.actions)}: {asked}")


def _and(actions: Iterable[str]) -> str:
    return ", ".join(actions)
