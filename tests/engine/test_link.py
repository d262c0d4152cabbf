"""The link with real processes at its other end: engines that die, hang, are cut off, or of another age."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import chain, repeat
from typing import Any

import psutil
import pytest

import console.link
from console.link import Link
from providers.model import Complete, Health, Upserts
from providers.stream import Failed, Frame, Hello, ProviderChoice, Refresh, Welcome
from providers.transport import Child, connect, ssh_command
from providers.wire import WireError
from tests.engine.strange import pod

ENGINE = [sys.executable, "-m", "tests.engine.strange"]
ROOT = os.getcwd()


def hello(*providers: str) -> Hello:
    return Hello(version="1", providers=tuple(ProviderChoice(name) for name in providers))


def impostor(how: str) -> list[str]:
    return [sys.executable, "-m", "tests.engine.impostor", how]


def started(*commands: list[str], providers: tuple[str, ...] = ("steady",)) -> Child:
    """A child of the first command; restarts take the next ones, the last again and again."""
    rest = chain(commands, repeat(commands[-1]))

    def start() -> Child:
        return Child(next(rest), "the engine", hello(*providers), again=start)

    return start()


class Seen:
    """What a link yields, gathered."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.frames: list[Frame] = []
        self.new = asyncio.Event()
        self.task = asyncio.create_task(self._gather())

    async def _gather(self) -> None:
        async for frames in self.link.frames():
            self.frames += frames
            self.new.set()
        self.new.set()

    async def until(self, true: Callable[[], Any], seconds: float = 10) -> Any:
        async with asyncio.timeout(seconds):
            while not (found := true()):
                self.new.clear()
                await self.new.wait()
            return found

    def failures(self) -> list[Failed]:
        return [f.body for f in self.frames if isinstance(f.body, Failed) and f.body.id == 0]

    def welcomes(self) -> list[Welcome]:
        return [f.body for f in self.frames if isinstance(f.body, Welcome)]

    def live(self, source: str = "steady") -> bool:
        return any(
            f.source == source and isinstance(f.body, Health) and f.body.state == "live" for f in self.frames
        )


@asynccontextmanager
async def linked(*commands: list[str], silence: float = 15.0, **fields: Any) -> AsyncIterator[Seen]:
    link = Link(started(*commands, **fields), silence=silence)
    seen = Seen(link)
    try:
        yield seen
    finally:
        before = time.monotonic()
        await link.close()
        assert time.monotonic() - before < 1.0
        await seen.task
        assert link.state == "closed"
        assert not psutil.pid_exists(link.pid)


async def test_an_engine_that_was_started_early_is_adopted() -> None:
    async with linked(ENGINE) as seen:
        assert seen.link.state == "starting"
        await seen.until(seen.live)
        assert seen.link.state == "live"
        assert seen.link.welcome is not None
        assert seen.link.welcome.pid == seen.link.pid
        assert Upserts((pod("a"), pod("b"))) in [frame.body for frame in seen.frames]
        assert abs(seen.frames[0].at - time.time()) < 30


async def test_frames_can_be_given_up_and_taken_up_again() -> None:
    link = Link(started(ENGINE))
    async for _ in link.frames():
        break
    seen = Seen(link)
    link.send(Refresh())
    await seen.until(lambda: any(isinstance(frame.body, Complete) for frame in seen.frames))
    await link.close()
    await seen.task
    assert seen.failures() == []


async def test_commands_reach_it_and_ids_are_never_zero_nor_twice() -> None:
    async with linked(ENGINE) as seen:
        assert [seen.link.next_id() for _ in range(3)] == [1, 2, 3]
        await seen.until(seen.live)
        count = len(seen.frames)
        assert seen.link.send(Refresh())
        await seen.until(lambda: len(seen.frames) > count)


