"""Settings: the TOML file and the command line, made into one typed object."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs
from msgspec import UNSET, Meta, Struct, UnsetType, field


class ConfigError(Exception):
    """The configuration can't be used: names the file, the line and the key, and says what is allowed."""


class Start(Struct, frozen=True, forbid_unknown_fields=True):
    """What to open on when the command line does not say."""

    contexts: tuple[str, ...] = ()
    """Contexts by name or glob; empty for the current one."""
    namespaces: tuple[str, ...] = ()
    view: Literal["pods", "nodes", "instances", "hosts", "sources"] = "pods"
    read_only: bool = False
    follow: str = ""
    """A filter of instances: those are looked after as hosts too, over SSH."""


class Look(Struct, frozen=True, forbid_unknown_fields=True):
    """How it looks."""

    theme: str = "quarterdeck"
    flash: Literal["auto", "on", "off"] = "auto"
    """Changed cells light up for a moment; "auto" leaves it off over SSH."""
    mouse: bool = True
    clipboard: bool = True
    """The copy keys write to the terminal's clipboard (OSC 52); false: they only say so."""
    shell_clipboard: bool = False
    """Programs in shells may write to it too."""
    shell_title: bool = False
    """Programs in shells may name their tab, and on the whole terminal the terminal."""


class Ssh(Struct, frozen=True, forbid_unknown_fields=True):
    """How a machine is reached. Words with {…} in them are templates (console.targets)."""

    user: str = ""
    address: str = "auto"
    """auto, private (internal), public (external), ipv6, dns, name, id, or a template."""
    port: int = 0
    key: str = ""
    """A private key's file, on the engine's machine."""
    jump: tuple[str, ...] = ()
    """Hosts on the way, the outermost first; none: as ssh itself decides."""
    prefer: tuple[str, ...] = ()
    """Ways, the best first; of those that are open the first is taken without asking."""
    forward_agent: bool = False
    options: tuple[str, ...] = ()
    """Further arguments for the system's ssh, before the host: ["-o", "LogLevel=ERROR"]."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is different about the machines that a filter finds: what is said here, and nothing else."""

    on: str
    """A filter, as `/` takes it: "tag:role=db", "name:web-*", "cluster:prod"."""
    user: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    port: int | UnsetType = UNSET
    key: str | UnsetType = UNSET
    jump: tuple[str, ...] | UnsetType = UNSET
    prefer: tuple[str, ...] | UnsetType = UNSET
    forward_agent: bool | UnsetType = UNSET
    options: tuple[str, ...] | UnsetType = UNSET


class Wall(Struct, frozen=True, forbid_unknown_fields=True):
    """The wall screen."""

    page_seconds: Annotated[float, Meta(gt=0)] = 12.0


class Audit(Struct, frozen=True, forbid_unknown_fields=True):
    """The log of what was done."""

    path: str = ""
    """A file on the machine where the engine runs; "" for the one in the platform's folder."""


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Every table and key is optional."""

    start: Start = Start()
    look: Look = Look()
    ssh: Ssh = Ssh()
    clusters: dict[str, Ssh] = {}
    """Tables [clusters.NAME]: how `s` reaches the nodes of that cluster, instead of [ssh]."""
    reach: tuple[Rule, ...] = ()
    """Tables [[reach]]: each adds to the settings of the machines that it is on, the later ones last."""
    wall: Wall = Wall()
    audit: Audit = Audit()
    providers: dict[str, dict[str, Any]] = {}
    """Tables [providers.NAME]: options of that provider, which checks them; [providers.demo] pods = 50."""
    keys: dict[str, str] = field(default_factory=dict)
    """Command id → key or keys divided by commas, as `quarterdeck config --keys` lists them."""


def default_path() -> Path:
    """Where the configuration file is looked for when --config is not given."""
    return Path(platformdirs.user_config_dir("quarterdeck", appauthor=False)) / "config.toml"


def load(path: Path | None) -> Config:
    """The configuration in that file, or in the default one where there is one. Raises ConfigError."""
    given = path is not None
    path = path or default_path()
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        if given:
            raise ConfigError(f"{path}: no such file; leave out --config to do without one") from None
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{path}: can't be read: {reason}") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Config:
    """The configuration in that text; `name` is the file's, for messages. Raises ConfigError."""
    try:
        return msgspec.convert(tomllib.loads(text), Config)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigError(_located(text, name, str(error))) from error


def mistake(path: Path | None, keys: tuple[str, ...], words: str) -> ConfigError:
    """What is wrong with a key of that file (None for the default one), with its line."""
    path = path or default_path()
    try:
        line = _line_of(path.read_text("utf-8"), list(keys))
    except (OSError, UnicodeDecodeError):  # it was read a moment ago
        line = 1
    return ConfigError(f"{path}: line {line}: {'.'.join(keys)}: {words}")


_UNKNOWN = re.compile(r"unknown field `(?P<key>[^`]*)`")
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")


def _located(text: str, name: str, message: str) -> str:
    """msgspec's words, with the line and the key of the mistake, and the keys that exist."""
    path = match["path"].replace("[...]", "") if (match := _PATH.search(message)) else ""
    words = _PATH.sub("", message)
    unknown = _UNKNOWN.search(message)
    keys = [part for part in path.split(".") if part]
    if unknown:
        keys.append(unknown["key"])
        words = f"no such key; here: {', '.join(sorted(_allowed(keys[:-1])))}"
    place = f"line {_line_of(text, keys)}: " if keys else ""
    return f"{name}: {place}{'.'.join(keys)}: {words}"


def _allowed(table: list[str]) -> list[str]:
    tables: dict[str, type[Struct]] = {
        "start": Start,
        "look": Look,
        "ssh": Ssh,
        "clusters": Ssh,
        "reach": Rule,
        "wall": Wall,
        "audit": Audit,
    }
    kind = tables.get(table[0], Config) if table else Config
    return [item.encode_name for item in msgspec.structs.fields(kind)]


def _line_of(text: str, keys: list[str]) -> int:
    """The line where the last of those keys is set, found by looking for its table, then for it."""
    keys = [re.sub(r"\[.*", "", key) for key in keys]
    table, wanted, best = "", ".".join(keys), 1
    name = keys[-1]
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := re.match(r"\[+\s*([^\]]+?)\s*\]+", stripped):
            table = header[1].replace('"', "")
            if wanted == table:
                return number
        elif re.match(rf'"?{re.escape(name)}"?\s*[=.]', stripped):
            if f"{table}.{name}".lstrip(".") == wanted:
                return number
            best = number
    return best


def as_toml(config: Config) -> str:
    """The effective configuration as TOML that load() reads back to the same value."""
    data = msgspec.to_builtins(config)
    lines: list[str] = []
    for table, values in data.items():
        if table in ("clusters", "providers"):
            for name, settings in values.items():
                lines += [f"[{table}.{_quoted(name)}]", *_pairs(settings), ""]
        elif isinstance(values, tuple | list):
            for each in values:
                lines += [f"[[{table}]]", *_pairs(each), ""]
        else:
            lines += [f"[{table}]", *_pairs(values), ""]
    return "\n".join(lines)


def options_of(kind: type[Struct]) -> list[str]:
    """The keys of a struct as TOML lines with their defaults; one that TOML has no word for is "unset"."""
    known = msgspec.to_builtins(kind())
    return [f"{key} = {'unset' if value is None else _value(value)}" for key, value in known.items()]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)} = {_value(each)}" for key, each in value.items()) + "}"
    return msgspec.json.encode(value).decode()


def _pairs(values: dict[str, object]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items()]


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else msgspec.json.encode(key).decode()
