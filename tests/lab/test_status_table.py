"""Every pod and node held against the row that the API server itself prints for it.

The server renders the table that `kubectl get` shows; whatever it says of STATUS, READY, RESTARTS, ROLES
and the wide columns must be what the model says of the same version of the same object.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from providers.model import Node, Pod
from providers.text import clean

from ..kubernetes.mirror import Mirror
from . import odd
from .cluster import Lab
from .following import followed
from .load import create, patch_status
from .requests import together
from .simulator import STILL

AS_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
RANDOM = 150
Row = dict[str, Any]


async def table(lab: Lab, plural: str) -> dict[tuple[str, str], Row]:
    """Rows by uid and version, each by column title, with the moment at which it was printed."""
    async with (
        lab.access().session() as session,
        session.get(f"/api/v1/{plural}", headers={"Accept": AS_TABLE}) as answer,
    ):
        printed = await answer.json()
    titles = [each["name"] for each in printed["columnDefinitions"]]
    rows = {}
    for row in printed["rows"]:
        meta = row["object"]["metadata"]
        rows[meta["uid"], meta["resourceVersion"]] = dict(zip(titles, row["cells"], strict=True))
    return rows


async def settled(lab: Lab, mirror: Mirror, kind: type[Pod | Node], plural: str) -> list[tuple[Row, Any]]:
    """The server's rows beside ours, at a moment when both are of the same versions."""
    for _ in range(100):
        rows = await table(lab, plural)
        ours = {(each.uid, each.rv): each for each in mirror.objects.values() if isinstance(each, kind)}
        if rows.keys() == ours.keys():
            return [(row, ours[key]) for key, row in rows.items()]
        await asyncio.sleep(0.1)
    raise AssertionError(f"never the same: {rows.keys() ^ ours.keys()}")


def differences(pairs: list[tuple[Row, Pod]]) -> list[str]:
    """What is said otherwise, pod by pod."""
    found = []
    for row, pod in pairs:
        theirs = (clean(row["Status"]), row["Ready"], clean(row["Node"]), clean(row["IP"]))
        ours = (pod.status, f"{pod.ready}/{pod.containers}", pod.node or "<none>", pod.ip or "<none>")
        if theirs != ours or not same_restarts(str(row["Restarts"]), pod):
            found.append(
                f"{pod.name}: {theirs} {row['Restarts']} is not {ours} {pod.restarts} {pod.last_restart}"
            )
    return found


def same_restarts(said: str, pod: Pod) -> bool:
    """ "17 (2m5s ago)": the number, whether a moment is said, and that moment as far as it is said."""
    match = re.fullmatch(r"(\d+)(?: \((\w+) ago\))?", said)
    if match is None or int(match[1]) != pod.restarts:
        return False
    if match[2] is None or pod.last_restart is None:
        return match[2] is None and pod.last_restart is None
    age = dt.datetime.now(dt.UTC).timestamp() - pod.last_restart
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    parts = re.findall(r"(\d+)([dhms])", match[2])
    told = sum(int(number) * units[unit] for number, unit in parts)
    return bool(told - 3 <= age <= told + units[parts[-1][1]] + 5)


async def test_every_pod_reads_as_the_server_prints_it(lab: Lab) -> None:
    async with followed(lab) as (mirror, _):
        pairs = await settled(lab, mirror, Pod, "pods")
    assert len(pairs) >= 60 + len(odd.pods())
    assert {each.name for each in odd.pods()} <= {pod.name for _, pod in pairs}
    assert differences(pairs) == []


async def test_every_node_reads_as_the_server_prints_it(lab: Lab) -> None:
    async with followed(lab) as (mirror, _):
        pairs = await settled(lab, mirror, Node, "nodes")
    assert len(pairs) >= 10 + len(odd.nodes())
    for row, node in pairs:
        assert (node.name, node.status, node.roles) == (row["Name"], row["Status"], row["Roles"])
        assert node.version == row["Version"]
        assert (node.internal_ip or "<none>") == row["Internal-IP"]
        assert (node.external_ip or "<none>") == row["External-IP"]
        assert (node.os_image or "<unknown>") == row["OS-Image"]
        assert row["Kernel-Version"].startswith(node.kernel or "<unknown>")
        assert (node.runtime or "<unknown>") == row["Container-Runtime"]


