"""Everything that is open: the sessions, their tabs and forwards, and who draws what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from console.forwards import Forward, Forwards
from console.item import Item
from console.shells.lent import Loan
from console.shells.pump import Pump
from console.shells.session import Listener
from console.shells.sessions import Sessions, Told
from console.shells.tab import Tab, Wanted
from console.shells.tabs import Tabs
from console.shells.transfer import Beside
from console.targets import target_of
from console.workloads import workload_of
from providers.model import Pod, Target
from widgets.emulator import Permissions, Terminal

if TYPE_CHECKING:
    from console.app import Quarterdeck

RECONNECTS = ("shell", "logs", "attach")
"""What a tab can be opened once more for."""


class Desk:
    """Lives as long as the app; the dock shows it."""

    def __init__(self, app: Quarterdeck) -> None:
        self.app = app
        self.sessions = Sessions(app.link.send, app.link.next_id, app.link.unsent)
        self.tabs = Tabs()
        self.forwards = Forwards(self.sessions, self._pod_for, self._target, app.refresh_header)
        self.pump = Pump(lambda: app.key_first.on_its_way)
        self._news = asyncio.Event()
        self.loan: Loan | None = None
        """Of the whole terminal, while a tab has it."""
        self.on_change: Callable[[Tab | None], None] = lambda _: None
        """The dock's: that tab's state is another, or with None which tabs there are."""

    # ---- what the engine says --------------------------------------------------------------------

    def hear(self, body: Told) -> None:
        """A frame that is about one session."""
        self.sessions.hear(body)

    def lost(self, detail: str) -> None:
        """The engine is gone, and every session with it."""
        self.sessions.lost(detail)

    async def end(self) -> None:
        """The app ends: no port is listened on any more; the engine ends the sessions with itself."""
        await self.forwards.close()

    # ---- tabs ------------------------------------------------------------------------------------

    def open(self, wanted: Wanted, name: str, size: tuple[int, int], beside: Listener | None = None) -> Tab:
        """A further tab, with a session that is asked for now; `size` in columns and rows.

        `beside`: who takes what the session says in place of the screen.
        """
        look = self.app.launch.config.look
        allowed = Permissions(title=look.shell_title, clipboard=look.shell_clipboard)
        tab = Tab(wanted, name, Terminal(*size, permissions=allowed), self._changed)
        self.tabs.add(tab)
        self.on_change(None)  # first: what it says needs a screen
        self._begin(tab, tab if beside is None else Beside(tab, beside))
        return tab

    def again(self, tab: Tab, wanted: Wanted) -> None:
        """Another session in the same tab, below what the one before said."""
        tab.renew(wanted)
        self._begin(tab, tab)
        self.on_change(tab)

    def _begin(self, tab: Tab, listener: Listener) -> None:
        wanted = tab.wanted
        session = self.sessions.begin(
            listener,
            wanted.target,
            wanted.purpose,
            way=wanted.offer.way,
            choice=wanted.offer.choice,
            typed=wanted.typed,
            size=(tab.terminal.columns, tab.terminal.rows),
            arguments=wanted.arguments,
        )
        tab.begin(session)

    def close(self, tab: Tab) -> None:
        """End what runs in it and forget it."""
        if tab.session is not None:
            tab.session.shut()
        self.tabs.remove(tab)
        self.on_change(None)

    def named(self, ids: tuple[int, ...]) -> list[str]:
        """Names of the tabs with those sessions."""
        return [tab.name for tab in self.tabs if tab.session is not None and tab.session.id in ids]

    def _changed(self, tab: Tab) -> None:
        if tab.behind:
            self.pump.note(tab, shown=tab is self.tabs.current)
        if not tab.running and self.tabs.settle():
            self.app.say("broadcast ended: fewer than two of its tabs still run", "warn")
        if self.loan is not None:
            self.loan.wake()
        self._news.set()
        self._news.clear()
        self.on_change(tab)

    async def standing(self, tab: Tab) -> None:
        """Waits until its session stands, or is over."""
        while tab.phase == "opening":
            await self._news.wait()

    # ---- forwards --------------------------------------------------------------------------------

    def _target(self, item: Item) -> Target:
        return target_of(item, self.app.rules)

    def _pod_for(self, forward: Forward) -> Item | None:
        """The same pod while it is ready, or else the newest that is ready of the same workload."""
        fleet, workload = self.app.fleet, forward.workload
        same = fleet.item(forward.target.ref)
        if workload is None or (same is not None and _ready(same)):
            return same
        there = (item for item in fleet.pods_in(workload.namespace) if _ready(item))
        of_it = [item for item in there if workload_of(item) == workload]
        return max(of_it, key=lambda item: item.obj.created or 0.0, default=None)


def _ready(item: Item) -> bool:
    pod = item.obj
    return isinstance(pod, Pod) and not pod.deleting and pod.ready > 0 and pod.ready == pod.containers
