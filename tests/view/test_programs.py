"""Real programs on a real pty, through the widget."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from textual.events import Key, MouseScrollDown, Paste

from tests.lab.ssh_keys import needed
from tests.view.program import WINDOW, Live
from tests.waiting import until

pytestmark = pytest.mark.pty
BASH = ("bash", "--norc", "--noprofile")


async def test_what_is_typed_into_cat_comes_back() -> None:
    app = Live("cat")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"héllo", "enter")
        await until(lambda: app.text.count("héllo") == 2, instead=lambda: app.text)


async def test_a_shell_edits_completes_and_is_interrupted() -> None:
    app = Live(*BASH)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows("$")
        await pilot.press(*"echo abd", "backspace", *"c$((6*7))", "ctrl+a", "alt+f", "enter")
        await app.shows("abc42")
        await pilot.press(*"sleep 60", "enter", "ctrl+c", *"echo $?", "enter")
        await app.shows("130")
        await pilot.press(*"sleep 60", "enter", "ctrl+z")
        await app.shows("Stopped")


async def test_a_paste_of_several_lines_is_not_run_before_enter(tmp_path: Path) -> None:
    app = Live(*BASH)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows("$")
        await until(lambda: app.terminal.modes.bracketed_paste, instead=lambda: "bash never asked for it")
        app.view.post_message(Paste(f"touch {tmp_path}/a\ntouch {tmp_path}/b\x1b[201~\ntouch {tmp_path}/c\n"))
        await app.shows("/c")
        assert not list(tmp_path.iterdir())
        await pilot.press("ctrl+c", *"echo done", "enter")
        await app.shows("\ndone")
        assert not list(tmp_path.iterdir())


async def test_a_program_hears_of_the_size(tmp_path: Path) -> None:
    app = Live(*BASH)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows("$")
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        await pilot.press(*"stty size", "enter")
        await app.shows("30 100")


async def test_an_editor_takes_the_screen_and_gives_it_back(tmp_path: Path) -> None:
    needed("vim", shutil.which("vim"), "vim")
    path = tmp_path / "notes"
    app = Live(*BASH)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows("$")
        await pilot.press(*f"cd {tmp_path}", "enter", *"vim -u NONE notes", "enter")
        await app.shows('"notes" [New')
        assert app.terminal.modes.alternate
        await pilot.press("i", *"first", "enter", *"second", "escape", *"ggdd", "colon", *"wq", "enter")
        await until(lambda: not app.terminal.modes.alternate, instead=lambda: app.text)
        assert path.read_text() == "second\n"
        await app.shows("vim -u NONE")


async def test_a_pager_is_turned_by_keys_and_wheel(tmp_path: Path) -> None:
    needed("less", shutil.which("less"), "less")
    path = tmp_path / "lines"
    path.write_text("".join(f"line {n}\n" for n in range(200)))
    app = Live("less", str(path))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows("line 22")
        await pilot.press("pagedown")
        await app.shows("line 45")
        await pilot._post_mouse_events(_scroll_down(), app.view, offset=(5, 5), button=0)
        await app.shows("line 48")
        await pilot.press("G")
        await app.shows("line 199")


def _scroll_down() -> list[type]:
    return [MouseScrollDown]


async def test_ctrl_c_ends_a_flood_and_keys_are_answered_while_it_lasts() -> None:
    """100 MB, ended long before: the window was never exceeded, and the loop never lost."""
    app = Live(*BASH)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows("$")
        late: list[float] = []
        watch = asyncio.ensure_future(_watch(late))
        begin = time.monotonic()
        await pilot.press(*"yes $(seq 20) | head -c 100000000", "enter")
        await until(lambda: app.taken > 3_000_000, 60, lambda: f"only {app.taken} bytes came")
        flowed, painted = time.monotonic() - begin, app.view.paints
        begin = time.monotonic()
        app.post_message(Key("ctrl+c", "\x03"))
        await until(lambda: app.sent.endswith(b"\x03"), 10, lambda: "ctrl-c was never sent")
        reached = time.monotonic() - begin
        await until(lambda: "^C" in app.text, 20, lambda: app.text)
        ended = time.monotonic() - begin
        watch.cancel()
        assert app.taken < 90_000_000
        assert app.deepest <= WINDOW
        assert painted > 5, "something was shown meanwhile"
        await pilot.press(*"echo $((40+2))", "enter")
        await app.shows("\n42")
        late.sort()
        print(f"\n3 MB in {flowed:.1f} s; ctrl-c sent after {reached * 1e3:.0f} ms, ", end="")
        print(f"prompt after {ended * 1e3:.0f} ms; ", end="")
        print(
            f"loop late p50 {late[len(late) // 2] * 1e3:.1f}, p99 {late[len(late) * 99 // 100] * 1e3:.1f} ms"
        )
        assert reached < 1.0


async def _watch(late: list[float]) -> None:
    """By how much the loop is late."""
    while True:
        due = time.monotonic() + 0.005
        await asyncio.sleep(0.005)
        late.append(time.monotonic() - due)
