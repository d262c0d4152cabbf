"""One registry of what a person can do: key, name, words, and why it is not possible right now.

The footer, `?`, the `:` prompt, the configuration and docs/keys.md are all read from here. Actions that an
engine offers (cordon, restart …) join it as data when the engine says hello.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from console.screens.deck import Deck
    from providers.model import ActionSpec

Run = Callable[["Deck"], Awaitable[None] | None]
Why = Callable[["Deck"], str]
"""Why the command makes no sense right now; "" when it does."""


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
    footer: bool = False
    words: tuple[str, ...] = ()
    """What can be typed after `:` to do the same."""

    def with_keys(self, text: str) -> Command:
        """The same command under the keys of a configuration's "c, ctrl+k"; "" for none."""
        return replace(self, keys=tuple(part.strip() for part in text.split(",") if part.strip()))

    def fits(self, kind: str) -> bool:
        """Whether it is for panes of that kind."""
        return not self.kinds or kind in self.kinds


class DuplicateKeyError(ValueError):
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
                if _overlap(other.kinds, command.kinds):
                    raise DuplicateKeyError(f"{key!r} is wanted by {other.id!r} and by {command.id!r}")
        self.commands[command.id] = command
        for key in command.keys:
            self._by_key.setdefault(key, []).append(command)

    def for_key(self, key: str, kind: str) -> Command | None:
        """The command of that key in a pane of that kind."""
        return next((command for command in self._by_key.get(key, ()) if command.fits(kind)), None)

    def by_word(self, word: str) -> Command | None:
        """The command that `:word` stands for."""
        return next((c for c in self.commands.values() if word == c.id or word in c.words), None)

    def remapped(self, keys: dict[str, str]) -> Registry:
        """The same commands with the keys of a configuration. Raises KeyError for an unknown id and
        DuplicateKeyError where two would share a key."""
        for name in keys:
            if name not in self.commands:
                raise KeyError(name)
        return Registry(
            command.with_keys(keys[command.id]) if command.id in keys else command
            for command in self.commands.values()
        )


def _overlap(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return not left or not right or bool(set(left) & set(right))


_SHOWN = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "escape": "esc",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
    "circumflex_accent": "^",
    "exclamation_mark": "!",
    "backslash": "\\",
}


def shown_key(key: str) -> str:
    """A key as people read it: "slash" → "/", "G" → "shift-g", "ctrl+s" → "ctrl-s"."""
    if len(key) == 1 and key.isupper():
        return f"shift-{key.lower()}"
    *modifiers, last = key.split("+")
    return "-".join([*modifiers, _SHOWN.get(last, last)])


def from_spec(spec: ActionSpec, run: Run, why_not: Why) -> Command:
    """An engine's action as a command."""
    values: dict[str, Any] = {
        "id": spec.name,
        "keys": (spec.key,),
        "title": spec.title,
        "description": spec.description,
        "kinds": spec.kinds,
    }
    return Command(group="Actions", run=run, why_not=why_not, footer=True, words=(spec.name,), **values)
