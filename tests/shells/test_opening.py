"""From `s` to a session: one way, several, none, one that wants a word; questions on the way."""

from __future__ import annotations

import asyncio
from typing import Any

from textual import events

from console.app import Quarterdeck
from console.config import Config, Ssh
from console.screens.chooser import ChooserScreen
from console.screens.confirm import ConfirmScreen
from console.screens.question import QuestionScreen
from providers.model import Field, Offer
from providers.stream import Closed, Open, Output
from tests.shells.scene import Scripted, scene
from tests.stories.stage import Session

EXEC = Offer(way="exec", title="Shell in api", choice="api", detail="sh in container api")
SIDE = Offer(way="exec", title="Shell in proxy", choice="proxy")
CLOSED = Offer(
    way="exec", title="Shell in job", choice="job", refused="it has ended", remedy="its logs are kept: l"
)
DEBUG = Offer(way="debug", title="Debug pod", detail="makes a pod with the rights of root", typed="n1")
LOGS = Offer(way="logs", title="logs of api", choice="api")
LEAVE = "ctrl+right_square_bracket"


def said(user: Session) -> str:
    tab = user.deck.dock.tab
    return tab.text() if tab is not None else ""


async def test_the_one_way_that_is_open_is_taken_at_once() -> None:
    async with scene(EXEC, CLOSED, DEBUG) as (user, link):
        await user.press("s")
        await user.until(lambda: "$" in said(user))
        opened = link.opened[0]
        assert (opened.way, opened.choice, opened.typed) == ("exec", "api", "")
        view = user.deck.dock.view
        assert view is not None
        assert (opened.columns, opened.rows) == (view.size.width, view.size.height)
        assert user.deck.dock.inside
        assert user.deck.panes["pod"].display


async def test_of_several_the_person_chooses_and_that_is_remembered() -> None:
    async with scene(EXEC, SIDE, CLOSED) as (user, link):
        await user.press("s")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        text = user.app.screen.text  # type: ignore[attr-defined]
        assert "⊘ 3 Shell in job · job" in text or "⊘ 3 Shell in job" in text
        assert "it has ended" in text
        assert "its logs are kept" in text
        await user.press("3")
        assert isinstance(user.app.screen, ChooserScreen)
        await user.press("j", "k", "2")
        await user.until(lambda: len(link.opened) == 1)
        await user.press(LEAVE, "escape", "j", "s")
        await user.until(lambda: len(link.opened) == 2)
        assert [command.choice for command in link.opened] == ["proxy", "proxy"]
        await user.press(LEAVE, "escape", "colon")
        await user.type("ways")
        await user.press("enter")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        await user.press("escape")
        assert isinstance(user.app.screen, type(user.deck))
        assert len(link.opened) == 2


class Slow:
    """Answers of the engine that wait until they may come."""

    def __init__(self, app: Quarterdeck) -> None:
        self.goes_on = asyncio.Event()
        self._ask = app.answers.ask
        app.answers.ask = self.ask  # type: ignore[method-assign]

    async def ask(self, *arguments: Any) -> Any:
        await self.goes_on.wait()
        return await self._ask(*arguments)


async def test_what_is_typed_while_a_shell_is_opened_is_the_shells() -> None:
    async with scene(EXEC) as (user, link):
        slow = Slow(user.app)
        await user.press("s")
        await user.type("m u")
        await user.press("enter")
        assert isinstance(user.app.screen, type(user.deck))
        assert not user.deck.pane.grid.marks
        slow.goes_on.set()
        await user.until(lambda: bool(link.opened) and link.input(link.opened[0].id) == b"m u\r")
        await user.type("x")
        await user.until(lambda: link.input(link.opened[0].id) == b"m u\rx")


async def test_escape_takes_the_keys_back_while_a_shell_is_opened() -> None:
    async with scene(EXEC) as (user, link):
        slow = Slow(user.app)
        await user.press("s", "a", "escape", "space")
        assert user.deck.pane.grid.marks
        slow.goes_on.set()
        await user.until(lambda: bool(link.opened))
        await user.press("z")
        await user.until(lambda: link.input(link.opened[0].id) == b"z")


async def test_what_was_typed_before_a_list_of_ways_is_for_nobody() -> None:
    async with scene(EXEC, SIDE) as (user, link):
        slow = Slow(user.app)
        await user.press("s", "enter", "j")
        slow.goes_on.set()
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        assert link.opened == []
        await user.press("escape", "space")
        assert user.deck.pane.grid.marks


async def test_a_key_right_behind_the_one_that_leaves_is_for_the_tabs() -> None:
    async with scene(EXEC) as (user, link):
        await user.press("s")
        await user.until(lambda: "$" in said(user))
        view = user.deck.dock.view
        assert view is not None
        view.on_key(events.Key(LEAVE, None))
        view.on_key(events.Key("space", " "))
        tab = user.deck.dock.tab
        await user.until(lambda: tab is not None and tab.marked)
        assert not link.input(link.opened[0].id)


