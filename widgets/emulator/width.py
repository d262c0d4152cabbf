"""How many cells a character takes, what joins the one before it, and what never gets into a cell.

A cluster takes the cells of its base, as in kitty, WezTerm and tmux 3.4: an emoji sequence joined by ZWJ or
with a skin tone takes two, variation selector 16 makes a narrow emoji wide, regional indicators are one each.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

JOINER = "\u200d"
EMOJI_STYLE = "\ufe0f"
TEXT_STYLE = "\ufe0e"
MARKS_IN_A_CELL = 2
LONGEST_CELL = 24
"""Characters; the longest emoji sequences in use have ten."""

RUNS = re.compile(
    # Narrow ones that nothing before them takes in; then wide ones of the kind; then any other, alone.
    "([ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u0531-\u0556"
    "\u1e00-\u1eff\u2000-\u200a\u2010-\u2027\u2030-\u205e\u2070-\u209c\u20a0-\u20c0\u2100-\u2193\u2196-\u2319\u231c-\u2328"
    "\u232b-\u23e8\u2400-\u2426\u2440-\u244a\u2460-\u25fc\u2800-\u28ff\ue000-\uf8ff\ufffd]+)"
    "|([\u3000-\u3029\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufa6d"
    "\uff01-\uff60\uffe0-\uffe6]+)"
    "|(.)",
    re.DOTALL,
)

_DROPPED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SHOWN_AS = {"\u00ad": "-", "\u202f": " "}

_NARROW_EMOJI = re.compile(
    "[#*0-9©®‼⁉™ℹ↔-↙↩↪⌨⏏⏭-⏯⏱⏲⏸-⏺Ⓜ▪▫▶◀◻◼☀-☄☎☑☘☝☠☢☣☦☪☮☯☸-☺♀♂♟♠♣♥♦♨♻♾⚒⚔-⚗⚙⚛⚜⚠⚧⚰⚱⛈⛏⛑⛓⛩⛰⛱⛴⛷-⛹✂✈✉✌✍✏✒✔✖✝✡✳✴❄❇❣❤➡⤴⤵⬅-⬇"
    "\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f321\U0001f324-\U0001f32c\U0001f336\U0001f37d\U0001f396\U0001f397"
    "\U0001f399-\U0001f39b\U0001f39e\U0001f39f\U0001f3cb-\U0001f3ce\U0001f3d4-\U0001f3df\U0001f3f3\U0001f3f5\U0001f3f7"
    "\U0001f43f\U0001f441\U0001f4fd\U0001f549\U0001f54a\U0001f56f\U0001f570\U0001f573-\U0001f579\U0001f587"
    "\U0001f58a-\U0001f58d\U0001f590\U0001f5a5\U0001f5a8\U0001f5b1\U0001f5b2\U0001f5bc\U0001f5c2-\U0001f5c4"
    "\U0001f5d1-\U0001f5d3\U0001f5dc-\U0001f5de\U0001f5e1\U0001f5e3\U0001f5e8\U0001f5ef\U0001f5f3\U0001f5fa"
    "\U0001f6cb\U0001f6cd-\U0001f6cf\U0001f6e0-\U0001f6e5\U0001f6e9\U0001f6f0\U0001f6f3]"
)
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")


@lru_cache(8192)
def cells_of(char: str) -> int:
    """1 or 2; 0 for what joins the cell before it, -1 for what is dropped."""
    if _DROPPED.match(char):
        return -1
    code = ord(char)
    if 0x1161 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    if unicodedata.category(char) == "Cf" and char not in _SHOWN_AS:
        return -1
    # Emoji that are younger than the interpreter's tables.
    if unicodedata.east_asian_width(char) in "WF" or 0x1FA70 <= code <= 0x1FAFF:
        return 2
    return 1


def shown(char: str) -> str:
    """The character, or what stands for one that could not be told from nothing."""
    return _SHOWN_AS.get(char, char)


def widens(cell: str) -> bool:
    """Whether that cell becomes wide by a variation selector 16."""
    return len(cell) == 1 and _NARROW_EMOJI.match(cell) is not None


def is_emoji(char: str) -> bool:
    """Whether a joiner may stand before or after it."""
    code = ord(char or " ")
    return char == EMOJI_STYLE or (
        code > 0x7F and (_NARROW_EMOJI.match(char) is not None or (code > 0x2300 and _is_pictograph(code)))
    )


def _is_pictograph(code: int) -> bool:
    return 0x1F300 <= code <= 0x1FAFF or (0x2300 <= code <= 0x2BFF and cells_of(chr(code)) == 2)


def is_skin_tone(char: str) -> bool:
    """Whether it colours the emoji before it."""
    return _SKIN_TONES[0] <= char <= _SKIN_TONES[1]


def marks_in(cell: str) -> int:
    """How many combining marks a cell holds."""
    return sum(1 for char in cell if cells_of(char) == 0)
