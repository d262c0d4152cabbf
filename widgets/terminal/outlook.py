"""Which of a terminal's lines are in view: the screen, or lines above it that stay while others come."""

from __future__ import annotations

from widgets.emulator import Terminal


class Outlook:
    """How far back one looks. At 0 the view goes with what the program writes."""

    def __init__(self, terminal: Terminal) -> None:
        self.back = 0
        """Lines between the bottom of the view and that of the screen."""
        self.held = False
        """Whether the view stays in place at the bottom too."""
        self._terminal = terminal
        self._scrolled = terminal.scrolled

    @property
    def top(self) -> int:
        """Number of the first line in view, counted since the terminal began."""
        return self._terminal.scrolled - self.back

    def follow(self) -> bool:
        """Lines may have come. Whether other lines are in view now, or the same ones elsewhere."""
        came = self._terminal.scrolled - self._scrolled
        self._scrolled = self._terminal.scrolled
        staying = self.back > 0 or self.held
        back = self.back + came if staying else 0
        self.back = min(back, self._terminal.history)
        return bool(came) and not (staying and self.back == back)

    def move(self, direction: str) -> None:
        """up, down, page_up, page_down, home or end."""
        page = max(1, self._terminal.rows - 1)
        steps = {
            "up": 1, "down": -1, "page_up": page, "page_down": -page,
            "home": self._terminal.history, "end": -self.back,
        }  # fmt: skip
        self.look(self.back + steps[direction])

    def look(self, back: int) -> None:
        """Look so many lines back, as far as there are any."""
        self.back = max(0, min(back, self._terminal.history))

    def bring(self, line: int) -> None:
        """Have that line in view: where it is, or a third down."""
        if not self.top <= line < self.top + self._terminal.rows:
            self.look(self._terminal.scrolled - line + self._terminal.rows // 3)

    def reveal(self, line: int) -> None:
        """Have that line in view, with as little moving as it takes."""
        top = min(max(self.top, line - self._terminal.rows + 1), line)
        self.look(self._terminal.scrolled - top)
