"""Pods and nodes as an API server writes them."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def pod(name: str, namespace: str = "default", *, uid: str = "", restarts: int = 0, **labels: str) -> Json:
    """A running pod of one container."""
    status = {
        "name": "main",
        "ready": True,
        "started": True,
        "restartCount": restarts,
        "state": {"running": {"startedAt": "2026-11-01T00:00:05Z"}},
        "lastState": {},
    }
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": uid,
            "creationTimestamp": "2026-11-01T00:00:00Z",
            "labels": labels,
        },
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "web:1"}]},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.7",
            "podIPs": [{"ip": "10.0.0.7"}],
            "conditions": [{"type": kind, "status": "True"} for kind in ("Initialized", "Ready")],
            "containerStatuses": [status],
        },
    }


def node(name: str, *, uid: str = "", ready: str = "True") -> Json:
    """A worker of four cores."""
    return {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "uid": uid,
            "creationTimestamp": "2026-11-01T00:00:00Z",
            "labels": {"node-role.kubernetes.io/worker": "", "topology.kubernetes.io/zone": "eu-1a"},
        },
        "spec": {"providerID": f"aws:///eu-1a/i-{name}"},
        "status": {
            "conditions": [{"type": "Ready", "status": ready, "reason": "KubeletReady"}],
            "addresses": [{"type": "InternalIP", "address": "10.0.3.17"}],
            "allocatable": {"cpu": "3920m", "memory": "15Gi", "pods": "110"},
            "nodeInfo": {"kubeletVersion": "v1.36.3"},
        },
    }


def large_pod(number: int) -> Json:
    """A pod of two containers with all that a real one carries along: 5 kB."""
    owner = f"app-{number // 10}-{number // 10:010x}"
    found = pod(f"{owner}-{number:05x}", f"team-{number % 40}", uid=f"{number:036x}", app=owner)
    found["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": owner, "controller": True}
    ]
    fields = {f"f:field{n}": {".": {}, "f:name": {}, "f:value": {}} for n in range(22)}
    found["metadata"]["managedFields"] = [
        {"manager": manager, "operation": "Update", "apiVersion": "v1", "fieldsV1": fields}
        for manager in ("kube-controller-manager", "kubelet")
    ]
    env = [{"name": f"VARIABLE_{n}", "value": "x" * 20} for n in range(6)]
    found["spec"]["containers"] = [
        {"name": name, "image": "registry.example.com/team/app:1", "env": env} for name in ("main", "side")
    ]
    found["status"]["containerStatuses"] = [
        found["status"]["containerStatuses"][0] | {"name": name, "imageID": "sha256:" + "a" * 64}
        for name in ("main", "side")
    ]
    return found


def line(kind: str, obj: Json) -> bytes:
    """One line of a watch."""
    return json.dumps({"type": kind, "object": obj}, separators=(",", ":")).encode() + b"\n"
