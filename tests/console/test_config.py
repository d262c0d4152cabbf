"""The configuration file: what it may say, and how a mistake is told."""

from pathlib import Path

import pytest

from console.config import Config, ConfigError, as_toml, load, parse


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[look]\ntheme = 3", "f.toml: line 2: look.theme: Expected `str`"),
        ('[look]\n\nthem = "x"', "f.toml: line 3: look.them: no such key; here: flash, mouse, theme"),
        ('[start]\ncontexts = ["a", 3]', "f.toml: line 2: start.contexts[1]: Expected `str`"),
        ("nope = 1", "f.toml: line 1: nope: no such key; here: clusters"),
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


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.toml")


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load(None) == Config()
