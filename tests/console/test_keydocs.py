"""docs/keys.md is what the key registry says."""

from console.commands import Registry, shown_key
from console.keybook import builtin
from tests import keydocs


def test_the_page_is_the_registrys() -> None:
    assert keydocs.main(["--check"]) == 0, "run `make docs`"


def test_every_command_and_every_action_is_on_the_page() -> None:
    page = keydocs.page()
    commands = keydocs.registry().commands
    assert {"cordon", "uncordon", "restart"} <= commands.keys()
    assert all(f"| `{id}` |" in page for id in commands)


def test_every_key_that_a_terminal_swallows_has_a_second_one_or_a_word() -> None:
    swallowed = {"ctrl+space", "ctrl+@", "ctrl+z", "ctrl+a", "ctrl+b", "ctrl+backslash", "ctrl+s", "ctrl+q"}
    for command in Registry(builtin()).commands.values():
        if swallowed & set(command.keys):
            assert set(command.keys) - swallowed or command.words or command.id == "save", command.id


def test_keys_are_shown_as_people_read_them() -> None:
    keys = ["slash", "G", "ctrl+s", "ctrl+backslash", "shift+left", "minus"]
    assert [shown_key(key) for key in keys] == ["/", "shift-g", "ctrl-s", "ctrl-\\", "shift-left", "-"]
