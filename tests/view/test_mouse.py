"""The mouse: for the program when it asks, else for scrolling and selecting."""

from __future__ import annotations

import pytest
from textual.events import MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp

from tests.view.stage import Stage
from widgets.terminal.mouse import RELEASED, Touch, encode, wanted


@pytest.mark.parametrize(
    ("touch", "encoding", "data"),
    [
        (Touch(0, 0, 0), "sgr", b"\x1b[<0;1;1M"),
        (Touch(0, 9, 4, pressed=False), "sgr", b"\x1b[<0;10;5m"),
        (Touch(2, 299, 99, shift=True, ctrl=True), "sgr", b"\x1b[<22;300;100M"),
        (Touch(64, 1, 1, alt=True), "sgr", b"\x1b[<72;2;2M"),
        (Touch(RELEASED, 1, 1, moved=True), "sgr", b"\x1b[<35;2;2M"),
        (Touch(0, 1, 1, moved=True), "sgr", b"\x1b[<32;2;2M"),
        (Touch(0, 0, 0), "bytes", b"\x1b[M !!"),
        (Touch(1, 0, 0, pressed=False), "bytes", b"\x1b[M#!!"),
        (Touch(0, 222, 0), "bytes", b"\x1b[M \xff!"),
        (Touch(0, 223, 0), "bytes", b""),
        (Touch(0, 223, 0), "utf8", b"\x1b[M " + chr(256).encode() + b"!"),
        (Touch(65, 1, 2), "urxvt", b"\x1b[97;2;3M"),
    ],
)
def test_reports_are_encoded_as_xterm_does(touch: Touch, encoding: str, data: bytes) -> None:
    assert encode(touch, encoding) == data


def test_a_mode_says_what_is_told() -> None:
    press, release = Touch(0, 0, 0), Touch(0, 0, 0, pressed=False)
    drag, move = Touch(0, 0, 0, moved=True), Touch(RELEASED, 0, 0, moved=True)
    told = {
        mode: [wanted(touch, mode) for touch in (press, release, drag, move)]
        for mode in (None, "press", "click", "drag", "move")
    }
    assert told == {
        None: [False, False, False, False],
        "press": [True, False, False, False],
        "click": [True, True, False, False],
        "drag": [True, True, True, False],
        "move": [True, True, True, True],
    }


def drag(app: Stage, start: tuple[int, int], stop: tuple[int, int], *, shift: bool = False) -> None:
    """Press, move and release the left button, as the terminal tells the app."""
    for kind, at in ((MouseDown, start), (MouseMove, stop), (MouseUp, stop)):
        app.post_message(kind(None, *at, 0, 0, 1, shift, False, False, *at))


async def test_the_program_hears_of_click_drag_and_wheel() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"\x1b[?1002h\x1b[?1006h")
        drag(app, (3, 2), (5, 2))
        app.post_message(MouseScrollUp(None, 1, 1, 0, 0, 0, False, False, True, 1, 1))
        await pilot.pause()
        assert bytes(app.sent) == b"\x1b[<0;4;3M\x1b[<32;6;3M\x1b[<0;6;3m\x1b[<80;2;2M"
        assert app.view.selection is None


async def test_a_motion_within_a_cell_is_told_once() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"\x1b[?1003h\x1b[?1006h")
        for x in (3.0, 3.4, 4.0):
            app.post_message(MouseMove(None, x, 2, 0, 0, 0, False, False, False, x, 2))
        await pilot.pause()
        assert bytes(app.sent) == b"\x1b[<35;4;3M\x1b[<35;5;3M"


async def test_with_shift_one_selects_whatever_the_program_asked_for() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"hello world\x1b[?1003h\x1b[?1006h")
        drag(app, (0, 0), (4, 0), shift=True)
        await pilot.pause()
        assert not app.sent
        app.view.copy_selection()
        await pilot.pause()
        assert app.copied() == ["hello"]


async def test_dragging_selects_and_the_right_button_copies() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note("one two\r\nthree 表示 four\r\nfive".encode())
        drag(app, (4, 0), (9, 1))
        await pilot.pause()
        assert app.copied() == [], "selecting alone touches no clipboard"
        app.post_message(MouseDown(None, 0, 0, 0, 0, 3, False, False, False, 0, 0))
        await pilot.pause()
        assert app.copied() == ["two\nthree 表示"]
        assert app.view.selection is None


async def test_two_clicks_select_a_word_and_three_the_line() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"see /var/log/syslog.1 now")
        await pilot.double_click(app.view, offset=(10, 0))
        app.view.copy_selection()
        await pilot.pause(0.6)
        await pilot.triple_click(app.view, offset=(10, 0))
        app.view.copy_selection()
        await pilot.pause()
        assert app.copied() == ["/var/log/syslog.1", "see /var/log/syslog.1 now"]


async def test_the_wheel_looks_back_and_turns_pagers() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"".join(b"%d\r\n" % n for n in range(50)))
        app.post_message(MouseScrollUp(None, 1, 1, 0, 0, 0, False, False, False, 1, 1))
        await pilot.pause()
        assert app.view.outlook.back == 3
        app.post_message(MouseScrollDown(None, 1, 1, 0, 0, 0, False, False, False, 1, 1))
        await pilot.pause()
        assert app.view.outlook.back == 0
        app.view.note(b"\x1b[?1049h\x1b[?1h")
        app.post_message(MouseScrollDown(None, 1, 1, 0, 0, 0, False, False, False, 1, 1))
        await pilot.pause()
        assert bytes(app.sent) == b"\x1bOB" * 3
