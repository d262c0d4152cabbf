"""What is known of an object and of the machine under it, for the templates of the configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from console.item import Item

KINDS = ("node", "instance", "host", "pod")
"""What a shell can be opened on."""
ADDRESSES = {"internal": "private", "external": "public"}
"""Other words for addresses: those that nodes have."""
HOLE = re.compile(r"\{([^{}]*)\}")
"""What is filled in a template."""


@dataclass(frozen=True)
class Machine:
    """What is known of an object and of the machine under it, for templates."""

    item: Item

    @property
    def about(self) -> tuple[Item, ...]:
        """The object, then the machine under it, then the others of the same machine."""
        under = self.item.instance if self.item.kind == "node" and not self.item.guessed else None
        first = (self.item, under) if under else (self.item,)
        return (*first, *(twin for item in first for twin in item.twins))

    @property
    def cloud(self) -> Item | None:
        """The machine as its cloud shows it."""
        return next((each for each in self.about if each.kind == "instance" and each.obj.observed), None)

    def first(self, *fields: str) -> Any:
        """The first of those fields that says something, in the order of `about`."""
        found = (getattr(each.obj, field, None) for each in self.about for field in fields)
        return next(filter(None, found), "")


FACTS: dict[str, Callable[[Machine], str]] = {
    "name": lambda machine: machine.item.name,
    "id": lambda machine: machine.cloud.obj.uid if machine.cloud else "",
    "private": lambda machine: machine.first("internal_ip", "private_ip"),
    "public": lambda machine: machine.first("external_ip", "public_ip"),
    "ipv6": lambda machine: machine.first("ipv6"),
    "dns": lambda machine: machine.first("dns"),
    "zone": lambda machine: machine.first("zone"),
    "type": lambda machine: machine.first("instance_type", "type"),
    "cluster": lambda machine: machine.item.source.info.cluster or machine.first("cluster"),
    "region": lambda machine: _source(machine, "region"),
    "account": lambda machine: _source(machine, "account"),
}
"""What a template may ask for, beside tag:KEY and label:KEY."""


def _source(machine: Machine, field: str) -> str:
    return next(filter(None, (getattr(each.source.info, field) for each in machine.about)), "")


def fact(name: str, machine: Machine) -> str:
    """ "" where nothing is known."""
    sort, colon, key = name.partition(":")
    return _pair(key, machine) if colon else FACTS[sort](machine)


def _pair(key: str, machine: Machine) -> str:
    """The value of a tag or a label of that key, "" without one."""
    for each in machine.about:
        for name, value in _pairs(each.obj):
            if name == key:
                return value
    return ""


def _pairs(obj: Any) -> Iterable[tuple[str, str]]:
    yield from getattr(obj, "tags", ())
    for pair in filter(None, getattr(obj, "labels", "").split(",")):
        key, _, value = pair.partition("=")
        yield key, value
