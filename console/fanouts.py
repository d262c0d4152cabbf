"""Orders for many hosts from the console: worded, planned, confirmed, followed, and kept to be looked at."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from console.fanout.fanout import Fanout
from console.fanout.folding import natural
from console.fanout.saving import save_files, save_output
from console.fanout.upload import HELD, Upload
from console.targets import target_of
from providers.model import ActionSpec, Ref
from providers.stream import Cancel, Confirm, Order, Outcome, Plan, Propose, Ran, Taken

if TYPE_CHECKING:
    from console.app import Quarterdeck
    from console.screens.deck import Deck
    from console.screens.fanout import FanoutScreen

KEPT = 10
KEPT_BYTES = 128 << 20
"""Of what was given and said, in all of them: each may hold 64 MB of either."""
PLAN_SECONDS = 330.0
"""For a plan whose content goes first: the engine waits five minutes for that."""


class Fanouts:
    """All of them, the newest last. What hosts say is cleaned where it is shown (console.fanout.fanout)."""

    def __init__(self, app: Quarterdeck) -> None:
        self.app = app
        self.runs: list[Fanout] = []
        self.screen: FanoutScreen | None = None
        self._uploads: dict[int, Upload] = {}
        """Contents that are on their way, by their sessions."""

    # ---- beginning -------------------------------------------------------------------------------

    def why_not(self, deck: Deck) -> str:
        """Why no command can be run on what is marked or under the cursor; "" when one can."""
        if self.app.read_only:
            return "read-only"
        refs = deck.targets()
        if not refs:
            return deck.why_no_object() or "nothing is under the cursor"
        items = [self.app.fleet.item(ref) for ref in refs]
        if all(item is None or item.source.info.simulated for item in items):
            return "it is simulated" if any(items) else "it is gone"
        return ""

    def run(self, deck: Deck, command: str) -> None:
        """Run that command on these very objects, whatever moves meanwhile; without one ask for it."""
        refs = deck.targets()
        if why := self.why_not(deck):
            self.app.say(f"run: {why}", "warn")
        elif command.strip():
            self.begin("run", refs, Order(targets=(), command=command))
        else:
            self._ask(deck, refs)

    def put(self, deck: Deck, words: str) -> None:
        """Put a file of this machine on the hosts: its name here, and its path there."""
        parts = _two(words)
        if why := self.why_not(deck):
            self.app.say(f"put: {why}", "warn")
        elif len(parts) != 2:
            self.app.say("put: a file here and its path there, as in :put app.conf /etc/app.conf", "warn")
        else:
            self._put(deck.targets(), Path(parts[0]), parts[1])

    def _put(self, refs: Sequence[Ref], file: Path, path: str) -> None:
        try:
            size, mode = file.stat().st_size, file.stat().st_mode & 0o777
            content = file.read_bytes() if size <= HELD else b""
        except OSError as error:
            self.app.say(f"put: {file}: can't be read: {error.strerror}", "warn")
            return
        if size > HELD:
            self.app.say(f"put: {file} is over {HELD >> 20} MB: use rsync or scp", "warn")
        else:
            self.begin("put", refs, Order(targets=(), path=path, mode=mode, keep=True), content)

    def get(self, deck: Deck, path: str) -> None:
        """Fetch a file of each host; `w` then writes them."""
        if why := self.why_not(deck) or ("" if path.strip() else "the path there, as in :get /etc/app.conf"):
            self.app.say(f"get: {why}", "warn")
        else:
            self.begin("get", deck.targets(), Order(targets=(), path=path.strip()))

    def _ask(self, deck: Deck, refs: tuple[Ref, ...]) -> None:
        def answer(command: str) -> str:
            if not command.strip():
                return "a command is to be typed; esc leaves everything as it is"
            self.begin("run", refs, Order(targets=(), command=command))
            return ""

        if deck.pane.grid.hidden_marks:
            self.app.say(
                f"{deck.pane.grid.hidden_marks:,} of the marked are hidden: they are meant too", "warn"
            )
        deck.prompts.ask_line("! ", answer)

    def begin(self, action: str, refs: Sequence[Ref], order: Order, content: bytes | None = None) -> None:
        """Have the plan made for those objects as they are now, and ask the person."""
        found = [item for ref in refs if (item := self.app.fleet.item(ref)) is not None]
        items = sorted(found, key=lambda item: natural(item.name))
        if not items:
            self.app.errands.complain("nothing was run: the objects are gone")
            return
        targets = tuple(target_of(item, self.app.rules) for item in items)
        upload = Upload(self.app.link.next_id(), content) if content is not None else None
        stdin = upload.session if upload else 0
        order = msgspec.structs.replace(order, targets=targets, stdin=stdin)
        fanout = Fanout(action, order, self.app.now(), content=content)
        self.app.run_worker(self._begin(fanout, upload), group="errands", exit_on_error=False)

    async def _begin(self, fanout: Fanout, upload: Upload | None) -> None:
        id = self.app.link.next_id()
        refs = tuple(target.ref for target in fanout.order.targets)
        propose = Propose(id=id, action=fanout.action, refs=refs, order=fanout.order)
        asked = asyncio.create_task(self.app.answers.ask(propose, id, PLAN_SECONDS if upload else 30.0))
        await asyncio.sleep(0)  # the content goes behind the order
        if upload is not None:
            self._uploads[upload.session] = upload
            self._feed(upload)
        try:
            plan = await asked
        finally:
            if upload is not None:
                del self._uploads[upload.session]
        if not isinstance(plan, Plan):
            self.app.errands.failed(plan, fanout.action.capitalize())
            return
        from console.screens.confirm import ConfirmScreen

        screen = ConfirmScreen(plan, self._spec(fanout.action), self._name)
        typed = await self.app.push_screen_wait(screen)
        if typed is None:
            self.app.link.send(Cancel(id=id))
            return
        fanout.planned(plan)
        self._keep(fanout)
        if self.app.link.send(Confirm(id=id, typed=typed)):
            self.show(fanout)
        else:
            self.app.errands.complain(f"{fanout.action}: nothing was sent: {self.app.link.unsent}")

    def _spec(self, action: str) -> ActionSpec:
        welcome = self.app.fleet.welcome
        assert welcome is not None  # it came before any plan
        return next(spec for spec in welcome.actions if spec.name == action)

    def _keep(self, fanout: Fanout) -> None:
        """The oldest that are over make room."""
        self.runs.append(fanout)
        for run in [run for run in self.runs if run.final]:
            if len(self.runs) <= KEPT and sum(each.held for each in self.runs) <= KEPT_BYTES:
                break
            self.runs = [each for each in self.runs if each is not run]

    def _name(self, ref: Ref) -> str:
        item = self.app.fleet.item(ref)
        return item.name if item else ref.uid

    # ---- following -------------------------------------------------------------------------------

    def taken(self, body: object) -> bool:
        """So much of a content was taken; whether it was of an order's."""
        if not isinstance(body, Taken) or (upload := self._uploads.get(body.id)) is None:
            return False
        upload.taken(body.count)
        self._feed(upload)
        return True

    def _feed(self, upload: Upload) -> None:
        for piece in upload.pieces():
            self.app.link.send(piece)

    def hear(self, body: Ran | Outcome) -> None:
        """What came of one of them."""
        for fanout in self.runs:
            if fanout.id == body.id:
                if isinstance(body, Ran):
                    fanout.take(body)
                else:
                    fanout.outcome(body)
        self._changed()

    def abandon(self, why: str) -> None:
        """The engine is gone, and its numbers with it."""
        for fanout in self.runs:
            if not fanout.final:
                fanout.abandon(why)
            fanout.id = 0
        self._changed()

    def _changed(self) -> None:
        if self.screen is not None:
            self.screen.changed()

    @property
    def running(self) -> list[Fanout]:
        """Those that are under way."""
        return [fanout for fanout in self.runs if not fanout.final]

    def shown(self, plan: int) -> bool:
        """Whether a person looks at that very one: what comes of it need not be told over it."""
        return self.screen is not None and self.screen.is_active and self.screen.fanout.id == plan

    # ---- what a person does with one ----------------------------------------------------------------

    def show(self, fanout: Fanout | None = None) -> None:
        """Open the screen of it, or of the newest."""
        from console.screens.fanout import FanoutScreen

        if fanout is None and not self.runs:
            self.app.say("no command was run on hosts yet", "warn")
            return
        self.screen = FanoutScreen(self, fanout or self.runs[-1])
        self.app.push_screen(self.screen, self._left)

    def _left(self, _: None) -> None:
        self.screen = None

    def cancel(self, fanout: Fanout) -> None:
        """End what runs of it, and begin no further host."""
        if fanout.final:
            self.app.say("it is over already")
        elif self.app.link.send(Cancel(id=fanout.id)):
            self.app.say("cancelled: what runs is ended, and no further host is begun", "warn")
        else:
            self.app.errands.complain(f"nothing was sent: {self.app.link.unsent}")

    def again(self, fanout: Fanout) -> None:
        """A new plan of the same order for those on which it did not work."""
        if not fanout.final:
            self.app.say("it is still under way", "warn")
        elif rest := fanout.rest():
            self.begin(fanout.action, rest, fanout.order, fanout.content)
        else:
            self.app.say("it worked on every host")

    async def save(self, fanout: Fanout) -> None:
        """Write what they said into a folder of its own, below the one that the console was started in."""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(self.app.now()))
        folder = Path.cwd() / f"quarterdeck-{fanout.action}-{stamp}"
        save = save_files if fanout.action == "get" else save_output
        try:
            await asyncio.to_thread(save, fanout, folder)
        except OSError as error:
            self.app.errands.complain(f"{folder}: can't be written: {error.strerror}")
            return
        told = f"saved in {folder}"
        self.app.activity.note("done", fanout.title, (told,), self.app.now())
        self.app.say(told)


def _two(words: str) -> list[str]:
    """Words as a shell divides them; none where a quote is not closed."""
    try:
        return shlex.split(words)
    except ValueError:
        return []
