"""Cleaning of strings at the door: what could fool a terminal or a reader becomes visible, secrets go."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"

# Ranges, each with what it can do: C0/DEL/C1 drive the terminal; soft hyphen, zero-width, bidi and
# tag characters hide or reorder text; U+2028/9 break lines; lone surrogates can't be encoded.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SECRETS = re.compile(
    r"(?i)((?:bearer|basic)\s+"
    r"|(?:token|password|passwd|secret(?:[-_]?access[-_]?key)?|api[-_]?key|key-data)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"',;&]+"
    r"|()\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(://[^/\s:@]+:)[^/\s@]+(?=@)"
)
_MARKS_IN_A_ROW = 2
_MARKS = ("Mn", "Me")


def clean(text: str, limit: int = 4096) -> str:
    """The text with every hostile character replaced by a visible one, at most `limit` characters long.

    C0 controls become their control pictures (␛), DEL ␡, and the rest U+FFFD; of a run of combining
    marks two are kept. ASCII text that is clean comes back as the same object, other text as an equal one.
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return _thin_marks(_HOSTILE.sub(_visible, text))


def clean_lines(text: str) -> str:
    """As clean(), for text of many lines: line feeds stay, tabs become spaces, nothing is cut."""
    return "\n".join(clean(line.expandtabs(4), limit=1 << 20) for line in text.split("\n"))


def without_secrets(text: str) -> str:
    """The text with what looks like a credential struck out: servers repeat headers in their errors."""
    return _SECRETS.sub(lambda match: (match[1] or match[3] or "") + "[withheld]", text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else REPLACEMENT


def _thin_marks(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        # Many marks that are drawn above or below one another have combining class 0.
        marks = marks + 1 if unicodedata.combining(char) or unicodedata.category(char) in _MARKS else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    return "".join(kept)
