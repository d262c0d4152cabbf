"""From a key to a session: asks which ways there are, has the person choose where need be, and opens."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from console.desk import RECONNECTS
from console.item import Item
from console.screens.lending import lend
from console.shells.choosing import Memory, decide, named
from console.shells.session import Listener
from console.shells.tab import Tab, Wanted
from console.shells.typeahead import TypeAhead
from console.targets import KINDS, target_of
from console.toasts import Toast
from providers.model import ActionSpec, Offer, PlanItem, Target
from providers.stream import Offered, Plan, Purpose, Ways
from providers.text import clean
from widgets.terminal.keys import encode

if TYPE_CHECKING:
    from console.app import Quarterdeck

_SLOW = 0.4
"""Seconds after which it is said that ways are being asked."""
_ASK_SECONDS = 15.0
_NAMES: dict[Purpose, str] = {
    "shell": "{name}", "logs": "logs {name}", "attach": "attached {name}",
    "put": "put {name}", "get": "get {name}",
}  # fmt: skip
_PREVIOUS = "previous {name}"
"""Logs of the run before."""


class Opening:
    """Each opening runs by itself; what fails is told in the messages, or in its tab."""

    def __init__(self, app: Quarterdeck) -> None:
        self.app = app
        self.memory = Memory()
        self.ahead = TypeAhead()
        self.ways: dict[str, Sequence[str]] = {}
        """Names of the ways to a shell that were offered last, by kind: the console knows none by itself."""

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it beside everything else."""
        self.app.run_worker(work, group="errands", exit_on_error=False)

    # ---- whether ---------------------------------------------------------------------------------

    def why_not(self, item: Item | None, purpose: Purpose = "shell", *, opens: bool = True) -> str:
        """Why nothing can be opened there; "" when it may be tried. Not `opens`: why no way can be listed."""
        if item is None:
            return "nothing is under the cursor"
        if item.kind not in KINDS:
            return f"not on a {item.kind}"
        if self.app.read_only and ((opens and purpose != "logs") or self.app.launch.recording):
            return "read-only"
        return "it is simulated" if item.source.info.simulated and purpose != "shell" else ""

    # ---- opening ---------------------------------------------------------------------------------

    def begin(
        self,
        item: Item,
        purpose: Purpose = "shell",
        *,
        words: str | None = None,
        whole: bool = False,
        arguments: tuple[str, ...] = (),
    ) -> None:
        """Open it, by the way that `words` name; with "" the person chooses in any case.

        `whole`: on the whole real terminal.
        """
        if purpose in ("shell", "attach"):
            self.ahead.begin()
        self.start(self._begin(item, purpose, words, whole, arguments))

    async def _begin(
        self, item: Item, purpose: Purpose, words: str | None, whole: bool, arguments: tuple[str, ...]
    ) -> None:
        target = target_of(item, self.app.rules)
        try:
            wanted = await self.choose(target, purpose, words)
        finally:
            held = self.ahead.release()
        if wanted is None:
            return
        dock = self.app.deck.dock
        back = dock.leave if dock.active else dock.part
        tab = self.open_tab(replace(wanted, arguments=arguments))
        for key, character in held:
            tab.write(encode(key, character, tab.terminal.modes))
        if whole:
            await lend(self.app, tab, back, fresh=True)

    def open_tab(self, wanted: Wanted, name: str = "", beside: Listener | None = None) -> Tab:
        """A tab for it in the dock, with the focus; `beside` as for Desk.open."""
        deck = self.app.deck
        deck.dock.active = True
        tab = self.app.desk.open(wanted, clean(name or _name(wanted), limit=64), deck.dock.room, beside)
        deck.dock.enter()
        return tab

    async def choose(self, target: Target, purpose: Purpose, words: str | None = None) -> Wanted | None:
        """The way to take, chosen and confirmed; None when there is none, or the person left it."""
        offers = await self.offers(target, purpose)
        if offers is None:
            return None
        fitting = named(offers, words) if words else list(offers)
        if not fitting:
            there = ", ".join(dict.fromkeys(offer.way for offer in offers)) or "none"
            asked = f"no way {words!r} into" if words else "no way into"
            self.app.errands.complain(f"{asked} {clean(target.label)}", f"ways there: {there}")
            return None
        last = self.memory.last(target, purpose)
        offer = None if words == "" else decide(fitting, target.prefer, last)
        if offer is None:
            offer = await self._ask(target, purpose, fitting, last)
        if offer is None:
            return None
        typed = await self._confirm(target, offer)
        return (
            None
            if typed is None
            else Wanted(target=target, purpose=purpose, offer=offer, offers=tuple(offers), typed=typed)
        )

    async def offers(self, target: Target, purpose: Purpose) -> Sequence[Offer] | None:
        """Every way there, open or not; None when nobody answered, which is told."""
        id = self.app.link.next_id()
        said: list[Toast] = []
        words = f"asking which ways lead to {clean(target.label)} …"
        slow = asyncio.get_running_loop().call_later(_SLOW, lambda: said.append(self.app.say(words)))
        try:
            answer = await self.app.answers.ask(Ways(id=id, target=target, purpose=purpose), id, _ASK_SECONDS)
        finally:
            slow.cancel()
            for toast in said:
                self.app.unsay(toast)
        if isinstance(answer, Offered):
            if purpose == "shell":
                self.ways[target.ref.kind] = tuple(dict.fromkeys(offer.way for offer in answer.offers))
            return answer.offers
        self.app.errands.failed(answer, clean(target.label))
        return None

    async def _ask(
        self, target: Target, purpose: Purpose, offers: Sequence[Offer], last: tuple[str, str] | None
    ) -> Offer | None:
        from console.screens.chooser import ChooserScreen, choice_of

        self.ahead.release()  # what was typed was not meant for a list that nobody had seen
        offers = sorted(offers, key=lambda offer: (bool(offer.typed), offer.spare))
        at = next((i for i, o in enumerate(offers) if (o.way, o.choice) == last and not o.typed), 0)
        open = any(not offer.refused for offer in offers)
        title = f"{_TITLES[purpose]} {target.label}" if open else f"No way is open to {target.label}"
        found = await self.app.push_screen_wait(
            ChooserScreen(clean(title), [choice_of(offer) for offer in offers], at)
        )
        if found is None:
            return None
        self.memory.note(target, purpose, offers[found])
        return offers[found]

    async def _confirm(self, target: Target, offer: Offer) -> str | None:
        """The word that the way wants typed, "" where it wants none; None when it was not."""
        if not offer.typed:
            return ""
        from console.screens.confirm import ConfirmScreen

        self.ahead.release()
        item = PlanItem(
            ref=target.ref, label=target.label, where=target.ref.source, effect=clean(offer.detail)
        )
        title = f"{offer.title} on {target.label}"
        plan = Plan(id=0, action=offer.way, sentence=clean(title), items=(item,), typed=offer.typed)
        spec = ActionSpec(
            name=offer.way, title=offer.title, key="", kinds=(), description="", danger="disruptive"
        )
        typed = await self.app.push_screen_wait(ConfirmScreen(plan, spec, lambda _: target.name))
        return typed if typed else None

    # ---- once more -------------------------------------------------------------------------------

    def reconnect(self, tab: Tab) -> None:
        """The same way again; a word that it wants typed is asked for again."""
        self.start(self._reconnect(tab))

    async def _reconnect(self, tab: Tab) -> None:
        typed = await self._confirm(tab.wanted.target, tab.wanted.offer)
        if typed is None:
            return
        if tab.running and tab.session is not None:
            tab.session.shut()
        self.app.desk.again(tab, replace(tab.wanted, typed=typed))
        self.app.deck.dock.enter()

    def lend(self, tab: Tab) -> None:
        """Give it the whole real terminal for a while."""
        self.start(lend(self.app, tab, self.app.deck.dock.leave))


def _name(wanted: Wanted) -> str:
    """What its tab is called; with the container where the pod has several."""
    offer, name = wanted.offer, wanted.target.name or wanted.target.label
    form = _PREVIOUS if offer.way == "previous" else _NAMES[wanted.purpose]
    choices = {other.choice for other in wanted.offers if other.way == offer.way}
    tells = wanted.purpose in RECONNECTS and len(choices) > 1 and offer.choice != name
    return form.format(name=name) + (f" {offer.choice}" if tells else "")


_TITLES: dict[Purpose, str] = {
    "shell": "A shell on", "logs": "Logs of", "attach": "Attach to", "forward": "Forward a port of",
    "put": "A file to", "get": "A file from",
}  # fmt: skip
