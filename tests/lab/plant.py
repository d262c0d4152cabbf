"""Deployments with pods that are written straight into etcd, as copies of one that came about in the real
way.

Owns what the controllers, the scheduler and kwok would have written for each pod: owner, template hash,
name, node, address, status. One seed of a Deployment goes the whole way through the API server; its pod is
then copied, as the server stored it, under other names. When the controllers start they find nothing left
to do. (StatefulSets and DaemonSets cannot be planted so: their pods carry the hash of a revision that only
their controllers can compute.)
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp

from .requests import Json, create, get, good, together, until
from .workloads import Workload, manifest, node

SEED = "seed-namespace"
"""The namespace of the seed: its name, like the names below, is what is replaced in the copies. Gone at the
end."""
APP, HASH, SUFFIX = "seed-app", "5eed5eed55", "5eed5"
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""The letters of generated names: none that could spell a word."""


@dataclass(frozen=True)
class Seed:
    """The stored pod as JSON text, and what in it belongs to that one pod alone."""

    text: str
    uid: str
    owner: str
    node: str
    address: str

    def copy(self, work: Workload, suffix: str, *, owner: str, where: str, address: str) -> str:
        """The same pod as a member of `work`."""
        hashed = _hash(work)
        text = self.text
        for old, new in (
            (self.uid, str(uuid.uuid4())),
            (self.owner, owner),
            (f"{APP}-{HASH}-{SUFFIX}", f"{work.name}-{hashed}-{suffix}"),
            (HASH, hashed),
            (APP, work.name),
            (SEED, work.namespace),
            (f'"nodeName": "{self.node}"', f'"nodeName": "{where}"'),
            (f'"{self.address}"', f'"{address}"'),
        ):
            text = text.replace(old, new)
        return text


async def plant(session: aiohttp.ClientSession, etcd: str, work: list[Workload], nodes: int) -> None:
    """Write these Deployments, their pods spread over the first `nodes` nodes. No controller may be
    running."""
    if not work:
        return
    names = [node(index)["metadata"]["name"] for index in range(nodes)]
    seed = await _grow(session, names[0])
    replicasets = dict(zip(work, await together(_owners(session, item) for item in work), strict=True))
    letters = random.Random(7)
    async with aiohttp.ClientSession(etcd, connector=aiohttp.TCPConnector(limit=48)) as store:
        puts: list[Coroutine[Any, Any, None]] = []
        for item, owned in replicasets.items():
            for _ in range(item.replicas):
                turn, suffix = len(puts), "".join(letters.choices(ALPHABET, k=5))
                address = f"10.245.{turn // 250}.{turn % 250 + 1}"
                owner = owned["metadata"]["uid"]
                text = seed.copy(item, suffix, owner=owner, where=names[turn % nodes], address=address)
                puts.append(_put(store, f"{item.namespace}/{item.name}-{_hash(item)}-{suffix}", text))
        await together(puts)
    await _uproot(session)


async def _grow(session: aiohttp.ClientSession, where: str) -> Seed:
    """Create the seed and wait until it runs."""
    owned = await _owners(session, Workload("Deployment", SEED, APP, 1))
    path = f"/api/v1/namespaces/{SEED}/pods"
    await create(session, path, _pod(owned, SUFFIX, where))

    async def runs() -> bool:
        return bool((await get(session, f"{path}/{APP}-{HASH}-{SUFFIX}"))["status"].get("phase") == "Running")

    await until("the seed pod to run", runs, seconds=600)
    pod = await get(session, f"{path}/{APP}-{HASH}-{SUFFIX}")
    del pod["metadata"]["resourceVersion"]
    uid, address = pod["metadata"]["uid"], pod["status"]["podIP"]
    return Seed(json.dumps(pod), uid, owned["metadata"]["uid"], where, address)


async def _uproot(session: aiohttp.ClientSession) -> None:
    """Remove the seed: its objects at once, the namespace as soon as its controller runs."""
    paths = (
        f"/apis/apps/v1/namespaces/{SEED}/deployments/{APP}",
        f"/apis/apps/v1/namespaces/{SEED}/replicasets/{APP}-{HASH}",
        f"/api/v1/namespaces/{SEED}/pods/{APP}-{HASH}-{SUFFIX}",
        f"/api/v1/namespaces/{SEED}",
    )
    for path in paths:
        async with session.delete(path, json={"gracePeriodSeconds": 0}) as answer:
            await good(answer)


async def _put(store: aiohttp.ClientSession, name: str, text: str) -> None:
    """One pod, one transaction: objects that share a revision would be unlike anything the API server
    writes."""
    body = {"key": _encoded(f"/registry/pods/{name}"), "value": _encoded(text)}
    async with store.post("/v3/kv/put", json=body) as answer:
        await good(answer)


async def _owners(session: aiohttp.ClientSession, work: Workload) -> Json:
    """Create a Deployment and its ReplicaSet; return the latter."""
    path, body = manifest(work)
    body["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    deployment = await create(session, path, body)
    return await create(
        session, path.replace("deployments", "replicasets"), _replicaset(deployment, _hash(work))
    )


def _hash(work: Workload) -> str:
    if work.name == APP:
        return HASH
    digest = hashlib.sha256(f"{work.namespace}/{work.name}".encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:10])


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _replicaset(deployment: Json, hashed: str) -> Json:
    meta, spec = deployment["metadata"], deployment["spec"]
    labels = {**spec["template"]["metadata"]["labels"], "pod-template-hash": hashed}
    selector = {"matchLabels": {**spec["selector"]["matchLabels"], "pod-template-hash": hashed}}
    template = {"metadata": {"labels": labels}, "spec": spec["template"]["spec"]}
    annotations = {
        "deployment.kubernetes.io/desired-replicas": str(spec["replicas"]),
        "deployment.kubernetes.io/max-replicas": str(spec["replicas"] + (spec["replicas"] + 3) // 4),
        "deployment.kubernetes.io/revision": "1",
    }
    return {
        "metadata": {
            "name": f"{meta['name']}-{hashed}",
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [_owner("Deployment", deployment)],
        },
        "spec": {"replicas": spec["replicas"], "selector": selector, "template": template},
    }


def _pod(replicaset: Json, suffix: str, where: str) -> Json:
    meta, template = replicaset["metadata"], replicaset["spec"]["template"]
    metadata = {
        "name": f"{meta['name']}-{suffix}",
        "generateName": f"{meta['name']}-",
        "labels": template["metadata"]["labels"],
        "ownerReferences": [_owner("ReplicaSet", replicaset)],
    }
    return {"metadata": metadata, "spec": {**template["spec"], "nodeName": where}}


def _owner(kind: str, owner: Json) -> Json:
    meta = owner["metadata"]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
