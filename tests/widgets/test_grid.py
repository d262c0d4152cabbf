"""The grid on a screen: what is drawn, how much of it, and what stays under the cursor."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from tests.widgets.table import GridApp, Table
from widgets.cells import Cell, ColumnSpec, Line
from widgets.grid import HOLD_UNTOUCHED_SECONDS


def many(count: int = 1000) -> Table:
    return Table([f"pod-{i:05}" for i in range(count)])


async def test_nothing_changed_nothing_is_drawn() -> None:
    app = GridApp(many())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        before = app.grid.lines_rendered
        app.grid.changed(True)
        app.grid.changed(False, {"pod-00003"})
        app.grid.tick()
        await pilot.pause()
        assert app.grid.lines_rendered == before


async def test_one_changed_row_is_one_line_and_no_reflow(monkeypatch: pytest.MonkeyPatch) -> None:
    table = many()
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        reflows: list[object] = []
        compositor = app.screen._compositor
        reflow = compositor.reflow
        monkeypatch.setattr(compositor, "reflow", lambda *a: reflows.append(a) or reflow(*a))  # type: ignore[func-returns-value]
        before = app.grid.lines_rendered
        table.write("pod-00003", 1, "✕ CrashLoop", "bad")
        app.grid.changed(False, {"pod-00003"})
        await pilot.pause()
        assert app.grid.lines_rendered == before + 1
        assert "✕ CrashLoop" in app.lines()[4]
        for n in range(5):
            table.insert(500, f"far-{n}")
            app.grid.changed()
            await pilot.pause()
        assert reflows == []


async def test_a_change_off_the_screen_is_not_even_asked_for() -> None:
    table = many()
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        asked, drawn = table.asked, app.grid.lines_rendered
        table.write("pod-00500", 1, "✕ CrashLoop", "bad")
        app.grid.changed(False, {"pod-00500"})
        await pilot.pause()
        assert (table.asked, app.grid.lines_rendered) == (asked, drawn)


async def test_only_rows_that_changed_are_asked_for() -> None:
    table = many()
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        asked = table.asked
        table.write("pod-00003", 1, "✕ CrashLoop", "bad")
        app.grid.changed(False, {"pod-00003", "pod-00900"})
        assert table.asked == asked + 1
        app.grid.move("down")
        assert table.asked == asked + 1
        app.grid.move("page_down")
        assert table.asked <= asked + 1 + 11


async def test_a_step_draws_the_two_lines_of_the_cursor() -> None:
    app = GridApp(many())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        before = app.grid.lines_rendered
        app.grid.move("down")
        await pilot.pause()
        assert app.grid.lines_rendered == before + 2
        assert app.lines()[2].startswith("▌ pod-00001")


async def test_ages_tick_alone_and_do_not_flash() -> None:
    table = many()
    app = GridApp(table, flash=True)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        before = app.grid.lines_rendered
        table.write("pod-00002", 4, "4d", "dim", version=1)
        app.grid.tick()
        await pilot.pause()
        assert app.grid.lines_rendered == before + 1
        assert not any(look.flash for look in app.grid._looks)


async def test_a_changed_cell_flashes_once_and_fades() -> None:
    table = many()
    app = GridApp(table, flash=True)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        table.write("pod-00002", 1, "✕ Error", "bad")
        app.grid.changed(False, {"pod-00002"})
        assert [sorted(look.flash) for look in app.grid._looks if look.flash] == [[1]]
        app.now = 1.0
        app.grid.tick()
        assert not any(look.flash for look in app.grid._looks)


async def test_the_cursor_stays_on_its_object_through_sorting_coming_and_going() -> None:
    table = many(50)
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.grid.go_to("pod-00007")
        table.order.reverse()
        app.grid.changed()
        assert app.grid.cursor_key == "pod-00007"
        table.insert(0, "first")
        app.grid.changed()
        assert app.grid.cursor_key == "pod-00007"
        table.delete("pod-00007")
        app.grid.changed()
        assert app.grid.cursor_key == "pod-00006"
        await pilot.pause()
        assert app.said[-1] == "pod-00006"


async def test_marks_and_ranges() -> None:
    app = GridApp(many(50))
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.grid.toggle_mark()
        app.grid.move("down")
        app.grid.move("down")
        app.grid.mark_range()
        assert app.grid.marks == {"pod-00000", "pod-00001", "pod-00002"}
        await pilot.pause()
        assert app.lines()[2].startswith(" ✓pod-00001")
        assert app.lines()[3].startswith("▌✓pod-00002")
        app.grid.clear_marks()
        await pilot.pause()
        assert app.said.count(("marks", frozenset())) >= 1
        assert "✓" not in "".join(app.lines())


async def test_wide_characters_are_cut_at_cells_and_keep_the_columns_straight() -> None:
    table = Table(["a", "b", "c"])
    table.write("a", 0, "データベース" * 10)
    table.write("b", 0, "naïve café ☕ " * 5)
    app = GridApp(table)
    async with app.run_test(size=(61, 6)) as pilot:
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert [strip.cell_length for strip in strips] == [61] * 6
        assert "…" in app.lines()[1]
        at = app.lines()[3].index("●")
        assert [strip.crop(at, at + 9).text for strip in strips[1:4]] == ["● Running"] * 3


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (5, 1), (20, 5), (80, 24), (200, 60)])
async def test_every_size(size: tuple[int, int]) -> None:
    app = GridApp(many())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for direction in ("down", "page_down", "end", "up", "right", "left", "home"):
            app.grid.move(direction)
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert [strip.cell_length for strip in strips] == [size[0]] * size[1]


async def test_without_rows_it_says_why_and_never_as_markup() -> None:
    app = GridApp(Table())
    async with app.run_test(size=(60, 8)) as pilot:
        app.grid.placeholder = "lab: 403 on pods [/var] [@click=app.quit]x[/]"
        await pilot.pause()
        assert "lab: 403 on pods [/var] [@click=app.quit]x[/]" in "".join(app.lines())
        assert app.grid.cursor_key is None
        before = app.grid.lines_rendered
        app.grid.placeholder = "lab: 403 on pods [/var] [@click=app.quit]x[/]"
        await pilot.pause()
        assert app.grid.lines_rendered == before


async def test_the_header_shows_the_sort_and_asks_for_another_when_clicked() -> None:
    app = GridApp(many())
    async with app.run_test(size=(80, 12)) as pilot:
        app.grid.sorted_by = ("status", True)
        await pilot.pause()
        assert "STATUS ▾" in app.lines()[0]
        app.grid.sorted_by = ("age", False)
        await pilot.pause()
        assert app.lines()[0].endswith("AGE ▴")
        await pilot.click(offset=(app.lines()[0].index("STATUS"), 0))
        assert ("sort", "status") in app.said


async def test_the_mouse_moves_enters_and_scrolls() -> None:
    app = GridApp(many())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        await pilot.click(offset=(5, 4))
        assert app.grid.cursor_key == "pod-00003"
        await pilot.click(offset=(5, 6), times=2)
        assert ("chosen", "pod-00005") in app.said
        app.grid.wheel(3)
        assert (app.grid.top, app.grid.cursor_key) == (3, "pod-00005")


async def test_columns_without_room_can_be_scrolled_to() -> None:
    app = GridApp(many())
    async with app.run_test(size=(45, 6)) as pilot:
        await pilot.pause()
        assert "ZONE" not in app.lines()[0]
        app.grid.move("right")
        app.grid.move("right")
        app.grid.move("right")
        await pilot.pause()
        assert "ZONE" in app.lines()[0]
        assert "‹" in app.lines()[0]
        for _ in range(4):
            app.grid.move("left")
        await pilot.pause()
        assert not app.grid.wide
        assert "ZONE" not in app.lines()[0]


async def test_while_loading_rows_do_not_dance() -> None:
    table = many(30)
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.grid.hold = True
        shown, before = app.grid.window, app.grid.lines_rendered
        for n in range(50):
            table.insert(0, f"new-{n:03}")
            app.grid.changed()
            await pilot.pause()
        assert app.grid.window == shown
        assert app.grid.lines_rendered == before
        app.now = HOLD_UNTOUCHED_SECONDS
        app.grid.changed()
        assert app.grid.window[0] == "new-049"
        table.insert(0, "late")
        app.grid.changed()
        app.grid.hold = False
        assert app.grid.window[0] == "late"


async def test_the_rows_that_end_the_loading_leave_the_view_at_the_top() -> None:
    table = many(30)
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.grid.hold = True
        for n in range(50):
            table.insert(0, f"new-{n:03}")
        app.grid.changed()
        app.grid.hold = False
        assert app.grid.window[0] == app.grid.cursor_key == "new-049"
        for n in range(50, 100):
            table.insert(0, f"new-{n:03}")
        app.grid.changed()
        assert app.grid.cursor_key == "new-049", "loaded, the cursor keeps its object"


async def test_while_loading_the_first_screenful_fills_at_once() -> None:
    table = Table()
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        app.grid.hold = True
        for n in range(11):
            table.insert(n, f"pod-{n}")
            app.grid.changed()
        await pilot.pause()
        assert app.grid.window == tuple(f"pod-{n}" for n in range(11))


async def test_while_loading_what_a_person_moves_to_is_what_they_see() -> None:
    table = many(30)
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.grid.hold = True
        table.insert(1, "between")
        app.grid.changed()
        app.grid.move("down")
        assert app.grid.cursor_key == "pod-00001"
        assert app.grid.window.index("pod-00001") == 1


async def test_a_row_that_goes_while_held_is_not_left_standing() -> None:
    table = many(30)
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.grid.hold = True
        table.delete("pod-00002")
        app.grid.changed()
        assert "pod-00002" not in app.grid.window


async def test_stale_rows_look_stale() -> None:
    table = many()
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        live = app.grid.render_line(3)
        table.lines["pod-00002"] = table.lines["pod-00002"]._replace(stale=True)
        app.grid.changed(False, {"pod-00002"})
        await pilot.pause()
        stale = app.grid.render_line(3)
        assert stale.text == live.text
        assert {s.style for s in stale}.isdisjoint({s.style for s in live if s.text.strip()})


async def test_without_colour_cursor_and_marks_are_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = GridApp(many())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        strip = app.grid.render_line(1)
        assert strip.text.startswith("▌")
        assert all(s.style is not None and s.style.reverse for s in strip)
        assert not any(s.style and s.style.color for s in strip)


async def test_other_columns_are_taken_up() -> None:
    table = many()
    app = GridApp(table)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        table.columns = (ColumnSpec("only", "ONLY", 20),)
        table.lines = {key: Line((Cell("one"),), 2) for key in table.lines}
        app.grid.changed()
        await pilot.pause()
        assert app.lines()[0].strip() == "ONLY"
        assert app.lines()[1].startswith("▌ one")


async def test_rows_are_replaced_and_the_cursor_stays_if_its_object_is_there() -> None:
    app = GridApp(many(100))
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.grid.go_to("pod-00042")
        app.grid.show(Table([f"pod-{i:05}" for i in range(40, 60)]))
        assert app.grid.cursor_key == "pod-00042"
        app.grid.show(Table(["x", "y"]))
        assert (app.grid.cursor_key, app.grid.top) == ("x", 0)
        app.grid.show(None)
        assert app.grid.cursor_key is None


async def test_a_theme_change_draws_everything_in_its_colours() -> None:
    app = GridApp(many())
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        dark = app.grid.render_line(2)
        app.theme = "textual-light"
        await pilot.pause()
        assert [s.style for s in app.grid.render_line(2)] != [s.style for s in dark]
        assert app.grid.render_lines(Region(0, 0, 80, 12))[2].cell_length == 80
