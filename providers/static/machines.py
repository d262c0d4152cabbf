"""Which resource types of Terraform are machines, and where each keeps what a machine is known by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Raw

from providers.model import Instance
from providers.text import clean

Attributes = dict[str, Any]
"""Of a resource: only those that its Machine reads."""

_PLACE = re.compile(r"\{([^}]+)\}")
_LIFECYCLES = {"spot": "spot", "regular": "on-demand", "standard": "on-demand"}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """How a resource type says what an Instance says.

    Each is a text with {places}, and "" where one of them is empty. A place is an attribute or, after dots,
    something in it. Of several texts, divided by "|", the first that says something counts.
    """

    provider_id: str
    """As a node on it carries it."""
    uid: str = "{id}"
    name: str = "{name}"
    type: str = ""
    zone: str = ""
    lifecycle: str = ""
    private_ip: str = ""
    public_ip: str = ""
    image: str = ""
    platform: str = ""
    tags: str = "{tags}"
    """Pairs, or a list of words."""

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[Any]:
        """Skips all attributes that no text names."""
        texts = [value for value in vars(self).values() if isinstance(value, str)]
        names = {place.partition(".")[0] for text in texts for place in _PLACE.findall(text)}
        fields = [(name, Any, None) for name in sorted(names)]
        return msgspec.json.Decoder(msgspec.defstruct("Attributes", fields) | None)

    @cached_property
    def tagging(self) -> list[str]:
        """The attributes that have its tags, the best first."""
        return _PLACE.findall(self.tags)

    def attributes(self, raw: Raw) -> Attributes:
        """What is read, out of all of a resource. Raises msgspec.MsgspecError."""
        read = self._decoder.decode(raw)
        return {} if read is None else msgspec.structs.asdict(read)

    def instance(self, attributes: Attributes, otherwise: str) -> Instance:
        """The machine, cleaned; `otherwise` is its name where it has none."""

        def said(text: str) -> str:
            return clean(next(filter(None, (_filled(each, attributes) for each in text.split("|"))), ""))

        tags = next(filter(None, (attributes.get(name) for name in self.tagging)), None)
        return Instance(
            uid=said(self.uid),
            name=said(self.name) or clean(otherwise),
            type=said(self.type),
            zone=said(self.zone),
            lifecycle=_LIFECYCLES.get(said(self.lifecycle).lower(), ""),
            private_ip=said(self.private_ip),
            public_ip=said(self.public_ip),
            image=said(self.image),
            platform=said(self.platform),
            provider_id=said(self.provider_id),
            tags=tuple(sorted(_pairs(tags))),
            observed=False,
        )


def inside(value: Any, step: str | int) -> Any:
    """What a map has by that key or a list by that number; None where there is no such thing."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and str(step).isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def _filled(text: str, attributes: Attributes) -> str:
    words: dict[str, str] = {}
    for place in _PLACE.findall(text):
        value: Any = attributes
        for step in place.split("."):
            value = inside(value, step)
        words[place] = _word(value)
    if not all(words.values()):
        return ""
    return _PLACE.sub(lambda match: words[match[1]], text)


def _word(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _pairs(tags: Any) -> Iterator[tuple[str, str]]:
    if isinstance(tags, dict):
        yield from ((clean(key), clean(_word(value))) for key, value in tags.items())
    elif isinstance(tags, list):
        yield from ((clean(_word(value)), "") for value in tags)


_AWS = {
    "name": "{tags_all.Name}|{tags.Name}",
    "type": "{instance_type}",
    "zone": "{availability_zone}",
    "private_ip": "{private_ip}",
    "public_ip": "{public_ip}",
    "image": "{ami}",
    # The former has the provider's default_tags too, which are on the machine as the others are.
    "tags": "{tags_all}|{tags}",
}
_AZURE = {
    "provider_id": "azure://{id}",
    "type": "{size}|{vm_size}",
    "zone": "{location}-{zone}|{location}-{zones.0}",
    "lifecycle": "{priority}",
    "private_ip": "{private_ip_address}",
    "public_ip": "{public_ip_address}",
    "image": "{source_image_id}",
}

MACHINES: dict[str, Machine] = {
    "aws_instance": Machine(
        **_AWS,
        provider_id="aws:///{availability_zone}/{id}",
        lifecycle="{instance_lifecycle}",
    ),
    "aws_spot_instance_request": Machine(
        **{**_AWS, "tags": ""},  # they are on the request, not on its instance
        uid="{spot_instance_id}",
        provider_id="aws:///{availability_zone}/{spot_instance_id}",
        lifecycle="spot",
    ),
    "azurerm_linux_virtual_machine": Machine(**_AZURE, platform="linux"),
    "azurerm_windows_virtual_machine": Machine(**_AZURE, platform="windows"),
    "azurerm_virtual_machine": Machine(**_AZURE),
    "digitalocean_droplet": Machine(
        provider_id="digitalocean://{id}",
        type="{size}",
        zone="{region}",
        private_ip="{ipv4_address_private}",
        public_ip="{ipv4_address}",
        image="{image}",
    ),
    "google_compute_instance": Machine(
        provider_id="gce://{project}/{zone}/{name}",
        uid="{instance_id}|{id}",
        type="{machine_type}",
        zone="{zone}",
        lifecycle="{scheduling.0.provisioning_model}",
        private_ip="{network_interface.0.network_ip}",
        public_ip="{network_interface.0.access_config.0.nat_ip}",
        image="{boot_disk.0.initialize_params.0.image}",
        tags="{effective_labels}|{labels}",
    ),
    "hcloud_server": Machine(
        provider_id="hcloud://{id}",
        type="{server_type}",
        zone="{datacenter}|{location}",
        private_ip="{network.0.ip}",
        public_ip="{ipv4_address}",
        image="{image}",
        tags="{labels}",
    ),
    "linode_instance": Machine(
        provider_id="linode://{id}",
        name="{label}",
        type="{type}",
        zone="{region}",
        private_ip="{private_ip_address}",
        public_ip="{ip_address}",
        image="{image}",
    ),
    "openstack_compute_instance_v2": Machine(
        provider_id="openstack:///{id}",
        type="{flavor_name}",
        zone="{availability_zone}",
        private_ip="{access_ip_v4}|{network.0.fixed_ip_v4}",
        image="{image_name}|{image_id}",
        tags="{all_tags}|{tags}",
    ),
    "vsphere_virtual_machine": Machine(
        provider_id="vsphere://{uuid}|vsphere://{id}",
        private_ip="{default_ip_address}",
        tags="",
    ),
}
"""Resource type → how it is read. Another type is another entry."""