async def test_what_the_configuration_prefers_is_not_asked_about() -> None:
    async with scene(EXEC, SIDE, config=Config(ssh=Ssh(prefer=("exec",)))) as (user, link):
        await user.press("s")
        await user.until(lambda: len(link.opened) == 1)
        assert link.opened[0].choice == "api"


async def test_a_way_can_be_named() -> None:
    async with scene(EXEC, SIDE) as (user, link):
        await user.type(":shell exec proxy")
        await user.press("enter")
        await user.until(lambda: len(link.opened) == 1)
        assert link.opened[0].choice == "proxy"
        await user.press(LEAVE, "escape")
        await user.type(":shell carrier-pigeon")
        await user.press("enter")
        await user.until(lambda: any("carrier-pigeon" in e.title for e in user.app.activity.entries))


async def test_where_none_is_open_each_says_why() -> None:
    async with scene(CLOSED) as (user, link):
        await user.press("s")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        assert "it has ended" in user.app.screen.text  # type: ignore[attr-defined]
        await user.press("enter", "escape")
        assert link.opened == []
        assert user.deck.dock.tab is None


async def test_a_way_that_leaves_something_behind_wants_its_word() -> None:
    async with scene(DEBUG, CLOSED) as (user, link):
        await user.press("s")
        await user.until(lambda: isinstance(user.app.screen, ChooserScreen))
        await user.press("enter")
        await user.until(lambda: isinstance(user.app.screen, ConfirmScreen))
        await user.press("y", "enter")
        assert link.opened == []
        await user.press("backspace")
        await user.type("n1")
        await user.press("enter")
        await user.until(lambda: len(link.opened) == 1)
        assert link.opened[0].typed == "n1"


async def test_read_only_a_shell_is_refused_and_logs_are_not() -> None:
    async with scene(LOGS, read_only=True) as (user, link):
        await user.press("s", "a", "F", "t")
        assert link.sent == []
        await user.press("l")
        await user.until(lambda: len(link.opened) == 1)
        assert link.opened[0].purpose == "logs"
        assert user.deck.dock.tab is not None
        assert user.deck.dock.tab.name.startswith("logs api-1")


class Broken(Scripted):
    """Its first way never works."""

    def opens(self, command: Open) -> None:
        if command.way == "exec":
            self.tell(Closed(id=command.id, detail="no shell in the image", remedy="use a debug container"))
        else:
            super().opens(command)


async def test_after_a_way_that_failed_enter_tries_the_next_one() -> None:
    second = Offer(way="attach", title="Attach")
    async with scene(EXEC, second, link=Broken, config=Config(ssh=Ssh(prefer=("exec",)))) as (user, link):
        await user.press("s")
        await user.until(lambda: user.deck.dock.tab is not None and not user.deck.dock.tab.running)
        note = str(user.deck.dock.note.content)
        assert "no shell in the image" in note
        assert "use a debug container" in note
        assert "enter tries Attach" in note
        await user.pilot.pause(0.5)
        await user.press("enter")
        await user.until(lambda: len(link.opened) == 2)
        assert link.opened[1].way == "attach"
        await user.until(lambda: user.deck.dock.inside and "$" in said(user))


async def test_an_engine_that_is_gone_cuts_each_session_and_says_so() -> None:
    async with scene(EXEC) as (user, link):
        for _ in range(2):
            await user.press("s")
            await user.until(lambda: "$" in said(user))
            await user.press(LEAVE, "escape")
        link.lose()
        tabs = user.app.desk.tabs
        await user.until(lambda: not any(tab.running for tab in tabs))
        assert all("cut: the engine was killed by signal 9" in tab.epitaph() for tab in tabs)


# ---- questions ---------------------------------------------------------------------------------------


async def test_a_host_key_is_trusted_by_the_word_alone() -> None:
    async with scene(EXEC) as (user, link):
        for id, keys, answers in ((1, "yes", ()), (2, "no", None), (3, "", None)):
            link.ask(id=id)
            await user.until(lambda: isinstance(user.app.screen, QuestionScreen))
            await user.press("y", "enter")
            assert isinstance(user.app.screen, QuestionScreen)
            await user.press("backspace")
            await user.type(keys)
            await user.press("enter")
            await user.until(lambda n=id: len(link.replies) == n)  # type: ignore[misc]
            assert (link.replies[-1].id, link.replies[-1].answers) == (id, answers)
        link.ask(id=4)
        await user.until(lambda: isinstance(user.app.screen, QuestionScreen))
        await user.press("escape")
        await user.until(lambda: len(link.replies) == 4)
        assert link.replies[-1].answers is None


async def test_a_passphrase_is_shown_nowhere_and_kept_nowhere() -> None:
    async with scene(EXEC) as (user, link):
        link.ask(Field(text="Passphrase"), Field(text="Code", secret=False), title="Key \x1b]52;c;eA==\x07")
        await user.until(lambda: isinstance(user.app.screen, QuestionScreen))
        question = user.app.screen
        assert isinstance(question, QuestionScreen)
        await user.type("hunter2")
        line = question.line.render_line(0).text
        assert "hunter2" not in line
        assert "•••••••" in line
        assert "\x1b" not in str(question.query_one("#sentence").render())
        await user.press("enter")
        await user.type("123")
        assert "123" in question.line.render_line(0).text
        await user.press("enter")
        await user.until(lambda: len(link.replies) == 1)
        assert link.replies[0].answers == ("hunter2", "123")
        assert "hunter2" not in repr(vars(question.line))
        assert not any("hunter2" in repr(entry) for entry in user.app.activity.entries)


