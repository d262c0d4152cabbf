"""What the deck asks for that takes a while: plans, documents, checks, files."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from console.actions import propose
from console.fleet import Item
from providers.model import ActionSpec, Ref
from providers.stream import (
    Cancel,
    Confirm,
    Document,
    Failed,
    Fetch,
    Findings,
    Outcome,
    Plan,
    Refresh,
    Verify,
)
from widgets.cells import Rows

if TYPE_CHECKING:
    from console.app import Quarterdeck
    from console.screens.deck import Deck


class Errands:
    """Each errand runs by itself; what comes of it ends in the messages."""

    def __init__(self, app: Quarterdeck) -> None:
        self.app = app

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self.app.run_worker(work, group="errands", exit_on_error=False)

    def complain(self, detail: str, remedy: str = "") -> None:
        """Something failed: said now, and kept in the messages."""
        self.app.activity.note("error", detail, (remedy,) if remedy else (), self.app.now())
        self.app.say(f"{detail}\n{remedy}".strip(), "bad")

    # ---- actions ---------------------------------------------------------------------------------

    def begin_action(self, spec: ActionSpec, refs: Sequence[Ref]) -> None:
        """Ask the engine for the plan of an action on these very objects, then ask the person."""
        self._start(self._act(spec, tuple(refs)))

    async def _act(self, spec: ActionSpec, refs: tuple[Ref, ...]) -> None:
        id = self.app.link.next_id()
        answer = await self.app.answers.ask(propose(spec, refs, id), id)
        if not isinstance(answer, Plan):
            self.failed(answer, spec.title)
            return
        from console.screens.confirm import ConfirmScreen

        typed = await self.app.push_screen_wait(ConfirmScreen(answer, spec, self._name_of))
        if typed is None:
            self.app.link.send(Cancel(id=id))
        elif not self.app.link.send(Confirm(id=id, typed=typed)):
            self.complain(f"{spec.title}: nothing was sent: {self.app.link.unsent}")

    def _name_of(self, ref: Ref) -> str:
        item = self.app.fleet.item(ref)
        return item.name if item else ref.uid

    def outcome(self, outcome: Outcome) -> None:
        """Results came in."""
        before = self.app.activity.level_of(outcome.id)
        entry = self.app.activity.outcome(outcome, self.app.now())
        if (outcome.final or (entry.level == "warning" != before)) and not self.app.fanouts.shown(outcome.id):
            tone = {"done": "info", "warning": "warn"}.get(entry.level, "bad")
            self.app.say("\n".join((entry.title, *(entry.lines[:5] if len(entry.lines) > 1 else ()))), tone)
        self.app.refresh_header()

    def failed(self, answer: object, title: str) -> None:
        """Say what went wrong, where the answer is that."""
        if isinstance(answer, Failed):
            self.complain(f"{title}: {answer.detail}", answer.remedy)

    # ---- looking ---------------------------------------------------------------------------------

    def show_document(self, item: Item) -> None:
        """The object as its server has it."""
        self._start(self._document(f"{item.ref.kind} {item.name}", Fetch(id=0, ref=item.ref)))

    def show_console(self, item: Item) -> None:
        """What the machine printed while it booted."""
        fetch = Fetch(id=0, ref=item.ref, what="console")
        self._start(self._document(f"console output of {item.ref.kind} {item.name}", fetch))

    def why_no_console(self, item: Item | None) -> str:
        """Why what the machine printed can't be shown; "" when it can be asked for."""
        if item is None:
            return "nothing is under the cursor"
        if not getattr(item.obj, "observed", True):
            return "here it is only declared"
        return "read-only: what a machine printed can hold secrets" if self.app.read_only else ""

    async def _document(self, title: str, fetch: Fetch) -> None:
        id = self.app.link.next_id()
        answer = await self.app.answers.ask(msgspec.structs.replace(fetch, id=id), id)
        if isinstance(answer, Document):
            from console.screens.document import DocumentScreen

            await self.app.push_screen(DocumentScreen(title, answer))
        else:
            self.failed(answer, title)

    def verify(self, item: Item) -> None:
        """Hold the rows of that item's source against a fresh list."""
        self._start(self._verify(item.ref.source))

    async def _verify(self, source: str) -> None:
        id = self.app.link.next_id()
        answer = await self.app.answers.ask(Verify(id, source), id)
        if not isinstance(answer, Findings):
            self.failed(answer, f"verify {source}")
            return
        lines = tuple(f"{f.level}: {f.subject}: {f.detail}" for f in answer.findings)
        good = all(f.level == "ok" for f in answer.findings)
        self.app.activity.note("done" if good else "error", f"verify {source}", lines, self.app.now())
        self.app.say("\n".join(lines) or "nothing to verify", "info" if good else "bad")

    def refresh(self, source: str) -> None:
        """Connect and list again: one source, or all with ""."""
        if self.app.link.send(Refresh(source)):
            self.app.say("asking every source again")
        else:
            self.complain(f"nothing was sent: {self.app.link.unsent}")

    def show_messages(self) -> None:
        """What was done and what failed."""
        from console.screens.messages import MessagesScreen

        self.app.push_screen(MessagesScreen(self.app.activity, self.app.now()))
        self.app.activity.read()

    def show_help(self, deck: Deck) -> None:
        """Every key, with the reason where one can't be used now."""
        from console.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.app.registry, deck))

    # ---- files -------------------------------------------------------------------------------------

    def save_rows(self, rows: Rows, title: str) -> None:
        """Write the rows of a pane of that title as CSV into the folder that the console was started in."""
        name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(self.app.now()))
        path = Path.cwd() / f"quarterdeck-{name}-{stamp}.csv"
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow([column.title for column in rows.columns])
                for index in range(len(rows)):
                    writer.writerow([_safe(cell.text) for cell in rows.line_at(index).cells])
        except OSError as error:
            self.complain(
                f"{path}: can't be written: {error.strerror}", "start quarterdeck in another folder"
            )
            return
        self.app.say(f"saved {len(rows):,} rows in {path}")


def _safe(text: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t") else text
