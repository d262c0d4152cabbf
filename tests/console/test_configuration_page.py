"""docs/configuration.md says what there is, and nothing else."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console import config
from console.config import Config, Ssh, parse
from console.keynames import shown_key
from console.targets import FACTS, Rules
from providers.aws.options import Options as AwsOptions
from providers.demo.fleet import Options as DemoOptions
from providers.hostlist import KEYS as HOST_KEYS
from providers.kubernetes.provider import Options as KubernetesOptions
from providers.ssh.provider import Options as SshOptions
from providers.static.provider import Options as StaticOptions
from providers.static.reading import entries
from tests.keydocs import registry

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
EVERYTHING, CLUSTERS, REACH, PROVIDERS, KEYS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def values(kind: type[msgspec.Struct], *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every key of a struct with its default; what TOML has no word for is left out."""
    known = msgspec.json.decode(msgspec.json.encode(kind()))
    return {key: value for key, value in known.items() if value is not None and key not in without}


def test_the_page_has_every_table_and_key_with_its_default() -> None:
    assert tomllib.loads(EVERYTHING) == values(Config, without=("clusters", "reach", "providers"))
    assert parse(EVERYTHING, "page") == Config()


def test_every_choice_is_named_beside_its_key() -> None:
    lines = {line.split(" = ")[0]: line for line in EVERYTHING.splitlines() if " = " in line}
    for table in (config.Start, config.Look, config.Ssh):
        for field in msgspec.inspect.type_info(table).fields:  # type: ignore[attr-defined]
            if isinstance(field.type, msgspec.inspect.LiteralType):
                assert all(choice in lines[field.name] for choice in field.type.values), field.name


def test_the_tables_of_clusters_are_read_as_ssh_is() -> None:
    clusters = parse(CLUSTERS, "page").clusters
    assert clusters["prod-eu"] == Ssh(user="ops", options=("-J", "bastion.eu.example.com"))
    assert clusters["dev (old)"] == Ssh(address="external", port=2222)


def test_the_rules_of_the_page_can_be_had() -> None:
    config = parse(REACH, "page")
    assert [rule.on for rule in config.reach] == ["tag:login", "tag:Name=web-*"]
    Rules(config, lambda: 0.0)


def test_every_name_that_a_template_may_have_is_on_the_page() -> None:
    named = set(re.findall(r"`\{([\w:]+)\}`", PAGE))
    assert named == {*FACTS, "tag:KEY", "label:KEY"}


def test_the_page_has_every_option_of_the_providers_with_its_default() -> None:
    tables = tomllib.loads(PROVIDERS)["providers"]
    assert tables == {
        "aws": values(AwsOptions),
        "demo": values(DemoOptions),
        "kubernetes": values(KubernetesOptions),
        "ssh": values(SshOptions),
        "static": values(StaticOptions),
    }
    assert parse(PROVIDERS, "page").providers == tables


def test_the_inventory_of_the_page_can_be_read() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert [entry.instance.name for entry in entries(block.encode(), "page")] == ["db-1", "web-1"]


def test_every_key_of_an_inventorys_entry_is_named() -> None:
    named = re.findall(r"`(\w+)`", PAGE.partition("An entry has\n")[2].partition("Another key")[0])
    assert set(named) == set(HOST_KEYS)


def test_the_keys_of_the_page_can_be_had() -> None:
    keys = parse(KEYS, "page").keys
    moved = registry().remapped(keys)
    shown = {id: ", ".join(map(shown_key, moved.commands[id].keys)) for id in keys}
    assert shown == keys


@pytest.mark.parametrize("name", re.findall(r"any of Textual's: ([a-z, -]+)", PAGE)[0].split(", "))
def test_the_themes_that_the_page_names_exist(name: str) -> None:
    from textual.theme import BUILTIN_THEMES

    assert name.strip() in BUILTIN_THEMES


def test_the_mistake_is_told_as_the_page_says() -> None:
    path = "/home/ada/.config/quarterdeck/config.toml"
    with pytest.raises(config.ConfigError) as caught:
        parse('[look]\nthem = "nord"\n', path)
    assert f"\nquarterdeck: {caught.value}\n" in PAGE
