"""An app with one terminal, for the tests: what it sent, what it was told, and what it shows."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.message import Message

from widgets.emulator import Permissions, Terminal
from widgets.terminal import LEAVE, TerminalView
from widgets.thrift import ThriftyApp


class Stage(ThriftyApp[None], inherit_bindings=False):
    """As the console is: without bindings of its own."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        columns: int = 40,
        rows: int = 10,
        *,
        leave: str = LEAVE,
        permissions: Permissions | None = None,
    ) -> None:
        super().__init__()
        self.sent = bytearray()
        self.sizes: list[tuple[int, int]] = []
        self.taken = 0
        self.told: list[Message] = []
        self.terminal = Terminal(columns, rows, permissions=permissions)
        self.view = TerminalView(
            self.terminal, self.sent.extend, lambda *size: self.sizes.append(size),
            taken=self._take, leave=leave,
        )  # fmt: skip

    def _take(self, count: int) -> None:
        self.taken += count

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()

    def of(self, kind: type[Message]) -> list[Message]:
        """Messages of that kind that were told."""
        return [message for message in self.told if isinstance(message, kind)]

    def on_terminal_view_left(self, message: TerminalView.Left) -> None:
        self.told.append(message)

    def on_terminal_view_copied(self, message: TerminalView.Copied) -> None:
        self.told.append(message)

    def on_terminal_view_rang(self, message: TerminalView.Rang) -> None:
        self.told.append(message)

    def on_terminal_view_titled(self, message: TerminalView.Titled) -> None:
        self.told.append(message)

    def on_terminal_view_search_wanted(self, message: TerminalView.SearchWanted) -> None:
        self.told.append(message)

    @property
    def lines(self) -> list[str]:
        """What is drawn, line by line, without blanks at the ends."""
        return [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]

    def shown(self, y: int) -> str:
        """What the screen was given for a line."""
        x, top = self.view.region.offset
        [strip] = self.screen._compositor.render_strips()[top + y : top + y + 1]
        return strip.text[x:]

    def copied(self) -> list[str]:
        """Texts that were handed to the clipboard."""
        return [m.text for m in self.told if isinstance(m, TerminalView.Copied)]
