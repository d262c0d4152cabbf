"""Scrollback: searching it, and copying from it with keys."""

from __future__ import annotations

import pytest

from tests.view.stage import Stage
from widgets.terminal import TerminalView
from widgets.terminal.search import Search
from widgets.terminal.selection import Place, Selection


def log(count: int = 60) -> bytes:
    return b"".join(b"line %d %s\r\n" % (n, b"Error" if n % 20 == 7 else b"fine") for n in range(count))


def lit(app: Stage) -> list[str]:
    """Texts on the screen that do not look like plain text, the cursor's cell left out."""
    plain = {
        segment.style for y in range(1, 10) for segment in app.view.render_line(y) if "line" in segment.text
    }
    found = []
    for y in range(1, 10):
        found += [s.text for s in app.view.render_line(y) if s.style not in plain and s.text.strip()]
    return found


async def test_search_goes_up_and_round_and_lights_all_there_are() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(log())
        assert app.view.search("error")
        assert "line 47 Error" in "\n".join(app.lines)
        assert lit(app) == ["Error"]
        assert app.view.find_next()
        assert "line 27 Error" in "\n".join(app.lines)
        assert app.view.find_next(older=False)
        assert "line 47 Error" in "\n".join(app.lines)
        assert app.view.find_next(older=False), "round at the end"
        assert "line 7 Error" in "\n".join(app.lines)
        assert app.view.find_next()
        assert "line 47 Error" in "\n".join(app.lines)


async def test_with_capitals_case_matters_and_nothing_found_is_said() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(log())
        assert app.view.search("Error")
        assert not app.view.search("ERROR")
        assert "no ERROR" in app.lines[0]
        assert not app.view.search("")
        assert "no ERROR" not in app.lines[0]
        assert not app.view.find_next()


async def test_a_match_goes_on_where_the_terminal_broke_the_line() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"x" * 36 + b"needle in a line\r\n" + "表示needle".encode())
        search = Search(app.terminal, "needle")
        start = app.terminal.scrolled
        assert [(s.start, s.stop) for s in search.on(start)] == [(36, 40)]
        assert [(s.start, s.stop) for s in search.on(start + 1)] == [(0, 2)]
        assert [(s.start, s.stop) for s in search.on(start + 2)] == [(4, 10)]
        assert search.step(older=True, start=Place(99, 0)) == Place(start + 2, 4)
        assert search.step(older=True, start=Place(99, 0)) == Place(start, 36)


async def test_several_matches_in_a_line_are_stepped_through() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"a.a.a\r\nb\r\na")
        search = Search(app.terminal, "a")
        end = Place(99, 0)
        steps = [search.step(older=True, start=end) for _ in range(5)]
        assert steps == [Place(2, 0), Place(0, 4), Place(0, 2), Place(0, 0), Place(2, 0)]
        assert search.step(older=False, start=end) == Place(0, 0)
        assert search.step(older=False, start=end) == Place(0, 2)


async def test_copy_mode_selects_by_keys_and_gives_the_keys_back() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"first line\r\nsecond line\r\n$ ")
        app.view.begin_copying()
        assert app.view.copying
        await pilot.press("k", "k", "0", "v", "j", "$", "y")
        assert app.copied() == ["first line\nsecond line"]
        assert not app.view.copying
        assert not app.sent
        await pilot.press("y")
        assert bytes(app.sent) == b"y"


async def test_whole_lines_are_copied_as_lines() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(log())
        app.view.begin_copying()
        await pilot.press("g", "V", "j", "j", "enter")
        assert app.copied() == ["line 0 fine\nline 1 fine\nline 2 fine"]


async def test_what_the_terminal_broke_is_copied_as_one_line() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"a" * 39 + b" " + b"b" * 10 + b"\r\nnext")
        selection = Selection(Place(0, 0), Place(2, 3))
        assert selection.text(app.terminal) == "a" * 39 + " " + "b" * 10 + "\nnext"


async def test_the_view_stands_still_in_copy_mode_and_escape_ends_it() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(log())
        app.view.begin_copying()
        await pilot.pause()
        was = app.lines[1:9]
        app.view.note(log())
        await pilot.pause()
        assert app.lines[1:9] == was
        await pilot.press("escape")
        assert app.view.outlook.back == 0
        assert not app.sent


async def test_searching_in_copy_mode_moves_its_cursor() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(log())
        app.view.begin_copying()
        await pilot.press("/")
        assert app.of(TerminalView.SearchWanted)
        app.view.search("error")
        await pilot.press("n", "V", "y")
        assert app.copied() == ["line 27 Error"]


@pytest.mark.parametrize(
    "key", ["h", "j", "k", "l", "pageup", "pagedown", "ctrl+u", "ctrl+d", "G", "g", "$", "V"]
)
async def test_copy_mode_at_the_edges_of_one_cell(key: str) -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.resize_terminal(1, 1)
        await pilot.pause()
        app.view.begin_copying()
        await pilot.press(key, key, "v", "y")
        assert app.is_running
