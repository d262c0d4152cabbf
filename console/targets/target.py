"""Where a shell on an object goes: address, user and jump hosts, by its settings and what is known of it.

What templates come to can be hostile, as a tag can say anything: the words are checked here and, before they
are used, once more by the engine.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

import msgspec

from console.config import Ssh
from console.item import Item
from console.targets.machine import ADDRESSES, FACTS, HOLE, Machine, fact
from console.targets.rules import Rules
from providers.hostname import is_destination, is_host, is_user
from providers.model import Target

_AUTO = ("private", "public", "ipv6", "dns")


class _UnfitError(ValueError):
    """What a key of the configuration comes to is missing or can't be used, and what to do about it."""

    def __init__(self, words: str, key: str, template: str = "") -> None:
        super().__init__(words)
        holes = " and ".join(dict.fromkeys(HOLE.findall(template)))
        filled = f", or {holes} of the object, of which it is made" if holes else ""
        self.remedy = f"correct `{key}` in [ssh], [clusters.NAME] or [[reach]] of the configuration{filled}"


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
    machine = Machine(item)
    cloud = machine.cloud
    target = msgspec.structs.replace(target, machine=cloud.ref if cloud else None)
    try:
        return _reached(target, machine, settings)
    except _UnfitError as error:
        return msgspec.structs.replace(target, why_not=f"{item.name}: {error}", remedy=error.remedy)


def _reached(target: Target, machine: Machine, settings: Ssh) -> Target:
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


def _address(machine: Machine, wanted: str) -> str:
    if "{" in wanted:
        return _filled("address", wanted, machine)
    name = ADDRESSES.get(wanted, wanted)
    names = _AUTO if name == "auto" else (name,)
    if found := next(filter(None, (FACTS[each](machine) for each in names)), ""):
        return found
    if name == "auto":
        return machine.first("address") or machine.item.name
    known = [f"{each} {value}" for each in (*_AUTO, "name") if (value := FACTS[each](machine))]
    raise _UnfitError(
        f"it has no {wanted} address; [ssh] address may be one of: {', '.join(known)}", "address"
    )


def _filled(key: str, template: str, machine: Machine) -> str:
    def value_of(hole: re.Match[str]) -> str:
        if value := fact(hole[1], machine):
            return value
        raise _UnfitError(f"nothing is known for {hole[0]}", key, template)

    return HOLE.sub(value_of, template)


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
