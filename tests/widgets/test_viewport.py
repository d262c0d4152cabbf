"""Cursor and marks belong to objects; nothing moves under the person's eyes that need not."""

from __future__ import annotations

from collections.abc import Hashable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.widgets.table import Table
from widgets.viewport import Viewport


def viewport(count: int = 100, height: int = 10) -> tuple[Viewport, Table]:
    port, table = Viewport(), Table([f"r{i:03}" for i in range(count)])
    port.rows = table
    port.resize(height)
    return port, table


def test_the_cursor_stays_on_its_object_and_its_screen_line_when_rows_come_above() -> None:
    port, table = viewport()
    port.go_to("r020")
    line = port.cursor_line
    for n in range(7):
        table.insert(0, f"new{n}")
    port.sync()
    assert port.cursor == "r020"
    assert port.cursor_line == line


def test_the_cursor_survives_a_sort() -> None:
    port, table = viewport()
    port.move_to(50)
    line = port.cursor_line
    table.order.reverse()
    port.sync()
    assert (port.cursor, port.cursor_line) == ("r050", line)


def test_when_its_object_goes_the_cursor_is_on_the_next_one_at_that_place() -> None:
    port, table = viewport()
    port.move_to(3)
    table.delete("r003")
    port.sync()
    assert (port.cursor, port.cursor_row) == ("r004", 3)


def test_when_the_last_object_goes_the_cursor_is_on_the_one_before() -> None:
    port, table = viewport(5)
    port.move_to(4)
    table.delete("r004")
    port.sync()
    assert port.cursor == "r003"


def test_L5_a_successor_of_the_same_name_does_not_inherit_the_cursor() -> None:
    port, table = viewport()
    port.move_to(3)
    table.delete("r003")
    table.insert(3, ("r003", "another uid"))
    port.sync()
    assert port.cursor == "r004"


def test_who_never_moved_stays_at_the_top_with_the_cursor_on_its_object() -> None:
    port, table = viewport()
    first = port.cursor
    table.insert(0, "worse")
    port.sync()
    assert (port.top, port.keys[0], port.cursor, port.cursor_row) == (0, "worse", first, 1)
    table.delete(first)
    port.sync()
    assert (port.top, port.cursor) == (0, "worse")


def test_while_rows_are_loaded_the_cursor_is_on_the_first() -> None:
    port, table = viewport()
    port.settling = True
    table.insert(0, "earlier")
    port.sync()
    assert (port.top, port.cursor) == (0, "earlier")


def test_with_the_cursor_scrolled_away_the_top_row_stays() -> None:
    port, table = viewport()
    port.move_to(1)
    port.scroll_to(40)
    table.insert(10, "new")
    port.sync()
    assert port.keys[0] == "r040"
    assert port.cursor == "r001"


def test_down_means_the_row_seen_below_even_when_others_came_between() -> None:
    port, table = viewport()
    port.move_to(2)
    table.insert(3, "between")
    port.pending = True
    port.move_by(1)
    assert (port.cursor, port.cursor_line) == ("r003", 3)


def test_a_mark_goes_with_its_object() -> None:
    port, table = viewport()
    port.move_to(4)
    port.toggle_mark()
    table.order.reverse()
    port.sync()
    assert port.marks == {"r004"}
    table.delete("r004")
    port.sync()
    assert port.marks == set()


def test_a_mark_that_is_hidden_stays_and_is_counted() -> None:
    port, table = viewport()
    for row in (2, 4):
        port.move_to(row)
        port.toggle_mark()
    table.hidden.add("r004")
    table.delete("r004")
    port.sync()
    assert (port.marks, port.hidden_marks) == ({"r002", "r004"}, 1)
    table.hidden.clear()
    port.sync()
    assert (port.marks, port.hidden_marks) == ({"r002"}, 0)


def test_a_range_is_from_the_last_mark_to_the_cursor() -> None:
    port, _ = viewport()
    port.move_to(6)
    port.toggle_mark()
    port.move_to(3)
    port.mark_range()
    assert port.marks == {"r003", "r004", "r005", "r006"}


def test_pages_keep_the_screen_line() -> None:
    port, _ = viewport()
    port.move_to(4)
    port.page_by(1)
    assert (port.top, port.cursor_line, port.cursor) == (9, 4, "r013")
    port.page_by(-1)
    assert (port.top, port.cursor) == (0, "r004")


def test_a_smaller_pane_keeps_the_cursor_in_sight() -> None:
    port, _ = viewport(height=20)
    port.move_to(18)
    port.resize(5)
    assert port.cursor == "r018"
    assert port.cursor_line is not None


class _Life(RuleBasedStateMachine):
    """Rows come, go and are sorted while a person moves; checked against the plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.port, self.table = viewport(20, 7)
        self.born = 0
        self.wanted: Hashable | None = None

    @rule(at=st.integers(0, 50))
    def insert(self, at: int) -> None:
        self.born += 1
        self.table.insert(min(at, len(self.table)), f"n{self.born}")
        self.port.pending = True

    @precondition(lambda self: len(self.table))
    @rule(at=st.integers(0, 1000))
    def delete(self, at: int) -> None:
        self.table.delete(self.table.order[at % len(self.table)])
        self.port.pending = True

    @rule(seed=st.randoms(use_true_random=False))
    def shuffle(self, seed: object) -> None:
        seed.shuffle(self.table.order)  # type: ignore[attr-defined]
        self.port.pending = True

    @rule(lines=st.integers(-12, 12))
    def move(self, lines: int) -> None:
        self.port.move_by(lines)

    @rule(top=st.integers(-5, 40))
    def scroll(self, top: int) -> None:
        self.port.scroll_to(top)

    @rule(height=st.integers(0, 12))
    def resize(self, height: int) -> None:
        self.port.resize(height)

    @rule()
    def mark(self) -> None:
        self.port.toggle_mark()

    @rule()
    def sync(self) -> None:
        cursor, line = self.port.cursor, self.port.cursor_line
        alive = cursor is not None and self.table.index_of(cursor) is not None
        self.port.sync()
        if alive and self.port.touched:
            assert self.port.cursor == cursor
            assert line is None or self.port.cursor_line is not None

    @invariant()
    def consistent(self) -> None:
        if self.port.pending:
            return
        port, order = self.port, self.table.order
        assert port.keys == order[port.top : port.top + port.height]
        assert (port.cursor is None) == (not order)
        if order:
            assert order[port.cursor_row] == port.cursor
        assert port.marks <= set(order)


TestLife = _Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
