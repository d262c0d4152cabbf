"""What `doctor` says of one account in one region: reached, as whom, and which actions are lacking."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Sequence

from providers.aws.account import Account, Identity
from providers.aws.polling import Poll
from providers.aws.troubles import NoIdentity, Throttled
from providers.contract import Problem
from providers.model import Finding
from providers.text import clean

_PATIENCE = 12.0
"""Seconds that all has to be answered for the first time, the identity too: who asks waits for twenty."""


async def diagnose(account: Account, name: str, polls: Sequence[Poll]) -> list[Finding]:
    """As the polls of a stream have it, which costs no call more. The first is the one about instances.

    Without credentials nothing is known but that; and without instances, not what would be asked about them.
    """
    told, _ = await asyncio.gather(_identity(account), _tried(polls))
    if isinstance(told, Identity):
        who = f"{told.arn}, account {told.label}"
        return [Finding(subject=f"{name}: identity", level="ok", detail=who), *_all(polls, name)]
    problems = (told, *(poll.problem for poll in polls))
    lacking = next((problem for problem in problems if isinstance(problem, NoIdentity)), None)
    why = lacking or told
    found = Finding(subject=f"{name}: identity", level="error", detail=why.detail, remedy=why.remedy)
    return [found] if lacking else [found, *_all(polls, name)]


def _all(polls: Sequence[Poll], name: str) -> Iterator[Finding]:
    known = any(poll.whole for poll in polls[:1])
    for poll in polls:
        needless = poll.tried.is_set() and not (poll.asked or poll.problem or poll.paced)
        if known or not needless:
            yield _of(poll, name)


async def _tried(polls: Sequence[Poll]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            for poll in polls:
                await poll.tried.wait()


async def _identity(account: Account) -> Identity | Problem:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await account.identity()
    except Problem as problem:
        return problem
    except TimeoutError:
        return Problem("no answer as whom")


def _of(poll: Poll, name: str) -> Finding:
    subject, problem = f"{name}: {poll.name}", poll.problem or poll.paced
    if problem is not None:
        mild = isinstance(problem, Throttled) or problem is poll.paced or not poll.essential
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
