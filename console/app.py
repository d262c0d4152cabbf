"""The app: reads the engine's frames into the fleet, ticks, and shows screens."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import events
from textual.app import App
from textual.notifications import Notify
from textual.worker import Worker, WorkerState

from console import crash
from console.actions import Answers, commands_of
from console.activity import Activity
from console.carriage import Carriage
from console.commands import Command, KeysError, Registry
from console.contexts import SHELLS
from console.desk import Desk
from console.ending import Ending
from console.errands import Errands
from console.fanouts import Fanouts
from console.fleet import Fleet
from console.gather import all_settled, refused
from console.keybook import builtin
from console.keyfirst import KeyFirst
from console.launch import Launch
from console.leaving import Leaving
from console.link import Link
from console.looking_after import LookingAfter
from console.opening import Opening
from console.ports import Ports
from console.questions import Questions
from console.screens.deck import Deck
from console.screens.following import FollowingScreen
from console.targets import Rules
from console.themes import THEMES
from console.toasts import Toast
from console.views import kind_called
from providers.stream import (
    Closed,
    Document,
    Failed,
    Findings,
    Frame,
    Offered,
    Opened,
    Outcome,
    Output,
    Plan,
    Question,
    Ran,
    Taken,
    Welcome,
)
from widgets.thrift import ThriftyApp

_MOMENT = 0.002
"""Seconds between two looks whether the key is painted."""
if TYPE_CHECKING:
    from console.tape import Tape

TICK_SECONDS = 0.07
"""Frames are shown at most this often; with nothing new there is no tick at all."""
BETWEEN_SECONDS = 0.1
"""After a long tick as long is for keys and for taking in, but no more: a tick shows all that was taken in
since the one before, and with 100,000 pods arriving each would be several times as long as the last."""


class Quarterdeck(ThriftyApp[None], inherit_bindings=False):
    """The console. It holds no credentials: the engine does."""

    CSS_PATH = "console.tcss"
    TITLE = "quarterdeck"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        link: Link | Tape,
        launch: Launch,
        *,
        wall: bool = False,
        now: Callable[[], float] = time.time,
        loaded: Callable[[], object] = lambda: None,
    ) -> None:
        """`loaded` is called once, when for the first time all there is has been shown."""
        super().__init__()
        self.link = link
        self.launch = launch
        self._clock = now
        self._ahead = 0.0
        """Seconds that the engine's clock is ahead of this machine's, where it runs on another one."""
        self.fleet = Fleet(self.now)
        self.activity = Activity()
        self.answers = Answers(link.send, link.unsent)
        self.errands = Errands(self)
        self.fanouts = Fanouts(self)
        self.rules = Rules(launch.config, self.now)
        self.looking_after = LookingAfter(launch.config.start.follow, self.rules, self.fleet, link.send)
        self.desk = Desk(self)
        self.opening = Opening(self)
        self.ports = Ports(self)
        self.carriage = Carriage(self)
        self.questions = Questions(self)
        self.leaving = Leaving(self)
        self.registry = _registry(launch.config.keys)
        self.read_only = launch.hello.read_only
        self.engine_trouble = ""
        self.flash = _flash(launch.config.look.flash)
        self._wall = wall
        self._ending: Ending | None = None
        self._begun = False
        """Whether any provider got as far as to have sources."""
        self._loaded: Callable[[], object] | None = loaded
        self._tick_due: asyncio.TimerHandle | None = None
        self._next_tick = 0.0
        self.key_first = KeyFirst()
        self._backlog: deque[Frame] = deque()
        """Read and not taken yet."""
        self._news, self._room = asyncio.Event(), asyncio.Event()
        """Something was read; all of it was taken, or what else comes is to be read now."""
        self._begin_with_theme(launch.config.look.theme)
        self._disable_tooltips = True
        """There are none, and the widget for them is in every screen."""

    def now(self) -> float:
        """The time where the engine is, seconds since the epoch: what it heard when is told by that clock."""
        return self._clock() + self._ahead

    def _begin_with_theme(self, wanted: str) -> None:
        """Take the theme before anything is styled: taken later, everything is styled once more."""
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(App.theme, wanted if wanted in self.available_themes else "quarterdeck")
        self.stylesheet.set_variables(self.get_css_variables())

    # ---- life ------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        wanted = self.launch.config.look.theme
        if self.theme != wanted:
            there = ", ".join(sorted(self.available_themes))
            self.errands.complain(f"[look] theme: there is no theme {wanted!r}", f"there are: {there}")
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            self._ending = Ending(lambda status: loop.call_soon_threadsafe(self.exit, None, status))
        self.run_worker(self._read(), group="link")
        self.run_worker(self._take_in(), group="link")
        self.set_interval(1.0, self._each_second)

    def get_default_screen(self) -> FollowingScreen:
        """The deck, or the wall: nothing lies below it, which would be styled and laid out for nobody."""
        if self._wall:
            from console.screens.wall import WallScreen

            return WallScreen()
        return Deck(kind_called(self.launch.view, self.fleet) or "pod")

    async def action_quit(self) -> None:
        """Leave, from where no question can be put."""
        if self.leaving.may_go():
            self.exit()

    async def on_unmount(self) -> None:
        await self.desk.end()
        await self.link.close()

    async def _read(self) -> None:
        """Read what comes. What shells said is dealt with at once: it is what a key waits for."""
        async for frames in self.link.frames():
            for frame in frames:
                if not isinstance(frame.body, _OF_SESSIONS):
                    self._backlog.append(frame)
                elif not self.fanouts.taken(frame.body):
                    self.desk.hear(frame.body)
            self._news.set()
            await asyncio.sleep(0)
            # Further ahead only for the echo of a key: else the engine is to wait as long as the screen does.
            while self._backlog and not self.key_first.echo_due:
                self._room.clear()
                await self._room.wait()

    async def _take_in(self) -> None:
        """Take frames of the fleet, 10 ms of work at most. Keys are served between two of them."""
        while True:
            await self._news.wait()
            while self._backlog:
                self._take(self._backlog.popleft())
                await asyncio.sleep(0)
                while self.key_first.waits:  # noqa: ASYNC110 - it also ends by time
                    await asyncio.sleep(_MOMENT)
            self._news.clear()
            self.schedule_tick()
            self._room.set()

    # ---- keys first --------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """A key is noted before it goes through Textual's queues."""
        if isinstance(event, events.Key):
            self.key_first.pressed()
        await super().on_event(event)

    def post_display_hook(self) -> None:
        """Something was painted."""
        self.key_first.painted()

    def key_told(self) -> None:
        """The last key went to a program: frames are taken again, as one of them is its echo."""
        self.key_first.told()
        self._room.set()

    def _fatal_error(self) -> None:
        """Textual's crash page prints the values of variables; ours prints a sentence."""
        words = crash.report(self._exception or RuntimeError("unknown"))
        self._exit_renderables.append(Text(words))
        self._close_messages_no_wait()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """An errand that failed in a way nobody foresaw is told too."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None and event.worker.group != "link":
            self.errands.complain(crash.report(error))

    # ---- frames ----------------------------------------------------------------------------------

    def _take(self, frame: Frame) -> None:
        match frame.body:
            case Welcome() as welcome:
                self._ahead = frame.at - self._clock() if self.launch.via else 0.0
                self._welcome(welcome)
                self.fleet.apply(frame)
            case Plan() | Document() | Findings() | Offered():
                self.answers.settle(frame.body.id, frame.body)
            case Question() as question:
                self.questions.ask(question)
            case Ran() as ran:
                self.fanouts.hear(ran)
            case Outcome() as outcome:
                self.fanouts.hear(outcome)
                self.errands.outcome(outcome)
            case Failed() as failed:
                self._failed(failed, frame.at)
            case _:
                self.fleet.apply(frame)

    def _welcome(self, welcome: Welcome) -> None:
        self.engine_trouble = ""
        self.read_only = welcome.read_only
        for command in commands_of(welcome.actions):
            keys = self.launch.config.keys.get(command.id)
            try:
                self.registry.add(command.with_keys(keys) if keys else command)
            except KeysError as error:
                self.errands.complain(f"action {command.id} has no key", str(error))
                self.registry.add(command.with_keys(""))

    def _failed(self, failed: Failed, at: float) -> None:
        if failed.id:
            told = self.answers.settle(failed.id, failed)
            if not told and not self.desk.sessions.refuse(failed.id, failed.detail, failed.remedy):
                self.errands.complain(failed.detail, failed.remedy)
            return
        news = failed.detail != self.engine_trouble  # what goes wrong at each try is said once
        self.engine_trouble = failed.detail
        self.fleet.engine_lost(failed.detail, failed.remedy, at)
        self.answers.abandon(failed.detail)
        self.activity.abandon(failed.detail)
        self.fanouts.abandon(failed.detail)
        self.questions.forget()
        self.desk.lost(failed.detail)
        if news:
            self.errands.complain(failed.detail, failed.remedy)

    # ---- ticks -----------------------------------------------------------------------------------

    def schedule_tick(self) -> None:
        """Show what arrived, at once or when it is time after the last time."""
        if self._tick_due is None:
            wait = max(0.0, self._next_tick - time.monotonic())
            self._tick_due = asyncio.get_running_loop().call_later(wait, self._tick_soon)

    def _tick_soon(self) -> None:
        if self.key_first.waits:
            self._tick_due = asyncio.get_running_loop().call_later(_MOMENT, self._tick_soon)
        else:
            self.call_next(self.tick)

    def tick(self) -> None:
        """Show what changed since the last tick: work in proportion to what changed."""
        self._tick_due = None
        begin = time.monotonic()
        self._show()
        self._next_tick = begin + pause(time.monotonic() - begin)

    def _show(self) -> None:
        changes = self.fleet.take()
        self.looking_after.take(changes)
        if not self._begun:
            self._begin()
        screen = self._followed()
        if changes and screen is not None:
            screen.follow(changes)
        if self._loaded and self.fleet.sources and all_settled(self.fleet, self.launch.providers):
            self._loaded()
            self._loaded = None

    def _begin(self) -> None:
        """Nothing will come of what was said at the start: leave and say why, as for any wrong argument."""
        states = refused(self.fleet, self.launch.providers)
        self._begun = bool(self.fleet.sources) and not states
        if states:
            lines = [f"quarterdeck: {s.name}: {s.health.detail}. {s.health.remedy}" for s in states]
            self.exit(return_code=2, message=Text("\n".join(line.rstrip(" .") for line in lines)))

    def _each_second(self) -> None:
        if self._ending is not None:
            self._ending.check()
        screen = self._followed()
        if screen is not None and screen is self.screen:
            screen.tick_ages()

    def _followed(self) -> FollowingScreen | None:
        """The screen that shows the fleet, also while another one is on top of it."""
        stack = self.screen_stack
        return next((s for s in stack if isinstance(s, FollowingScreen)), None)

    # ---- commands --------------------------------------------------------------------------------

    def run_command(self, command: Command, deck: Deck) -> None:
        """Do it, or say why not. At once: the key after it must find what it did."""
        kinds = deck.context, deck.scene.focus, SHELLS  # after `:` also what the keys here are not for
        reason = (
            command.why_not(deck)
            if any(command.fits(kind) for kind in kinds)
            else f"not in a pane of {deck.pane.view.title.lower()}"
        )
        if reason:
            self.say(f"{command.title}: {reason}", "warn")
            return
        result = command.run(deck)
        if result is not None:
            self.run_worker(result, exit_on_error=False, group="command")

    def unsay(self, toast: Toast) -> None:
        """That word is of no use any more."""
        self.call_next(self._unnotify, toast)

    def say(self, text: str, tone: str = "info") -> Toast:
        """A short word to the person, plain text; what matters later is in the messages too."""
        severity: Any = {"warn": "warning", "bad": "error"}.get(tone, "information")
        toast = Toast(text, severity=severity, markup=False, timeout=6 if severity != "error" else 12)
        self.post_message(Notify(toast))
        return toast

    @property
    def deck(self) -> Deck:
        """The main screen, wherever it is on the stack. There is none on a wall."""
        return next(screen for screen in self.screen_stack if isinstance(screen, Deck))

    @property
    def themes(self) -> list[str]:
        """Names of the themes there are, sorted."""
        return sorted(self.available_themes)

    def choose_theme(self, name: str) -> None:
        """The theme of that name, or with "" the next one."""
        names = self.themes
        if name and name not in names:
            self.say(f"no theme {name!r}; there are: {', '.join(names)}", "warn")
            return
        self.theme = name or names[(names.index(self.theme) + 1) % len(names)]
        self.say(f"theme {self.theme}")

    def refresh_header(self) -> None:
        """The header says something else now."""
        screen = self._followed()
        if screen is not None:
            screen.refresh_around()

    def copy_text(self, text: str, told: str = "") -> None:
        """To the clipboard, by OSC 52: only ever from the copy keys, and not when it is switched off."""
        if not self.launch.config.look.clipboard:
            self.say("nothing was copied: [look] clipboard is false", "warn")
            return
        self.copy_to_clipboard(text)
        self.say(f"copied {told or text}")


_OF_SESSIONS = (Opened, Output, Closed, Taken)


def pause(took: float) -> float:
    """Seconds from the begin of a tick that took so many to that of the next."""
    return max(TICK_SECONDS, took + min(took, BETWEEN_SECONDS))


def _registry(keys: dict[str, str]) -> Registry:
    registry = Registry(builtin())
    known = {id: text for id, text in keys.items() if id in registry.commands}
    return registry.remapped(known)


def _flash(wanted: str) -> bool:
    slow = "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ
    return wanted == "on" or (wanted == "auto" and not slow)
