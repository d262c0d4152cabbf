"""The model of the terminal: it ends up showing what was asked for, and is sent no more than needed."""

from __future__ import annotations

import re

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.widgets.corpus import FORBIDDEN, HOSTILE
from widgets.ink import Ink, change
from widgets.shadow import Shadow

WIDTH, HEIGHT = 24, 4
PLAIN = Style.parse("#e0e0e0 on #101010")
GREEN = Style.parse("green on #101010")
STYLES = [
    None,
    PLAIN,
    GREEN,
    *map(Style.parse, ("bold red", "reverse", "underline blue on white", "bold italic", "on #303030")),
]
SGR_ONLY = re.compile(r"\x1b\[[0-9;]*[mHCKX]|\r\n")


def shadow(width: int = WIDTH, height: int = HEIGHT, *, erases: bool = True) -> Shadow:
    return Shadow(width, height, ColorSystem.TRUECOLOR, erases=erases)


def line(*parts: tuple[str, Style | None]) -> list[Segment]:
    return [Segment(text, style) for text, style in parts]


def seen(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """What can be seen of each cell: of a blank neither its colour nor its weight."""
    rows = []
    for y in range(screen.lines):
        row = []
        for x in range(screen.columns):
            char = screen.buffer[y][x]
            shown = (char.data, char.bg, char.reverse, char.underscore)
            solid = char.data != " " or char.reverse or char.underscore
            row.append((*shown, char.fg, char.bold, char.italics) if solid else shown)
        rows.append(row)
    return rows


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    screen.reset_mode(pyte.modes.DECAWM)
    return screen, pyte.Stream(screen)


WORDS = st.sampled_from(
    ["a", "pod-1", "Running", "   ", " " * 15, "● ok", "表示", "é", "e\u0301", "👍", "x表y", "-"]
)
PANES = ((0, 11), (11, 13))
"""Two panes side by side: first column and width."""
FRAME = st.lists(
    st.tuples(
        st.sampled_from(PANES),
        st.integers(0, HEIGHT - 1),
        st.lists(st.builds(Segment, WORDS, st.sampled_from(STYLES), st.none()), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=6,
)


def plainly(screen: dict[tuple[int, int], Strip]) -> str:
    """The same screen as anybody would write it: every segment with its style and a reset."""
    out = []
    for (x, y), strip in screen.items():
        out.append(f"\x1b[{y + 1};{x + 1}H")
        for text, style, _ in strip:
            out.append((style or Style()).render(text, color_system=ColorSystem.TRUECOLOR) or "")
    return "".join(out)


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAME, min_size=1, max_size=6), st.booleans())
def test_any_sequence_of_updates_ends_up_as_a_full_paint(
    frames: list[list[tuple[tuple[int, int], int, list[Segment]]]], erases: bool
) -> None:
    thrifty = shadow(erases=erases)
    screen, stream = terminal()
    wanted = {(x, y): Strip.blank(width, PLAIN) for y in range(HEIGHT) for x, width in PANES}
    stream.feed(thrifty.paint([(x, y, strip) for (x, y), strip in wanted.items()]))
    for frame in frames:
        for (x, width), y, segments in frame:
            wanted[x, y] = Strip(segments).adjust_cell_length(width, PLAIN)
        changed = sorted({(y, x) for (x, _), y, _ in frame})
        stream.feed(thrifty.paint([(x, y, wanted[x, y]) for y, x in changed]))
    fresh, fresh_stream = terminal()
    fresh_stream.feed(plainly(wanted))
    assert seen(screen) == seen(fresh)


def test_after_a_wide_character_the_place_is_said_again() -> None:
    """Terminals disagree about some: the columns to the right stay straight all the same."""
    sent = shadow().paint([(0, 0, line(("a表b👍c", PLAIN)))])
    assert re.findall(r"\x1b\[1;(\d+)H", sent) == ["4", "7"]


def test_what_is_shown_already_is_not_sent() -> None:
    model = shadow()
    assert model.paint([(0, 0, line(("Running", GREEN), (" " * 17, PLAIN)))])
    assert model.paint([(0, 0, line(("Run", GREEN), ("ning", GREEN), (" " * 17, PLAIN)))]) == ""
    assert model.paint([(3, 0, line(("ning", GREEN)))]) == ""


def test_one_changed_cell_is_a_jump_and_a_character() -> None:
    model = shadow()
    model.paint([(0, 0, line(("restarts 1".ljust(WIDTH), PLAIN)))])
    assert model.paint([(0, 0, line(("restarts 2".ljust(WIDTH), PLAIN)))]) == "\x1b[1;10H2"


def test_the_pen_is_remembered_from_update_to_update() -> None:
    model = shadow()
    assert "38;2;224;224;224" in model.paint([(0, 0, line(("a", PLAIN)))])
    assert "m" not in model.paint([(0, 1, line(("b", PLAIN)))])


def test_after_forgetting_everything_is_sent_again() -> None:
    model = shadow()
    whole_line = line(("x" * WIDTH, PLAIN))
    first = model.paint([(0, 0, whole_line)])
    assert model.paint([(0, 0, whole_line)]) == ""
    model.forget()
    assert model.paint([(0, 0, whole_line)]) == first


def test_blanks_are_erased_only_where_that_leaves_the_background() -> None:
    blank = line((" " * WIDTH, PLAIN))
    assert shadow(erases=True).paint([(0, 0, blank)]).endswith("\x1b[K")
    assert shadow(erases=False).paint([(0, 0, blank)]).endswith(" " * WIDTH)
    underlined = line((" " * WIDTH, PLAIN + Style(underline=True)))
    assert shadow(erases=True).paint([(0, 0, underlined)]).endswith(" " * WIDTH)


def test_nothing_is_ever_written_outside_the_screen() -> None:
    model = shadow()
    assert model.paint([(0, HEIGHT, line(("below", PLAIN))), (WIDTH, 0, line(("right", PLAIN)))]) == ""
    model.paint([(WIDTH - 2, 0, line(("abcdef", PLAIN)))])
    assert len(model.row(0)) == WIDTH


@pytest.mark.parametrize("text", HOSTILE)
def test_T3_no_control_character_passes(text: str) -> None:
    model = shadow(300, 1)
    sent = model.paint([(0, 0, line((text, PLAIN), (" " * 20, PLAIN)))])
    printed = SGR_ONLY.sub("", sent)
    assert not FORBIDDEN & set(printed), sorted(FORBIDDEN & set(printed))
    printed.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_T3_hostile_text_takes_the_cells_it_was_measured_with(text: str) -> None:
    model = shadow(300, 1)
    model.paint([(0, 0, line((text, PLAIN), ("|", PLAIN)))])
    row = model._chars[0]
    assert row.index("|", cell_len(text)) == cell_len(text)


@given(st.text(max_size=40))
def test_T3_any_text_at_all(text: str) -> None:
    model = shadow(120, 1)
    sent = model.paint([(0, 0, line((text, PLAIN)))])
    assert not FORBIDDEN & set(SGR_ONLY.sub("", sent))
    sent.encode()


INKS = st.builds(
    Ink,
    st.frozensets(st.sampled_from(["1", "2", "3", "4", "7", "9", "21"])),
    st.sampled_from(["", "31", "38;2;1;2;3"]),
    st.sampled_from(["", "41", "48;2;1;2;3"]),
)
OFF = {"22": {"1", "2"}, "23": {"3"}, "24": {"4", "21"}, "27": {"7"}, "29": {"9"}}


def applied(ink: Ink, sequence: str) -> Ink:
    """What a terminal's pen is after a sequence."""
    attributes, fore, back = set(ink.attributes), ink.foreground, ink.background
    codes = sequence.removeprefix("\x1b[").removesuffix("m")
    for code in re.findall(r"[34]8;2;\d+;\d+;\d+|\d+", codes) if codes else (["0"] if sequence else []):
        if code == "0":
            attributes, fore, back = set(), "", ""
        elif code in OFF:
            attributes -= OFF[code]
        elif code.startswith("3") and code != "3":
            fore = "" if code == "39" else code
        elif code.startswith("4") and code != "4":
            back = "" if code == "49" else code
        else:
            attributes.add(code)
    return Ink(frozenset(attributes), fore, back)


@given(INKS, INKS)
def test_a_change_of_ink_is_right_and_no_longer_than_starting_over(was: Ink, ink: Ink) -> None:
    sequence = change(was, ink)
    assert applied(was, sequence) == ink
    assert len(sequence) <= len(change(None, ink))


@given(INKS)
def test_from_an_unknown_pen_nothing_is_assumed(ink: Ink) -> None:
    assert applied(Ink(frozenset({"5", "8"}), "35", "45"), change(None, ink)) == ink


def test_a_wide_character_replaced_by_another_leaves_the_next_pane_in_place() -> None:
    model = shadow()
    screen, stream = terminal()
    for left, right in (("x" * 9 + "表", "a"), ("x" * 9 + "示", "b")):
        spans = [(0, 0, line((left, PLAIN))), (11, 0, line((right.ljust(13), PLAIN)))]
        stream.feed(model.paint(spans))
    assert screen.display[0].rstrip() == "x" * 9 + "示b"


@pytest.mark.parametrize("text", ["x".rjust(WIDTH), "x".ljust(WIDTH), "x".center(WIDTH), "ab".rjust(WIDTH)])
def test_erased_blanks_end_where_text_begins(text: str) -> None:
    screen, stream = terminal()
    stream.feed(shadow().paint([(0, 0, line((text, PLAIN)))]))
    assert screen.display[0] == text
