"""The styles of a grid as the theme and the terminal have them."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

from widgets.strips import ASCII_GLYPHS, Glyphs, Palette
from widgets.tones import TONE_CLASSES, TONE_CSS, TONES, tone_style

PALETTE_CLASSES = TONE_CLASSES | {
    "grid--header", "grid--sorted", "grid--cursor", "grid--blurred", "grid--glyph",
    "grid--mark", "grid--flash", "grid--stale", "grid--thumb",
}  # fmt: skip

PALETTE_CSS = (
    TONE_CSS
    + """
    .grid--header { color: $foreground 70%; text-style: bold; }
    .grid--sorted { color: $primary; }
    .grid--cursor { background: $primary 30%; }
    .grid--blurred { background: $foreground 10%; }
    .grid--glyph { color: $primary; }
    .grid--mark { color: $accent; text-style: bold; }
    .grid--flash { background: $accent 30%; }
    .grid--stale { color: $foreground 45%; }
    .grid--thumb { color: $foreground 40%; }
"""
)


def palette_of(widget: Widget) -> Palette:
    """From the widget's component classes; on a terminal without colours from attributes alone."""
    if widget.app.no_color or widget.app.console.color_system is None:
        return _PLAIN

    def front(name: str) -> Style:
        style = widget.get_component_rich_style(f"grid--{name}")
        return Style(color=style.color, bold=style.bold or None)

    def ground(name: str) -> Style:
        return Style(bgcolor=widget.get_component_rich_style(f"grid--{name}").bgcolor)

    return Palette(
        base=widget.rich_style,
        header=front("header"),
        sorted=front("sorted"),
        cursor=ground("cursor"),
        blurred=ground("blurred"),
        glyph=front("glyph"),
        mark=front("mark"),
        flash=ground("flash"),
        stale=front("stale"),
        thumb=front("thumb"),
        tones={tone: tone_style(widget, tone) or Style() for tone in TONES},
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
    tones=dict.fromkeys(TONES, Style()),
)
