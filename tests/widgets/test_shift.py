"""Rows that move are moved by the terminal; what stands beside them stays."""

from __future__ import annotations

import hashlib
import re

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from widgets.shadow import Shadow, Span
from widgets.shift import Shift, find_shift

WIDTH, HEIGHT, LEFT = 80, 16, 14
PLAIN = Style.parse("#e0e0e0 on #101010")
CURSOR = Style.parse("#e0e0e0 on #204060")
BAD = Style.parse("red on #101010")


def pod(number: int) -> str:
    if number % 6 in (4, 5):
        return "two alike stand one below the other"
    return hashlib.sha256(str(number).encode()).hexdigest()[: 20 + number % 18]


def screen_of(top: int, cursor: int, left: int) -> list[Span]:
    """Two panes side by side under a header and over a foot: one scrolled to `top`, one saying `left`."""
    spans: list[Span] = [(0, 0, [Segment("header".ljust(WIDTH), PLAIN)])]
    for y in range(1, HEIGHT - 1):
        source = f"source {left}" if y == 1 else ""
        spans.append((0, y, [Segment(source.ljust(LEFT - 1) + "│", PLAIN)]))
        style = CURSOR if top + y == cursor else PLAIN
        text = pod(top + y).ljust(40)
        tone = BAD if (top + y) % 5 == 0 and style is PLAIN else style
        rest = "Running".ljust(WIDTH - LEFT - 40)
        spans.append((LEFT, y, [Segment(text, style), Segment(rest, tone)]))
    spans.append((0, HEIGHT - 1, [Segment("foot".ljust(WIDTH), PLAIN)]))
    return spans


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    return screen, pyte.Stream(screen)


def seen(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    return [
        [(c.data, c.bg, c.fg if c.data != " " else "") for c in (screen.buffer[y][x] for x in range(WIDTH))]
        for y in range(HEIGHT)
    ]


def shadow() -> Shadow:
    return Shadow(WIDTH, HEIGHT, ColorSystem.TRUECOLOR, erases=True)


def test_a_step_past_the_edge_is_sent_as_a_move() -> None:
    model = shadow()
    whole = len(model.paint(screen_of(0, 14, 1)))
    sent = model.paint(screen_of(1, 15, 1))
    assert re.search(r"\x1b\[\d+;\d+r", sent)
    assert len(sent) < whole / 3


def test_what_only_changed_is_not_taken_for_moved() -> None:
    model = shadow()
    model.paint(screen_of(0, 1, 1))
    assert "r" not in re.sub(r"[a-z]{2,}", "", model.paint(screen_of(0, 5, 2)))
    assert find_shift(["same"] * 9, dict.fromkeys(range(9), "same")) is None
    assert find_shift([f"a{n}" for n in range(9)], {n: f"b{n}" for n in range(9)}) is None


def test_a_shift_is_found_whichever_way() -> None:
    rows = [f"row {n}" for n in range(10)]
    up = {y: rows[y + 2] if y < 8 else f"new {y}" for y in range(10)}
    assert find_shift(rows, up) == Shift(0, 9, 2)
    down = {y: rows[y - 1] if y else "new" for y in range(10)}
    assert find_shift(rows, down) == Shift(0, 9, -1)


def test_what_nobody_knows_is_not_moved() -> None:
    model = shadow()
    for top in range(3):
        sent = model.paint([span for span in screen_of(top, 0, 1) if span[0] == LEFT])
        assert "\0" not in sent
        assert not re.search(r"\x1b\[\d+;\d+r", sent)


def test_a_line_that_stays_the_same_while_its_neighbours_move_stays() -> None:
    model = shadow()
    screen, stream = terminal()
    before, after = screen_of(0, 99, 1), screen_of(1, 99, 1)
    stream.feed(model.paint(before))
    stream.feed(model.paint([b for a, b in zip(before, after, strict=True) if a != b]))
    rows = [line[LEFT:].split("  ")[0].strip() for line in screen.display[1 : HEIGHT - 1]]
    assert rows == [pod(1 + y) for y in range(1, HEIGHT - 1)]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 3)), min_size=2, max_size=8),
    st.booleans(),
)
def test_after_any_scrolling_the_screen_is_as_if_painted_whole(
    steps: list[tuple[int, int, int]], partly: bool
) -> None:
    model = shadow()
    screen, stream = terminal()
    shown = screen_of(0, 0, 0)
    stream.feed(model.paint(shown))
    for top, cursor, left in steps:
        wanted = screen_of(top, cursor, left)
        # Often only the lines that changed are in an update, of one pane and not of its neighbours.
        sent = [
            span for was, span in zip(shown, wanted, strict=True) if not partly or (span[0] and span != was)
        ]
        shown = wanted
        stream.feed(model.paint(sent))
    fresh, fresh_stream = terminal()
    last = screen_of(*steps[-1][:2], 0 if partly else steps[-1][2])
    for span in last:
        fresh_stream.feed(Shadow(WIDTH, HEIGHT, ColorSystem.TRUECOLOR).paint([span]))
    assert seen(screen) == seen(fresh)
