"""The two forms of a Terraform state, its file and `terraform show -json`, read to the same objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct

from providers.contract import Problem
from providers.static.machines import MACHINES, Machine
from providers.text import clean

_MANAGED = "managed"

Path = tuple[str | int, ...]
"""Where in a resource's attributes something is."""


class Declared(Struct, frozen=True, kw_only=True):
    """An object of a type that is a machine, whichever form it came in."""

    address: str
    name: str
    machine: Machine
    attributes: Raw
    sensitive: tuple[Path, ...]
    tainted: bool
    deposed: str


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


def objects(top: dict[str, Raw], where: str) -> Iterator[Declared]:
    """Those that are machines. Raises Problem for another version, else msgspec.MsgspecError."""
    return _shown(top, where) if "format_version" in top else _stored(top, where)


def _shown(top: dict[str, Raw], where: str) -> Iterator[Declared]:
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
                yield Declared(
                    address=each.address,
                    name=each.name + _index(each.index),
                    machine=machine,
                    attributes=each.values,
                    sensitive=tuple(_masked(msgspec.json.decode(each.sensitive_values))),
                    tainted=each.tainted,
                    deposed=each.deposed_key,
                )


def _stored(top: dict[str, Raw], where: str) -> Iterator[Declared]:
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
                yield Declared(
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


def _path(steps: list[_Step]) -> Path:
    return tuple(step.value.value if isinstance(step.value, _Index) else step.value for step in steps)


def _masked(mask: Any, at: Path = ()) -> Iterator[Path]:
    """The places where the mask of `terraform show -json` says true."""
    if mask is True:
        yield at
    elif isinstance(mask, dict | list):
        for key, value in mask.items() if isinstance(mask, dict) else enumerate(mask):
            yield from _masked(value, (*at, key))
