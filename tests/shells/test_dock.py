"""At the tabs: searching, closing, logs that nothing is typed into, and where the keys are after."""

from __future__ import annotations

import pytest

from console.screens.chooser import ChooserScreen
from console.screens.confirm import ConfirmScreen
from providers.model import Offer
from providers.stream import Command, Offered, Output, Resize, Ways
from tests.shells.scene import Scripted, scene
from tests.stories.stage import Session

EXEC = Offer(way="exec", title="Shell in api", choice="api")
LOGS = Offer(way="logs", title="logs of api", choice="api", deaf=True)
LEAVE = "ctrl+right_square_bracket"
LINES = "".join(f"line {number}\r\n" for number in range(200)).encode() + b"end"


def said(user: Session) -> str:
    tab = user.deck.dock.tab
    return tab.text() if tab is not None else ""


async def shell(user: Session, link: Scripted, data: bytes = b"") -> None:
    """A shell that said that, with the keys at its tab."""
    await user.press("s")
    await user.until(lambda: "$" in said(user))
    link.tell(Output(id=link.opened[-1].id, data=data))
    await user.until(lambda: data.decode().rpartition("\n")[2] in said(user))
    await user.press(LEAVE)


@pytest.mark.parametrize("size", [(80, 24), (160, 45), (220, 50)])
async def test_a_search_stays_when_its_prompt_closes_and_no_program_hears_of_another_size(
    size: tuple[int, int],
) -> None:
    async with scene(EXEC, size=size) as (user, link):
        await shell(user, link, LINES)
        view = user.deck.dock.view
        assert view is not None
        sizes = sum(isinstance(command, Resize) for command in link.sent)
        await user.press("slash")
        assert not user.deck.keys.display
        await user.type("line 12")
        await user.press("enter")
        await user.pilot.pause(0.1)
        assert user.deck.keys.display
        first = view.outlook.back
        assert first > 0
        await user.press("n", "n", "n", "n", "n", "n", "n", "n", "n", "n")
        assert view.outlook.back > first
        await user.press("colon", "escape")
        assert sum(isinstance(command, Resize) for command in link.sent) == sizes


async def test_a_search_stays_on_its_match_in_another_size() -> None:
    async with scene(EXEC, size=(160, 45)) as (user, link):
        await shell(user, link, b"long " * 300 + LINES)
        view = user.deck.dock.view
        assert view is not None
        await user.press("slash")
        await user.type("line 17")
        await user.press("enter", "n", "n")
        for size in ((90, 24), (220, 50)):
            await user.pilot.resize_terminal(*size)
            await user.pilot.pause(0.1)
            assert view._search is not None
            place = view._search.current
            assert place is not None
            assert view.terminal.line(place.line - view.terminal.scrolled).text.startswith("line 177")
            assert view.outlook.top <= place.line < view.outlook.top + view.terminal.rows


@pytest.mark.parametrize(("key", "closed"), [("y", True), ("enter", True), ("n", False), ("j", False)])
async def test_closing_takes_one_key(key: str, closed: bool) -> None:
    async with scene(EXEC) as (user, link):
        await shell(user, link)
        await user.press("x")
        assert user.deck.prompts.line.is_open
        await user.press(key)
        assert not user.deck.prompts.open
        assert (user.deck.dock.tab is None) == closed


# ---- logs --------------------------------------------------------------------------------------------


async def test_in_a_log_keys_look_through_it_at_once_and_none_is_typed() -> None:
    async with scene(LOGS) as (user, link):
        await user.press("l")
        await user.until(lambda: "$" in said(user))
        link.tell(Output(id=link.opened[0].id, data=LINES))
        await user.until(lambda: "end" in said(user))
        view = user.deck.dock.view
        assert view is not None
        await user.press("k")
        assert view.outlook.back == 1
        await user.press("j", "g")
        assert view.outlook.back == view.terminal.history
        await user.press("G", "slash")
        await user.type("line 12")
        await user.press("enter")
        assert view.outlook.back > 0
        assert user.app.leaving.ends() == ""
        await user.press("pageup", "enter", "i", "S", "space", "B", LEAVE)
        assert not user.deck.dock.inside
        assert user.deck.dock.active
        keys = user.deck.keys.text
        for shown in ("x close", "/ search", "n next match", "c copy", "w save", "esc data", "? help"):
            assert shown in keys
        for shown in ("back in", "broadcast", "whole screen", "leaves the shell"):
            assert shown not in keys
        assert "goes in" not in user.deck.dock.side.text
        await user.press("escape")
        assert user.deck.context == "pod"
        await user.press("grave_accent", "x", "y")
        assert user.deck.dock.tab is None
        assert not link.input(link.opened[0].id)


