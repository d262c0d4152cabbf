"""The document view: 10,000 lines, of which only those in view cost anything."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from widgets.document import Document

YAML = """apiVersion: v1
kind: Pod
# a comment
metadata:
  name: api-1
  labels: {app: api}
  annotations:
    note: "[bold]not markup[/bold]"
spec:
  containers:
  - name: api
    restarts: 3
"""


class DocumentApp(App[None]):
    def __init__(self, text: str, *, plain: bool = False) -> None:
        super().__init__()
        self.document = Document(text, plain=plain)

    def compose(self) -> ComposeResult:
        yield self.document

    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.document.render_lines(self.document.size.region)]

    def painted(self, y: int) -> set[str]:
        """Texts on a line that have a background of their own."""
        base = self.document.rich_style.bgcolor
        return {s.text for s in self.document.render_line(y) if s.style and s.style.bgcolor != base}


async def test_it_shows_the_text_as_it_is() -> None:
    app = DocumentApp(YAML)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert "\n".join(app.lines()).rstrip() + "\n" == YAML


async def test_plain_text_has_no_colours_of_a_key() -> None:
    app = DocumentApp("login: ada\n# date\n", plain=True)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert len({s.style for y in (0, 1) for s in app.document.render_line(y) if s.text.strip()}) == 1


async def test_keys_values_and_comments_differ() -> None:
    app = DocumentApp(YAML)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        key, _, value = list(app.document.render_line(1))[:3]
        assert (key.text, value.text.strip()) == ("kind", "Pod")
        assert key.style != value.style
        number = list(app.document.render_line(11))
        assert number[-2].style != value.style
        assert next(iter(app.document.render_line(2))).style not in (key.style, value.style)


async def test_ten_thousand_lines_cost_what_is_in_view() -> None:
    app = DocumentApp("\n".join(f"key{n}: value" for n in range(10_000)))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert app.document.lines_rendered <= 3 * 20
        app.document.focus()
        await pilot.press("G")
        assert app.lines()[-1] == "key9999: value"
        await pilot.press("k", "pageup", "g")
        assert app.lines()[0] == "key0: value"


async def test_search_goes_to_the_next_and_round() -> None:
    app = DocumentApp("\n".join(f"line {n}" + (" Needle" if n % 100 == 50 else "") for n in range(300)))
    async with app.run_test(size=(60, 20)) as pilot:
        document = app.document
        assert document.search("needle") == 3
        await pilot.pause()
        assert (document.current, document.matches) == (1, 3)
        assert document.top <= 50 < document.top + 20
        assert app.painted(50 - document.top) == {"Needle"}
        document.find_next()
        assert document.current == 2
        document.find_next(-1)
        document.find_next(-1)
        assert document.current == 3
        document.find_next()
        assert document.current == 1
        assert document.search("NEEDLE") == 0, "capitals are meant"
        assert document.search("Needle") == 3
        document.search("")
        await pilot.pause()
        assert app.painted(50 - document.top) == set()


async def test_every_occurrence_on_a_line_is_marked_wide_characters_too() -> None:
    app = DocumentApp("表 x 表 x 表")
    async with app.run_test(size=(60, 3)) as pilot:
        app.document.search("表")
        await pilot.pause()
        strip = app.document.render_line(0)
        base = app.document.rich_style.bgcolor
        assert [s.text for s in strip if s.style and s.style.bgcolor != base] == ["表"] * 3
        assert strip.cell_length == 60


async def test_another_text_keeps_what_is_in_view_and_the_search() -> None:
    app = DocumentApp("\n".join(f"line {n}" for n in range(100)))
    async with app.run_test(size=(60, 10)) as pilot:
        app.document.search("line 7")
        app.document.move("page_down")
        top = app.document.top
        app.document.show("\n".join(f"line {n}!" for n in range(100)))
        await pilot.pause()
        assert app.document.top == top
        assert app.document.matches == 11
        before = app.document.lines_rendered
        app.document.show(app.document.text)
        await pilot.pause()
        assert app.document.lines_rendered == before
        app.document.show("short")
        assert app.document.top == 0


async def test_long_lines_are_scrolled_to() -> None:
    app = DocumentApp("x" * 100 + "end\nshort")
    async with app.run_test(size=(20, 3)) as pilot:
        app.document.focus()
        await pilot.press(*["l"] * 20)
        assert app.lines()[0].endswith("end")
        await pilot.press(*["h"] * 20)
        assert app.lines()[1] == "short"


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (200, 60)])
async def test_every_size(size: tuple[int, int]) -> None:
    app = DocumentApp(YAML * 3)
    async with app.run_test(size=size) as pilot:
        app.document.search("api")
        await pilot.pause()
        strips = app.document.render_lines(app.document.size.region)
        assert [strip.cell_length for strip in strips] == [size[0]] * size[1]