async def test_another_question_takes_the_place_of_one_that_is_over() -> None:
    async with scene(EXEC) as (user, link):
        link.ask(id=1)
        await user.until(lambda: isinstance(user.app.screen, QuestionScreen))
        link.ask(id=1)
        link.ask(id=2, title="Passphrase")
        await user.until(lambda: getattr(user.app.screen, "question", None) is not None
                         and user.app.screen.question.id == 2)  # type: ignore[attr-defined]  # fmt: skip
        await user.press("escape")
        await user.until(lambda: len(link.replies) == 1)
        assert link.replies[0].id == 2
        assert isinstance(user.app.screen, type(user.deck))


# ---- in the shell ------------------------------------------------------------------------------------


async def test_every_key_but_one_goes_to_the_program_as_its_terminal_says() -> None:
    async with scene(EXEC) as (user, link):
        await user.press("s")
        await user.until(lambda: "$" in said(user))
        await user.press("q", "escape", "ctrl+c", "tab", "colon", "up", "question_mark")
        id = link.opened[0].id
        assert link.input(id) == b"q\x1b\x03\t:\x1b[A?"
        await user.press(LEAVE, "question_mark")
        assert link.input(id) == b"q\x1b\x03\t:\x1b[A?"


async def test_the_key_that_leaves_can_be_another() -> None:
    async with scene(EXEC, config=Config(keys={"leave-shell": "ctrl-g"})) as (user, link):
        await user.press("s")
        await user.until(lambda: "$" in said(user))
        assert "ctrl-g leaves" in user.deck.dock.side.text
        await user.press(LEAVE, "ctrl+g")
        assert link.input(link.opened[0].id) == b"\x1d"
        assert not user.deck.dock.inside


async def test_what_was_said_can_be_searched_scrolled_copied_and_saved(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    copied: list[str] = []
    async with scene(EXEC) as (user, link):
        monkeypatch.setattr(user.app, "copy_to_clipboard", copied.append)
        await user.press("s")
        await user.until(lambda: "$" in said(user))
        lines = "".join(f"line {number}\r\n" for number in range(200))
        link.tell(Output(id=link.opened[0].id, data=lines.encode() + b"end"))
        await user.until(lambda: "end" in said(user))
        view = user.deck.dock.view
        assert view is not None
        await user.press(LEAVE, "slash")
        await user.type("line 17")
        await user.press("enter")
        assert view.outlook.back > 0
        await user.press("n", "n", "g")
        assert view.outlook.back == view.terminal.history
        await user.press("G", "v", "V", "y")
        assert copied
        await user.press("w")
        (saved,) = tmp_path.glob("quarterdeck-api-1*.txt")
        assert (
            saved.read_text().splitlines()[1:4] == ["line 0", "line 1", "line 2"]
            or "line 0" in saved.read_text()
        )


async def test_in_a_small_terminal_the_shell_takes_the_place_of_the_data_and_gives_it_back() -> None:
    async with scene(EXEC, size=(80, 24)) as (user, link):
        await user.press("s")
        await user.until(lambda: "$" in said(user))
        view = user.deck.dock.view
        assert view is not None
        assert view.size == (80, 21)
        assert not user.deck.panes["pod"].is_on_screen
        await user.press(LEAVE, "escape")
        assert user.deck.context == "pod"
        await user.until(lambda: user.deck.panes["pod"].is_on_screen)
        assert "goes here" in user.deck.dock.side.text
        assert [command.columns for command in link.opened] == [80]
        await user.press("grave_accent")
        assert user.deck.dock.inside


async def test_tab_goes_through_the_panes_and_the_dock() -> None:
    async with scene(EXEC) as (user, _):
        await user.press("s")
        await user.until(lambda: "$" in said(user))
        await user.press(LEAVE, "tab")
        seen = [user.deck.context]
        while user.deck.context != "shell":
            await user.press("tab")
            seen.append(user.deck.context)
        assert set(seen) >= {"source", "node", "pod", "shell"}
        await user.press("shift+tab")
        assert user.deck.context == seen[-2]


async def test_fifty_tabs_work() -> None:
    async with scene(EXEC, size=(80, 24)) as (user, link):
        for number in range(50):
            await user.press("s")
            await user.until(lambda n=number: len(link.opened) == n + 1)  # type: ignore[misc]
            await user.press(LEAVE, "escape")
        await user.press("grave_accent", LEAVE, "9", "i")
        await user.type("x")
        await user.until(lambda: link.input(link.opened[8].id) == b"x")
        assert sum(bool(link.input(command.id)) for command in link.opened) == 1
