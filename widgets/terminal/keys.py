"""What a terminal sends for a key or a paste: xterm's bytes, as terminfo's xterm-256color has them."""

from __future__ import annotations

import re
from typing import Protocol

from textual.keys import REPLACED_KEYS, key_to_character

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "kp_begin": "E", "end": "F", "home": "H"}
_PF = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERED = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20,
    "f10": 21, "f11": 23, "f12": 24, "menu": 29,
}  # fmt: skip
_KEYPAD = {
    "decimal": (".", "n"), "divide": ("/", "o"), "multiply": ("*", "j"), "subtract": ("-", "m"),
    "add": ("+", "k"), "separator": (",", "l"), "equal": ("=", "X"),
}  # fmt: skip
"""What each key of the keypad types, and the end of what it sends in application mode."""
_PLAIN = {"enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f", "space": " "}
_CONTROLLED = {
    "space": "\0", "at": "\0", "@": "\0", "2": "\0", "3": "\x1b", "left_square_bracket": "\x1b",
    "4": "\x1c", "backslash": "\x1c", "5": "\x1d", "right_square_bracket": "\x1d",
    "6": "\x1e", "circumflex_accent": "\x1e", "7": "\x1f", "underscore": "\x1f", "slash": "\x1f",
    "8": "\x7f", "question_mark": "\x7f", "backspace": "\x08",
}  # fmt: skip
_BITS = {"shift": 1, "alt": 2, "ctrl": 4, "meta": 8}
# What could end the bracket of a paste, or be a command to whoever reads it: all controls but tab and return.
_CONTROLS = re.compile("[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f-\x9f]")
_NEWLINE = re.compile("\r\n|\n")


class KeyModes(Protocol):
    """What of a terminal's modes decides how keys are sent."""

    @property
    def application_cursor(self) -> bool: ...
    @property
    def application_keypad(self) -> bool: ...
    @property
    def bracketed_paste(self) -> bool: ...


def encode(key: str, character: str | None, modes: KeyModes) -> bytes:
    """The bytes of a key by its name (`ctrl+shift+left`) and what it types; b"" for one that sends nothing.

    `character` is as Textual's events have it: None when the terminal did not say.
    """
    *modifiers, name = key.split("+") if len(key) > 1 else [key]
    if not _BITS.keys() >= set(modifiers):
        return b""  # with super or hyper: a key of the desktop
    bits = sum(_BITS[modifier] for modifier in set(modifiers))
    text = _sequence(name, bits, modes)
    if text is None:
        text = _typed(name, character, bits)
    return text.encode("utf-8", "replace")


def pasted(text: str, modes: KeyModes) -> bytes:
    """The bytes of a paste, without any control character: no paste ends its own bracket or is a command."""
    clean = _CONTROLS.sub("", _NEWLINE.sub("\r", text)).encode("utf-8", "replace")
    return b"\x1b[200~" + clean + b"\x1b[201~" if modes.bracketed_paste else clean


def _sequence(name: str, bits: int, modes: KeyModes) -> str | None:
    """The escape sequence of a key that has one of its own."""
    name, bits = _shifted_function_key(name, bits)
    parameter = f"1;{bits + 1}" if bits else ""
    if name in _CURSOR:
        return (
            f"\x1bO{_CURSOR[name]}"
            if modes.application_cursor and not bits
            else f"\x1b[{parameter}{_CURSOR[name]}"
        )
    if name in _PF:
        return f"\x1b[{parameter}{_PF[name]}" if bits else f"\x1bO{_PF[name]}"
    if name in _NUMBERED:
        return f"\x1b[{_NUMBERED[name]}{f';{bits + 1}' if bits else ''}~"
    if name in _KEYPAD:
        typed, application = _KEYPAD[name]
        return f"\x1bO{application}" if modes.application_keypad else typed
    return "\x1b[Z" if name == "tab" and bits == _BITS["shift"] else None


def _shifted_function_key(name: str, bits: int) -> tuple[str, int]:
    """Function keys from 13 on are the first twelve with shift: so terminfo has it."""
    number = name[1:] if name[:1] == "f" else ""
    if number.isdecimal() and 12 < int(number) <= 24:
        return f"f{int(number) - 12}", bits | _BITS["shift"]
    return name, bits


def _typed(name: str, character: str | None, bits: int) -> str:
    text = _control(name) if bits & _BITS["ctrl"] else _plain(name, character, shift=bool(bits & 1))
    return "\x1b" + text if text and bits & (_BITS["alt"] | _BITS["meta"]) else text


def _control(name: str) -> str:
    if name in _CONTROLLED:
        return _CONTROLLED[name]
    if len(name) == 1 and name.isascii() and name.isalpha():
        return chr(ord(name) & 0x1F)
    return _PLAIN.get(name) or _named(name)


def _plain(name: str, character: str | None, *, shift: bool) -> str:
    if name in _PLAIN:
        # A terminal that tells ctrl-h from backspace in no other way sends it as that character.
        return "\x08" if character == "\x08" else _PLAIN[name]
    text = character or _named(name)
    return text.upper() if shift and character is None else text


def _named(name: str) -> str:
    return key_to_character(REPLACED_KEYS.get(name, name)) or ""