async def test_random_statuses_read_as_the_server_prints_them(lab: Lab, strange: None) -> None:
    async with followed(lab) as (mirror, _):
        pairs = await settled(lab, mirror, Pod, "pods")
        chosen = [(row, pod) for row, pod in pairs if pod.name.startswith("random-")]
    assert len(chosen) == RANDOM
    assert differences(chosen) == []
    assert len({pod.status for _, pod in chosen}) >= 25, "there is something to compare"


@pytest.fixture
async def strange(lab: Lab) -> AsyncIterator[None]:
    """Pods with statuses drawn at random, in the namespace of the odd ones; gone afterwards."""
    drawn = random.Random(36)
    path = f"/api/v1/namespaces/{odd.ODD}/pods"
    async with lab.access().session() as session:
        items = [_pod(number, drawn) for number in range(RANDOM)]
        await together(_made(session, path, *each) for each in items)
        try:
            yield
        finally:
            await together(_gone(session, f"{path}/{body['metadata']['name']}") for body, _, _ in items)


async def _made(session: aiohttp.ClientSession, path: str, body: Row, status: Row, doomed: bool) -> None:
    await create(session, path, body)
    where = f"{path}/{body['metadata']['name']}"
    await patch_status(session, where, status)
    if doomed:
        async with session.delete(where):
            pass


async def _gone(session: aiohttp.ClientSession, path: str) -> None:
    patch = json.dumps({"metadata": {"finalizers": None}})
    async with session.patch(path, data=patch, headers={"Content-Type": "application/merge-patch+json"}):
        pass
    async with session.delete(path, json={"gracePeriodSeconds": 0}):
        pass


def _pod(number: int, drawn: random.Random) -> tuple[Row, Row, bool]:
    """A pod to create, the status to write, and whether to delete it then."""
    mains = [f"main-{n}" for n in range(drawn.randint(1, 3))]
    inits = [f"init-{n}" for n in range(drawn.choice([0, 0, 1, 2, 3]))]
    always = {name for name in inits if drawn.random() < 0.5}
    meta = {"name": f"random-{number}", "labels": {STILL: "true"}, "finalizers": ["lab.quarterdeck/keep"]}
    spec = {
        "nodeName": "odd-cordoned",
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": name, "image": "app:1"} for name in mains],
        "initContainers": [
            {"name": name, "image": "init:1", **({"restartPolicy": "Always"} if name in always else {})}
            for name in inits
        ],
    }
    reason = {"reason": drawn.choice(["NodeLost", "Evicted", "Completed"])} if drawn.random() < 0.15 else {}
    status = {
        "phase": drawn.choice(["Pending", "Running", "Running", "Succeeded", "Failed", "Unknown"]),
        "conditions": [
            {"type": kind, "status": drawn.choice(["True", "False", "Unknown"])}
            for kind in ("Initialized", "Ready", "PodScheduled")
            if drawn.random() < 0.7
        ],
        "containerStatuses": [_container(name, drawn) for name in mains if drawn.random() < 0.9],
        "initContainerStatuses": [_container(name, drawn, 0.6) for name in inits if drawn.random() < 0.9],
        **reason,
    }
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
    return body, status, drawn.random() < 0.15


def _container(name: str, drawn: random.Random, done: float = 0.3) -> Row:
    chance = drawn.random()
    if chance < done:
        made = odd.ended(name, drawn.choice([0, 0, 0, 1, 137]), drawn.choice(["Completed", "Completed", ""]))
    elif chance < done + 0.15:
        signal = drawn.choice([0, 9])
        made = odd.ended(name, drawn.choice([1, 2, 143]), drawn.choice(["Error", ""]), sig=signal)
    elif chance < done + 0.3:
        why = ["", "PodInitializing", "CrashLoopBackOff", "ErrImagePull", "Completed"]
        made = odd.waiting(name, drawn.choice(why))
    elif chance < done + 0.35:
        made = {**odd.waiting(name), "state": {}}
    else:
        made = odd.running(name, ready=drawn.random() < 0.7)
    made["started"] = drawn.choice([True, True, False, None])
    made["ready"] = made["ready"] if drawn.random() < 0.9 else not made["ready"]
    made["restartCount"] = drawn.choice([0, 0, 1, 25])
    if drawn.random() < 0.4:
        made["lastState"] = {"terminated": {"exitCode": 1, "finishedAt": odd.ago(drawn.randint(5, 500_000))}}
    return made
