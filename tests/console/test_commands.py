"""The registry: one place for keys, words and why not."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from console.commands import DuplicateKeyError, KeysError, Registry
from console.contexts import PROGRAM, SHELLS
from console.keybook import builtin
from console.typed import completions, read

DOCS = Path(__file__).parents[2] / "docs"


def test_no_two_commands_want_the_same_key_in_the_same_pane() -> None:
    assert len(Registry(builtin()).commands) == len(builtin())


def test_a_key_means_one_thing_on_nodes_and_another_on_pods() -> None:
    registry = Registry(builtin())
    assert registry.for_key("E", "pod").id == "sort-status"  # type: ignore[union-attr]
    assert registry.for_key("E", "instance").id == "sort-state"  # type: ignore[union-attr]
    assert registry.for_key("s", "source") is None


def test_on_the_tabs_of_shells_a_key_is_theirs_or_meant_for_everywhere() -> None:
    registry = Registry(builtin())
    assert registry.for_key("slash", "pod").id == "filter"  # type: ignore[union-attr]
    assert registry.for_key("slash", SHELLS).id == "search-shell"  # type: ignore[union-attr]
    assert registry.for_key("question_mark", SHELLS).id == "help"  # type: ignore[union-attr]
    assert registry.for_key("d", SHELLS) is None


def test_in_a_shell_every_key_is_the_programs_but_one() -> None:
    registry = Registry(builtin())
    keys = {key for command in builtin() for key in command.keys}
    assert [key for key in keys if registry.for_key(key, PROGRAM)] == ["ctrl+right_square_bracket"]
    for text in ("", "x", "escape", "enter", "a, b", "ctrl-g, x", "shift-x", "ctrl-m", "ctrl-c", "tab"):
        with pytest.raises(KeysError, match="no program is typed with"):
            registry.remapped({"leave-shell": text})
    assert registry.remapped({"leave-shell": "f12, alt-c"}).for_key("alt+c", PROGRAM)
    moved = registry.remapped({"leave-shell": "ctrl-g"})
    assert moved.for_key("ctrl+right_square_bracket", PROGRAM) is None
    assert moved.for_key("ctrl+g", PROGRAM).id == "leave-shell"  # type: ignore[union-attr]


def test_a_key_of_the_shells_can_not_be_taken_by_what_is_for_everywhere() -> None:
    with pytest.raises(DuplicateKeyError, match="x is wanted by 'close-shell' and by 'messages'"):
        Registry(builtin()).remapped({"messages": "x"})


def test_a_remapped_key_replaces_the_old_one() -> None:
    registry = Registry(builtin()).remapped({"help": "f1, question_mark", "filter": "f3"})
    assert registry.for_key("f1", "pod").id == "help"  # type: ignore[union-attr]
    assert registry.for_key("slash", "pod") is None


def test_remapping_onto_a_taken_key_is_refused() -> None:
    with pytest.raises(DuplicateKeyError, match="j is wanted by 'down' and by 'help'"):
        Registry(builtin()).remapped({"help": "j"})


def test_two_commands_may_swap_their_keys() -> None:
    registry = Registry(builtin()).remapped({"detail": "y", "yaml": "d"})
    assert registry.for_key("y", "pod").id == "detail"  # type: ignore[union-attr]
    assert list(registry.commands) == [command.id for command in builtin()]


@pytest.mark.parametrize(
    ("keys", "command", "told"),
    [
        ({"cordn": "x"}, "cordn", "no such command; there are: aliases, all-namespaces"),
        ({"help": "ctl-h"}, "help", "'ctl-h' is no key: such as c, shift-g, ctrl-k"),
        ({"help": "f2", "filter": "f2"}, "filter", "f2 is wanted by 'help' and by 'filter'"),
    ],
)
def test_a_wrong_remapping_is_told_with_its_command(keys: dict[str, str], command: str, told: str) -> None:
    with pytest.raises(KeysError, match=told) as caught:
        Registry(builtin()).remapped(keys)
    assert caught.value.command == command


def test_every_key_that_a_terminal_may_swallow_has_a_second_one() -> None:
    swallowed = {"ctrl+z", "ctrl+space", "ctrl+@", "ctrl+backslash", "ctrl+b"}
    for command in builtin():
        if set(command.keys) & swallowed:
            assert set(command.keys) - swallowed, command.id


@pytest.mark.parametrize(
    ("text", "id", "namespaces", "sources", "rest"),
    [
        ("pods", "go-pod", (), (), ""),
        ("po kube-system", "go-pod", ("kube-system",), (), ""),
        ("pod /api web", "go-pod", (), (), "api web"),
        ("pod app=x", "go-pod", (), (), "app=x"),
        ("pod shop @prod-eu status:crash", "go-pod", ("shop",), ("prod-eu",), "status:crash"),
        ("ns shop,web", "go-pod", ("shop", "web"), (), ""),
        ("node eu", "go-node", (), (), "eu"),
        ("ctx", "go-source", (), (), ""),
        ("ctx prod-eu", "go-source", (), ("prod-eu",), ""),
        ("ctx provider:aws", "go-source", (), (), "provider:aws"),
        ("sources /prod", "go-source", (), (), "prod"),
        ("q", "quit", (), (), ""),
        ("theme nord", "theme", (), (), "nord"),
        ("by", "group-by", (), (), ""),
        ("by tag:team", "group-by", (), (), "tag:team"),
    ],
)
def test_what_is_typed_after_the_colon(
    text: str, id: str, namespaces: tuple[str, ...], sources: tuple[str, ...], rest: str
) -> None:
    typed = read(text, Registry(builtin()))
    assert typed.command is not None
    found = typed.argument if typed.command.argument else typed.filter
    assert (typed.command.id, typed.namespaces, typed.sources, found) == (id, namespaces, sources, rest)


def test_an_unknown_word_says_what_was_meant() -> None:
    assert read("podz", Registry(builtin())).error == "no command :podz; did you mean :po?"


def test_completion_knows_words_namespaces_and_sources() -> None:
    registry = Registry(builtin())

    def told(text: str, namespaces: Sequence[str] = (), sources: Sequence[str] = ()) -> list[str]:
        return completions(text, registry, namespaces, sources, lambda argument, begun: [f"{begun}ne"])

    assert told("po")[:3] == ["po", "pod", "pods"]
    assert told("pods ku", ["kube-system", "shop"]) == ["pods kube-system"]
    assert told("pods @p", sources=["prod", "lab"]) == ["pods @prod"]
    assert told("ctx p", sources=["prod", "lab"]) == ["ctx prod"]
    assert told("by zo") == ["by zone"]
