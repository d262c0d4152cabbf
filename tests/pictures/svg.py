"""A screen as SVG: the same screen, the same bytes, and text that can be read and searched."""

from __future__ import annotations

import html
import re

from textual.app import App

_FONT = re.compile(r"\n    @font-face \{.*?\n    \}", re.DOTALL)
_TEXT = re.compile(r'<text [^>]*?-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')
_CELL = 12.2
"""Width of a cell in the picture's units."""


def picture(app: App[None], title: str) -> str:
    """What is on the screen now. Nothing in it is fetched from anywhere, and spaces are spaces."""
    text = app.export_screenshot(title=title, simplify=True)
    text = _FONT.sub("", text).replace("&#160;", " ")
    # Browsers follow the style, other viewers the attribute.
    text = text.replace("<style>", "<style>\n    text { white-space: pre; }", 1)
    return text.replace('<svg class="rich-terminal"', '<svg class="rich-terminal" xml:space="preserve"', 1)


def lines_of(svg: str) -> list[str]:
    """The text of a picture, line by line: to say in words what differs."""
    lines: dict[float, str] = {}
    for x, y, text in _TEXT.findall(svg):
        line = lines.get(float(y), "")
        lines[float(y)] = line.ljust(round(float(x) / _CELL)) + html.unescape(text)
    return [lines[y].rstrip() for y in sorted(lines)]
