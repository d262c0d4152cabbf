"""`!` in the real console, with a real engine and a real sshd: from marked hosts to what they said."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.app import Quarterdeck
from console.config import Config
from console.launch import Arguments, choose
from console.link import connect
from console.screens.confirm import ConfirmScreen
from console.screens.document import DocumentScreen
from console.screens.fanout import FanoutScreen
from console.screens.messages import MessagesScreen
from tests.lab.sshd import missing
from tests.stories.stage import Session, loaded
from tests.waiting import until

from .hosts import DEAD, Hosts

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    with Hosts(tmp_path_factory.mktemp("hosts")) as hosts:
        assert isinstance(hosts, Hosts)
        yield hosts


@asynccontextmanager
async def console(
    hosts: Hosts, size: tuple[int, int] = (170, 45), *, read_only: bool = False
) -> AsyncIterator[Session]:
    arguments = Arguments(inventories=(str(hosts.inventory),), read_only=read_only)
    launch = choose(arguments, Config(), {})
    app = Quarterdeck(connect(launch.hello), launch)
    async with app.run_test(size=size, notifications=True) as pilot:
        me = Session(app, pilot)
        await me.until(lambda: loaded(app))
        app.tick()
        await pilot.pause()
        yield me


@pytest.fixture(autouse=True)
def environment(hosts: Hosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in hosts.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


async def mark(me: Session, *names: str) -> None:
    for place, name in enumerate(me.rows("instance")):
        if name in names:
            await me.press("g", *["j"] * place, "space")


async def begin(me: Session, command: str) -> ConfirmScreen:
    await me.press("exclamation_mark")
    await me.type(command)
    await me.press("enter")
    await me.until(lambda: isinstance(me.app.screen, ConfirmScreen))
    assert isinstance(me.app.screen, ConfirmScreen)
    return me.app.screen


async def confirmed(me: Session, plan: ConfirmScreen) -> FanoutScreen:
    await me.type(plan.plan.typed or "y")
    if plan.plan.typed:
        await me.press("enter")
    await me.until(lambda: isinstance(me.app.screen, FanoutScreen))
    assert isinstance(me.app.screen, FanoutScreen)
    return me.app.screen


async def over(me: Session, screen: FanoutScreen) -> list[str]:
    """What the rows say when nothing more comes."""
    await me.until(lambda: screen.fanout.final)
    screen.show_now()
    await me.pilot.pause()
    return [group.heading for group in screen.rows.groups]


ODD = "echo same; case $SSH_CONNECTION in *127.0.1.3*) echo odd; exit 3;; esac"


async def test_marked_hosts_run_it_and_what_differs_stands_beside_what_is_the_same(
    hosts: Hosts, tmp_path: Path
) -> None:
    async with console(hosts) as me:
        await mark(me, *hosts.names)
        plan = await begin(me, ODD)
        assert plan.plan.typed == "5"
        assert plan.plan.pace.startswith("first 1, then 4; begins no further one after the first failure")
        assert plan.plan.pace in str(plan.query_one("#pace").render())
        screen = await confirmed(me, plan)
        assert await over(me, screen) == [
            "✕ web3 · 1 host · exit status 3",
            "● web[1-2,4-5] · 4 hosts · exit status 0",
        ]
        assert "5 of 5 over" in screen.progress.text
        assert list(me.app._notifications) == [], "what is on the screen is not told over it"
        assert "exit status 0: 4, 3: 1" in screen.progress.text
        assert [line.split("│")[1].strip() for line in screen.output.text.splitlines()] == ["same", "odd"]
        assert screen.output._lit == {1}
        assert screen.output.text.splitlines()[1].startswith("≠ ")

        await me.press("enter")
        assert isinstance(me.app.screen, DocumentScreen)
        assert me.app.screen.document.text == "same\nodd"
        await me.press("escape")

        await me.press("slash")
        await me.type("odd")
        await me.press("enter")
        assert screen.output.matches == 1

        await me.press("w")
        await me.until(lambda: list(tmp_path.glob("quarterdeck-run-*/index.json")) != [])
        (index,) = tmp_path.glob("quarterdeck-run-*/index.json")
        told = {each["host"]: each for each in json.loads(index.read_text())}
        assert (told["web3"]["exit_status"], told["web3"]["stdout"]) == (3, "same\nodd\n")
        assert (index.parent / told["web3"]["file"]).read_text() == "# exit status 3\nsame\nodd\n"
        assert len(list(index.parent.glob("*.txt"))) == 5


async def test_again_is_a_new_plan_of_those_that_failed(hosts: Hosts) -> None:
    async with console(hosts) as me:
        await mark(me, *hosts.names)
        screen = await confirmed(me, await begin(me, ODD))
        await over(me, screen)
        await me.press("r")
        await me.until(lambda: isinstance(me.app.screen, ConfirmScreen))
        assert isinstance(me.app.screen, ConfirmScreen)
        assert [item.label for item in me.app.screen.plan.items] == ["instance web3"]
        second = await confirmed(me, me.app.screen)
        assert second is not screen
        await over(me, second)
        await me.press("left_square_bracket")
        assert len(second.fanout.refs) == 5, "the run before"


async def test_a_file_goes_to_marked_hosts_and_comes_back_from_each(hosts: Hosts, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    (tmp_path / "here").write_bytes(content)
    async with console(hosts) as me:
        await mark(me, *hosts.names)
        await me.type(f":put here {tmp_path}/there")
        await me.press("enter")
        await me.until(lambda: isinstance(me.app.screen, ConfirmScreen))
        assert isinstance(me.app.screen, ConfirmScreen)
        screen = await confirmed(me, me.app.screen)
        assert await over(me, screen) == ["● web[1-5] · 5 hosts · exit status 0"]
        assert (tmp_path / "there").read_bytes() == content
        await me.press("escape")

        await me.type(f":get {tmp_path}/there")
        await me.press("enter")
        await me.until(lambda: isinstance(me.app.screen, ConfirmScreen))
        assert isinstance(me.app.screen, ConfirmScreen)
        screen = await confirmed(me, me.app.screen)
        await over(me, screen)
        await me.press("w")
        await me.until(lambda: len(list(tmp_path.glob("quarterdeck-get-*/*/there"))) == 5)
        await me.until(lambda: "saved in" in me.app.activity.entries[-1].lines[0])
        assert all(path.read_bytes() == content for path in tmp_path.glob("quarterdeck-get-*/*/there"))


async def test_cancel_ends_what_runs_and_leaving_keeps_it(hosts: Hosts) -> None:
    async with console(hosts) as me:
        await mark(me, *hosts.names)
        screen = await confirmed(me, await begin(me, "sleep 8"))
        await me.until(lambda: screen.fanout.counts()["running"] == 1)
        await me.press("escape")
        assert me.app.screen is me.deck
        await me.type(":runs")
        await me.press("enter")
        await me.until(lambda: isinstance(me.app.screen, FanoutScreen))
        again = me.app.screen
        assert isinstance(again, FanoutScreen)
        assert again.fanout is screen.fanout
        await me.press("x")
        await over(me, again)
        assert again.fanout.counts() == {"cut": 1, "refused": 4}
        await me.press("escape", "m")
        assert isinstance(me.app.screen, MessagesScreen)
        assert "cancelled while it ran" in me.app.screen.facts.text


async def test_ctrl_c_twice_ends_it_and_quitting_while_it_runs_is_asked_about(
    hosts: Hosts, tmp_path: Path
) -> None:
    async with console(hosts) as me:
        await me.press("g", *["j"] * me.rows("instance").index("web1"))
        screen = await confirmed(me, await begin(me, "sleep 60"))
        await me.until(lambda: screen.fanout.counts()["running"] == 1)
        await me.press("ctrl+c")
        assert me.app.screen is screen
        assert screen.fanout.counts() == {"running": 1}
        await me.press("ctrl+q")
        assert not me.app._exit
        await me.press("escape", "ctrl+q")
        assert me.deck.prompts.line._prefix == "`sleep 60` still runs on hosts; quit? y/n "
        await me.press("n")
        assert not me.app._exit
        await me.type(":runs")
        await me.press("enter")
        await me.until(lambda: isinstance(me.app.screen, FanoutScreen))
        await me.press("ctrl+c", "ctrl+c")
        await me.until(lambda: screen.fanout.final)
        assert screen.fanout.counts() == {"cut": 1}
        await me.press("ctrl+c")
        assert me.app.screen is me.deck
        await me.press("ctrl+q")
        assert not me.deck.prompts.open


async def test_quitting_from_its_screen_takes_a_second_press_and_ends_it_there(
    hosts: Hosts, tmp_path: Path
) -> None:
    async with console(hosts) as me:
        await me.press("g", *["j"] * me.rows("instance").index("web1"))
        mark = tmp_path / "pid"
        screen = await confirmed(me, await begin(me, f"echo $$ > {mark}; sleep 60; true"))
        await me.until(lambda: mark.exists() and bool(mark.read_text()))
        await me.press("ctrl+q")
        assert not me.app._exit
        await me.press("ctrl+q")
        assert me.app._exit
        assert screen.fanout.counts() == {"running": 1}
    await until(lambda: not Path("/proc", mark.read_text().strip()).exists())


async def test_one_host_is_confirmed_by_y_and_one_that_is_not_reached_says_why(hosts: Hosts) -> None:
    async with console(hosts, (120, 40)) as me:
        await me.press("g", *["j"] * me.rows("instance").index(DEAD))
        plan = await begin(me, "true")
        assert plan.plan.typed == ""
        screen = await confirmed(me, plan)
        assert await over(me, screen) == [f"✕ {DEAD} · 1 host · not reached"]
        assert "refuses the connection" in screen.output.text


async def test_what_a_host_says_never_reaches_the_terminal_as_it_is(hosts: Hosts) -> None:
    async with console(hosts) as me:
        await me.press("g", *["j"] * me.rows("instance").index("web1"))
        command = "printf '\\033]52;c;eA==\\a[@click=app.quit]x[/]\\033[2J\\u202e'"
        screen = await confirmed(me, await begin(me, command))
        await over(me, screen)
        drawn = screen.output.text + "".join(cell.text for cell in screen.rows.line_at(0).cells)
        assert "␛]52;c;eA==␇[@click=app.quit]x[/]" in drawn
        assert not any(char in drawn for char in "\x1b\x07\u202e")


async def test_a_read_only_console_has_no_such_key(hosts: Hosts) -> None:
    async with console(hosts, read_only=True) as me:
        await me.press("exclamation_mark")
        assert not me.deck.prompts.open
        assert me.app.registry.commands["run"].why_not(me.deck) == "read-only"


async def test_esc_leaves_a_plan_and_nothing_runs(hosts: Hosts, tmp_path: Path) -> None:
    async with console(hosts) as me:
        await me.press("g", *["j"] * me.rows("instance").index("web1"))
        await begin(me, "true")
        await me.press("escape")
        assert me.app.screen is me.deck
        assert me.app.fanouts.runs == []
        assert not (tmp_path / "state" / "quarterdeck" / "audit.jsonl").exists()
