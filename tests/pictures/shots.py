"""What each picture shows: a console of some size, and what a person pressed before it was taken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from console.app import Quarterdeck
from console.config import Config, Look
from console.launch import Arguments, choose
from console.link import connect
from console.screens.deck import Deck
from tests.pictures.svg import picture
from tests.stories.stage import NOW, Session, loaded

Steps = Callable[[Session], Awaitable[None]]

FLEET = {"pods": 1200, "nodes": 60, "seed": 1, "frozen": True, "now": NOW}
ROOMY = (160, 45)


class Shot(NamedTuple):
    """One picture."""

    size: tuple[int, int]
    steps: Steps
    theme: str = "quarterdeck"
    wall: bool = False


async def _opened(user: Session) -> None:
    await user.press("tab", "j")


async def _triage(user: Session) -> None:
    """The node that is not ready, and its pods."""
    await user.type(":nodes")
    await user.press("enter", "enter", "j", "j")


async def _filtered(user: Session) -> None:
    await user.press("slash")
    await user.type("status:crash,image restarts>3")
    await user.press("enter", "j")


async def _cordoning(user: Session) -> None:
    """Two nodes marked, and the question that cordoning them asks."""
    await user.type(":nodes")
    await user.press("enter", "j", "j", "space", "space", "c")
    await user.until(lambda: user.app.screen is not user.deck)


async def _document(user: Session) -> None:
    await user.press("y")
    await user.until(lambda: user.app.screen is not user.deck)


async def _help(user: Session) -> None:
    await user.press("question_mark")


async def _messages(user: Session) -> None:
    """After cordoning a node."""
    await user.type(":nodes")
    await user.press("enter", "j", "j", "c")
    await user.until(lambda: user.app.screen is not user.deck)
    await user.press("y")
    await user.until(lambda: any(entry.level == "done" for entry in user.app.activity.entries))
    await user.press("m")


async def _mistyped(user: Session) -> None:
    """The last good result stays while what is typed is not a filter yet."""
    await user.press("slash")
    await user.type("status:crash /^consumer-(")


async def _machines(user: Session) -> None:
    """The machine that was reclaimed under its node, among the others, every column."""
    await user.type(":instances")
    await user.press("enter", "W")


async def _disagreeing(user: Session) -> None:
    await user.type(":disagree")
    await user.press("enter", "W")


async def _by_group(user: Session) -> None:
    """Machines counted by the group that scales them, with what they cost."""
    await user.type(":instances")
    await user.press("enter")
    await user.type(":by group")
    await user.press("enter")


async def _stopping(user: Session) -> None:
    """A machine is only stopped after its name was typed."""
    await user.type(":instances")
    await user.press("enter", "j", "x")
    await user.until(lambda: user.app.screen is not user.deck)


async def _shells(user: Session) -> None:
    """Shells in two pods of a node that is not ready, beside the data."""
    await user.type(":nodes")
    await user.press("enter", "enter", "j", "j")
    await _entered(user, 1)
    await user.press("ctrl+right_square_bracket", "escape", "j", "j")
    await _entered(user, 2)
    for line in ("uptime", "df", "colours"):
        await user.type(line)
        await user.press("enter")
    await user.until(lambda: _on_screen(user).count("ada@") == 4)


async def _shell(user: Session) -> None:
    """One in place of the data, where there is no room for both."""
    await _entered(user, 1)
    for line in ("ls", "uptime"):
        await user.type(line)
        await user.press("enter")
    await user.until(lambda: "load average" in _on_screen(user))


async def _entered(user: Session, count: int) -> None:
    await user.press("s")
    await user.until(lambda: len(user.app.desk.tabs) == count and "help" in _on_screen(user))


def _on_screen(user: Session) -> str:
    """What the shown tab's terminal shows."""
    tab = user.app.desk.tabs.current
    if tab is None:
        return ""
    return "\n".join(tab.terminal.line(row).text for row in range(tab.terminal.rows))


async def _nothing(user: Session) -> None:
    """The wall is not typed at."""


SHOTS = {
    "deck": Shot(ROOMY, _triage),
    "wide": Shot((200, 60), _opened),
    "narrow": Shot((80, 24), _filtered),
    "filter": Shot((110, 30), _mistyped),
    "confirm": Shot(ROOMY, _cordoning),
    "help": Shot(ROOMY, _help),
    "messages": Shot(ROOMY, _messages),
    "yaml": Shot(ROOMY, _document),
    "instances": Shot((200, 45), _machines),
    "disagree": Shot((160, 30), _disagreeing),
    "by": Shot(ROOMY, _by_group),
    "stop": Shot(ROOMY, _stopping),
    "shells": Shot(ROOMY, _shells),
    "shell": Shot((80, 24), _shell),
    "wall": Shot(ROOMY, _nothing, wall=True),
    "light": Shot(ROOMY, _triage, theme="quarterdeck-light"),
}


async def taken(name: str) -> str:
    """That picture, as SVG."""
    shot = SHOTS[name]
    async with _console(shot) as user:
        await shot.steps(user)
        user.app.clear_notifications()
        await user.pilot.pause()
        return picture(user.app, f"quarterdeck: {name}")


@asynccontextmanager
async def _console(shot: Shot) -> AsyncIterator[Session]:
    launch = choose(
        Arguments(demo=True, simulation=FLEET, read_only=shot.wall),
        Config(look=Look(theme=shot.theme, flash="off")),
        {},
    )
    app = Quarterdeck(connect(launch.hello), launch, wall=shot.wall, now=lambda: NOW)
    async with app.run_test(size=shot.size) as pilot:
        user = Session(app, pilot)
        await user.until(lambda: loaded(app))
        app.tick()
        await pilot.pause()
        _forget_how_it_loaded(app)
        yield user


def _forget_how_it_loaded(app: Quarterdeck) -> None:
    """Into how many pieces the first list came is the machine's doing: cursors show it."""
    if isinstance(app.screen, Deck):
        for pane in app.screen.panes.values():
            pane.grid.move("home")