async def test_help_is_offered_where_its_key_works_and_begins_with_shells_at_their_tabs() -> None:
    async with scene(EXEC) as (user, _):
        assert "? help" in user.deck.keys.text
        await user.press("s")
        await user.until(lambda: "$" in said(user))
        assert user.app.leaving.ends() == "a shell still runs"
        assert "help" not in user.deck.keys.text
        await user.press(LEAVE)
        assert "? help" in user.deck.keys.text
        await user.press("question_mark")
        assert user.app.screen.facts.text.startswith("Shells")  # type: ignore[attr-defined]
        await user.press("escape", "escape", "question_mark")
        assert user.app.screen.facts.text.startswith("Move")  # type: ignore[attr-defined]


# ---- ways and names ----------------------------------------------------------------------------------

GATED = Offer(way="debug", title="Debug pod", typed="n1")
SPARE = Offer(way="asyncssh", title="SSH by the engine", spare=True)
SSH, SSM = Offer(way="ssh", title="SSH"), Offer(way="ssm", title="Session Manager")
DENIED = Offer(way="ssh", title="SSH", refused="the engine is read-only", remedy="start it without")


async def test_what_leaves_something_behind_is_listed_last_and_spare_ways_after_the_others() -> None:
    async with scene(GATED, SPARE, SSH, SSM) as (user, link):
        await user.press("s")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        chooser = user.app.screen
        assert isinstance(chooser, ChooserScreen)
        titles = [choice.title for choice in chooser.choices]
        assert titles == [
            "SSH",
            "Session Manager",
            "SSH by the engine",
            "Debug pod (to be confirmed with n1)",
        ]
        assert chooser.at == 0
        await user.press("4")
        await user.until(lambda: isinstance(user.app.screen, ConfirmScreen))
        await user.press("escape", "s")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        assert user.app.screen.at == 0  # type: ignore[attr-defined]
        assert not link.opened


async def test_a_tab_names_the_container_only_where_there_are_several() -> None:
    before = Offer(way="previous", title="previous logs of api", choice="api")
    other = Offer(way="logs", title="logs of proxy", choice="proxy")
    async with scene(LOGS, before) as (user, link):
        await user.press("l")
        await user.until(lambda: len(link.opened) == 1)
        await user.press("escape", "p")
        await user.until(lambda: len(link.opened) == 2)
        assert [tab.name for tab in user.app.desk.tabs] == ["logs api-1", "previous api-1"]
    async with scene(LOGS, other) as (user, link):
        await user.press("l")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        await user.press("2")
        await user.until(lambda: len(link.opened) == 1)
        assert [tab.name for tab in user.app.desk.tabs] == ["logs api-1 proxy"]


async def test_read_only_the_ways_are_listed_with_why_and_looking_comes_first_in_the_key_line() -> None:
    async with scene(DENIED, read_only=True) as (user, link):
        keys = user.deck.keys.text
        assert keys.index("l logs") < keys.index("/ filter") < keys.index("s shell")
        await user.type(":ways")
        await user.press("enter")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        assert "the engine is read-only" in user.app.screen.text  # type: ignore[attr-defined]
        await user.press("1", "enter", "escape")
        assert not link.opened
    async with scene(EXEC) as (user, _):
        keys = user.deck.keys.text
        assert keys.index("s shell") < keys.index("/ filter")


class Slow(Scripted):
    """Thinks before it tells the ways."""

    def send(self, command: Command) -> bool:
        if isinstance(command, Ways):
            self.sent.append(command)
            return True
        return super().send(command)


async def test_that_ways_are_asked_for_is_said_until_they_are_known() -> None:
    async with scene(EXEC, link=Slow) as (user, link):
        await user.press("s")
        await user.until(lambda: any("asking which ways" in each.message for each in user.app._notifications))
        asked = next(command for command in link.sent if isinstance(command, Ways))
        link.tell(Offered(id=asked.id, offers=link.offers))
        await user.until(lambda: "$" in said(user))
        assert not any("asking which ways" in each.message for each in user.app._notifications)


async def test_the_names_of_ways_are_completed_as_they_were_offered() -> None:
    async with scene(EXEC, SSH, SSM) as (user, _):
        await user.press("s")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        await user.press("escape")
        await user.type(":shell ss")
        assert user.deck.prompts.line.ghost == "h"
