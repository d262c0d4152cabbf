"""Debug pods that nobody deleted: they have ended, and the next session of whoever made them deletes them."""

from __future__ import annotations

import hashlib

import msgspec
from msgspec import Struct

from providers.contract import Problem
from providers.kubernetes.client import Client
from providers.kubernetes.containers import Pod
from providers.kubernetes.lookup import path

LABELS = {"app.kubernetes.io/managed-by": "quarterdeck-debug"}
"""By which such pods are found."""
_MAKER = "quarterdeck/made-by"
_OVER = "status.phase!=Pending,status.phase!=Running,status.phase!=Unknown"
_MOST = 20
"""Pods in one go."""


class _Pods(Struct, frozen=True):
    items: tuple[Pod, ...] = ()


def labels(who: str) -> dict[str, str]:
    """Of a pod that `who` makes, by the name that the cluster has for them; "" unknown."""
    return LABELS | ({_MAKER: hashlib.sha256(who.encode()).hexdigest()[:16]} if who else {})


async def sweep(client: Client, namespace: str, who: str) -> None:
    """Delete theirs that have ended. Nothing where nobody can say who they are; what fails is left."""
    if not who:
        return
    selector = ",".join(f"{name}={value}" for name, value in labels(who).items())
    params = {"labelSelector": selector, "fieldSelector": _OVER, "limit": str(_MOST)}
    try:
        answer = await client.get(path("pod", namespace, "").rstrip("/"), params)
        found = msgspec.json.decode(answer, type=_Pods)
        for each in found.items:
            only = {"uid": each.metadata.uid}
            body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": only}
            where = path("pod", namespace, each.metadata.name)
            await client.send("DELETE", where, msgspec.json.encode(body))
    except (Problem, msgspec.DecodeError):
        pass  # they do no harm: the session need not wait for them, nor fail
