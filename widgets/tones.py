"""How a tone looks: one component class each, so that themes and stylesheets decide."""

from __future__ import annotations

from typing import get_args

from rich.style import Style
from textual.widget import Widget

from widgets.cells import Tone

TONES: tuple[Tone, ...] = tuple(tone for tone in get_args(Tone) if tone)
TONE_CLASSES = {f"tone--{tone}" for tone in TONES}
"""Component classes that a widget with toned cells declares."""

TONE_CSS = """
    .tone--good { color: $success; }
    .tone--warn { color: $warning; }
    .tone--bad { color: $error; }
    .tone--dim { color: $foreground 60%; }
    .tone--accent { color: $primary; text-style: bold; }
    .tone--info { color: $secondary; }
"""
"""Their rules, to be nested into a widget's DEFAULT_CSS."""


def tone_style(widget: Widget, tone: Tone) -> Style | None:
    """The foreground and attributes of a tone on that widget; None for plain text, which has none of its own.

    A widget whose stylesheet has no rules for tones shows them plain.
    """
    if not tone:
        return None
    name = f"tone--{tone}"
    if name not in widget.COMPONENT_CLASSES:
        return None
    style = widget.get_component_rich_style(name)
    return Style(color=style.color, bold=style.bold or None, italic=style.italic or None)
