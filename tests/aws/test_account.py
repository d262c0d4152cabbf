"""What an account's requests go through: opened once, dropped when it is no good, closed at the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from providers.aws.access import Access
from providers.aws.account import Account
from providers.aws.budget import Pace
from providers.aws.threads import Threads
from providers.aws.troubles import NoIdentity
from tests.aws.test_push import until

EXPIRED = NoIdentity("its session has expired", state="denied")


class Scripted:
    """A Session whose only operation is scripted, and its only client."""

    def __init__(self, answer: Callable[[str], dict[str, Any]]) -> None:
        self._answer = answer
        self.closed = 0

    def get_credentials(self) -> Any:
        return self

    token = None

    def get_frozen_credentials(self) -> Any:
        return self

    def client(self, service: str, **_: Any) -> Any:
        return self

    def describe_instances(self, Who: str) -> dict[str, Any]:  # noqa: N803
        return self._answer(Who)

    def close(self) -> None:
        self.closed += 1


class Made:
    """The Sessions that an account had made, in their order, each when it is let go on."""

    def __init__(self, *answers: Callable[[str], dict[str, Any]]) -> None:
        self._answers = list(answers)
        self.sessions: list[Scripted] = []
        self.begun = 0
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self) -> Scripted:
        self.begun += 1
        assert self.go_on.wait(10)
        self.sessions.append(Scripted(self._answers.pop(0)))
        return self.sessions[-1]


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads(8, "test")
    yield threads
    threads.shutdown()


def account(threads: Threads, made: Made) -> Account:
    return Account("prod", made, threads, Pace(1000), lambda client: None)


async def ask(asked: Account, who: str = "") -> dict[str, Any]:
    return await asked.call("eu-west-1", "ec2", "describe_instances", Who=who)


async def test_a_late_failure_does_not_drop_what_was_opened_since(threads: Threads) -> None:
    late = threading.Event()

    def ended(who: str) -> dict[str, Any]:
        if who == "late":
            assert late.wait(10)
        if who != "good":
            raise EXPIRED
        return {}

    made = Made(ended, lambda who: {"Second": who})
    asked = account(threads, made)
    await ask(asked, "good")
    waiting = asyncio.create_task(ask(asked, "late"))
    with pytest.raises(NoIdentity):
        await ask(asked, "early")
    assert await ask(asked, "next") == {"Second": "next"}
    late.set()
    with pytest.raises(NoIdentity):
        await waiting
    assert await ask(asked, "last") == {"Second": "last"}
    assert [session.closed for session in made.sessions] == [1, 0]
    await asked.close()
    assert [session.closed for session in made.sessions] == [1, 1]


async def test_what_is_opened_when_the_account_is_closed_is_closed_when_it_is_there(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Access] = []

    def close(access: Access) -> None:
        closed.append(access)

    monkeypatch.setattr(Access, "close", close)
    made = Made(lambda who: {})
    made.go_on.clear()
    asked = account(threads, made)
    waiting = asyncio.create_task(ask(asked))
    await until(lambda: made.begun)
    waiting.cancel()
    await asked.close()
    made.go_on.set()
    await until(lambda: closed)
    assert len(made.sessions) == 1


async def test_what_is_opened_too_late_for_those_who_waited_is_used_by_the_next(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.aws.account._CREDENTIALS_SECONDS", 0.01)
    made = Made(lambda who: {"First": who})
    made.go_on.clear()
    asked = account(threads, made)
    with pytest.raises(NoIdentity, match="have not come"):
        await ask(asked)
    made.go_on.set()
    await until(lambda: made.sessions)
    monkeypatch.undo()
    assert await ask(asked, "next") == {"First": "next"}
    await asked.close()
    assert [session.closed for session in made.sessions] == [1]
