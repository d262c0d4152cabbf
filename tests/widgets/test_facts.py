"""The facts pane: wrapped, scrolled, and drawn only where it says something else."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from widgets.cells import Cell
from widgets.facts import Facts, Section


class FactsApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.facts = Facts()

    def compose(self) -> ComposeResult:
        yield self.facts

    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.facts.render_lines(self.facts.size.region)]


def pod(status: str = "CrashLoopBackOff") -> list[Section]:
    return [
        ("Why", [("status", Cell(f"✕ {status}", "bad")), ("message", Cell("back-off 5m0s restarting " * 4))]),
        ("Pod", [("node", Cell("ip-10-0-3-17")), ("", Cell("eu-west-1b"))]),
    ]


async def test_sections_labels_and_wrapped_text() -> None:
    app = FactsApp()
    async with app.run_test(size=(50, 14)) as pilot:
        app.facts.show("Pod api", pod())
        await pilot.pause()
        assert app.lines()[:8] == [
            " Pod api",
            "",
            " Why",
            " status   ✕ CrashLoopBackOff",
            " message  back-off 5m0s restarting back-off 5m0s",
            "          restarting back-off 5m0s restarting",
            "          back-off 5m0s restarting",
            "",
        ]
        assert " node     ip-10-0-3-17" in app.lines()
        assert "          eu-west-1b" in app.lines()


async def test_the_same_again_draws_nothing_and_one_other_fact_one_line() -> None:
    app = FactsApp()
    async with app.run_test(size=(50, 14)) as pilot:
        app.facts.show("Pod api", pod())
        await pilot.pause()
        before = app.facts.lines_rendered
        app.facts.show("Pod api", pod())
        await pilot.pause()
        assert app.facts.lines_rendered == before
        app.facts.show("Pod api", pod("Running"))
        await pilot.pause()
        assert app.facts.lines_rendered == before + 1


async def test_it_scrolls_and_another_object_is_read_from_the_top() -> None:
    app = FactsApp()
    async with app.run_test(size=(50, 4)) as pilot:
        app.facts.show("Pod api", pod())
        app.facts.focus()
        await pilot.press("j", "down")
        assert app.facts.top == 2
        app.facts.show("Pod api", pod("Running"))
        assert app.facts.top == 2
        await pilot.press("G")
        assert app.lines()[-1].strip() == "eu-west-1b"
        app.facts.show("Pod web", pod())
        assert app.facts.top == 0
        app.facts.move("end")
        app.facts.show("Pod web", [])
        assert app.facts.top == 0


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 5), (200, 60)])
async def test_every_size(size: tuple[int, int]) -> None:
    app = FactsApp()
    async with app.run_test(size=size) as pilot:
        app.facts.show(
            "Pod 表示", [("データ", [("長いラベル" * 9, Cell("値" * 300)), ("[b]", Cell("[/x]"))])]
        )
        await pilot.pause()
        strips = app.facts.render_lines(app.facts.size.region)
        assert [strip.cell_length for strip in strips] == [size[0]] * size[1]


async def test_with_automatic_height_it_is_as_high_as_what_it_says() -> None:
    app = FactsApp()
    async with app.run_test(size=(50, 20)) as pilot:
        app.facts.styles.height = "auto"
        app.facts.show("", [("", [("a", Cell("1")), ("b", Cell("2"))])])
        await pilot.pause()
        assert app.facts.size.height == 2
        app.facts.show("", [("", [("a", Cell("1"))])])
        await pilot.pause()
        assert app.facts.size.height == 1
