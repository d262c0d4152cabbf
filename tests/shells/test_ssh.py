"""Shells over a real sshd, in the console as a person uses it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.sshd import Sshd, missing
from tests.shells.stage import hosts, screen
from tests.stories.stage import Session

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(autouse=True)
def path(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", sshd.environment()["PATH"])
    monkeypatch.setenv("SHELL", "/bin/sh")


def prompted(user: Session) -> bool:
    """Whether the shell of the shown tab waits for a command."""
    return user.deck.dock.tab is not None and screen(user).rstrip().endswith(("$", "#"))


async def test_s_opens_a_shell_beside_the_data_and_one_key_leaves_it(sshd: Sshd, tmp_path: Path) -> None:
    async with hosts(tmp_path, sshd, "web-1", "web-2") as user:
        await user.press("s")
        await user.until(lambda: prompted(user))
        assert user.deck.dock.inside
        await user.type("echo $((6*7))x")
        await user.press("enter")
        await user.until(lambda: "42x" in screen(user))
        assert user.deck.panes["instance"].display
        await user.press("ctrl+right_square_bracket", "x", "y")
        await user.until(lambda: user.deck.dock.tab is None)
        assert user.deck.context == "instance"


async def test_what_has_ended_stays_says_how_and_is_opened_once_more(sshd: Sshd, tmp_path: Path) -> None:
    async with hosts(tmp_path, sshd, "web-1") as user:
        await user.press("s")
        await user.until(lambda: prompted(user))
        await user.type("exit 3")
        await user.press("enter")
        dock = user.deck.dock
        await user.until(lambda: dock.tab is not None and not dock.tab.running)
        assert dock.tab is not None
        assert dock.tab.epitaph()[0].startswith("ended with status 3")
        assert not dock.inside
        assert "R reconnect" in str(dock.note.content).replace("shift-r", "R")
        await user.pilot.pause(0.5)
        await user.press("R")
        await user.until(lambda: dock.inside and prompted(user))
        assert "exit 3" in screen(user)


async def test_keys_that_were_meant_for_a_program_that_is_gone_do_nothing(sshd: Sshd, tmp_path: Path) -> None:
    async with hosts(tmp_path, sshd, "web-1") as user:
        await user.press("s")
        await user.until(lambda: prompted(user))
        await user.type("exit 0")
        await user.press("enter")
        await user.until(lambda: user.deck.dock.tab is not None and not user.deck.dock.tab.running)
        await user.press("x", "x", "R")
        assert user.deck.dock.tab is not None
        assert not user.deck.dock.tab.running


async def test_what_is_typed_goes_to_all_marked_tabs_while_it_is_broadcast(
    sshd: Sshd, tmp_path: Path
) -> None:
    leave = "ctrl+right_square_bracket"
    async with hosts(tmp_path, sshd, "web-1") as user:
        tabs = user.app.desk.tabs
        for number in range(3):
            await user.press("s")
            await user.until(lambda n=number: len(tabs) == n + 1 and prompted(user))  # type: ignore[misc]
            await user.press(leave, "escape")
        await user.press("grave_accent", leave, "1", "space", "2", "space", "B", "i")
        assert "BROADCAST to 2" in user.deck.dock.side.text
        assert user.deck.dock.has_class("broadcast")
        await user.type("echo ab$((1+1))cd")
        await user.press("enter")
        said = [lambda tab=tab: "ab2cd" in tab.text() for tab in tabs]
        await user.until(lambda: said[0]() and said[1]())
        assert not said[2]()


async def test_a_dozen_stay_open_and_each_keeps_what_it_said(sshd: Sshd, tmp_path: Path) -> None:
    async with hosts(tmp_path, sshd, "web-1", size=(80, 24)) as user:
        tabs = user.app.desk.tabs
        for number in range(12):
            await user.press("s")
            await user.until(lambda n=number: len(tabs) == n + 1 and prompted(user))  # type: ignore[misc]
            await user.type(f"echo tab$(({number}*7))")
            await user.press("enter", "ctrl+right_square_bracket", "escape")
        for number, tab in enumerate(tabs):
            await user.until(lambda n=number, t=tab: f"tab{n * 7}\n" in t.text())  # type: ignore[misc]


async def test_a_way_that_fails_says_why_in_its_tab(sshd: Sshd, tmp_path: Path) -> None:
    async with hosts(tmp_path, sshd, "web-1", port=1) as user:
        await user.press("s")
        await user.until(lambda: user.deck.dock.tab is not None and not user.deck.dock.tab.running)
        assert user.deck.dock.tab is not None
        told = " ".join(user.deck.dock.tab.epitaph())
        assert "refused" in told or "Connection" in told
        offer = user.deck.dock.tab.next_way
        assert offer is None or f"tries {offer.title}" in str(user.deck.dock.note.content)


async def test_read_only_opens_nothing_and_says_so(sshd: Sshd, tmp_path: Path) -> None:
    async with hosts(tmp_path, sshd, "web-1", read_only=True) as user:
        await user.press("s")
        assert user.app.desk.tabs.current is None
        assert "(no: read-only)" in user.deck.keys.text
        assert user.app.registry.commands["shell"].why_not(user.deck) == "read-only"


async def test_an_engine_that_is_gone_cuts_every_shell_and_the_next_one_opens_it_again(
    sshd: Sshd, tmp_path: Path
) -> None:
    async with hosts(tmp_path, sshd, "web-1") as user:
        await user.press("s")
        await user.until(lambda: prompted(user))
        os.kill(user.app.link.pid, signal.SIGKILL)  # type: ignore[union-attr]
        tab = user.deck.dock.tab
        assert tab is not None
        await user.until(lambda: not tab.running)
        assert any("cut: the engine" in line for line in tab.epitaph())
        await user.until(lambda: user.app.link.state == "live")  # type: ignore[union-attr]
        await user.pilot.pause(0.5)
        await user.press("R")
        await user.until(lambda: tab.phase == "open")
