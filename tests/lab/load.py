"""Fills a lab: nodes, and pods owned by workloads as in a real cluster, as fast as the API server takes them.

Owns what a loaded lab looks like. `plan` is a pure function of two numbers, so the same command gives the
same cluster every time (but for the letters that the API server makes up at the end of names).
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from . import odd
from .access import NAMESPACE, Access
from .build import KUBERNETES
from .simulator import STILL

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
Say = Callable[[str], None]


@dataclass(frozen=True)
class Workload:
    """`replicas` pods of one kind; for a DaemonSet, as many as there are nodes."""

    kind: str
    namespace: str
    name: str
    replicas: int


def plan(nodes: int, pods: int) -> list[Workload]:
    """Workloads that have exactly `pods` pods between them: one in six in StatefulSets, one in a hundred
    bare."""
    work: list[Workload] = []
    left = pods
    if nodes and pods >= 3 * nodes:
        work.append(Workload("DaemonSet", "kube-system", "node-agent", nodes))
        left -= nodes
    bare, stateful = pods // 100, pods // 6
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


async def fill(
    access: Access, nodes: int, pods: int, *, oddities: bool = True, say: Say = lambda _: None
) -> None:
    """Create everything and wait until all planned pods run. TimeoutError when they do not in ten minutes."""
    begun = time.monotonic()
    async with access.session() as session:
        await create_nodes(session, nodes)
        say(f"{nodes} nodes after {time.monotonic() - begun:.1f} s")
        await _create_namespaces(session)
        await _together(create(session, *manifest(item)) for item in plan(nodes, pods))
        await settle(session, pods, say=say)
        if oddities:
            await create_odd(session)
    say(f"{nodes} nodes and {pods} pods after {time.monotonic() - begun:.1f} s")


def fill_now(
    access: Access, nodes: int, pods: int, *, oddities: bool = True, say: Say = lambda _: None
) -> None:
    """`fill` for callers without an event loop."""
    with asyncio.Runner() as runner:
        runner.run(fill(access, nodes, pods, oddities=oddities, say=say))


async def create_nodes(session: aiohttp.ClientSession, count: int) -> None:
    """Create nodes that belong to instances in three zones, and wait until each is Ready."""
    await _together(create(session, "/api/v1/nodes", node(index)) for index in range(count))

    async def ready() -> bool:
        items = (await _get(session, "/api/v1/nodes"))["items"]
        states = [
            c["status"]
            for item in items
            for c in item["status"].get("conditions", ())
            if c["type"] == "Ready"
        ]
        # Until the taint that every new node has is gone, nothing is scheduled and daemons are placed twice.
        return states.count("True") >= count and not any(item["spec"].get("taints") for item in items)

    await _until("nodes ready", ready, seconds=120)


async def settle(session: aiohttp.ClientSession, pods: int, *, say: Say = lambda _: None) -> None:
    """Wait until `pods` pods that are not odd exist and none of them is pending."""
    told = time.monotonic()

    async def there() -> bool:
        nonlocal told
        count = await pod_count(session)
        if time.monotonic() - told > 5:
            told = time.monotonic()
            say(f"{count} of {pods} pods")
        return count >= pods

    async def running() -> bool:
        query = {"fieldSelector": "status.phase=Pending", "labelSelector": f"!{STILL}", "limit": "1"}
        return not (await _get(session, "/api/v1/pods", query))["items"]

    await _until(f"{pods} pods created", there, seconds=600)
    await _until(f"{pods} pods running", running, seconds=600)


async def create_odd(session: aiohttp.ClientSession) -> None:
    """Create the odd pods and nodes (see `odd`), and one Job that has really completed."""
    await _namespace(session, odd.ODD)
    for body, conditions in odd.nodes():
        await create(session, "/api/v1/nodes", body)
        await patch_status(session, f"/api/v1/nodes/{body['metadata']['name']}", {"conditions": conditions})
    first = (await _get(session, "/api/v1/nodes", {"limit": "1", "labelSelector": f"!{STILL}"}))["items"]
    where = first[0]["metadata"]["name"] if first else "odd-cordoned"
    await _together(_odd_pod(session, item, where) for item in odd.pods())
    container = {"name": "main", "image": "report:1"}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    job = {
        "metadata": {"name": "nightly"},
        "spec": {"completions": 2, "parallelism": 2, "template": template},
    }
    await create(session, f"/apis/batch/v1/namespaces/{odd.ODD}/jobs", job)


async def _odd_pod(session: aiohttp.ClientSession, pod: odd.OddPod, node_name: str) -> None:
    path = f"/api/v1/namespaces/{odd.ODD}/pods"
    await create(session, path, pod.manifest(node_name))
    if pod.status:
        await patch_status(session, f"{path}/{pod.name}", pod.status)
    if pod.doomed:
        async with session.delete(f"{path}/{pod.name}") as answer:
            await _good(answer)


async def pod_count(session: aiohttp.ClientSession) -> int:
    """How many pods there are in all, asked of the server without moving them."""
    page = await _get(session, "/api/v1/pods", {"limit": "1"})
    return len(page["items"]) + int(page["metadata"].get("remainingItemCount", 0))


async def create(session: aiohttp.ClientSession, path: str, body: Json) -> Json:
    """POST; RuntimeError with the server's words when refused."""
    async with session.post(path, json=body) as answer:
        return await _good(answer)


async def patch_status(session: aiohttp.ClientSession, path: str, status: Json, **metadata: Any) -> Json:
    """Merge `status` (and, in the same write, `metadata`) into an object's status subresource."""
    body = {"status": status, **({"metadata": metadata} if metadata else {})}
    kind = {"Content-Type": "application/merge-patch+json"}
    async with session.patch(f"{path}/status", json=body, headers=kind) as answer:
        return await _good(answer)


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


async def _create_namespaces(session: aiohttp.ClientSession) -> None:
    await _together(_namespace(session, name) for name in (*NAMESPACES, "kube-system"))


async def _namespace(session: aiohttp.ClientSession, name: str) -> None:
    """Create a namespace if need be, and wait for the service account that every pod in it needs."""
    async with session.post("/api/v1/namespaces", json={"metadata": {"name": name}}) as answer:
        if answer.status != 409:
            await _good(answer)

    async def account() -> bool:
        async with session.get(f"/api/v1/namespaces/{name}/serviceaccounts/default") as answer:
            return answer.status == 200

    await _until(f"service account in {name}", account, seconds=60)


async def _get(session: aiohttp.ClientSession, path: str, query: dict[str, str] | None = None) -> Json:
    async with session.get(path, params=query or {}) as answer:
        return await _good(answer)


async def _good(answer: aiohttp.ClientResponse) -> Json:
    if answer.status >= 300:
        raise RuntimeError(
            f"{answer.method} {answer.url.path}: {answer.status} {(await answer.text())[:600]}"
        )
    body: Json = await answer.json()
    return body


async def _together(work: Iterable[Awaitable[Any]]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(_run(one))


async def _run(work: Awaitable[Any]) -> None:
    await work


async def _until(what: str, happened: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not await happened():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        await asyncio.sleep(0.2)
