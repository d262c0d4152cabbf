"""Text cut and padded to terminal cells, wide characters included."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells: padded with blanks, or cut with an ellipsis."""
    if width <= 0:
        return ""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        return text[: width - 1] + ELLIPSIS if text.isascii() else _cut(text, width)
    return " " * (width - length) + text if right else text + " " * (width - length)


def _cut(text: str, width: int) -> str:
    # A wide character that would straddle the edge leaves a blank.
    return set_cell_size(text, width - 1) + ELLIPSIS
