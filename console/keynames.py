"""Names of keys: as people write them ("ctrl-k", "shift-g", "/") and as the terminal library has them."""

from __future__ import annotations

import re
import unicodedata

_MODIFIERS = ("ctrl", "alt", "shift")
_NAMED = {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete", "backspace"}
_NAMED |= {"tab", "enter", "escape", "space"}
_FUNCTION = re.compile(r"f([1-9]|1\d|2[0-4])")
_OTHER_NAMES = {
    "/": "slash", "\\": "backslash", "-": "minus", "+": "plus", "_": "underscore", "@": "at",
    "esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown",
}  # fmt: skip
_SHOWN = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "escape": "esc",
    "left_square_bracket": "[",
    "grave_accent": "`",
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


def key_named(text: str) -> str:
    """The key that a person means: "ctrl-k" or "ctrl+k", "shift-g" or "G", "/" or "slash".

    Raises ValueError that says what is no key.
    """
    text = text.strip()
    head = re.match(r"(?:(?:ctrl|alt|shift)[-+])*", text.lower())
    modifiers = re.findall(r"[a-z]+", head[0]) if head else []
    last = text[head.end() :] if head else text
    name = _last_named(last, text)
    if "shift" in modifiers and len(name) == 1 and name.isalpha():
        modifiers.remove("shift")
        name = name.upper()
    if modifiers and len(name) == 1 and "shift" not in modifiers:
        name = name.lower() if "ctrl" in modifiers else name
    if modifiers == ["ctrl"] and name == "at":
        return "ctrl+@"  # what ctrl-space is on a plain terminal, under the library's older name for it
    return "+".join([*(m for m in _MODIFIERS if m in modifiers), name])


def _last_named(last: str, text: str) -> str:
    word = last.lower()
    if last in _OTHER_NAMES or word in _OTHER_NAMES:
        return _OTHER_NAMES.get(last) or _OTHER_NAMES[word]
    if word in _NAMED or _FUNCTION.fullmatch(word):
        return word
    if len(last) == 1 and last.isprintable() and last != " ":
        return last if last.isalnum() else _character_name(last)
    if _character(word):
        return word
    raise ValueError(f"{text!r} is no key: such as c, shift-g, ctrl-k, f5, enter, pagedown, /, ?")


def _character_name(char: str) -> str:
    return unicodedata.name(char, char).lower().replace("-", "_").replace(" ", "_")


def _character(word: str) -> bool:
    """Whether it is the name of a printable character: "colon", "question_mark"."""
    if word in _OTHER_NAMES.values():
        return True
    try:
        return unicodedata.lookup(word.replace("_", " ")).isprintable()
    except KeyError:
        return False
