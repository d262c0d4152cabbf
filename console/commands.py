"""One registry of what a person can do: key, name, words, and why it is not possible right now.

The footer, `?`, the `:` prompt, the configuration and docs/keys.md are all read from here. Actions that an
engine offers (cordon, restart …) join it as data when the engine says hello.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from console.contexts import LOGS, PROGRAM, SHELLS
from console.keynames import key_named, shown_key

if TYPE_CHECKING:
    from console.screens.deck import Deck

Run = Callable[["Deck"], Coroutine[Any, Any, None] | None]
Why = Callable[["Deck"], str]
"""Why the command makes no sense right now; "" when it does."""


@dataclass(frozen=True)
class Argument:
    """What may follow a command after `:`."""

    take: Callable[[Deck, str], None]
    """Does the command with it, "" where nothing follows. Raises QueryError for what makes no sense."""
    offers: Callable[[Deck, str], Iterable[str]]
    """What the word that was begun could become, the likeliest first."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """Something a person can do."""

    id: str
    keys: tuple[str, ...]
    """In Textual's names ("shift+g" is "G"); the first one is shown."""
    title: str
    description: str
    group: str
    run: Run
    why_not: Why = field(default=lambda _: "")
    kinds: tuple[str, ...] = ()
    """Kinds of the focused pane it is for; empty for every pane."""
    except_kinds: tuple[str, ...] = ()
    """Kinds that it is not for, where `kinds` is empty."""
    everywhere: bool = False
    """Also on the tabs of shells, where otherwise only what names them in `kinds` is."""
    footer: bool = False
    """In the key line wherever it can be used."""
    shown_at: tuple[str, ...] = ()
    """The contexts in whose key line it is, where it is not in all."""
    argument: Argument | None = None
    """What may follow it after `:`; most take what is under the cursor or marked, and nothing else."""
    words: tuple[str, ...] = ()
    """What can be typed after `:` to do the same."""

    def with_keys(self, text: str) -> Command:
        """The same command under the keys of a configuration's "c, ctrl-k"; "" for none.

        Raises KeysError for what is no key, and for one that programs are typed with where it is used there.
        """
        try:
            keys = tuple(key_named(part) for part in text.split(",") if part.strip())
        except ValueError as error:
            raise KeysError(self.id, str(error)) from None
        if PROGRAM in self.kinds and not (keys and all(map(_never_typed, keys))):
            words = "it needs a key that no program is typed with: ctrl- or alt- and a letter, or f1 to f12"
            raise KeysError(self.id, words)
        return replace(self, keys=keys)

    def fits(self, kind: str) -> bool:
        """Whether it is for panes of that kind, or for that context (console.contexts)."""
        kind = SHELLS if kind == LOGS else kind
        if kind in (SHELLS, PROGRAM) and not self.kinds:
            return self.everywhere and kind == SHELLS
        return kind in self.kinds if self.kinds else kind not in self.except_kinds

    def shown(self, kind: str) -> bool:
        """Whether it is in the key line there."""
        return bool(self.keys) and (kind in self.shown_at or (self.footer and self.fits(kind)))


def _never_typed(key: str) -> bool:
    """Whether programs can do without it: no letter, nor what edits a line, nor what is sent for either."""
    modifiers, plus, last = key.rpartition("+")
    if not plus:
        return re.fullmatch(r"f\d+", key) is not None
    return "ctrl" in modifiers or "alt" in modifiers if last not in "chijm" else modifiers != "ctrl"


class KeysError(ValueError):
    """A command can't have the keys that it was given: `command` is its id."""

    def __init__(self, command: str, words: str) -> None:
        super().__init__(words)
        self.command = command


class DuplicateKeyError(KeysError):
    """Two commands want the same key in the same place."""


class Registry:
    """Every command, by id and by key."""

    def __init__(self, commands: Iterable[Command] = ()) -> None:
        self.commands: dict[str, Command] = {}
        self._by_key: dict[str, list[Command]] = {}
        for command in commands:
            self.add(command)

    def add(self, command: Command) -> None:
        """Add a command, or replace the one with its id. Raises DuplicateKeyError."""
        if old := self.commands.pop(command.id, None):
            for key in old.keys:
                self._by_key[key].remove(old)
        for key in command.keys:
            for other in self._by_key.get(key, ()):
                if _overlap(other, command):
                    words = f"{shown_key(key)} is wanted by {other.id!r} and by {command.id!r}"
                    raise DuplicateKeyError(command.id, words)
        self.commands[command.id] = command
        for key in command.keys:
            self._by_key.setdefault(key, []).append(command)

    def for_key(self, key: str, kind: str) -> Command | None:
        """The command of that key in a pane of that kind."""
        return next((command for command in self._by_key.get(key, ()) if command.fits(kind)), None)

    def elsewhere(self, key: str) -> Command | None:
        """A command of that key, in whatever pane."""
        return next((c for c in self._by_key.get(key, ()) if PROGRAM not in c.kinds), None)

    def by_word(self, word: str) -> Command | None:
        """The command that `:word` stands for."""
        return next((c for c in self.commands.values() if word == c.id or word in c.words), None)

    def remapped(self, keys: dict[str, str]) -> Registry:
        """The same commands with the keys of a configuration, by command id.

        Raises KeysError, told of a command in `keys`: unknown, with what is no key, or with another's.
        """
        for name in keys:
            if name not in self.commands:
                raise KeysError(name, f"no such command; there are: {', '.join(sorted(self.commands))}")
        # The remapped come last, so that a shared key is theirs to answer for.
        moved = [self.commands[id].with_keys(text) for id, text in keys.items()]
        changed = Registry([*(c for id, c in self.commands.items() if id not in keys), *moved])
        changed.commands = {id: changed.commands[id] for id in self.commands}
        return changed


def _overlap(left: Command, right: Command) -> bool:
    """Whether there is a pane that both are for; kinds that nobody has named count as one."""
    kinds = {*left.kinds, *right.kinds, SHELLS} if left.kinds or right.kinds else {"a kind of its own"}
    return any(left.fits(kind) and right.fits(kind) for kind in kinds)
