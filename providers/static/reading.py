"""What an inventory's text is: a list of hosts as JSON, JSON lines or YAML, or a Terraform state."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import Any

import msgspec
import yaml
from msgspec import Raw

from providers.contract import Problem
from providers.static import hosts, terraform
from providers.static.entry import Entry
from providers.text import clean

UNDERSTOOD = "a list of hosts, a Terraform state of version 4, or what `terraform show -json` prints"


def entries(text: bytes, where: str) -> list[Entry]:
    """The machines that the text declares; `where` is its file or command. Raises Problem."""
    text = text.removeprefix(codecs.BOM_UTF8).strip()
    if not text:
        raise Problem(f"{where} is empty", f"understood: {UNDERSTOOD}")
    try:
        return _json(text, where) if text[:1] in b"[{" else _yaml(text, where)
    except RecursionError as error:
        raise Problem(f"{where}: it is nested too deeply", f"understood: {UNDERSTOOD}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem(clean(f"{where}: {error}"), "it may be cut off: have it written again") from error


def _json(text: bytes, where: str) -> list[Entry]:
    try:
        top = msgspec.json.decode(text, type=dict[str, Raw] | list[Any])
    except msgspec.DecodeError:
        if lines := _lines(text, where):
            return hosts.listed(lines, where)
        raise
    return hosts.listed(_numbered(top), where) if isinstance(top, list) else _object(top, where)


def _object(top: dict[str, Raw], where: str) -> list[Entry]:
    if terraform.is_state(top):
        return terraform.declared(top, where)
    if set(top) == {"hosts"}:
        return _hosts(msgspec.json.decode(top["hosts"]), where)
    if set(top) <= set(hosts.KEYS):
        return hosts.listed([("line 1", {key: msgspec.json.decode(raw) for key, raw in top.items()})], where)
    raise _strange(f"an object with the keys {', '.join(list(top)[:6])}", where)


def _lines(text: bytes, where: str) -> list[tuple[str, Any]]:
    """The entries of JSON lines, none where the first line is no object. Raises Problem naming the line."""
    found: list[tuple[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append((f"line {number}", msgspec.json.decode(line)))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            if not found:
                return []
            raise Problem(clean(f"{where}, line {number}: {error}"), "correct the line") from error
    return found


def _yaml(text: bytes, where: str) -> list[Entry]:
    try:
        value = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())
        raise Problem(
            clean(f"{where}: neither JSON nor YAML: {said}"), f"understood: {UNDERSTOOD}"
        ) from error
    if isinstance(value, dict) and set(value) == {"hosts"}:
        value = value["hosts"]
    return _hosts(value, where)


def _hosts(value: Any, where: str) -> list[Entry]:
    if not isinstance(value, list):
        what = "a mapping" if isinstance(value, dict) else "text" if isinstance(value, str) else "a value"
        raise _strange(f"{what} where a list of hosts was expected", where)
    return hosts.listed(_numbered(value), where)


def _numbered(values: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    return ((f"entry {number}", value) for number, value in enumerate(values, 1))


def _strange(found: str, where: str) -> Problem:
    return Problem(clean(f"{where} is no inventory: {found}", 600), f"understood: {UNDERSTOOD}")
