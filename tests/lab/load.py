"""Fills a running lab as fast as its API server takes it, and waits until what was asked for runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiohttp

from . import odd
from .cluster import Lab
from .plant import SEED, plant
from .requests import create, get, good, patch_status, together, until
from .simulator import STILL
from .workloads import NAMESPACES, manifest, node, plan

Say = Callable[[str], object]


async def fill(lab: Lab, nodes: int, pods: int, *, oddities: bool = True, say: Say = str) -> None:
    """Create everything and wait until all planned pods run. TimeoutError when they do not in ten minutes.

    The pods of Deployments are planted (see `plant`): 10,000 pods through the controllers, the scheduler
    and kwok took 260 s of CPU, mostly the API server's, for five writes a pod.
    """
    if lab.assets.absent:
        raise RuntimeError(f"nodes and pods need {', '.join(lab.assets.absent)}, which are not here")
    begun = time.monotonic()
    work = plan(nodes, pods)
    planted = [item for item in work if item.kind == "Deployment"]
    async with lab.access().session() as session:
        await create_nodes(session, nodes)
        say(f"{nodes} nodes")
        await together(_namespace(session, name) for name in (*NAMESPACES, "kube-system", SEED))
        with lab.without_controllers():
            await plant(session, lab.etcd_url, planted, nodes)
            say(f"{sum(item.replicas for item in planted)} pods planted")
        await together(create(session, *manifest(item)) for item in work if item.kind != "Deployment")
        await settle(session, pods, say=say)
        if oddities:
            await create_odd(session)
    say(f"{nodes} nodes and {pods} pods in {time.monotonic() - begun:.1f} s")


def fill_now(lab: Lab, nodes: int, pods: int, *, oddities: bool = True, say: Say = str) -> None:
    """`fill` for callers without an event loop."""
    with asyncio.Runner() as runner:
        runner.run(fill(lab, nodes, pods, oddities=oddities, say=say))


async def create_nodes(session: aiohttp.ClientSession, count: int) -> None:
    """Create nodes that belong to instances in three zones, and wait until each is Ready."""
    await together(create(session, "/api/v1/nodes", node(index)) for index in range(count))

    async def ready() -> bool:
        items = (await get(session, "/api/v1/nodes"))["items"]
        states = [
            c["status"]
            for item in items
            for c in item["status"].get("conditions", ())
            if c["type"] == "Ready"
        ]
        # Until the taint that every new node has is gone, nothing is scheduled and daemons are placed twice.
        return states.count("True") >= count and not any(item["spec"].get("taints") for item in items)

    await until("nodes ready", ready, seconds=600)


async def settle(session: aiohttp.ClientSession, pods: int, *, say: Say = str) -> None:
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
        return not (await get(session, "/api/v1/pods", query))["items"]

    await until(f"{pods} pods created", there, seconds=600)
    await until(f"{pods} pods running", running, seconds=600)


async def create_odd(session: aiohttp.ClientSession) -> None:
    """Create the odd pods and nodes (see `odd`), and one Job that has really completed."""
    await _namespace(session, odd.ODD)
    for body, conditions in odd.nodes():
        await create(session, "/api/v1/nodes", body)
        await patch_status(session, f"/api/v1/nodes/{body['metadata']['name']}", {"conditions": conditions})
    first = (await get(session, "/api/v1/nodes", {"limit": "1", "labelSelector": f"!{STILL}"}))["items"]
    where = first[0]["metadata"]["name"] if first else "odd-cordoned"
    await together(_odd_pod(session, item, where) for item in odd.pods())
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
            await good(answer)


async def pod_count(session: aiohttp.ClientSession) -> int:
    """How many pods there are in all, asked of the server without moving them."""
    page = await get(session, "/api/v1/pods", {"limit": "1"})
    return len(page["items"]) + int(page["metadata"].get("remainingItemCount", 0))


async def _namespace(session: aiohttp.ClientSession, name: str) -> None:
    """Create a namespace if need be, and wait for the service account that every pod in it needs."""
    async with session.post("/api/v1/namespaces", json={"metadata": {"name": name}}) as answer:
        if answer.status != 409:
            await good(answer)

    async def account() -> bool:
        async with session.get(f"/api/v1/namespaces/{name}/serviceaccounts/default") as answer:
            return answer.status == 200

    await until(f"service account in {name}", account, seconds=600)
