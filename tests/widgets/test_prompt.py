"""The line that filters and commands are typed into."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App, ComposeResult
from textual.events import Paste

from widgets.prompt import Prompt

WORDS = ("pods", "pods checkout", "nodes", "namespaces")


def complete(text: str) -> Sequence[str]:
    return [word for word in WORDS if word.startswith(text)]


class PromptApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.prompt = Prompt()
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield self.prompt

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self.said.append(("changed", message.text))

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.said.append(("submitted", message.text))

    def on_prompt_cancelled(self) -> None:
        self.said.append(("cancelled", ""))

    @property
    def line(self) -> str:
        return self.prompt.render_line(0).text.rstrip()


async def test_closed_it_takes_no_room_and_open_it_has_the_focus() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 5)) as pilot:
        assert not app.prompt.is_open
        assert app.prompt.size.height == 0
        app.prompt.ask("/", "api")
        await pilot.pause()
        assert app.prompt.is_open
        assert app.prompt.has_focus
        assert app.line == " /api"
        app.prompt.close()
        await pilot.pause()
        assert app.prompt.size.height == 0


async def test_typing_tells_each_text_and_enter_the_last() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 5)) as pilot:
        app.prompt.ask("/")
        await pilot.press("a", "[", "b", "enter")
        assert app.said == [("changed", "a"), ("changed", "a["), ("changed", "a[b"), ("submitted", "a[b")]
        await pilot.press("escape")
        assert app.said[-1] == ("cancelled", "")


async def test_the_likeliest_completion_is_shown_and_taken_by_tab_right_or_ctrl_f() -> None:
    for key in ("tab", "right", "ctrl+f"):
        app = PromptApp()
        async with app.run_test(size=(60, 5)) as pilot:
            app.prompt.ask(":", complete=complete)
            await pilot.press("n")
            assert app.prompt.ghost == "odes"
            assert app.line == " :nodes"
            await pilot.press(key)
            assert app.prompt.text == "nodes"


async def test_up_and_down_go_through_completions_while_typing_and_history_otherwise() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 5)) as pilot:
        app.prompt.ask(":", complete=complete)
        await pilot.press("n", "down")
        assert app.prompt.ghost == "amespaces"
        await pilot.press("up")
        assert app.prompt.ghost == "odes"
        await pilot.press("tab", "enter")
        app.prompt.ask(":", complete=complete)
        await pilot.press("x", "y", "enter")
        app.prompt.ask(":", complete=complete)
        await pilot.press("up")
        assert app.prompt.text == "xy"
        await pilot.press("up")
        assert app.prompt.text == "nodes"
        await pilot.press("down", "down")
        assert app.prompt.text == ""
        app.prompt.ask("/")
        await pilot.press("up")
        assert app.prompt.text == "", "a filter has its own history"


async def test_wiping_and_moving() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 5)) as pilot:
        app.prompt.ask("/", "status:crash ns:kube age>1h")
        await pilot.press("ctrl+w")
        assert app.prompt.text == "status:crash ns:kube "
        await pilot.press("ctrl+w", "backspace")
        assert app.prompt.text == "status:crash"
        await pilot.press("home", "delete", "S", "left", "left", "end", "left", "X")
        assert app.prompt.text == "StatuscrasXh".replace("Status", "Status:")
        await pilot.press("ctrl+u")
        assert app.prompt.text == "h"
        await pilot.press("end", "backspace", "backspace")
        assert app.said[-1] == ("cancelled", ""), "wiping what is empty leaves"


async def test_what_is_wrong_is_said_beside_and_shown_where_it_is() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 5)) as pilot:
        app.prompt.ask("/", "ok age>x")
        app.prompt.complain("not a duration [x]", 3, 8)
        await pilot.pause()
        strip = app.prompt.render_line(0)
        assert strip.text.rstrip().endswith("✕ not a duration [x]")
        wrong = "".join(s.text for s in strip if s.style and s.style.underline)
        assert wrong == "age>x"
        await pilot.press("backspace")
        assert app.prompt.error == ""
        assert "✕" not in app.line


async def test_the_cursor_stays_in_sight_of_a_long_line() -> None:
    app = PromptApp()
    async with app.run_test(size=(20, 3)) as pilot:
        app.prompt.ask("/", "x" * 50 + "end")
        await pilot.pause()
        strip = app.prompt.render_line(0)
        assert strip.cell_length == 20
        assert "end" in strip.text
        assert any(s.style and s.style.reverse for s in strip)


async def test_a_paste_is_one_line_of_printable_text() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 5)) as pilot:
        app.prompt.ask("/")
        app.prompt.post_message(Paste("api\x1b[31m-1\nrm -rf"))
        await pilot.pause()
        assert app.prompt.text == "api[31m-1"
