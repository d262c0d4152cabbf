"""What things are called in the simulated fleet: places, machines, workloads, ids."""

from __future__ import annotations

from random import Random
from typing import Literal

from msgspec import Struct

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job"]

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""The letters Kubernetes makes random suffixes of: no vowels, so no words."""
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
SUFFIXES = len(_ALPHABET) ** 5


class Place(Struct, frozen=True):
    """Where a cluster runs and what it is called."""

    cluster: str
    account: str
    account_id: str
    region: str
    octet: int
    """Its network is 10.<octet>.0.0/16."""
    weight: int
    """Its share of the fleet, against the other clusters' weights."""
    managed: bool = True
    """Without control plane nodes of its own."""


_PLACES = (
    Place("prod-eu", "prod", "471108151623", "eu-west-1", 0, 5),
    Place("prod-us", "prod", "471108151623", "us-east-1", 9, 3),
    Place("staging", "dev", "300226535897", "eu-west-1", 20, 2, managed=False),
    Place("lab", "dev", "300226535897", "eu-central-1", 31, 1, managed=False),
    Place("prod-ap", "prod", "471108151623", "ap-southeast-1", 40, 3),
    Place("prod-sa", "prod", "471108151623", "sa-east-1", 47, 2),
    Place("data-eu", "data", "271828182845", "eu-west-1", 52, 3),
    Place("edge-us", "edge", "161803398874", "us-west-2", 60, 1),
)


def places(count: int) -> list[Place]:
    """The first `count` places; beyond the known ones they repeat with a number."""
    found = []
    for index in range(count):
        lap, at = divmod(index, len(_PLACES))
        place = _PLACES[at]
        name = f"{place.cluster}-{lap + 1}" if lap else place.cluster
        octet = (place.octet + lap) % 256
        found.append(
            Place(name, place.account, place.account_id, place.region, octet, place.weight, place.managed)
        )
    return found


class Pool(Struct, frozen=True):
    """A node group: machines of one type."""

    name: str
    type: str
    cpu: float
    memory: int
    lifecycle: Literal["spot", "on-demand"]
    weight: int
    """How many pods it gets against the other pools."""


_GIB = 1 << 30
POOLS = (
    Pool("compute", "c6i.2xlarge", 7.91, int(14.1 * _GIB), "spot", 3),
    Pool("general", "m6i.xlarge", 3.92, int(14.3 * _GIB), "on-demand", 2),
    Pool("general", "m6i.xlarge", 3.92, int(14.3 * _GIB), "on-demand", 2),
    Pool("compute", "c6i.2xlarge", 7.91, int(14.1 * _GIB), "spot", 3),
    Pool("memory", "r6i.2xlarge", 7.91, int(60.2 * _GIB), "on-demand", 3),
)

DAEMONS = (
    ("kube-system", "aws-node", 2),
    ("kube-system", "kube-proxy", 1),
    ("monitoring", "node-exporter", 1),
)

App = tuple[str, WorkloadKind, int]
"""Name, kind, containers in a pod."""

APPS: tuple[tuple[str, tuple[App, ...]], ...] = (
    (
        "checkout",
        (("api", "Deployment", 2), ("cart", "Deployment", 1), ("worker", "Deployment", 1),
         ("redis", "StatefulSet", 2)),
    ),
    (
        "billing",
        (("ledger", "Deployment", 1), ("invoices", "Deployment", 1), ("postgres", "StatefulSet", 2),
         ("reconcile-29473980", "Job", 1)),
    ),
    (
        "search",
        (("query", "Deployment", 2), ("indexer", "Deployment", 1), ("opensearch", "StatefulSet", 1),
         ("reindex", "Job", 1)),
    ),
    (
        "identity",
        (("login", "Deployment", 1), ("tokens", "Deployment", 1), ("keycloak", "StatefulSet", 1)),
    ),
    (
        "shop",
        (("web", "Deployment", 2), ("catalogue", "Deployment", 1), ("images", "Deployment", 1),
         ("recommend", "Deployment", 1)),
    ),
    (
        "shipping",
        (("labels", "Deployment", 1), ("routes", "Deployment", 1), ("tracker", "Deployment", 1)),
    ),
    (
        "kube-system",
        (("coredns", "Deployment", 1), ("metrics-server", "Deployment", 1),
         ("cluster-autoscaler", "Deployment", 1), ("ebs-csi-controller", "Deployment", 3)),
    ),
    (
        "monitoring",
        (("prometheus", "StatefulSet", 2), ("grafana", "Deployment", 1), ("alertmanager", "StatefulSet", 2),
         ("loki", "StatefulSet", 1)),
    ),
    ("ingress", (("nginx", "Deployment", 1), ("external-dns", "Deployment", 1))),
    (
        "events",
        (("kafka", "StatefulSet", 1), ("consumer", "Deployment", 1), ("schema-registry", "Deployment", 1)),
    ),
    (
        "reports",
        (("nightly-29473920", "Job", 1), ("render", "Deployment", 1), ("export-29473955", "Job", 1)),
    ),
    ("mail", (("sender", "Deployment", 1), ("bounces", "Deployment", 1))),
)  # fmt: skip
"""Namespaces and what runs in each. `billing/ledger` is the Deployment whose rollout is paused."""

PAUSED = ("billing", "ledger")
TOO_BIG = ("search", "reindex")
"""A job whose pods fit on no node."""
CRASHING = (("mail", "bounces"), ("events", "consumer"))
"""Deployments of which some pods crash, again and again, from the start."""
MISNAMED = ("shipping", "labels")
"""A Deployment with a pod whose image can't be pulled."""
LOOSE = ("netshoot-ada", "psql-debug")
"""Pods in `default` that nothing owns."""

ONCE = frozenset(("kube-system", "monitoring", "ingress"))
"""Namespaces that a cluster has only one of."""

IDLE_MACHINES = ("bastion", "nat", "ci-runner", "mail-relay", "vpn", "build-cache", "db-replica", "scratch")
"""Instances that are no nodes."""


def family(namespace: str) -> str:
    """A namespace without its number: large fleets have several of most."""
    return namespace.rstrip("0123456789").rstrip("-")


def suffix(number: int) -> str:
    """Five letters for a number below SUFFIXES; different numbers have different letters."""
    head, rest = divmod(number, 19683)
    middle, last = divmod(rest, 27)
    return f"{_PAIRS[head]}{_PAIRS[middle]}{_ALPHABET[last]}"


def template_hash(rng: Random) -> str:
    """A pod-template hash: ten letters, as in api-7f9c9d5b7b."""
    return "".join(rng.choices("bcdf456789", k=10))


def uid(rng: Random) -> str:
    """A random UUID, version 4."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def instance_id(rng: Random) -> str:
    """An EC2 instance id: i-0 and sixteen hexadecimal digits."""
    return f"i-0{rng.getrandbits(64):016x}"


def host_name(address: str, region: str) -> str:
    """The private DNS name of an address, as EC2 makes it."""
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{address.replace('.', '-')}.{domain}"
