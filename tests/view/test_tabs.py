"""The line of tabs: numbered, scrolled, clicked."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from widgets.tabs import Tab, Tabs


class TabsApp(App[None]):
    def __init__(self, tabs: list[Tab], selected: int | None = 0) -> None:
        super().__init__()
        self.tabs = Tabs()
        self.tabs.show(tabs, selected)
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.tabs

    def on_tabs_chosen(self, message: Tabs.Chosen) -> None:
        self.chosen.append(message.index)

    @property
    def line(self) -> str:
        return self.tabs.render_line(0).text


async def test_tabs_have_number_state_and_name() -> None:
    app = TabsApp([Tab("web-1", "●", "good"), Tab("db", broadcast=True), Tab("cache", "✕", "bad")])
    async with app.run_test(size=(80, 3)):
        assert app.line.rstrip() == " 1 ● web-1  2 » db  3 ✕ cache"


@pytest.mark.parametrize("selected", [0, 1, 9, 25, 48, 49])
async def test_fifty_tabs_show_the_selected_one_and_how_many_there_are_beyond(selected: int) -> None:
    app = TabsApp([Tab(f"a-rather-long-host-name-{n}", "●", "good") for n in range(50)], selected)
    async with app.run_test(size=(80, 3)):
        line = app.line
        assert len(line) == 80
        assert f" {selected + 1} ● a-" in line
        assert f"-{selected} " in line, "the end of a name tells it from others"
        first = int(line.split("‹")[1].split()[0]) if "‹" in line else 0
        rest = int(line.split("›")[0].split()[-1]) if "›" in line else 0
        assert first + line.count("●") + rest == 50


async def test_the_line_does_not_jump_while_the_selected_tab_is_in_view() -> None:
    tabs = [Tab(f"host-{n:03}") for n in range(50)]
    app = TabsApp(tabs, 30)
    async with app.run_test(size=(80, 3)):
        was = app.line
        app.tabs.show(tabs, 29)
        assert app.line == was


async def test_a_click_chooses_and_the_ends_go_on() -> None:
    app = TabsApp([Tab(f"host-{n:03}") for n in range(50)], 25)
    async with app.run_test(size=(80, 3)) as pilot:
        await pilot.pause()
        line = app.line
        first = int(line.split("‹")[1].split()[0])
        await pilot.click(Tabs, offset=(0, 0))
        await pilot.click(Tabs, offset=(79, 0))
        await pilot.click(Tabs, offset=(line.index("host-025"), 0))
        assert app.chosen[0] == first - 1
        assert app.chosen[1] == 50 - int(line.split("›")[0].split()[-1])
        assert app.chosen[2] == 25


@pytest.mark.parametrize("width", [1, 5, 12, 20])
async def test_a_narrow_line_is_as_wide_as_it_is(width: int) -> None:
    app = TabsApp([Tab("a-rather-long-host-name", "●", "good")] * 12, 5)
    async with app.run_test(size=(width, 3)):
        assert app.tabs.render_line(0).cell_length == width


async def test_no_tabs_are_no_trouble() -> None:
    app = TabsApp([], None)
    async with app.run_test(size=(20, 3)):
        assert app.line == " " * 20


async def test_markup_in_a_name_is_text() -> None:
    app = TabsApp([Tab("[@click='app.quit']x[/]")])
    async with app.run_test(size=(60, 3)) as pilot:
        await pilot.pause()
        assert "[@click='app.quit']x[/]" in app.line
        await pilot.click(Tabs, offset=(22, 0))
        assert app.is_running
