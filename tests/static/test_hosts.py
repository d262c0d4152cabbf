"""Lists of hosts, in every form: read the same, and what is wrong is named by its place."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import yaml

from providers.contract import Problem
from providers.model import Instance
from providers.static.entry import manifest
from providers.static.reading import entries

HOSTS = Path(__file__).parent / "files" / "hosts.json"


def read(text: bytes | str) -> list[Instance]:
    text = text.encode() if isinstance(text, str) else text
    return [entry.instance for entry in entries(text, "hosts")]


def test_an_entry_is_an_instance_that_nobody_observed() -> None:
    db, spare, edge = read(HOSTS.read_bytes())
    assert db == Instance(
        uid="rack1-u07",
        name="db-1",
        private_ip="10.20.0.7",
        port=2222,
        user="ops",
        tags=(("rack", "1"), ("role", "db")),
        observed=False,
    )
    assert (spare.type, spare.zone, spare.group) == ("R740", "ams-1", "databases")
    assert spare.tags == (("role", "db"), ("spare", ""))
    assert (edge.uid, edge.provider_id, edge.public_ip) == ("hcloud://4711", "hcloud://4711", "8.8.4.4")


def test_every_form_reads_the_same() -> None:
    listed = msgspec.json.decode(HOSTS.read_bytes())
    usual = read(HOSTS.read_bytes())
    assert read(msgspec.json.encode({"hosts": listed})) == usual
    assert read(b"\xef\xbb\xbf" + HOSTS.read_bytes()) == usual
    assert read(b"\n\n".join(map(msgspec.json.encode, listed))) == usual
    assert read(yaml.safe_dump(listed)) == usual
    assert read("# ours\n" + yaml.safe_dump({"hosts": listed})) == usual
    assert read(msgspec.json.encode(listed[0])) == usual[:1]


def test_a_list_of_nothing_declares_nothing() -> None:
    assert read("[]") == read('{"hosts": []}') == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[{"name": "a"}, {"name": "b", "colour": "red"}]',
            "hosts, entry 2: Object contains unknown field `colour`",
        ),
        ('{"name": "a"}\n\n{"name": 5}', "hosts, line 3: Expected `str`, got `int` - at `$.name`"),
        ('{"name": "a"}\n{"name": \n', "hosts, line 2: Input data was truncated"),
        ("- name: a\n- nome: b\n", "hosts, entry 2: Object contains unknown field `nome`"),
        ('["a"]', "hosts, entry 1: Expected `object`, got `str`"),
        ('[{"name": "a", "port": 70000}]', "hosts, entry 1: Expected `int` <= 65535 - at `$.port`"),
        ('[{"name": "a", "labels": {"k": {}}}]', "hosts, entry 1: Expected `"),
        ('[{"port": 22}]', "hosts, entry 1: nothing says which host it is"),
        ('[{"name": "a"}, {"name": "b"}, {"name": "a"}]', "hosts, entry 3: 'a' is there already, as entry 1"),
        ("", "hosts is empty"),
        (" \n", "hosts is empty"),
        ("[", "hosts: Input data was truncated"),
        ("{\n", "hosts: Input data was truncated"),
        ('{"a": 1, "b": 2}', "hosts is no inventory: an object with the keys a, b"),
        ('{"hosts": {"a": 1}}', "hosts is no inventory: a mapping where a list of hosts was expected"),
        ("hello", "hosts is no inventory: text where a list of hosts was expected"),
        ("a: [", "hosts: neither JSON nor YAML"),
        ("- 2026-99-99\n", "hosts: neither JSON nor YAML"),
        (b"\x7fELF\x02\x01\x00\xff", "hosts: neither JSON nor YAML"),
        (b'[{"name": "\xff"}]', "hosts: "),
        ("[" * 100_000, "hosts: it is nested too deeply"),
        ("- " * 5000 + "a", "hosts"),
    ],
)
def test_what_is_wrong_is_named(text: bytes | str, told: str) -> None:
    with pytest.raises(Problem) as problem:
        read(text)
    assert problem.value.detail.startswith(told)
    assert problem.value.remedy
    assert "\n" not in problem.value.detail


def test_hostile_entries_are_cleaned() -> None:
    (found,) = read(
        '[{"name": "\\u001b[2J[red]\\u202e", "user": "\\u0007", "labels": {"\\u2028": "\\u009b"}}]'
    )
    text = repr(found) + manifest(entries(b'[{"name": "\\u001b[2J"}]', "hosts")[0])
    assert not {"\x1b", "\u202e", "\x07", "\u2028", "\x9b"} & set(
        found.name + found.user + "".join(found.tags[0])
    )
    assert "[red]" in text


def test_a_manifest_is_the_entry_without_credentials() -> None:
    entry = entries(b'[{"name": "a", "port": 22, "labels": {"api_key": "hunter2", "x": "1"}}]', "hosts")[0]
    assert manifest(entry) == "name: a\nport: 22\nlabels:\n  api_key: '[withheld]'\n  x: '1'\n"
