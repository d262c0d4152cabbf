"""docs/ssh.md names every way in, the keys and the commands that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from console.cli import main
from console.keynames import shown_key
from providers.hostname import is_host
from providers.ssh.configfile import ALLOWED
from providers.ways import discover
from tests.keydocs import registry

PAGE = (Path(__file__).parents[2] / "docs" / "ssh.md").read_text("utf-8")
COMMANDS = [line.partition("#")[0] for line in PAGE.splitlines() if line.startswith("quarterdeck ")]
SHELLS = {way.name: way for way in discover() if way.purpose == "shell" and way.name != "simulated"}
KINDS = {"node": "nodes", "instance": "instances", "host": "hosts", "pod": "containers of a pod"}


def test_every_way_to_a_shell_is_in_the_table_with_what_it_leads_to() -> None:
    rows = dict(re.findall(r"^\| `([\w-]+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    assert rows.keys() == SHELLS.keys()
    for name, way in SHELLS.items():
        assert all(KINDS[kind] in rows[name] for kind in way.kinds), name


def test_what_is_taken_from_an_ssh_configuration_is_named() -> None:
    words = {word.lower() for word in re.findall(r"`(\w+)`", PAGE)}
    told = {"known_hosts"} | {word for word in ALLOWED if not word.endswith("knownhostsfile")}
    assert told - {"stricthostkeychecking"} <= words
    assert "`StrictHostKeyChecking` a `yes`" in PAGE


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_of_the_page_is_understood(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    main.commands[name].make_context(name, arguments)


@pytest.mark.parametrize(
    ("key", "id"),
    [
        ("s", "shell"), ("S", "shell-whole"), ("ctrl-]", "leave-shell"), ("R", "reconnect-shell"),
        ("B", "broadcast"), ("!", "run"), ("a", "attach"), ("l", "logs"), ("p", "previous-logs"),
        ("t", "transfer"), ("F", "forward"),
    ],
)  # fmt: skip
def test_each_key_of_the_page_is_the_one_of_its_command(key: str, id: str) -> None:
    shown = [shown_key(each) for each in registry().commands[id].keys]
    assert (key if not key.isupper() else f"shift-{key.lower()}") in shown
    assert f"`{key}`" in PAGE


def test_the_pattern_of_host_names_is_the_one_that_is_used() -> None:
    [pattern] = re.findall(r"A host name matches `([^`]+)`", PAGE)
    for text in ("web-1", "10.0.0.1", "fe80::1", "-oProxyCommand=x", "x;touch F", "$(id)", "", "a b"):
        assert bool(re.fullmatch(pattern, text)) == is_host(text), text