async def test_an_engine_that_is_killed_is_told_and_replaced() -> None:
    async with linked(ENGINE) as seen:
        await seen.until(seen.live)
        os.kill(seen.link.pid, signal.SIGKILL)
        failed = (await seen.until(seen.failures))[0]
        assert failed.detail == "the engine was killed by SIGKILL"
        assert "another one is being started" in failed.remedy
        await seen.until(lambda: len(seen.welcomes()) == 2)
        assert seen.link.state == "live"
        assert seen.link.detail == ""
        assert len({welcome.pid for welcome in seen.welcomes()}) == 2


async def test_while_there_is_no_engine_commands_are_refused() -> None:
    async with linked(impostor("crash"), impostor("silent")) as seen:
        await seen.until(seen.failures)
        assert seen.link.state == "restarting"
        assert not seen.link.send(Refresh())


async def test_what_an_engine_said_last_is_told_cleaned() -> None:
    async with linked(impostor("crash"), ENGINE) as seen:
        failed = (await seen.until(seen.failures))[0]
        assert failed.detail == "the engine ended with status 1: RuntimeError: no more ␛[31mdisk"
        await seen.until(seen.live)


def ended(*script: str) -> Child:
    child = Child(["sh", "-c", *script], "bastion", hello(), again=lambda: child)
    child.process.wait(10)
    return child


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo no kubeconfig >&2; kill -9 $$", "bastion was killed by SIGKILL"),
        (
            "echo client_loop: Broken pipe >&2; exit 255",
            "bastion ended with status 255: client_loop: Broken pipe",
        ),
    ],
)
def test_only_what_was_said_at_the_end_is_the_reason(script: str, told: str) -> None:
    child = ended(script)
    assert child.obituary() == told
    os.utime(child.errors, (time.time() - 60, time.time() - 60))
    assert child.obituary() == told.partition(": ")[0]
    child.close()


async def test_an_engine_cut_off_in_the_middle_of_a_frame_is_replaced() -> None:
    async with linked(impostor("cut"), ENGINE) as seen:
        failed = (await seen.until(seen.failures))[0]
        assert failed.detail == "the engine was killed by SIGKILL in the middle of a message"
        await seen.until(seen.live)


async def test_an_engine_that_hangs_is_stopped_and_replaced() -> None:
    async with linked(impostor("hung"), ENGINE, silence=0.3) as seen:
        await seen.until(seen.welcomes)
        first = seen.welcomes()[0].pid
        failed = (await seen.until(seen.failures))[0]
        assert "silent" in failed.detail
        assert not psutil.pid_exists(first)
        seen.link._silence = 15.0
        await seen.until(seen.live)


async def test_an_engine_of_another_version_is_not_started_again() -> None:
    async with linked(impostor("newer")) as seen:
        await asyncio.wait_for(seen.task, 10)
        assert seen.link.state == "failed"
        assert "version 999" in seen.link.detail
        assert "update" in seen.link.remedy
        assert [failed.detail for failed in seen.failures()] == [seen.link.detail]


async def test_garbage_instead_of_an_engine_is_quoted_and_tried_again() -> None:
    async with linked(impostor("garbage"), ENGINE) as seen:
        failed = (await seen.until(seen.failures))[0]
        assert "Welcome to ␛[1mbastion" in failed.detail
        await seen.until(seen.live)


async def test_an_engine_that_dies_each_time_is_started_ever_more_slowly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    async def counted(seconds: float) -> None:
        if seconds >= console.link.FIRST_PAUSE:
            pauses.append(seconds)
        await real(min(seconds, 0.01))

    real = asyncio.sleep
    monkeypatch.setattr("console.link.asyncio.sleep", counted)
    false = ["/bin/false"]
    async with linked(false) as seen:
        await seen.until(lambda: len(seen.failures()) >= 9)
    assert pauses[:8] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


async def test_closing_ends_an_engine_whose_provider_will_not_stop() -> None:
    async with linked(ENGINE, providers=("stubborn",)) as seen:
        await seen.until(lambda: seen.live("stubborn"))


async def test_closing_ends_an_engine_that_is_blocked() -> None:
    async with linked(ENGINE, providers=("blocking",)) as seen:
        await seen.until(lambda: seen.live("blocking"))


