"""A terminal emulator: bytes of a program become lines to be drawn. It knows no toolkit, starts nothing."""

from __future__ import annotations

from widgets.emulator.commands import Permissions
from widgets.emulator.line import Line
from widgets.emulator.modes import Modes
from widgets.emulator.style import Style
from widgets.emulator.terminal import Cursor, Terminal

__all__ = ["Cursor", "Line", "Modes", "Permissions", "Style", "Terminal"]
