"""How each object is reached, by the configuration: [ssh], [clusters.NAME] and the [[reach]] rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from console.config import Config, Rule, Ssh
from console.item import Item
from console.query import Query, QueryError, compile_query
from console.targets.machine import ADDRESSES, FACTS, HOLE, KINDS, Machine


class RulesError(ValueError):
    """The configuration can't be used: `keys` is where, the words say why."""

    def __init__(self, keys: tuple[str, ...], words: str) -> None:
        super().__init__(words)
        self.keys = keys


class Rules:
    """The settings for each object: [ssh], or its cluster's, and every [[reach]] rule that matches on top."""

    def __init__(self, config: Config, now: Callable[[], float]) -> None:
        """Raises RulesError for a rule or a template that can't be."""
        self._config = config
        _check_templates(("ssh",), config.ssh)
        for name, settings in config.clusters.items():
            _check_templates(("clusters", name), settings)
        for rule in config.reach:
            _check_templates(("reach",), rule)
        self._rules = [(_compiled(rule, now), _said(rule)) for rule in config.reach]

    def settings(self, item: Item) -> Ssh:
        """How that object is reached."""
        machine = Machine(item)
        cluster = item.source.info.cluster
        settings = self._config.clusters.get(cluster, self._config.ssh)
        for queries, said in self._rules:
            if any((query := queries.get(each.kind)) and query.matches(each) for each in machine.about):
                settings = msgspec.structs.replace(settings, **said)
        return settings


def _said(rule: Rule) -> dict[str, Any]:
    found = {name: getattr(rule, name) for name in Ssh.__struct_fields__}
    return {name: value for name, value in found.items() if value is not msgspec.UNSET}


def _compiled(rule: Rule, now: Callable[[], float]) -> dict[str, Query]:
    """The rule's filter for each kind that knows its fields. Raises RulesError when none does."""
    found: dict[str, Query] = {}
    trouble: Exception | None = None
    for kind in KINDS:
        try:
            found[kind] = compile_query(rule.on, kind, now)
        except KeyError:
            continue
        except QueryError as error:
            trouble = error
    if not found:
        raise RulesError(("reach", "on"), f"{rule.on!r}: {trouble}")
    return found


def _check_templates(table: tuple[str, ...], settings: Ssh | Rule) -> None:
    address = settings.address
    if isinstance(address, str) and "{" not in address and address not in _WORDS:
        there = ", ".join(("auto", *FACTS))
        raise RulesError(
            (*table, "address"), f"there is no address {address!r}; there are: {there}, or a template"
        )
    for key in ("address", "user", "key", "jump"):
        value = getattr(settings, key)
        for text in (value,) if isinstance(value, str) else value or ():
            for name in HOLE.findall(text):
                _check_hole((*table, key), name)


def _check_hole(keys: tuple[str, ...], name: str) -> None:
    sort, colon, rest = name.partition(":")
    if not (sort in ("tag", "label") and rest if colon else sort in FACTS):
        raise RulesError(keys, f"{{{name}}} is not known; there are: {', '.join(FACTS)}, tag:KEY, label:KEY")


_WORDS = {"auto", *ADDRESSES, *FACTS}
