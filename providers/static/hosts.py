"""Lists of hosts: a machine an entry, with the few things that a person writes down about one."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from providers.hostlist import Listed, tags
from providers.model import Instance
from providers.static.entry import Entry
from providers.text import clean


def declared(hosts: Mapping[str, Listed]) -> list[Entry]:
    """The machines that a list declares, each by what it is known by."""
    return [Entry(_instance(uid, host), host) for uid, host in hosts.items()]


def _instance(uid: str, host: Listed) -> Instance:
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
        tags=tags(host),
        observed=False,
        user=clean(host.user),
        port=host.port,
    )


def _public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:  # a name
        return False
