"""A line as it is shown: text in runs of one style, cleaned of what could reach a real terminal."""

from __future__ import annotations

from dataclasses import dataclass

from widgets.emulator.row import Part
from widgets.emulator.style import Style


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the screen or of the scrollback, without the blanks at its end."""

    parts: tuple[Part, ...] = ()
    wrapped: bool = False
    """Whether its text goes on in the next line, because it did not fit."""

    @property
    def text(self) -> str:
        """What a reader sees, wide characters once."""
        return "".join("".join(cells) for cells, _ in self.parts)

    def runs(self) -> list[tuple[str, Style]]:
        """The text by style, left to right; neighbours of one style are one run."""
        runs: list[tuple[str, Style]] = []
        for cells, style in self.parts:
            text = "".join(cells)
            if runs and runs[-1][1] == style:
                runs[-1] = (runs[-1][0] + text, style)
            else:
                runs.append((text, style))
        return runs

    def cells(self) -> list[str]:
        """The text by cell: "" in the cell of a wide character's right half."""
        return [cell for cells, _ in self.parts for cell in cells]
