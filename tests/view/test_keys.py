"""Keys and pastes to bytes, held against what terminfo says of xterm-256color."""

from __future__ import annotations

import curses
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.widget import Widget

from widgets.terminal import alt
from widgets.terminal.keys import encode, pasted


@dataclass
class Modes:
    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False


PLAIN = Modes()


@pytest.mark.parametrize(
    ("key", "character", "data"),
    [
        ("a", "a", b"a"),
        ("A", "A", b"A"),
        ("full_stop", ".", b"."),
        ("space", " ", b" "),
        ("é", "é", "é".encode()),
        ("cjk", "表", "表".encode()),
        ("enter", "\r", b"\r"),
        ("tab", "\t", b"\t"),
        ("shift+tab", None, b"\x1b[Z"),
        ("escape", "\x1b", b"\x1b"),
        ("backspace", "\x7f", b"\x7f"),
        ("backspace", None, b"\x7f"),
        ("backspace", "\x08", b"\x08"),
        ("ctrl+backspace", None, b"\x08"),
        ("alt+backspace", None, b"\x1b\x7f"),
        ("ctrl+at", "\0", b"\0"),
        ("ctrl+@", "\0", b"\0"),
        ("ctrl+space", None, b"\0"),
        ("ctrl+a", "\x01", b"\x01"),
        ("ctrl+c", None, b"\x03"),
        ("ctrl+q", None, b"\x11"),
        ("ctrl+z", "\x1a", b"\x1a"),
        ("ctrl+j", "\n", b"\n"),
        ("ctrl+h", None, b"\x08"),
        ("ctrl+left_square_bracket", None, b"\x1b"),
        ("ctrl+backslash", "\x1c", b"\x1c"),
        ("ctrl+right_square_bracket", "\x1d", b"\x1d"),
        ("ctrl+circumflex_accent", "\x1e", b"\x1e"),
        ("ctrl+underscore", "\x1f", b"\x1f"),
        ("ctrl+slash", None, b"\x1f"),
        ("ctrl+1", None, b"1"),
        ("alt+b", None, b"\x1bb"),
        ("alt+shift+b", "B", b"\x1bB"),
        ("alt+shift+b", None, b"\x1bB"),
        ("alt+full_stop", None, b"\x1b."),
        ("alt+enter", None, b"\x1b\r"),
        ("alt+ctrl+e", None, b"\x1b\x05"),
        ("ctrl+shift+x", None, b"\x18"),
        ("ctrl+shift+left", None, b"\x1b[1;6D"),
        ("alt+up", None, b"\x1b[1;3A"),
        ("ctrl+delete", None, b"\x1b[3;5~"),
        ("shift+pageup", None, b"\x1b[5;2~"),
        ("shift+f1", None, b"\x1b[1;2P"),
        ("ctrl+f5", None, b"\x1b[15;5~"),
        ("f13", None, b"\x1b[1;2P"),
        ("f24", None, b"\x1b[24;2~"),
        ("super+a", None, b""),
        ("caps_lock", None, b""),
        ("media_play", None, b""),
        ("left_shift", None, b""),
    ],
)
def test_a_key_is_sent_as_xterm_does(key: str, character: str | None, data: bytes) -> None:
    assert encode(key, character, PLAIN) == data


@pytest.mark.parametrize(
    ("key", "capability"),
    [
        ("up", "kcuu1"), ("down", "kcud1"), ("left", "kcub1"), ("right", "kcuf1"), ("home", "khome"),
        ("end", "kend"), ("insert", "kich1"), ("delete", "kdch1"), ("pageup", "kpp"), ("pagedown", "knp"),
        ("shift+tab", "kcbt"), ("shift+left", "kLFT"), ("shift+right", "kRIT"), ("shift+delete", "kDC"),
        *((f"f{number}", f"kf{number}") for number in range(1, 25)),
    ],
)  # fmt: skip
def test_keys_are_those_of_terminfo(key: str, capability: str) -> None:
    curses.setupterm("xterm-256color", os.open(os.devnull, os.O_WRONLY))
    # What terminfo lists is sent in application mode: programs switch it on by smkx.
    assert encode(key, None, Modes(application_cursor=True)) == curses.tigetstr(capability)


