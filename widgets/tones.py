"""How a tone looks, straight from the theme's variables.

Not from component classes: each of those is a node of its own to the stylesheet, made and matched again at
every restyling of its widget. For the widgets of one screen that were 280 of 345 nodes, 0.1 s of a start.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, get_args

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from widgets.cells import Tone

TONES: tuple[Tone, ...] = tuple(tone for tone in get_args(Tone) if tone)


class Hue(NamedTuple):
    """A colour of the theme by its name there, blended into what is below it."""

    variable: str
    percent: int = 100
    bold: bool = False


HUES: dict[Tone, Hue] = {
    "good": Hue("success"),
    "warn": Hue("warning"),
    "bad": Hue("error"),
    "dim": Hue("foreground", 60),
    "accent": Hue("primary", bold=True),
    "info": Hue("secondary"),
}


def base_style(widget: Widget) -> Style:
    """What plain text looks like on that widget."""
    return widget.visual_style.rich_style


def front(widget: Widget, hue: Hue) -> Style:
    """Text of that hue on that widget: its colour and whether it is bold, nothing else."""
    color = _blended(widget.visual_style.background, widget.app.theme_variables[hue.variable], hue.percent)
    return _front(color, hue.bold)


def ground(widget: Widget, hue: Hue) -> Style:
    """A background of that hue on that widget."""
    color = _blended(widget.visual_style.background, widget.app.theme_variables[hue.variable], hue.percent)
    return _ground(color)


def tone_style(widget: Widget, tone: Tone) -> Style | None:
    """The foreground and attributes of a tone on that widget; None for plain text."""
    return front(widget, HUES[tone]) if tone else None


@lru_cache(maxsize=512)
def _blended(below: Color | None, name: str, percent: int) -> Color:
    color = Color.parse(name)
    if percent != 100:
        color = color.multiply_alpha(percent / 100)
    return color if below is None else below + color


@lru_cache(maxsize=512)
def _front(color: Color, bold: bool) -> Style:
    return Style(color=color.rich_color, bold=bold or None)


@lru_cache(maxsize=512)
def _ground(color: Color) -> Style:
    return Style(bgcolor=color.rich_color)
