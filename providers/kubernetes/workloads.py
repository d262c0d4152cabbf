"""Restarting what owns a pod: found by owner references, each uid compared, and rolled as kubectl does."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from providers.contract import Refused, Subject
from providers.kubernetes.access import Right
from providers.kubernetes.client import Client
from providers.kubernetes.lookup import Bare, Metadata, OwnerReference, label, path, read, write
from providers.model import Ref

_ROLLED = ("Deployment", "StatefulSet", "DaemonSet")
_MIRROR = "kubernetes.io/config.mirror"


class _Strategy(Struct, frozen=True):
    type: str = ""


class _Spec(Struct, frozen=True, rename="camel"):
    paused: bool = False
    replicas: int | None = None
    update_strategy: _Strategy | None = None


class _Status(Struct, frozen=True, rename="camel"):
    replicas: int = 0
    current_number_scheduled: int = 0


class _Workload(Struct, frozen=True):
    metadata: Metadata
    spec: _Spec = _Spec()
    status: _Status = _Status()


async def find(client: Client, ref: Ref, place: tuple[str, str]) -> Subject:
    """What owns the pod. Raises Refused when the pod is gone or its owner is none that can be restarted."""
    pod = (await read(client, "pod", place, ref.uid, Bare)).metadata
    owner = pod.controller
    if _MIRROR in (pod.annotations or {}) or (owner and owner.kind == "Node"):
        raise Refused(f"{label('pod', *place)} is static: the kubelet of its node runs it from a file")
    if owner is None:
        return _bare(ref, pod)
    if owner.kind == "ReplicaSet":
        owner = await _above(client, pod.namespace, owner)
    if owner.kind not in _ROLLED:
        raise Refused(
            f"{label('pod', *place)} belongs to the {owner.kind} {owner.name}, which has no restart"
        )
    return await _workload(client, ref, pod.namespace, owner)


def _bare(ref: Ref, pod: Metadata) -> Subject:
    if pod.deletion_timestamp:
        raise Refused(f"{label('pod', pod.namespace, pod.name)} is being deleted already")
    return Subject(
        ref=ref, kind="Pod", name=pod.name, namespace=pod.namespace, uid=pod.uid, pods=1, bare=True
    )


async def _above(client: Client, namespace: str, owner: OwnerReference) -> OwnerReference:
    place = (namespace, owner.name)
    above = (await read(client, "replicaset", place, owner.uid, Bare)).metadata.controller
    if above is None:
        said = label("replicaset", *place)
        raise Refused(f"{said} stands alone: only a Deployment above it could roll its pods")
    return above


async def _workload(client: Client, ref: Ref, namespace: str, owner: OwnerReference) -> Subject:
    kind, place = owner.kind.lower(), (namespace, owner.name)
    found = await read(client, kind, place, owner.uid, _Workload)
    said = label(kind, *place)
    if found.spec.paused:
        raise Refused(f"the rollout of {said} is paused", "resume it first: `kubectl rollout resume`")
    if found.spec.update_strategy and found.spec.update_strategy.type == "OnDelete":
        raise Refused(f"{said} replaces a pod only when it is deleted (its update strategy is OnDelete)")
    if found.metadata.deletion_timestamp:
        raise Refused(f"{said} is being deleted")
    status = found.status
    pods = status.current_number_scheduled if owner.kind == "DaemonSet" else status.replicas
    return Subject(ref=ref, kind=owner.kind, name=owner.name, namespace=namespace, uid=owner.uid, pods=pods)


def right(workload: Subject) -> Right:
    """What restarting it takes."""
    if workload.bare:
        return Right("delete", "pods", "", workload.namespace, workload.name)
    return Right("patch", f"{workload.kind.lower()}s", "apps", workload.namespace, workload.name)


async def restart(client: Client, workload: Subject, *, dry_run: bool) -> None:
    """Roll it as `kubectl rollout restart` does, or delete it where it is bare."""
    kind = workload.kind.lower()
    where = path(kind, workload.namespace, workload.name)
    said = label(kind, workload.namespace, workload.name)
    if workload.bare:
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": workload.uid},
            **({"dryRun": ["All"]} if dry_run else {}),
        }
        return await write(client, "DELETE", where, body, dry_run=dry_run, said=said)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    annotations = {"kubectl.kubernetes.io/restartedAt": now}
    patch = {
        "metadata": {"uid": workload.uid},  # another uid is a conflict (409)
        "spec": {"template": {"metadata": {"annotations": annotations}}},
    }
    kind_of_patch = "application/strategic-merge-patch+json"
    return await write(client, "PATCH", where, patch, content_type=kind_of_patch, dry_run=dry_run, said=said)
