"""SGR parameters read: what `CSI … m` makes of a style (ECMA-48, ISO 8613-6, xterm's ctlseqs)."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from widgets.emulator.style import DEFAULT, Colour, Style


class _Changes(TypedDict, total=False):
    foreground: Colour
    background: Colour
    bold: bool
    dim: bool
    italic: bool
    underline: int
    blink: bool
    reverse: bool
    hidden: bool
    strike: bool


_PLAIN: _Changes = {
    "foreground": None, "background": None, "bold": False, "dim": False, "italic": False, "underline": 0,
    "blink": False, "reverse": False, "hidden": False, "strike": False,
}  # fmt: skip

_SIMPLE: dict[int, _Changes] = {
    0: _PLAIN,
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": 1},
    5: {"blink": True},
    6: {"blink": True},
    7: {"reverse": True},
    8: {"hidden": True},
    9: {"strike": True},
    21: {"underline": 2},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": 0},
    25: {"blink": False},
    27: {"reverse": False},
    28: {"hidden": False},
    29: {"strike": False},
    39: {"foreground": None},
    49: {"background": None},
    **{30 + number: {"foreground": number} for number in range(8)},
    **{40 + number: {"background": number} for number in range(8)},
    **{90 + number: {"foreground": 8 + number} for number in range(8)},
    **{100 + number: {"background": 8 + number} for number in range(8)},
}
_FOREGROUND, _BACKGROUND, _UNDERLINE = 38, 48, 58


def select(style: Style, parameters: bytes) -> Style:
    """The style after that SGR sequence; what is not understood changes nothing. A link stays."""
    changes: _Changes = {}
    fields = parameters.split(b";")
    at = 0
    while at < len(fields):
        field = fields[at]
        at += 1
        if b":" in field:
            changes |= _in_one_field([_number(part) for part in field.split(b":")])
            continue
        code = _number(field)
        if code in (_FOREGROUND, _BACKGROUND, _UNDERLINE):
            colour, taken = _in_fields(fields[at : at + 4])
            at += taken
            changes |= _coloured(code, colour)
        else:
            changes |= _SIMPLE.get(code, {})
    changed = replace(style, **changes)
    return DEFAULT if changed == DEFAULT else changed


def _number(digits: bytes) -> int:
    """Of a parameter; an empty one is 0, one too long to mean anything -1."""
    return int(digits or b"0") if len(digits) < 6 else -1


def _in_one_field(parts: list[int]) -> _Changes:
    """`4:3` and `38:2::1:2:3`: a parameter with its own parts between colons."""
    code = parts[0]
    if code == 4 and len(parts) == 2 and 0 <= parts[1] <= 5:
        return {"underline": parts[1]}
    if len(parts) < 3:
        return {}
    if parts[1] == 5:
        return _coloured(code, _palette(parts[2]))
    if parts[1] == 2 and len(parts) >= 5:
        # A colour space stands before the three, or is left out altogether.
        return _coloured(code, _direct(parts[3:6] if len(parts) >= 6 else parts[2:5]))
    return {}


def _in_fields(fields: list[bytes]) -> tuple[Colour, int]:
    """`38;5;1` and `38;2;1;2;3`: the colour in the parameters that follow, and how many these are."""
    numbers = [_number(field) for field in fields]
    if numbers[:1] == [5] and len(numbers) >= 2:
        return _palette(numbers[1]), 2
    if numbers[:1] == [2] and len(numbers) >= 4:
        return _direct(numbers[1:4]), 4
    return None, len(numbers) if numbers[:1] in ([5], [2]) else min(1, len(numbers))


def _palette(number: int) -> Colour:
    return number if 0 <= number <= 255 else None


def _direct(parts: list[int]) -> Colour:
    red, green, blue = parts
    return (red, green, blue) if all(0 <= part <= 255 for part in parts) else None


def _coloured(code: int, colour: Colour) -> _Changes:
    if colour is None:
        return {}
    if code == _FOREGROUND:
        return {"foreground": colour}
    return {"background": colour} if code == _BACKGROUND else {}
