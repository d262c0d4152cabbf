"""The widget: keys out, lines in, messages for everything else."""

from __future__ import annotations

import asyncio

import pytest
from textual.events import Paste
from textual.strip import Strip

from console.app import Quarterdeck
from console.screens.deck import Deck
from tests.view.stage import Stage
from tests.waiting import until
from widgets.bar import Bar
from widgets.cells import Cell
from widgets.emulator import Permissions
from widgets.terminal import TerminalView


class Counting(Stage):
    """Notes which lines of its terminal are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []
        render = self.view.render_line

        def counted(y: int) -> Strip:
            self.drawn.append(y)
            return render(y)

        self.view.render_line = counted  # type: ignore[method-assign]


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


def test_the_console_binds_no_key_before_the_widget_sees_it() -> None:
    """A binding of priority would take its key from the program."""
    bindings = [binding for cls in (Quarterdeck, Deck) for _, binding in cls._merge_bindings()]
    assert not [binding for binding in bindings if binding.priority]
    assert not Quarterdeck.ENABLE_COMMAND_PALETTE


async def test_bell_title_and_clipboard_are_messages() -> None:
    app = Stage(permissions=Permissions(clipboard=True))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"\x07\x07\x1b]0;web-1: ~\x1b\\\x1b]52;c;aGVsbG8=\x07")
        app.view.note(b"\x1b]2;a\xe2\x80\xaeb\x07")
        await pilot.pause()
        assert len(app.of(TerminalView.Rang)) == 1
        assert [m.title for m in app.told if isinstance(m, TerminalView.Titled)] == ["web-1: ~", "ab"]
        [copied] = app.of(TerminalView.Copied)
        assert isinstance(copied, TerminalView.Copied)
        assert (copied.text, copied.by_program) == ("hello", True)


async def test_the_clipboard_is_not_the_programs_unless_allowed() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"\x1b]52;c;aGVsbG8=\x07")
        await pilot.pause()
        assert not app.told


async def test_answers_go_back_and_focus_is_told_when_asked_for() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"\x1b[6n\x1b[?1004h")
        assert bytes(app.sent) == b"\x1b[1;1R"
        app.sent.clear()
        app.set_focus(None)
        await pilot.pause()
        app.view.focus()
        await pilot.pause()
        assert bytes(app.sent) == b"\x1b[O\x1b[I"


async def test_a_paste_is_sent_once_and_brings_the_screen_back() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(numbered(100) + b"\x1b[?2004h")
        app.view.move("home")
        app.post_message(Paste("one\ntwo\x1b[201~"))
        await pilot.pause()
        assert bytes(app.sent) == b"\x1b[200~one\rtwo[201~\x1b[201~"
        assert app.view.outlook.back == 0


async def test_only_the_rows_that_changed_are_drawn() -> None:
    app = Counting()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.note(numbered(9))
        await pilot.pause()
        app.drawn.clear()
        app.view._next_paint = 0.0
        app.view.note(b"\x1b[3;1Hchanged\x1b[10;1H")
        await pilot.pause()
        assert sorted(set(app.drawn)) == [2, 9]


async def test_a_hidden_terminal_draws_nothing_and_is_right_when_shown() -> None:
    app = Counting()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.display = False
        await pilot.pause()
        app.drawn.clear()
        app.view.note(b"hello")
        await pilot.pause()
        assert app.taken == 5
        assert not app.drawn
        app.view.display = True
        await pilot.pause()
        assert app.drawn
        assert app.shown(0).startswith("hello")


async def test_the_echo_of_a_key_is_drawn_at_once_while_there_is_a_flood() -> None:
    """In the same turn in which it comes: no clock is waited for."""
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.note(b"flood\r\n")
        painted = app.view.paints
        app.view.note(b"more\r\n")
        assert app.view.paints == painted, "the next paint has its time"
        await pilot.press("x")
        app.view.note(b"x")
        assert app.view.paints > painted
        assert app.shown(app.terminal.cursor.row).startswith("x")


async def test_a_frame_that_a_program_announced_is_drawn_whole() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view._next_paint = 0.0
        painted = app.view.paints
        app.view.note(b"\x1b[?2026hhalf")
        assert app.view.paints == painted
        app.view._next_paint = 0.0
        app.view.note(b" whole\x1b[?2026l")
        assert app.view.paints == painted + 1
        app.view._next_paint = 0.0
        app.view.note(b"\x1b[?2026hnever ended")
        await until(lambda: "never ended" in app.shown(0), 5)


async def test_a_broadcast_is_loud_and_changes_no_size() -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        sizes, was = list(app.sizes), app.view.render_line(3)
        app.view.broadcasting = True
        await pilot.pause()
        assert app.lines[0].endswith("BROADCAST")
        assert [s.style for s in app.view.render_line(3)] != [s.style for s in was]
        app.view.broadcasting = False
        await pilot.pause()
        assert app.view.render_line(3) == was
        assert app.sizes == sizes


async def test_what_else_changed_is_drawn_with_it() -> None:
    """Drawing at once takes along what others have asked for, and loses none of it."""
    app = Stage()
    bar = Bar()
    async with app.run_test(size=(40, 10)) as pilot:
        await app.mount(bar, before=app.view)
        await pilot.pause()
        for number in range(20):
            bar.show([Cell(f"number {number}")])
            app.view._next_paint = 0.0
            app.view.note(b"x")
            await asyncio.sleep(0)
            app.view._next_paint = 0.0
            app.view.note(b"y")
        await pilot.pause(0.05)
        assert app.screen._compositor.render_strips()[0].text.rstrip() == "number 19"
        assert not app.screen._dirty_widgets
        assert app.shown(0).startswith("xyxy")
