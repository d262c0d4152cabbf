"""A shell by the system's ssh through the engine, over two hops, against OpenSSH's server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from providers.model import Ref, Target
from providers.stream import TERMINAL_WINDOW, Input, Offered, Open, Resize, Shut, Ways
from tests.lab.cluster import path_with
from tests.sessions.console import Shells
from tests.sessions.hops import Hops
from tests.waiting import until


@pytest.fixture(scope="module")
def hops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hops]:
    many = {"MaxStartups": "100", "MaxSessions": "100"}
    with Hops(tmp_path_factory.mktemp("shell"), goal=many, outer=many, inner=many) as made:
        yield made


@pytest.fixture
def target(hops: Hops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The goal behind two hops of the user's own configuration."""
    config = hops.configuration(tmp_path / "user", jumps={"goal": "outer,inner"})
    monkeypatch.setenv("PATH", path_with(Path(hops.lead(tmp_path, config))))
    return to("goal")


def to(host: str, **fields: object) -> Target:
    return Target(ref=Ref("steady", "node", "n1"), label="node n1", name="n1", host=host, **fields)  # type: ignore[arg-type]


def running_ssh() -> list[psutil.Process]:
    """What this process has started, and what that started: ssh and its hops."""
    return [p for p in psutil.Process().children(recursive=True) if p.name() == "ssh"]


@pytest.fixture
async def console(tmp_path: Path) -> Shells:
    return Shells("steady", audit_path=tmp_path / "audit.jsonl")


async def test_through_two_hops_it_echoes_resizes_and_tells_its_status(
    hops: Hops, target: Target, console: Shells
) -> None:
    before = [server.logins for server in hops.servers.values()]
    async with console:
        opened = await console.opened(1, target, columns=100, rows=30)
        assert opened.way == "ssh"
        console.type(1, "stty size; echo $TERM-\n")
        said = await console.shows(1, "xterm-256color-\r")
        assert "30 100" in said
        assert [server.logins for server in hops.servers.values()] == [count + 1 for count in before]
        console.say(Resize(id=1, columns=91, rows=17))
        console.type(1, "stty size; exit 7\n")
        assert (await console.closed(1)).status == 7
        await console.shows(1, "17 91")
        intent, outcome = console.entries()
        assert (intent.action, intent.phase, intent.sent) == ("shell", "intent", opened.sent)
        assert intent.sent.startswith("ssh -F ")
        assert intent.identity == hops.servers["goal"].user
        assert (outcome.id, outcome.phase, outcome.result) == (intent.id, "outcome", "exit status 7")
    await until(lambda: not running_ssh())
    assert not Path(opened.sent.split()[2]).exists()


