"""docs/keys.md is what the key registry says."""

from tests import keydocs


def test_the_page_is_the_registrys() -> None:
    assert keydocs.main(["--check"]) == 0, "run `make docs`"


def test_every_command_and_every_action_is_on_the_page() -> None:
    page = keydocs.page()
    commands = keydocs.registry().commands
    assert {"cordon", "uncordon", "restart", "reboot", "start", "stop"} <= commands.keys()
    assert all(f"| `{id}` |" in page for id in commands)
