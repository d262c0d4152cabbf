"""alt and a character, as terminals send it: escape and the character.

Textual takes some of these for what one terminal types with option (`¡` for alt-1), some for a
cursor key, forgets alt on others and waits 0.1 s for most. While a terminal has the focus its table
says what was pressed, so that the program gets it.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, NamedTuple, cast
from weakref import WeakSet

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import KEY_NAME_REPLACEMENTS, _character_to_key
from textual.widget import Widget

_TABLE = cast("MutableMapping[str, Any]", ANSI_SEQUENCES_KEYS)
_BEGIN_MORE = "[O"
"""Characters with which an escape sequence goes on."""


class _Named(NamedTuple):
    value: str


def _alt_keys() -> dict[str, tuple[_Named]]:
    named = {"\r": "enter", "\x7f": "backspace", " ": "space", "\0": "ctrl+at"}
    named |= {chr(code): f"ctrl+{chr(code + 96)}" for code in range(1, 27) if chr(code) not in "\r\t"}
    named |= {char: _name(char) for char in map(chr, range(0x21, 0x7F)) if char not in _BEGIN_MORE}
    return {f"\x1b{char}": (_Named(f"alt+{name}"),) for char, name in named.items()}


def _name(char: str) -> str:
    if char.isalnum():
        return f"shift+{char.lower()}" if char.isupper() else char
    name = _character_to_key(char)
    return KEY_NAME_REPLACEMENTS.get(name, name)


_ALT = _alt_keys()
_OTHERWISE = {sequence: _TABLE[sequence] for sequence in _ALT if sequence in _TABLE}
_listening: WeakSet[Widget] = WeakSet()


def listen(widget: Widget) -> None:
    """That widget wants to hear of alt as it was pressed."""
    _listening.add(widget)
    _TABLE.update(_ALT)


def ignore(widget: Widget) -> None:
    """It does not any more; with the last one everything is as it was."""
    _listening.discard(widget)
    if not _listening:
        for sequence in _ALT:
            _TABLE.pop(sequence, None)
        _TABLE.update(_OTHERWISE)
