"""Text cut and padded to terminal cells, wide characters included."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"


def fit(text: str, width: int, *, right: bool = False, tail: int = 0) -> str:
    """The text in exactly `width` cells: padded with blanks, or cut so that `tail` cells of its end stay."""
    if width <= 0:
        return ""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width and tail:
        return _cut_middle(text, width, tail)
    if length > width:
        return text[: width - 1] + ELLIPSIS if text.isascii() else _cut(text, width)
    return " " * (width - length) + text if right else text + " " * (width - length)


def _cut_middle(text: str, width: int, tail: int) -> str:
    room = min(tail, 2 * (width - 1) // 3)
    at, cells = len(text), 0
    while at and cells + cell_len(text[at - 1]) <= room:
        at -= 1
        cells += cell_len(text[at])
    return set_cell_size(text, width - 1 - cells) + ELLIPSIS + text[at:]


def _cut(text: str, width: int) -> str:
    # A wide character that would straddle the edge leaves a blank.
    return set_cell_size(text, width - 1) + ELLIPSIS
