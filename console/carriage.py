"""From a key to a file carried there or back: which way, from where, to where, and how far it is."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from console.item import Item
from console.shells.tab import Tab, Wanted
from console.shells.transfer import Get, Put, TransferError
from console.targets import target_of
from console.views.amounts import memory
from providers.text import clean

if TYPE_CHECKING:
    from console.app import Quarterdeck

_STEP = 1 << 18
"""Bytes between two words about how far it is."""


class Carriage:
    """One file at a time and tab; the tab shows how far it is and how it ended."""

    def __init__(self, app: Quarterdeck) -> None:
        self.app = app

    def begin(self, item: Item) -> None:
        """Ask which way and which files, and carry."""
        self.app.opening.start(self._begin(item))

    async def _begin(self, item: Item) -> None:
        from console.screens.chooser import Choice, ChooserScreen

        choices = [Choice("put", "a file of this machine there"), Choice("get", "a file from there to here")]
        found = await self.app.push_screen_wait(ChooserScreen(f"One file: {item.kind} {item.name}", choices))
        if found is None:
            return
        wanted = await self.app.opening.choose(target_of(item, self.app.rules), "get" if found else "put")
        if wanted is None:
            return
        first, second = ("file there ", "file here ") if found else ("file here ", "file there ")
        self._ask(first, lambda one: self._ask_second(wanted, second, one))

    def _ask(self, question: str, then: Callable[[str], str], text: str = "") -> None:
        def answer(line: str) -> str:
            return then(line.strip()) if line.strip() else "which one?"

        self.app.deck.prompts.ask_line(question, answer, text)

    def _ask_second(self, wanted: Wanted, question: str, first: str) -> str:
        if wanted.purpose == "put" and (refusal := _unfit(_local(first))):
            return refusal
        name = Path(first).name
        text = name if wanted.purpose == "get" else f"/tmp/{name}"
        self._ask(question, lambda second: self._check(wanted, first, second), text)
        return ""

    def _check(self, wanted: Wanted, first: str, second: str) -> str:
        local, remote = (_local(first), second) if wanted.purpose == "put" else (_local(second), first)
        if local.is_dir() and wanted.purpose == "get":
            local /= Path(remote).name
        if wanted.purpose == "put":
            what = f"write {remote} there? a file of that name is replaced; y/n "
        elif local.exists():
            what = f"{local} is there already; replace it? y/n "
        else:
            self.app.opening.start(self._carry(wanted, local, remote, overwrite=False))
            return ""
        self._ask(what, lambda answer: self._answered(wanted, local, remote, answer))
        return ""

    def _answered(self, wanted: Wanted, local: Path, remote: str, answer: str) -> str:
        if answer.lower() in ("y", "yes"):
            self.app.opening.start(self._carry(wanted, local, remote, overwrite=True))
        return "" if answer.lower() in ("y", "yes", "n", "no") else "y or n"

    async def _carry(self, wanted: Wanted, local: Path, remote: str, *, overwrite: bool) -> None:
        wanted = replace(wanted, arguments=(remote,))
        told = _Told()
        try:
            put = wanted.purpose == "put"
            carrier = Put(local, told) if put else Get(local, told, overwrite=overwrite)
            tab = self.app.opening.open_tab(wanted, f"{wanted.purpose} {local.name}", beside=carrier)
            told.tab, told.total = tab, carrier.size
            told.line(f"{shlex.quote(str(local))} {'→' if put else '←'} {wanted.target.label}:{remote}")
            if tab.session is not None:
                await carrier.run(tab.session)
            told.end(f"{_bytes(told.done)}, whole")
        except TransferError as error:
            told.end(f"not carried: {error.detail}")
            detail = clean(f"{wanted.purpose} {local.name}: {error.detail}")
            self.app.errands.complain(detail, clean(error.remedy))
        else:
            self.app.say(f"{wanted.purpose} {local.name}: {_bytes(told.done)}")


class _Told:
    """How far it is, in the tab."""

    def __init__(self) -> None:
        self.tab: Tab | None = None
        self.total: int | None = None
        self.done = 0
        self._said = 0

    def __call__(self, done: int) -> None:
        self.done = done
        if done - self._said >= _STEP:
            self._said = done
            of = f" of {_bytes(self.total)}" if self.total else ""
            self._write(f"\r\x1b[K{_bytes(done)}{of}")

    def line(self, text: str) -> None:
        """A line of its own."""
        self._write(f"{clean(text)}\r\n")

    def end(self, text: str) -> None:
        """The last line."""
        self._write(f"\r\x1b[K{clean(text)}\r\n")

    def _write(self, text: str) -> None:
        if self.tab is not None:
            self.tab.say(text)


def _bytes(count: int) -> str:
    return f"{memory(count)}B"


def _unfit(path: Path) -> str:
    """Why it can't be put anywhere, "" when it can."""
    if path.is_dir():
        return f"{path} is a folder: name one file in it"
    return "" if path.is_file() else "there is no such file here"


def _local(text: str) -> Path:
    return Path(text).expanduser()
