"""The styles of a grid as the theme and the terminal have them."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

from widgets.strips import ASCII_GLYPHS, Glyphs, Palette
from widgets.tones import HUES, Hue, base_style, front, ground


def palette_of(widget: Widget) -> Palette:
    """From the theme; on a terminal without colours from attributes alone."""
    if widget.app.no_color or widget.app.console.color_system is None:
        return _PLAIN

    return Palette(
        base=base_style(widget),
        header=front(widget, Hue("foreground", 70, bold=True)),
        sorted=front(widget, Hue("primary")),
        cursor=ground(widget, Hue("primary", 30)),
        blurred=ground(widget, Hue("foreground", 10)),
        glyph=front(widget, Hue("primary")),
        mark=front(widget, Hue("accent", bold=True)),
        flash=ground(widget, Hue("accent", 30)),
        stale=front(widget, Hue("foreground", 45)),
        thumb=front(widget, Hue("foreground", 40)),
        tones={tone: front(widget, hue) for tone, hue in HUES.items()},
    )


def glyphs_of(widget: Widget) -> Glyphs:
    """Signs that the terminal's encoding has."""
    encoding = widget.app.console.encoding.lower().replace("-", "")
    return Glyphs() if encoding.startswith("utf8") else ASCII_GLYPHS


_PLAIN = Palette(
    base=Style(),
    header=Style(bold=True),
    sorted=Style(underline=True),
    cursor=Style(reverse=True),
    blurred=Style(),
    glyph=Style(bold=True),
    mark=Style(bold=True),
    flash=Style(underline=True),
    stale=Style(dim=True),
    thumb=Style(),
    tones=dict.fromkeys(HUES, Style()),
)
