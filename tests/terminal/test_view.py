"""The widget: keys out, lines in, messages for everything else."""

from __future__ import annotations

import pytest

from tests.terminal.stage import Stage
from tests.waiting import until
from widgets.terminal import TerminalView


def numbered(count: int, first: int = 0) -> bytes:
    return b"".join(b"line %d\r\n" % n for n in range(first, first + count))


async def test_what_the_program_writes_is_shown() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.note(b"hello\r\nworld")
        await pilot.pause()
        assert app.lines[:2] == ["hello", "world"]
        assert app.taken == 12


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("ctrl+c", b"\x03"),
        ("ctrl+q", b"\x11"),
        ("ctrl+z", b"\x1a"),
        ("ctrl+p", b"\x10"),
        ("tab", b"\t"),
        ("shift+tab", b"\x1b[Z"),
        ("escape", b"\x1b"),
        ("enter", b"\r"),
        ("colon", b":"),
        ("q", b"q"),
    ],
)
async def test_every_key_reaches_the_program(key: str, data: bytes) -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        assert bytes(app.sent) == data
        assert app.is_running
        assert app.focused is app.view


async def test_one_key_leaves_and_it_can_be_another() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+right_square_bracket")
        assert len(app.of(TerminalView.Left)) == 1
        assert not app.sent
    other = Stage(leave="f12")
    async with other.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+right_square_bracket", "f12")
        assert len(other.of(TerminalView.Left)) == 1
        assert bytes(other.sent) == b"\x1d"


async def test_the_view_stays_where_it_is_while_lines_come() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(numbered(100))
        await pilot.pause()
        app.view.move("page_up")
        await pilot.pause()
        was = app.lines
        assert was[0].startswith("line 82")
        assert was[0].endswith("↑ 9")
        app.view.note(numbered(50, 100))
        await pilot.pause()
        assert [line.split("  ")[0] for line in app.lines] == [line.split("  ")[0] for line in was]
        assert app.lines[0].endswith("↑ 59")
        app.view.move("home")
        assert app.lines[0].startswith("line 0")
        app.view.move("end")
        assert app.lines[-2] == "line 149"


async def test_a_key_goes_back_to_where_the_program_writes() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(numbered(100))
        app.view.move("home")
        await pilot.press("x")
        assert app.view.outlook.back == 0


async def test_a_flood_leaves_the_loop_to_others_and_is_acknowledged() -> None:
    app = Stage()
    data = b"y\r\n" * 100_000
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(data)
        assert 0 < app.view.waiting < len(data)
        assert app.taken + app.view.waiting == len(data)
        await until(lambda: not app.view.waiting, instead=lambda: app.view.waiting)
        assert app.taken == len(data)


async def test_one_by_one_and_back() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.note(numbered(30))
        await pilot.resize_terminal(1, 1)
        await pilot.pause()
        app.view.note(b"\x1b[2J\x1b[5;5Hx\xe8\xa1\xa8")
        app.view.move("page_up")
        await pilot.pause()
        assert app.sizes[-1] == (1, 1)
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert app.sizes[-1] == (60, 20)
        assert len(app.lines) == 20