async def test_jump_hosts_of_the_target_are_used_and_checked(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    known = [hops.known("goal"), hops.known("inner")]  # the outer one is not
    config = hops.configuration(tmp_path / "user", known=known)
    options = ("-F", str(config))
    async with console:
        await console.opened(1, to("goal", jump=("inner",), options=options))
        console.type(1, "echo in-$((6*7))\n")
        await console.shows(1, "in-42")
        before = hops.servers["outer"].logins
        await console.opened(2, to("goal", jump=("outer", "inner"), options=options))
        await console.shows(2, "continue connecting")
        console.type(2, "no\n")
        closed = await console.closed(2)
        assert closed.status == 255
        assert "not accepted" in closed.detail
        assert hops.servers["outer"].logins == before


async def test_the_key_of_a_reused_address_is_filed_under_the_alias(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    known = hops.known("goal").replace(hops.place("goal"), "i-0abc")
    config = hops.configuration(
        tmp_path / "user", jumps={"goal": "outer"}, known=[known, hops.known("outer")]
    )
    async with console:
        await console.opened(1, to("goal", alias="i-0abc", options=("-F", str(config))))
        console.type(1, "echo in-$((6*7))\n")
        await console.shows(1, "in-42")
        await console.opened(2, to("goal", alias="i-0def", options=("-F", str(config))))
        await console.shows(2, "continue connecting")


async def test_an_unknown_key_is_kept_when_the_person_says_yes(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    config = hops.configuration(tmp_path / "user", known=[])
    async with console:
        await console.opened(1, to("goal", options=("-F", str(config))))
        await console.shows(1, "continue connecting")
        console.type(1, "yes\n")
        console.type(1, "echo in-$((6*7))\n")
        await console.shows(1, "in-42")
    assert hops.place("goal") in (tmp_path / "user" / "known_hosts").read_text()


async def test_ctrl_c_ends_a_flood(target: Target, console: Shells) -> None:
    async with console:
        await console.opened(1, target)
        console.type(1, "yes\n")
        await console.until(lambda: len(console.said.get(1, b"")) > 4 * TERMINAL_WINDOW)
        console.type(1, "\x03")
        console.type(1, "echo in-$((6*7))\n")
        await console.shows(1, "in-42")


async def test_100_megabytes_come_through_whole_and_never_more_than_was_taken(
    hops: Hops, target: Target, tmp_path: Path, console: Shells
) -> None:
    line = b"0123456789" * 10
    (tmp_path / "big").write_bytes((line + b"\n") * 1_000_000)
    async with console:
        await console.opened(1, target)
        console.taking = False
        console.type(1, f"stty -opost -echo; cat {tmp_path}/big; echo in-$((6*7))\n")
        await console.until(lambda: len(console.said.get(1, b"")) >= TERMINAL_WINDOW)
        console.say(Ways(id=5, target=target))
        await console.until_said(Offered)
        assert len(console.said[1]) == TERMINAL_WINDOW
        console.take_all(1)
        started = time.monotonic()
        async with asyncio.timeout(60):
            while b"in-42" not in console.said[1][-100:]:
                assert await console.read()
        print(f"{101 / (time.monotonic() - started):.0f} MB/s")
        assert console.said[1].count(line) == 1_000_000


async def test_fifty_at_once(hops: Hops, tmp_path: Path, console: Shells) -> None:
    config = hops.configuration(tmp_path / "user")
    target = to("goal", options=("-F", str(config)))
    async with console:
        console.say(*(Open(id=number, target=target) for number in range(1, 51)))
        for number in range(1, 51):
            console.type(number, f"echo in-$(({number}*1000))\n")
        async with console.reading():
            await console.until_so(
                lambda: all(f"in-{n}000\r".encode() in console.said.get(n, b"") for n in range(1, 51))
            )
        started = time.monotonic()
    assert time.monotonic() - started < 2
    await until(lambda: not running_ssh())
    assert [entry.result for entry in console.entries() if entry.phase == "outcome"] == ["cut"] * 50


async def test_the_console_goes_and_nothing_is_left(target: Target, console: Shells) -> None:
    async with console:
        await console.opened(1, target)
        console.type(1, "echo in-$((6*7)); trap '' HUP; sleep 600\n")
        await console.shows(1, "in-42")
        assert len(running_ssh()) == 3
    await until(lambda: not running_ssh(), 1.0)


async def test_a_shell_ends_by_hand_within_a_second(target: Target, console: Shells) -> None:
    async with console:
        await console.opened(1, target)
        console.type(1, "echo in-$((6*7))\n")
        await console.shows(1, "in-42")
        console.say(Shut(id=1))
        async with asyncio.timeout(1):
            assert (await console.closed(1)).status is None
    assert console.entries()[-1].result == "cut"


async def test_input_ends_with_the_end_of_the_terminal(target: Target, console: Shells) -> None:
    async with console:
        await console.opened(1, target)
        console.type(1, "echo in-$((6*7)); cat; exit 3\n")
        await console.shows(1, "in-42")
        console.say(Input(id=1, data=b"x\n", end=True))
        assert (await console.closed(1)).status == 3
