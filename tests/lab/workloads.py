"""What a loaded lab consists of: nodes of instances in three zones, and workloads over twenty namespaces.

Owns the shape of the load. `plan` is a pure function of two numbers, so the same numbers give the same
cluster every time, but for the letters that the API server makes up at the end of names.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .access import NAMESPACE
from .build import KUBERNETES

NAMESPACES = (
    NAMESPACE, "payments", "search", "media", "identity", "ledger", "mail", "maps", "metrics", "orders",
    "pricing", "profiles", "queue", "reports", "risk", "sessions", "shipping", "stock", "support", "web",
)  # fmt: skip
APPS = (
    "api",
    "cache",
    "consumer",
    "cron",
    "edge",
    "gateway",
    "indexer",
    "notifier",
    "proxy",
    "router",
    "worker",
)
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
SIZES = (3, 5, 10, 20, 40)
GROUP = {
    "Pod": "/api/v1",
    "Deployment": "/apis/apps/v1",
    "StatefulSet": "/apis/apps/v1",
    "DaemonSet": "/apis/apps/v1",
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """`replicas` pods of one kind; for a DaemonSet, as many as there are nodes."""

    kind: str
    namespace: str
    name: str
    replicas: int


def plan(nodes: int, pods: int) -> list[Workload]:
    """Workloads that have exactly `pods` pods between them: one in twenty in StatefulSets, one in a hundred
    bare."""
    work: list[Workload] = []
    left = pods
    if nodes and pods >= 3 * nodes:
        work.append(Workload("DaemonSet", "kube-system", "node-agent", nodes))
        left -= nodes
    bare, stateful = pods // 100, pods // 20
    names = ((space, app, turn) for turn in itertools.count() for app in APPS for space in NAMESPACES)
    for kind, share, sizes in (
        ("Pod", bare, (1,)),
        ("StatefulSet", stateful, (3, 5)),
        ("Deployment", left - bare - stateful, SIZES),
    ):
        for count in _split(share, sizes):
            space, app, turn = next(names)
            work.append(Workload(kind, space, f"{app}-{turn}" if turn else app, count))
    return work


def _split(total: int, sizes: tuple[int, ...]) -> Iterator[int]:
    """`total` in pieces of these sizes, turn by turn."""
    for size in itertools.cycle(sizes):
        if total <= 0:
            return
        yield min(size, total)
        total -= size


def node(index: int) -> Json:
    """The node of one instance; 16 CPUs and 64 GiB, room for 110 pods."""
    name = f"ip-10-12-{index // 250}-{index % 250 + 1}"
    zone = ZONES[index % 3]
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node-role.kubernetes.io/worker": "",
        "node.kubernetes.io/instance-type": "m7i.4xlarge" if index % 4 else "r7i.4xlarge",
        "topology.kubernetes.io/region": zone[:-1],
        "topology.kubernetes.io/zone": zone,
    }
    room = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    info = {
        "kubeletVersion": KUBERNETES,
        "osImage": "Debian GNU/Linux 12 (bookworm)",
        "kernelVersion": "6.1.0-18-cloud-amd64",
        "containerRuntimeVersion": "containerd://2.1.4",
    }
    empty = ("architecture", "bootID", "kubeProxyVersion", "machineID", "operatingSystem", "systemUUID")
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {"providerID": f"aws:///{zone}/i-{index + 1:017x}"},
        "status": {"capacity": room, "allocatable": room, "nodeInfo": {**dict.fromkeys(empty, ""), **info}},
    }


def manifest(work: Workload) -> tuple[str, Json]:
    """Where to POST a workload, and what."""
    labels = {"app": work.name, "app.kubernetes.io/name": work.name, "team": work.namespace}
    spec = {"containers": [_main(work), _helper()], "terminationGracePeriodSeconds": 30}
    path = f"{GROUP[work.kind]}/namespaces/{work.namespace}/{work.kind.lower()}s"
    metadata = {"name": work.name, "labels": labels}
    if work.kind == "Pod":
        return path, {"metadata": metadata, "spec": spec}
    template = {"metadata": {"labels": labels}, "spec": spec}
    body: Json = {"selector": {"matchLabels": {"app": work.name}}, "template": template}
    if work.kind != "DaemonSet":
        body["replicas"] = work.replicas
    if work.kind == "StatefulSet":
        body |= {"serviceName": work.name, "podManagementPolicy": "Parallel"}
    return path, {"metadata": metadata, "spec": body}


def _main(work: Workload) -> Json:
    env = [{"name": f"SETTING_{n}", "value": f"value-of-{work.namespace}-{n}"} for n in range(8)]
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10}
    return {
        "name": "main",
        "image": f"registry.example.com/{work.namespace}/{work.name}:2026.11.3",
        "env": env,
        "ports": [{"containerPort": 8080, "name": "http"}],
        "readinessProbe": probe,
        "livenessProbe": probe,
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
    }


def _helper() -> Json:
    return {
        "name": "proxy",
        "image": "registry.example.com/mesh/proxy:1.27.0",
        "args": ["--level", "info", "--concurrency", "2"],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    }
