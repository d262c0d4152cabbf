"""Lists of hosts: a machine an entry, with the few things that a person writes down about one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from providers.contract import Problem
from providers.model import Instance
from providers.static.entry import Entry
from providers.text import clean


class Host(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
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


KEYS = Host.__struct_fields__


def listed(entries: Iterable[tuple[str, Any]], where: str) -> list[Entry]:
    """The hosts of the list; each comes with its place ("entry 3"). Raises Problem naming place and key."""
    found: dict[str, tuple[str, Entry]] = {}
    for place, value in entries:
        try:
            host = msgspec.convert(value, Host)
        except msgspec.ValidationError as error:
            raise Problem(clean(f"{where}, {place}: {error}"), f"known keys: {', '.join(KEYS)}") from error
        uid = clean(host.id or host.provider_id or host.name or host.address)
        if not uid:
            raise Problem(f"{where}, {place}: nothing says which host it is", "give it a `name`")
        if uid in found:
            remedy = "remove one, or give it an `id` of its own"
            raise Problem(f"{where}, {place}: {uid!r} is there already, as {found[uid][0]}", remedy)
        found[uid] = place, Entry(_instance(uid, host), host)
    return [entry for _, entry in found.values()]


def _instance(uid: str, host: Host) -> Instance:
    address = clean(host.address)
    public = _public(address)
    return Instance(
        uid=uid,
        name=clean(host.name or host.address) or uid,
        type=clean(host.type),
        zone=clean(host.zone),
        group=clean(host.group),
        private_ip="" if public else address,
        public_ip=address if public else "",
        provider_id=clean(host.provider_id),
        tags=_tags(host),
        observed=False,
        user=clean(host.user),
        port=host.port,
    )


def _public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:  # a name
        return False


def _tags(host: Host) -> tuple[tuple[str, str], ...]:
    labels = host.labels
    if isinstance(labels, list):
        pairs = [(key, value) for key, _, value in (each.partition("=") for each in labels)]
    else:
        pairs = [(key, _text(value)) for key, value in labels.items()]
    return tuple(sorted((clean(key), clean(value)) for key, value in pairs))


def _text(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
