"""Objects of the simulated fleet as their servers would show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from providers.demo import names
from providers.demo.pods import app_of
from providers.demo.world import Cluster
from providers.model import Instance, Node, Pod

Document = Mapping[str, Any]


def as_yaml(document: Document) -> str:
    import yaml  # 15 ms that only a look at a manifest costs

    return yaml.safe_dump(_bare(document), sort_keys=False, width=110)


def manifest_of(cluster: Cluster, obj: Node | Pod) -> Document:
    """The object as `kubectl get -o yaml` would have it."""
    return _node(obj) if isinstance(obj, Node) else _pod(cluster, obj)


def instance_manifest(cluster: Cluster, instance: Instance) -> Document:
    """The instance as `aws ec2 describe-instances` would have it."""
    code, _, message = instance.reason.partition(": ")
    return {
        "InstanceId": instance.uid,
        "InstanceType": instance.type,
        "ImageId": instance.image,
        "InstanceLifecycle": instance.lifecycle if instance.lifecycle == "spot" else None,
        "LaunchTime": _when(instance.launched),
        "Placement": {"AvailabilityZone": instance.zone, "Tenancy": "default"},
        "PrivateDnsName": names.host_name(instance.private_ip, cluster.place.region),
        "PrivateIpAddress": instance.private_ip,
        "PublicIpAddress": instance.public_ip or None,
        "State": {"Name": instance.state},
        "StateReason": {"Code": code, "Message": message} if code else None,
        "Tags": [{"Key": key, "Value": value} for key, value in instance.tags],
    }


def _node(node: Node) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "uid": node.uid,
            "creationTimestamp": _when(node.created),
            "labels": _labels(node.labels),
        },
        "spec": {
            "providerID": node.provider_id,
            "unschedulable": node.unschedulable or None,
            "taints": [_taint(taint) for taint in node.taints],
        },
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": node.internal_ip},
                {"type": "Hostname", "address": node.name},
            ],
            "allocatable": {
                "cpu": f"{round((node.cpu or 0) * 1000)}m",
                "memory": f"{(node.memory or 0) >> 10}Ki",
                "pods": str(node.pod_limit),
            },
            "conditions": [
                {
                    "type": condition.type,
                    "status": condition.status,
                    "reason": condition.reason,
                    "message": condition.message,
                    "lastTransitionTime": _when(condition.since),
                }
                for condition in node.conditions
            ],
            "nodeInfo": {
                "containerRuntimeVersion": node.runtime,
                "kernelVersion": node.kernel,
                "kubeletVersion": node.version,
                "osImage": node.os_image,
                "architecture": "amd64",
                "operatingSystem": "linux",
            },
        },
    }


def _pod(cluster: Cluster, pod: Pod) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod.name,
            "namespace": pod.namespace,
            "uid": pod.uid,
            "creationTimestamp": _when(pod.created),
            "deletionTimestamp": _when(cluster.now()) if pod.deleting else None,
            "labels": _labels(pod.labels),
            "ownerReferences": [_owner(pod)] if pod.owner else None,
        },
        "spec": {
            "nodeName": pod.node or None,
            "serviceAccountName": "default",
            "restartPolicy": "Never" if pod.owner and pod.owner.kind == "Job" else "Always",
            "containers": [
                {
                    "name": name,
                    "image": f"registry.example.com/{pod.namespace}/{name}:v2.13.4",
                    "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}},
                }
                for name in _containers(pod)
            ],
            "volumes": [
                {"name": claim.partition("-")[0], "persistentVolumeClaim": {"claimName": claim}}
                for claim in pod.claims
            ],
        },
        "status": {
            "phase": pod.phase,
            "message": pod.message or None,
            "podIP": pod.ip or None,
            "startTime": _when(pod.created),
            "containerStatuses": [_container(pod, at, name) for at, name in enumerate(_containers(pod))],
        },
    }


def _containers(pod: Pod) -> list[str]:
    extras = ("istio-proxy", "config-reloader")
    return [app_of(pod), *extras[: pod.containers - 1]]


def _container(pod: Pod, at: int, name: str) -> Document:
    ready = at >= pod.containers - pod.ready
    well = ready or pod.status in ("Running", "Terminating")
    reason = "PodInitializing" if pod.status == "Pending" else pod.status
    state = {"running": {"startedAt": _when(pod.last_restart or pod.created)}}
    waiting = {"waiting": {"reason": reason, "message": pod.message}}
    return {
        "name": name,
        "ready": ready,
        "restartCount": 0 if at else pod.restarts,
        "state": state if well else waiting,
    }


def _owner(pod: Pod) -> Document:
    owner = pod.owner
    if owner is None:
        return {}
    group = "batch/v1" if owner.kind == "Job" else "apps/v1"
    return {
        "apiVersion": group,
        "kind": owner.kind,
        "name": owner.name,
        "uid": owner.uid,
        "controller": True,
    }


def _labels(labels: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in labels.split(",") if pair)


def _taint(taint: str) -> Document:
    key, _, effect = taint.rpartition(":")
    return {"key": key, "effect": effect}


def _when(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bare(value: Any) -> Any:
    """The value without what is not set, as servers leave it out."""
    if isinstance(value, Mapping):
        return {key: _bare(inner) for key, inner in value.items() if inner is not None and inner != []}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value
