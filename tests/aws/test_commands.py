"""Commands that give credentials: how long they may take, and that none is left behind."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from providers.aws import pages, sessions
from providers.aws.account import Account
from providers.aws.budget import Pace
from providers.aws.commands import SECONDS, Commands
from providers.aws.options import Options
from providers.aws.provider import provider
from providers.aws.threads import Threads
from providers.aws.troubles import NoIdentity
from providers.contract import Closes, Host
from tests.aws.test_push import until

SLOW = """
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "600"])
open(sys.argv[1], "a").write(f"{os.getpid()} {child.pid}\\n")
print(sys.stdin.read(), flush=True)
time.sleep(600)
"""


class Slow:
    """A command that hangs, as does its child, which keeps its output open."""

    def __init__(self, folder: Path) -> None:
        self._script, self._started = folder / "slow.py", folder / "started"
        self._script.write_text(SLOW)

    @property
    def line(self) -> str:
        return f"credential_process = {sys.executable} {self._script} {self._started}\n"

    def pids(self) -> list[int]:
        """Its own and its child's, of every time that it was run."""
        return [int(word) for word in self._started.read_text().split()] if self._started.exists() else []

    def gone(self) -> bool:
        return bool(self.pids()) and not any(runs(pid) for pid in self.pids())


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Slow]:
    slow = Slow(tmp_path)
    yield slow
    for pid in filter(runs, slow.pids()):
        os.kill(pid, 9)


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads(4, "test")
    yield threads
    threads.shutdown()


def account(threads: Threads, commands: Commands, role: str = "") -> Account:
    make = partial(sessions.session, "prod", "eu-west-1", role, None, commands)
    return Account("prod", make, threads, Pace(1000), pages.prepare, home="eu-west-1")


def test_it_is_over_before_anybody_stops_waiting_for_it() -> None:
    assert SECONDS <= 20


@pytest.mark.parametrize("way", ["own", "source", "role"])
async def test_a_command_that_does_not_answer_is_stopped_and_named(
    nobody: Path, slow: Slow, threads: Threads, way: str
) -> None:
    """As the profile's own, as that of its source_profile, and below a role that is assumed."""
    role = "arn:aws:iam::123456789012:role/OnCall"
    source = f"[profile prod]\nrole_arn = {role}\nsource_profile = vault\n[profile vault]\n{slow.line}"
    (nobody / ".aws" / "config").write_text(source if way == "source" else f"[profile prod]\n{slow.line}")
    asked = account(threads, Commands(1.0), role if way == "role" else "")
    with pytest.raises(NoIdentity) as raised:
        await asked.call("eu-west-1", "ec2", "describe_instances")
    assert raised.value.detail == (
        "prod eu-west-1: DescribeInstances: the credential_process of profile prod"
        " gave no answer in 1 s and was stopped"
    )
    await until(slow.gone)


async def test_while_it_runs_other_accounts_get_theirs(nobody: Path, slow: Slow, threads: Threads) -> None:
    (nobody / ".aws" / "config").write_text(
        f"[profile prod]\n{slow.line}[profile dev]\naws_access_key_id=a\naws_secret_access_key=b\n"
    )
    commands = Commands()
    role = "arn:aws:iam::123456789012:role/OnCall"
    asking = asyncio.create_task(
        account(threads, commands, role).call("eu-west-1", "ec2", "describe_instances")
    )
    await until(slow.pids)
    began = time.monotonic()
    await asyncio.to_thread(sessions.session, "dev", "eu-west-1")
    assert time.monotonic() - began < 5
    commands.end()
    with pytest.raises(NoIdentity):
        await asking


async def test_with_the_last_source_it_is_gone_within_a_second(nobody: Path, slow: Slow) -> None:
    (nobody / ".aws" / "config").write_text(f"[profile prod]\n{slow.line}")
    [source] = await provider.sources(Options(profiles=("prod",), regions=("eu-west-1",)), Host())
    stream = source.stream()

    async def follow() -> None:
        async for _ in stream:
            pass

    following = asyncio.create_task(follow())
    await until(slow.pids)
    following.cancel()
    await asyncio.wait({following})
    assert isinstance(source, Closes)
    async with asyncio.timeout(1):
        await source.close()
        await until(slow.gone)
