"""A line of cells gives way in an order: the end of the left, then the right, what is kept hardly ever."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from widgets.bar import Bar
from widgets.cells import Cell

LEFT = [Cell(" Instances "), Cell("412"), Cell(" · 3 impaired"), Cell(" Pods ")]
RIGHT = [Cell("narrowed: zone a, /x ")]


class Stage(App[None]):
    def compose(self) -> ComposeResult:
        yield Bar()


@pytest.mark.parametrize(
    ("width", "kept", "said"),
    [
        (60, 2, " Instances 412 · 3 impaired Pods       narrowed: zone a, /x "),
        (50, 2, " Instances 412 · 3 impaired… narrowed: zone a, /x "),
        (37, 2, " Instances 412… narrowed: zone a, /x "),
        (36, 2, " Instances 412… narrowed: zone a, … "),
        (30, 2, " Instances 412… narrowed: zo… "),
        (20, 2, " Instances 41… nar… "),
        (30, 0, " Instan… narrowed: zone a, /x "),
    ],
)
async def test_it_gives_way_in_order(width: int, kept: int, said: str) -> None:
    async with Stage().run_test(size=(width, 3)) as pilot:
        bar = pilot.app.query_one(Bar)
        bar.show(LEFT, RIGHT, kept)
        await pilot.pause()
        assert bar.render_line(0).text == said
