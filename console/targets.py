"""Where a shell on an object would go: address, user, jump hosts and preferences, from the configuration.

The values of [ssh], of [clusters.NAME] and of the [[reach]] rules may be templates, filled from what is known
of the object: "{tag:Name}.corp.example.com", "{label:team}". What comes of them can be hostile, as a tag can
say anything; the words are checked here and, before they are used, once more by the engine.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from console.config import Config, Rule, Ssh
from console.item import Item
from console.query import Query, QueryError, compile_query
from providers.hostname import is_destination, is_host, is_user
from providers.model import Target

KINDS = ("node", "instance", "host", "pod")
"""What a shell can be opened on."""

_ADDRESSES = {"internal": "private", "external": "public"}
_HOLE = re.compile(r"\{([^{}]*)\}")
_AUTO = ("private", "public", "ipv6", "dns")


class RulesError(ValueError):
    """The configuration can't be used: `keys` is where, the words say why."""

    def __init__(self, keys: tuple[str, ...], words: str) -> None:
        super().__init__(words)
        self.keys = keys


class _UnfitError(ValueError):
    """What a key of the configuration comes to is missing or can't be used, and what to do about it."""

    def __init__(self, words: str, key: str, template: str = "") -> None:
        super().__init__(words)
        holes = " and ".join(dict.fromkeys(_HOLE.findall(template)))
        filled = f", or {holes} of the object, of which it is made" if holes else ""
        self.remedy = f"correct `{key}` in [ssh], [clusters.NAME] or [[reach]] of the configuration{filled}"


@dataclass(frozen=True)
class _Machine:
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


FACTS: dict[str, Callable[[_Machine], str]] = {
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


def _source(machine: _Machine, field: str) -> str:
    return next(filter(None, (getattr(each.source.info, field) for each in machine.about)), "")


def target_of(item: Item, rules: Rules) -> Target:
    """Where a shell on that object goes. What is not possible is told by `why_not`; nothing is raised."""
    named = f"{item.namespace}/{item.name}" if item.namespace else item.name
    label = f"{item.kind} {named}"
    target = Target(ref=item.ref, label=label, name=item.name)
    settings = rules.settings(item)
    target = msgspec.structs.replace(target, prefer=settings.prefer)
    if item.kind == "pod":
        return target
    if item.source.info.simulated:
        return msgspec.structs.replace(target, why_not="it is simulated")
    machine = _Machine(item)
    cloud = machine.cloud
    target = msgspec.structs.replace(target, machine=cloud.ref if cloud else None)
    try:
        return _reached(target, machine, settings)
    except _UnfitError as error:
        return msgspec.structs.replace(target, why_not=f"{item.name}: {error}", remedy=error.remedy)


def _reached(target: Target, machine: _Machine, settings: Ssh) -> Target:
    """Raises _UnfitError with what is missing or not allowed."""
    host = _address(machine, settings.address)
    _check("address", settings.address, host, is_host, "a host name that ssh may be given")
    user = _filled("user", settings.user, machine) or machine.first("user")
    if user:
        _check("user", settings.user, user, is_user, "a user name that ssh may be given")
    jump = tuple(_filled("jump", each, machine) for each in settings.jump)
    for template, hop in zip(settings.jump, jump, strict=True):
        _check("jump", template, hop, is_destination, "[user@]host")
    cloud = machine.cloud
    return msgspec.structs.replace(
        target,
        host=host,
        alias=cloud.obj.uid if cloud and _is_lent(host, cloud) else "",
        user=user,
        port=settings.port or machine.first("port") or 0,
        key=_filled("key", settings.key, machine),
        jump=jump,
        options=settings.options,
        forward_agent=settings.forward_agent,
    )


def _address(machine: _Machine, wanted: str) -> str:
    if "{" in wanted:
        return _filled("address", wanted, machine)
    name = _ADDRESSES.get(wanted, wanted)
    names = _AUTO if name == "auto" else (name,)
    if found := next(filter(None, (FACTS[each](machine) for each in names)), ""):
        return found
    if name == "auto":
        return machine.first("address") or machine.item.name
    known = [f"{each} {value}" for each in (*_AUTO, "name") if (value := FACTS[each](machine))]
    raise _UnfitError(
        f"it has no {wanted} address; [ssh] address may be one of: {', '.join(known)}", "address"
    )


def _filled(key: str, template: str, machine: _Machine) -> str:
    def fact(hole: re.Match[str]) -> str:
        if value := _fact(hole[1], machine):
            return value
        raise _UnfitError(f"nothing is known for {hole[0]}", key, template)

    return _HOLE.sub(fact, template)


def _fact(name: str, machine: _Machine) -> str:
    """ "" where nothing is known."""
    sort, colon, key = name.partition(":")
    return _pair(key, machine) if colon else FACTS[sort](machine)


def _pair(key: str, machine: _Machine) -> str:
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


def _check(key: str, template: str, text: str, allowed: Callable[[str], bool], what: str) -> None:
    if not allowed(text):
        raise _UnfitError(f"{text!r} is not {what}", key, template)


def _is_lent(host: str, cloud: Item) -> bool:
    """Whether a cloud gives it to another machine later: an address, or the name that it makes of one."""
    return _is_ip(host) or host == cloud.obj.dns


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


# ---- the configuration -------------------------------------------------------------------------------


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
        machine = _Machine(item)
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
            for name in _HOLE.findall(text):
                _check_hole((*table, key), name)


def _check_hole(keys: tuple[str, ...], name: str) -> None:
    sort, colon, rest = name.partition(":")
    if not (sort in ("tag", "label") and rest if colon else sort in FACTS):
        raise RulesError(keys, f"{{{name}}} is not known; there are: {', '.join(FACTS)}, tag:KEY, label:KEY")


_WORDS = {"auto", *_ADDRESSES, *FACTS}
