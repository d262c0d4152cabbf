"""At the tabs: searching, closing, logs that nothing is typed into, and where the keys are after."""

from __future__ import annotations

import pytest

from providers.model import Offer
from providers.stream import Output, Resize
from tests.shells.scene import Scripted, scene
from tests.stories.stage import Session

EXEC = Offer(way="exec", title="Shell in api", choice="api")
LOGS = Offer(way="logs", title="logs of api", choice="api")
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
        assert "help" not in user.deck.keys.text
        await user.press(LEAVE)
        assert "? help" in user.deck.keys.text
        await user.press("question_mark")
        assert user.app.screen.facts.text.startswith("Shells")  # type: ignore[attr-defined]
        await user.press("escape", "escape", "question_mark")
        assert user.app.screen.facts.text.startswith("Move")  # type: ignore[attr-defined]
