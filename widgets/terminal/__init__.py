"""A terminal as a widget: it knows bytes and cells, and nothing of where they come from."""

from widgets.terminal.view import LEAVE, TerminalView

__all__ = ["LEAVE", "TerminalView"]
