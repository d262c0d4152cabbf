"""Terraform states, the file itself or as `terraform show -json` prints it: the machines that they declare.

Outputs, data sources and what is marked as sensitive are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct

from providers.contract import Problem
from providers.static.entry import Entry
from providers.static.machines import MACHINES, Attributes, Machine, inside
from providers.text import clean

_MANAGED = "managed"
_STATE_KEYS = {"terraform_version", "lineage", "resources", "modules"}
_TAINTED = "tainted: the next apply replaces it"
_DEPOSED = "deposed: it was replaced, and the next apply destroys it"

Path = tuple[str | int, ...]
"""Where in a resource's attributes something is."""


class _Index(Struct, frozen=True):
    value: str | int


class _Step(Struct, frozen=True):
    """Of a path in a state file: a name, or an index with its type."""

    value: str | _Index


class _Object(Struct, frozen=True):
    """One object of a resource, as a state file has it."""

    attributes: Raw = Raw(b"null")
    index_key: str | int | None = None
    status: str = ""
    deposed: str = ""
    sensitive_attributes: list[list[_Step]] | None = None


class _Resource(Struct, frozen=True):
    type: str
    name: str
    mode: str = _MANAGED
    module: str = ""
    instances: list[_Object] = []


class _Shown(Struct, frozen=True):
    """One object of a resource, as `terraform show -json` has it."""

    address: str
    type: str
    name: str
    mode: str = _MANAGED
    index: str | int | None = None
    values: Raw = Raw(b"null")
    sensitive_values: Raw = Raw(b"null")
    tainted: bool = False
    deposed_key: str = ""


class _Module(Struct, frozen=True):
    resources: list[_Shown] = []
    child_modules: list[_Module] = []


class _Values(Struct, frozen=True):
    root_module: _Module = _Module()


class _Declared(Struct, frozen=True, kw_only=True):
    """An object of a type that is a machine, whichever form it came in."""

    address: str
    name: str
    machine: Machine
    attributes: Raw
    sensitive: tuple[Path, ...]
    tainted: bool
    deposed: str


def is_state(top: dict[str, Raw]) -> bool:
    """Whether a JSON object with those keys means to be a Terraform state or a plan."""
    return bool({"format_version", "encrypted_data"} & set(top)) or (
        "version" in top and bool(_STATE_KEYS & set(top))
    )


def declared(top: dict[str, Raw], where: str) -> list[Entry]:
    """The machines of the state. Raises Problem for another version, and for what can't be read."""
    try:
        objects = list(_shown(top, where) if "format_version" in top else _stored(top, where))
    except msgspec.MsgspecError as error:
        raise Problem(clean(f"{where}: not as Terraform writes a state: {error}"), _AGAIN) from error
    found: dict[str, Entry] = {}
    for each in objects:
        entry = _entry(each, where)
        uid = entry.instance.uid
        if not uid or uid in found:  # one machine at two addresses: both are rows
            uid = clean(each.address + each.deposed)
            entry = Entry(msgspec.structs.replace(entry.instance, uid=uid), entry.said)
        found[uid] = entry
    return list(found.values())


_AGAIN = "have it written again: `terraform state pull`, or `terraform show -json`"


def _entry(each: _Declared, where: str) -> Entry:
    try:
        attributes = each.machine.attributes(each.attributes)
    except msgspec.MsgspecError as error:
        raise Problem(clean(f"{where}: {each.address}: {error}"), _AGAIN) from error
    for path in each.sensitive:
        _hide(attributes, path)
    instance = msgspec.structs.replace(
        each.machine.instance(attributes, each.name),
        resource=clean(each.address),
        reason=_DEPOSED if each.deposed else _TAINTED if each.tainted else "",
    )
    said = {"resource": each.address, "file": where, "state": instance.reason or "as it was last applied"}
    return Entry(instance, {**said, "attributes": {key: value for key, value in attributes.items() if value}})


# ---- the two forms -----------------------------------------------------------------------------------


def _shown(top: dict[str, Raw], where: str) -> Iterator[_Declared]:
    version = msgspec.json.decode(top["format_version"])
    if "planned_values" in top:
        raise Problem(
            f"{where} is a Terraform plan, not a state", "give it `terraform show -json` without a plan"
        )
    if not str(version).startswith("1."):
        raise Problem(
            clean(f"{where}: `terraform show -json` of format_version {version!r}; understood: 1.x"),
            "print it with Terraform 1.1 or later, or OpenTofu",
        )
    pending = [msgspec.json.decode(top["values"], type=_Values).root_module] if "values" in top else []
    while pending:
        module = pending.pop()
        pending += module.child_modules
        for each in module.resources:
            if machine := _machine(each.mode, each.type):
                yield _Declared(
                    address=each.address,
                    name=each.name + _index(each.index),
                    machine=machine,
                    attributes=each.values,
                    sensitive=tuple(_masked(msgspec.json.decode(each.sensitive_values))),
                    tainted=each.tainted,
                    deposed=each.deposed_key,
                )


def _stored(top: dict[str, Raw], where: str) -> Iterator[_Declared]:
    if "encrypted_data" in top:
        raise Problem(
            f"{where} is an encrypted OpenTofu state, which only tofu can read",
            'name what it prints instead: --inventory "!tofu show -json"',
        )
    version = msgspec.json.decode(top["version"])
    if version != 4:
        raise Problem(
            clean(f"{where}: a Terraform state of version {version!r}; understood: 4"),
            "version 4 is written since Terraform 0.12; or give it what `terraform show -json` prints",
        )
    for resource in msgspec.json.decode(top.get("resources", b"[]"), type=list[_Resource]):
        if machine := _machine(resource.mode, resource.type):
            for each in resource.instances:
                name = resource.name + _index(each.index_key)
                yield _Declared(
                    address=".".join(filter(None, (resource.module, resource.type, name))),
                    name=name,
                    machine=machine,
                    attributes=each.attributes,
                    sensitive=tuple(map(_path, each.sensitive_attributes or ())),
                    tainted=each.status == "tainted",
                    deposed=each.deposed,
                )


def _machine(mode: str, type: str) -> Machine | None:
    return MACHINES.get(type) if mode == _MANAGED else None


def _index(key: str | int | None) -> str:
    """An index as Terraform writes it in addresses."""
    if not isinstance(key, str):
        return "" if key is None else f"[{key}]"
    quoted = msgspec.json.encode(key).decode().replace("${", "$${").replace("%{", "%%{")
    return f"[{quoted}]"


# ---- what is marked as sensitive ---------------------------------------------------------------------


def _path(steps: list[_Step]) -> Path:
    return tuple(step.value.value if isinstance(step.value, _Index) else step.value for step in steps)


def _masked(mask: Any, at: Path = ()) -> Iterator[Path]:
    """The places where the mask of `terraform show -json` says true."""
    if mask is True:
        yield at
    elif isinstance(mask, dict | list):
        for key, value in mask.items() if isinstance(mask, dict) else enumerate(mask):
            yield from _masked(value, (*at, key))


def _hide(attributes: Attributes, path: Path) -> None:
    place: Any = attributes
    for step in path[:-1]:
        place = inside(place, step)
    if not path:
        attributes.clear()
    elif isinstance(place, dict):
        place.pop(path[-1], None)
    elif isinstance(place, list) and isinstance(path[-1], int) and path[-1] < len(place):
        place[path[-1]] = None
