"""Lists of hosts as people write them: JSON, JSON lines or YAML, an entry a host and what is known of it."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
import yaml
from msgspec import Meta, Struct

from providers.contract import Problem
from providers.text import clean

UNDERSTOOD = "a list of hosts"

Placed = tuple[str, Any]
"""An entry that was not looked at yet, with its place: "entry 3"."""


class Listed(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An entry of a list. It is known by its id, or else by the first that it has of the next three."""

    id: str = ""
    provider_id: str = ""
    name: str = ""
    address: str = ""
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    user: str = ""
    type: str = ""
    zone: str = ""
    group: str = ""
    labels: dict[str, str | int | float | bool] | list[str] = {}
    """Pairs, or texts like "role=db"."""


KEYS = Listed.__struct_fields__


def listed(text: bytes, where: str, understood: str = UNDERSTOOD) -> dict[str, Listed]:
    """The hosts of the list, each by what it is known by. `where` is its file, or the command that prints it.

    Raises Problem naming the place and the key; where it is no list of hosts, what would be `understood`.
    """
    text = text.removeprefix(codecs.BOM_UTF8).strip()
    if not text:
        raise Problem(f"{where} is empty", f"understood: {understood}")
    try:
        return _hosts(_entries(text, where, understood), where)
    except RecursionError as error:
        raise Problem(f"{where}: it is nested too deeply", f"understood: {understood}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem(clean(f"{where}: {error}"), "it may be cut off: have it written again") from error


def tags(host: Listed) -> tuple[tuple[str, str], ...]:
    """Its labels as pairs, cleaned and sorted."""
    labels = host.labels
    if isinstance(labels, list):
        pairs = [(key, value) for key, _, value in (each.partition("=") for each in labels)]
    else:
        pairs = [(key, _text(value)) for key, value in labels.items()]
    return tuple(sorted((clean(key), clean(value)) for key, value in pairs))


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _hosts(entries: Iterable[Placed], where: str) -> dict[str, Listed]:
    found: dict[str, tuple[str, Listed]] = {}
    for place, value in entries:
        try:
            host = msgspec.convert(value, Listed)
        except msgspec.ValidationError as error:
            raise Problem(clean(f"{where}, {place}: {error}"), f"known keys: {', '.join(KEYS)}") from error
        uid = clean(host.id or host.provider_id or host.name or host.address)
        if not uid:
            raise Problem(f"{where}, {place}: nothing says which host it is", "give it a `name`")
        if uid in found:
            remedy = "remove one, or give it an `id` of its own"
            raise Problem(f"{where}, {place}: {uid!r} is there already, as {found[uid][0]}", remedy)
        found[uid] = place, host
    return {uid: host for uid, (_, host) in found.items()}


# ---- the forms ---------------------------------------------------------------------------------------


def _entries(text: bytes, where: str, understood: str) -> Iterable[Placed]:
    if text[:1] not in b"[{":
        return _numbered(_yaml(text, where, understood), where, understood)
    try:
        top = msgspec.json.decode(text, type=dict[str, Any] | list[Any])
    except msgspec.DecodeError:
        if lines := _lines(text, where):
            return lines
        raise
    if isinstance(top, dict) and set(top) <= set(KEYS):
        return [("line 1", top)]
    if isinstance(top, dict) and set(top) != {"hosts"}:
        raise _strange(f"an object with the keys {', '.join(list(top)[:6])}", where, understood)
    return _numbered(top, where, understood)


def _lines(text: bytes, where: str) -> list[Placed]:
    """The entries of JSON lines, none where the first line is no object. Raises Problem naming the line."""
    found: list[Placed] = []
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


def _yaml(text: bytes, where: str, understood: str) -> Any:
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        said = clean(f"{where}: neither JSON nor YAML: {' '.join(str(error).split())}")
        raise Problem(said, f"understood: {understood}") from error


def _numbered(value: Any, where: str, understood: str) -> Iterable[Placed]:
    """A list, or what is under the one key `hosts`."""
    if isinstance(value, dict) and set(value) == {"hosts"}:
        value = value["hosts"]
    if not isinstance(value, list):
        what = "a mapping" if isinstance(value, dict) else "text" if isinstance(value, str) else "a value"
        raise _strange(f"{what} where a list of hosts was expected", where, understood)
    return ((f"entry {number}", each) for number, each in enumerate(value, 1))


def _strange(found: str, where: str, understood: str) -> Problem:
    return Problem(clean(f"{where} is no inventory: {found}", 600), f"understood: {understood}")
