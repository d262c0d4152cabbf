"""How lines look: colours, attributes, the cursor; and that every character is where the program put it."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tests.view.stage import Stage
from widgets.shadow import Shadow

CORPUS = (
    "plain", "表示 wide", "family👩\u200d👩\u200d👧|", "flag🇩🇪|", "heart❤\ufe0f|", "skin👍🏽|",
    "e\u0301 marks e\u0301\u0302\u0303\u0304|", "ᄀᄁ|", "filler\u3164|", "┌─┐│", "กำ|", "क्षि|",
    "zero\u200bwidth\u200d|", "🧑🏽\u200d🚀|", "☺\ufe0e ☺\ufe0f|", "ﷺ|", "한|글|", "⠀|",
)  # fmt: skip


def styles(app: Stage, y: int) -> dict[str, Style]:
    """The style of each text on a line, trimmed."""
    return {s.text.strip(): s.style or Style() for s in app.view.render_line(y) if s.text.strip()}


async def painted(app: Stage, data: bytes) -> None:
    """Have that on the screen, with the cursor out of the way."""
    app.view.note(data + b"\x1b[10;1H")


async def test_colours_and_attributes() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await painted(
            app,
            b"\x1b[31mred\x1b[0m \x1b[48;5;200mpink\x1b[0m \x1b[38;2;1;2;3mexact\x1b[0m "
            b"\x1b[1;3;4;9mall\x1b[0m \x1b[7mback\x1b[0m \x1b[2mdim\x1b[0m",
        )
        look = styles(app, 0)
        assert look["red"].color is not None
        assert look["red"].color.number == 1, "the theme's red, not one of ours"
        assert look["pink"].bgcolor is not None
        assert look["pink"].bgcolor.number == 200
        assert look["exact"].color is not None
        assert look["exact"].color.triplet == (1, 2, 3)
        assert all((look["all"].bold, look["all"].italic, look["all"].underline, look["all"].strike))
        assert look["back"].reverse
        assert look["dim"].dim


async def test_plain_text_looks_as_the_theme_has_it() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await painted(app, b"plain")
        style = styles(app, 0)["plain"]
        assert style.color is not None
        assert Color.from_rich_color(style.bgcolor) == app.view.visual_style.background


async def test_hidden_text_is_not_drawn_and_keeps_its_place() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await painted(app, b"[\x1b[8msecret\x1b[0m]")
        assert app.lines[0] == "[      ]"


async def test_a_link_leads_nowhere() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await painted(app, b"\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\")
        style = styles(app, 0)["click"]
        assert style.link is None
        assert not style.meta
        await pilot.click(app.view, offset=(1, 0))
        assert app.is_running


@pytest.mark.parametrize(("shape", "drawn"), [(2, "block"), (4, "underline"), (6, "bar")])
async def test_the_cursor_has_its_shape_and_is_dim_without_focus(shape: int, drawn: str) -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"ab\x1b[%d q" % shape)
        app.view.focus()
        await pilot.pause()
        cell = list(app.view.render_line(0))[1]
        assert bool(cell.style and cell.style.reverse) == (drawn == "block")
        assert (cell.text == "▏") == (drawn == "bar")
        app.set_focus(None)
        await pilot.pause()
        resting = list(app.view.render_line(0))[1]
        assert resting.text == " "
        assert resting.style is not None
        assert not resting.style.reverse
        app.view.note(b"\x1b[?25l")
        assert len(list(app.view.render_line(0))) == 2


async def test_a_reversed_cell_shows_the_cursor_too() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"\x1b[7mabc\x1b[1;2H")
        a, b, *_ = app.view.render_line(0)
        assert a.style is not None
        assert b.style is not None
        assert (a.style.reverse, b.text, b.style.reverse) == (True, "b", False)


async def test_the_whole_screen_reversed() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await painted(app, b"abc\x1b[?5h")
        assert all(s.style and s.style.reverse for s in app.view.render_line(0))


@pytest.mark.parametrize("text", CORPUS)
async def test_each_cell_is_where_the_program_put_it(text: str) -> None:
    """By the count of the emulator, of the compositor, and of what sends it to the terminal."""
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await painted(app, text.encode() + b"\x1b[1;31H!")
        for strip in (app.view.render_line(0), app.view.render_line(0).crop(0, 35)):
            shadow = Shadow(40, 1, None)
            shadow.paint([(0, 0, strip)])
            assert shadow._chars[0][30] == "!"
        assert sum(Segment(s.text).cell_length for s in app.view.render_line(0)) == 40


async def test_selected_cells_keep_wide_characters_whole() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await painted(app, "a表b".encode())
        app.view.begin_copying()
        await pilot.press("g", "0", "v", "l", "l")
        assert sum(Segment(s.text).cell_length for s in app.view.render_line(0)) == 40
        assert "a表b" in app.view.render_line(0).text


async def test_without_colours_attributes_say_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"one one\x1b[10;5H")
        app.view.search("one")
        first, *_ = app.view.render_line(0)
        assert first.style is not None
        assert first.style.underline or first.style.reverse
        cursor = list(app.view.render_line(9))[1]
        assert cursor.style is not None
        assert cursor.style.reverse