async def test_closing_before_anything_was_said_leaves_nothing() -> None:
    async with linked(ENGINE):
        pass


async def test_closing_while_another_is_awaited_leaves_nothing() -> None:
    async with linked(["/bin/false"]) as seen:
        await seen.until(seen.failures)


async def test_a_link_that_nobody_iterates_closes_too() -> None:
    link = Link(started(ENGINE))
    await link.close()
    assert not psutil.pid_exists(link.pid)


async def test_an_engine_that_its_provider_kills_is_replaced_again() -> None:
    async with linked(ENGINE, providers=("suicidal", "steady")) as seen:
        await seen.until(lambda: len(seen.welcomes()) >= 2)
        assert "SIGKILL" in seen.failures()[0].detail


# ---- commands (as ssh would be) ----------------------------------------------------------------------


async def test_an_engine_behind_a_command_is_compressed_and_restarted() -> None:
    child = connect([*ENGINE, "--stdio"], hello("steady"), timeout=20)
    link = Link(child)
    seen = Seen(link)
    await seen.until(seen.live)
    assert child.reader._expand is not None
    os.kill(link.pid, signal.SIGKILL)
    await seen.until(lambda: len(seen.welcomes()) == 2)
    await link.close()
    await seen.task


async def test_what_a_provider_prints_or_reads_does_not_touch_the_stream() -> None:
    link = Link(connect([*ENGINE, "--stdio"], hello("printing"), timeout=20))
    seen = Seen(link)
    await seen.until(lambda: any(isinstance(frame.body, Upserts) for frame in seen.frames))
    assert Upserts((pod("stdin 0 bytes"),)) in [frame.body for frame in seen.frames]
    assert link.state == "live"
    await link.close()
    await seen.task


def test_a_command_may_ask_before_it_answers_and_what_it_says_is_cleaned() -> None:
    said: list[str] = []
    child = connect(impostor("slow"), hello(), say=said.append, timeout=20)
    assert said == ["Enter passphrase:␇"]
    assert child.reader.greeted
    child.close()


@pytest.mark.parametrize(
    ("command", "detail", "remedy"),
    [
        (impostor("missing"), "ended with status 127: sh: 1: quarterdeck: not found", "install quarterdeck"),
        (impostor("garbage"), "Welcome to ␛[1mbastion", ".bashrc"),
        (impostor("newer"), "version 999", "update"),
        (impostor("silent"), "did not answer in 0.5 s", "check"),
        (["/bin/false"], "ended with status 1", "run the command"),
        (["/no/such/ssh"], "/no/such/ssh can't be run: No such file or directory", "install it"),
    ],
)
def test_what_does_not_answer_as_an_engine_is_refused_and_ended(
    command: list[str], detail: str, remedy: str
) -> None:
    with pytest.raises(WireError) as caught:
        connect(command, hello(), timeout=0.5 if "silent" in command else 20)
    assert detail in caught.value.detail
    assert remedy in caught.value.remedy
    assert not [child for child in psutil.Process().children() if command[-1] in child.cmdline()]


@pytest.mark.parametrize("target", ["bastion", "me@bastion.example", "deploy_1@10.0.0.1", "fe80::1"])
def test_S3_a_host_is_one_argument_after_the_dashes(target: str) -> None:
    command = ssh_command(target)
    assert command[command.index("--") + 1] == target
    assert command[command.index("--") + 2 :] == ["quarterdeck", "engine", "--stdio"]
    assert "BatchMode=yes" not in command
    assert "BatchMode=yes" in ssh_command(target, ask=False)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "-oProxyCommand=sh",
        "me@-oProxyCommand=sh",
        "a b",
        "host;id",
        "$(id)",
        "@host",
        "-x@host",
        "a@",
        "ho\nst",
        "a@b@c",
    ],
)
def test_S3_odd_host_names_are_refused(target: str) -> None:
    with pytest.raises(WireError, match="not a host name"):
        ssh_command(target)
