"""Which machine a provider id names: one key for every way in which clouds write the same machine.

A node carries the id that its kubelet or its cloud's controller wrote (`spec.providerID`), an instance the
one that a node on it would carry. Both become a key, and equal keys are one machine. Who writes which form
is in the table of the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_BARE_EC2 = re.compile(r"i-[0-9a-f]{8,17}")
_BARE_ECS = re.compile(r"[a-z]{2}-[a-z0-9-]+\.i-[a-z0-9]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def machine_key(provider_id: str) -> str | None:
    """The key of the machine that is named: `aws:///eu-west-1b/i-0abc` → `aws:i-0abc`.

    None where no machine is named: nothing at all, or only the node's name again (kind, k3s, kwok). What is
    written in no known way is its own key: two sides that say the same still meet. Never raises.
    """
    # Nearly every id in a large fleet: 0.3 µs.
    if provider_id.startswith("aws://"):
        last = provider_id.rpartition("/")[2]
        if last.startswith("i-"):
            return f"aws:{last}"
    provider_id = provider_id.strip()
    scheme, separator, rest = provider_id.partition("://")
    if not separator:
        return _bare(provider_id)
    scheme, rest = scheme.lower(), rest.strip("/")
    if not rest or scheme in _ONLY_NAMES:
        return None
    return _RULES.get(scheme, _whole)(scheme, rest)


def _bare(text: str) -> str | None:
    """An id without a scheme, as OCI and Alibaba write it, and people in inventories."""
    if text.startswith("ocid1."):
        return f"oci:{text}"
    if _BARE_EC2.fullmatch(text):
        return f"aws:{text}"
    if _BARE_ECS.fullmatch(text):
        return f"alicloud:{text}"
    if text.lower().startswith("/subscriptions/"):
        return _folded("azure", text.strip("/"))
    if not text.strip("/") or text.partition(":")[0] in _ONLY_NAMES:
        return None
    return text


def _whole(scheme: str, rest: str) -> str:
    return f"{scheme}:{rest}"


def _folded(scheme: str, rest: str) -> str:
    """Azure's resource ids mean the same in any case, and its services differ in which they write."""
    return f"{scheme}:{rest.lower()}"


def _last(scheme: str, rest: str) -> str:
    """The id alone is unique: what stands before it (a region, a zone, an account) is said by some only."""
    return f"{scheme}:{rest.rpartition('/')[2]}"


def _last_folded(scheme: str, rest: str) -> str:
    return _last(scheme, rest.lower())


def _aws(scheme: str, rest: str) -> str:
    """An instance by its id; what runs on Fargate by its task, which no list of instances has."""
    last = rest.rpartition("/")[2]
    if last.startswith("i-"):
        return f"aws:{last}"
    return f"fargate:{rest.partition('/')[2]}" if last.startswith("fargate-") else f"aws:{rest}"


def _hybrid(scheme: str, rest: str) -> str:
    """Managed instances (mi-…) have ids of their own; other hybrid nodes a name within their cluster."""
    last = rest.rpartition("/")[2]
    if last.startswith("i-"):
        return f"aws:{last}"
    return f"hybrid:{last}" if last.startswith("mi-") else f"hybrid:{rest}"


def _vsphere(scheme: str, rest: str) -> str:
    """The firmware's id, its first three groups in either byte order: the lesser stands for both."""
    uuid = rest.strip().lower()
    if not _UUID.fullmatch(uuid):
        return f"vsphere:{uuid}"
    first, second, third, tail = uuid.split("-", 3)
    swapped = "-".join([*(bytes.fromhex(group)[::-1].hex() for group in (first, second, third)), tail])
    return f"vsphere:{min(uuid, swapped)}"


def _hetzner(scheme: str, rest: str) -> str:
    """Servers of Robot were hcloud://bm-… before they had a scheme of their own."""
    return f"hrobot:{rest[3:]}" if rest.startswith("bm-") else f"hcloud:{rest}"


def _alibaba(scheme: str, rest: str) -> str:
    """`region.id`; Cluster API writes a slash instead of the point."""
    return f"alicloud:{rest.replace('/', '.', 1)}"


def _powervs(scheme: str, rest: str) -> str:
    """Region, zone, workspace and id; before that, cluster and name."""
    return _last(scheme, rest) if rest.count("/") == 3 else _whole(scheme, rest)


def _equinix(scheme: str, rest: str) -> str:
    """The same devices under the old name and the new one."""
    return f"equinix:{rest}"


_ONLY_NAMES = frozenset({"kind", "k3s", "rke2", "kwok", "k0s-cloud-provider", "minikube", "docker"})
"""Whoever writes these repeats the node's name."""

_RULES: dict[str, Callable[[str, str], str]] = {
    "aws": _aws,
    "eks-hybrid": _hybrid,
    "azure": _folded,
    "openstack": _last_folded,
    "vsphere": _vsphere,
    "hcloud": _hetzner,
    "oci": _last,
    "alicloud": _alibaba,
    "ibm": _last,
    "ibmpowervs": _powervs,
    "scaleway": _last,
    "equinixmetal": _equinix,
    "packet": _equinix,
}
