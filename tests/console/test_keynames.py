"""Keys as people write and read them."""

import pytest
from textual.keys import _character_to_key

from console.keybook import builtin
from console.keynames import key_named, shown_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("c", "c"),
        ("G", "G"),
        ("shift-g", "G"),
        ("Shift+G", "G"),
        ("ctrl-k", "ctrl+k"),
        ("CTRL-K", "ctrl+k"),
        ("shift-left", "shift+left"),
        ("shift-ctrl-up", "ctrl+shift+up"),
        ("/", "slash"),
        ("slash", "slash"),
        ("?", "question_mark"),
        ("[", "left_square_bracket"),
        ("-", "minus"),
        ("ctrl--", "ctrl+minus"),
        ("ctrl-\\", "ctrl+backslash"),
        ("esc", "escape"),
        ("f12", "f12"),
        ("PageDown", "pagedown"),
        ("é", "é"),
        ("0", "0"),
    ],
)
def test_a_key_is_understood_however_it_is_written(written: str, key: str) -> None:
    assert key_named(f" {written} ") == key


@pytest.mark.parametrize(
    "text", ["", "ctl-k", "ctrl-", "f25", "nope", "ab", "ctrl-nope", "shift-", "\x1b", "\x07"]
)
def test_what_is_no_key_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no key"):
        key_named(text)


@pytest.mark.parametrize("char", "/\\-+_@?![]^:;,.#$%&*()=~'\"`<>{}|")
def test_characters_have_the_names_that_the_terminal_library_gives_them(char: str) -> None:
    assert key_named(char) == _character_to_key(char)


def test_every_key_of_the_console_can_be_written_as_it_is_shown() -> None:
    keys = [key for command in builtin() for key in command.keys]
    assert [key_named(shown_key(key)) for key in keys] == keys
    assert [key_named(key) for key in keys] == keys


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("slash", "/"),
        ("G", "shift-g"),
        ("ctrl+s", "ctrl-s"),
        ("escape", "esc"),
        ("ctrl+backslash", "ctrl-\\"),
        ("minus", "-"),
    ],
)
def test_keys_are_shown_as_people_read_them(key: str, shown: str) -> None:
    assert shown_key(key) == shown
