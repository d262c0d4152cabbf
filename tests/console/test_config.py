"""The configuration file: what it may say, and how a mistake is told."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from console.cli import _SIMULATION, main
from console.config import Config, ConfigError, as_toml, load, parse
from providers.demo.fleet import Options


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[look]\ntheme = 3", "f.toml: line 2: look.theme: Expected `str`"),
        ('[look]\n\nthem = "x"', "f.toml: line 3: look.them: no such key; here: clipboard, flash, "),
        ("[wall]\npage_seconds = 0", "f.toml: line 2: wall.page_seconds: Expected `float` > 0"),
        ("[wall]\npage_seconds = -3.5", "f.toml: line 2: wall.page_seconds: Expected `float` > 0"),
        ("[wall]\npage_seconds = nan", "f.toml: line 2: wall.page_seconds: Expected `float` > 0"),
        ("[audit]\npth = 1", "f.toml: line 2: audit.pth: no such key; here: path"),
        ('[start]\ncontexts = ["a", 3]', "f.toml: line 2: start.contexts[1]: Expected `str`"),
        ("nope = 1", "f.toml: line 1: nope: no such key; here: audit, clusters"),
        ('[clusters.a]\nuser = "u"\n[clusters.b]\nuse = "b"', "f.toml: line 4: clusters.use: no such key"),
        ("x =", "f.toml: not valid TOML: "),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.toml")
    assert told in str(caught.value)


def test_the_effective_configuration_reads_back_to_the_same() -> None:
    text = '[start]\ncontexts = ["prod-*"]\n[keys]\ncordon = "ctrl+k"\n[clusters."a b"]\nuser = "root"\n'
    config = parse(text, "f.toml")
    assert parse(as_toml(config), "again") == config
    assert config.clusters["a b"].user == "root"


def test_tables_within_options_are_printed_as_toml() -> None:
    config = Config(providers={"aws": {"queues": {"prod": "events", "prod/eu-west-1": "more"}, "roles": []}})
    assert parse(as_toml(config), "again") == config


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.toml")


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load(None) == Config()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('cordn = "x"', "keys.cordn: no such command; there are: aliases, "),
        ('help = "j"', "keys.help: j is wanted by 'down' and by 'help'"),
        ('cordon = "hyper-x"', "keys.cordon: 'hyper-x' is no key: such as c, shift-g"),
    ],
)
def test_a_wrong_key_is_a_mistake_of_the_file_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(f'[keys]\nuncordon = "shift-u"\n{line}\n')
    result = CliRunner().invoke(main, ["config", "--config", str(path)])
    assert result.exit_code == 2
    assert f"quarterdeck: {path}: line 3: {told}" in result.output
    assert len(result.output.splitlines()) == 1


def test_keys_of_the_console_and_of_actions_are_listed_as_remapped(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[keys]\ncordon = "shift-c, f5"\nhelp = "?, f1"\nsave = ""\n')
    result = CliRunner().invoke(main, ["config", "--keys", "--config", str(path)])
    assert result.exit_code == 0
    listed = dict(line.split(maxsplit=1) for line in result.output.splitlines())
    assert listed["cordon"].startswith("shift-c, f5 ")
    assert listed["help"].startswith("?, f1 ")
    assert listed["save"] == "Save the rows of this pane as CSV"


def test_the_simulations_limits_are_the_same_on_the_command_line_and_in_its_provider() -> None:
    for name, kind, _ in _SIMULATION:
        info = msgspec.inspect.type_info(Options)
        given = next(field for field in info.fields if field.name == name).type  # type: ignore[attr-defined]
        assert (getattr(kind, "min", None), getattr(kind, "max", None)) == (given.ge, given.le), name


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["snapshot", "--nodes", "3"], "--nodes is about the simulated fleet: add --demo"),
        (["-n", "x", "wall"], "write --namespace after `wall`"),
        (["--log-file", "x", "demo"], "write --log-file after `demo`"),
        (
            ["--via", "bastion", "--log-file", "x"],
            "--log-file is about an engine here, not with --via",
        ),
        (["demo", "--provider", "kubernetes"], "--demo is the simulated fleet and no other"),
        (["demo", "--profile", "prod"], "--profile is about a real fleet: leave out --demo"),
        (
            ["--provider", "kubernetes", "--region", "eu-west-1"],
            "--region is about provider aws: add --provider aws",
        ),
        (
            ["snapshot", "--provider", "nope"],
            "--provider nope: not installed; there are: aws, demo, kubernetes, ssh, static",
        ),
    ],
)
def test_what_can_not_be_meant_is_one_line_and_exit_status_2(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert told in result.output
    assert len(result.output.splitlines()) == 1


def test_the_audit_is_read_where_the_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    log = tmp_path / "elsewhere.jsonl"
    (tmp_path / "quarterdeck").mkdir()
    (tmp_path / "quarterdeck" / "config.toml").write_text(f'[audit]\npath = "{log}"\n')
    assert f"nothing has been done yet: {log}" in CliRunner().invoke(main, ["audit"]).output
    log.write_text("nonsense\n")
    result = CliRunner().invoke(main, ["audit", "--verify"])
    assert result.exit_code == 1
    assert f"{log}:1: not an entry" in result.output