def test_modes_change_what_is_sent() -> None:
    assert encode("up", None, PLAIN) == b"\x1b[A"
    assert encode("ctrl+up", None, Modes(application_cursor=True)) == b"\x1b[1;5A"
    assert encode("multiply", None, PLAIN) == b"*"
    assert encode("multiply", None, Modes(application_keypad=True)) == b"\x1bOj"


@pytest.mark.parametrize(
    "data",
    [
        "a", "Z", ".", " ", "é", "\r", "\t", "\x7f", "\0", *map(chr, range(1, 27)), "\x1c", "\x1d", "\x1e",
        "\x1b[A", "\x1b[1;5C", "\x1b[3~", "\x1b[5;2~", "\x1bOP", "\x1b[15~", "\x1b[24;5~", "\x1b[Z",
        "\x1ba", "\x1bB", "\x1b[1;3D",
    ],
)  # fmt: skip
def test_what_a_terminal_sends_comes_out_as_it_went_in(data: str) -> None:
    """Through Textual's own parser, as a terminal sends it without any protocol of its own."""
    parser = XTermParser()
    keys = [event for event in (*parser.feed(data), *parser.feed("")) if isinstance(event, Key)]
    assert b"".join(encode(key.key, key.character, PLAIN) for key in keys) == data.encode()


@pytest.fixture
def listening() -> Iterator[None]:
    """As while a terminal has the focus."""
    widget = Widget()
    alt.listen(widget)
    yield
    alt.ignore(widget)


@pytest.mark.parametrize("char", [*map(chr, range(0x20, 0x7F)), *map(chr, range(1, 27)), "\r", "\x7f", "\0"])
@pytest.mark.usefixtures("listening")
def test_alt_and_a_character_comes_out_as_it_went_in(char: str) -> None:
    if char in "[O\t":
        pytest.skip("begins other sequences, or is one")
    keys = [event for event in XTermParser().feed("\x1b" + char) if isinstance(event, Key)]
    assert b"".join(encode(key.key, key.character, PLAIN) for key in keys) == b"\x1b" + char.encode()


def test_alt_is_as_textual_has_it_when_no_terminal_has_the_focus() -> None:
    was = dict(ANSI_SEQUENCES_KEYS)
    first, second = Widget(), Widget()
    alt.listen(first)
    alt.listen(second)
    alt.ignore(first)
    assert was != ANSI_SEQUENCES_KEYS
    alt.ignore(second)
    assert was == ANSI_SEQUENCES_KEYS


@pytest.mark.parametrize(
    ("sequence", "data"),
    [
        ("\x1b[99;5u", b"\x03"),
        ("\x1b[27u", b"\x1b"),
        ("\x1b[46;3u", b"\x1b."),
        ("\x1b[98;3u", b"\x1bb"),
        ("\x1b[127;3u", b"\x1b\x7f"),
        ("\x1b[32;5u", b"\0"),
        ("\x1b[104;5u", b"\x08"),
        ("\x1b[93;5u", b"\x1d"),
        ("\x1b[57417u", b"\x1b[D"),
    ],
)
def test_keys_of_the_newer_protocol_become_what_programs_know(sequence: str, data: bytes) -> None:
    [key] = [event for event in XTermParser().feed(sequence) if isinstance(event, Key)]
    assert encode(key.key, key.character, PLAIN) == data


def test_a_paste_is_bracketed_when_the_program_asks() -> None:
    assert pasted("one\ntwo\r\nthree\tü", PLAIN) == "one\rtwo\rthree\tü".encode()
    assert pasted("x", Modes(bracketed_paste=True)) == b"\x1b[200~x\x1b[201~"


def test_no_paste_ends_its_bracket_or_holds_a_control_character() -> None:
    hostile = "a\x1b[201~rm -rf /\x03\n\x9b201~b\x7f\0\x08c\ud800"
    data = pasted(hostile, Modes(bracketed_paste=True))
    inside = data.removeprefix(b"\x1b[200~").removesuffix(b"\x1b[201~")
    assert inside == b"a[201~rm -rf /\r201~bc?"
