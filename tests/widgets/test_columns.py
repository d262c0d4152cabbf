"""Which columns fit: hidden by priority, widened by width, scrolled when all are wanted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.widgets.table import COLUMNS
from widgets.cells import ColumnSpec
from widgets.columns import GUTTER, lay_out


def keys(width: int, **options: object) -> list[str]:
    layout = lay_out(COLUMNS, width, **options)  # type: ignore[arg-type]
    return [COLUMNS[place.column].key for place in layout.places]


def test_all_columns_where_there_is_room() -> None:
    assert keys(120) == ["name", "status", "zone", "restarts", "age"]


def test_the_highest_priority_number_goes_first() -> None:
    assert keys(50) == ["name", "status", "restarts", "age"]
    assert keys(40) == ["name", "status", "age"]


def test_an_extra_column_goes_before_a_name_is_squeezed() -> None:
    assert "zone" in keys(76)
    assert "zone" not in keys(70)
    assert lay_out(COLUMNS, 70).places[0].width >= 24


def test_columns_of_priority_one_are_never_dropped_but_cut_at_the_edge() -> None:
    layout = lay_out(COLUMNS, 20)
    assert [COLUMNS[p.column].key for p in layout.places] == ["name", "status"]
    assert layout.places[-1].x + layout.places[-1].width == 20


def test_a_flexible_column_takes_what_is_left() -> None:
    wide = lay_out(COLUMNS, 160).places[0].width
    wider = lay_out(COLUMNS, 200).places[0].width
    assert wider == wide + 40


def test_wide_keeps_every_column_and_scrolls_by_column() -> None:
    layout = lay_out(COLUMNS, 50, wide=True, first=1)
    assert (layout.more_left, layout.more_right) == (True, False)
    assert [COLUMNS[p.column].key for p in layout.places] == ["status", "zone", "restarts", "age"]
    assert lay_out(COLUMNS, 50, wide=True).more_right


def test_a_click_in_the_gap_belongs_to_the_column_before_it() -> None:
    layout = lay_out(COLUMNS, 120)
    second = layout.places[1]
    assert layout.at(second.x) == 1
    assert layout.at(second.x - 1) == 0
    assert layout.at(0) is None


@given(
    st.lists(
        st.builds(
            ColumnSpec,
            st.text(max_size=3),
            st.text(max_size=3),
            st.integers(1, 60),
            st.booleans(),
            st.integers(1, 5),
            st.booleans(),
            st.integers(1, 20),
        ),
        max_size=12,
    ),
    st.integers(0, 240),
    st.booleans(),
    st.integers(-2, 14),
)
def test_nothing_is_ever_outside_or_overlaps(
    columns: list[ColumnSpec], width: int, wide: bool, first: int
) -> None:
    layout = lay_out(columns, width, wide=wide, first=first)
    edge = GUTTER
    for place in layout.places:
        assert place.x >= edge
        assert place.width >= 1
        edge = place.x + place.width + 1
        assert place.x + place.width <= max(width, GUTTER)
    drawn = [place.column for place in layout.places]
    assert drawn == sorted(drawn)
    assert not set(drawn) & set(layout.hidden)
    assert wide or not columns or width <= GUTTER or drawn
