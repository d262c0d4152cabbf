"""The lab is what it says it is: the rest of the tier stands on this."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from . import odd
from .build import KUBERNETES
from .churn import STAMP, Churn
from .cluster import Lab
from .plant import SEED
from .simulator import STILL
from .sshd import Sshd
from .workloads import plan

ROOT = Path(__file__).parents[2]


def _items(lab: Lab, *arguments: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(lab.kubectl("get", *arguments, "-o", "json"))["items"]
    return items


async def _initial_events(session: aiohttp.ClientSession) -> list[dict[str, Any]]:
    """The events of a streaming list of pods, up to and with the bookmark that ends it."""
    query = {
        "watch": "1",
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
    }
    events: list[dict[str, Any]] = []
    async with session.get("/api/v1/pods", params=query) as answer:
        assert answer.status == 200
        async for line in answer.content:
            events.append(json.loads(line))
            if events[-1]["type"] != "ADDED":
                return events
    raise AssertionError("the stream ended before its bookmark")


def test_the_api_server_is_the_real_one(lab: Lab) -> None:
    version = json.loads(lab.kubectl("version", "-o", "json"))
    assert version["serverVersion"]["gitVersion"] == KUBERNETES
    assert version["clientVersion"]["gitVersion"] == KUBERNETES


def test_nodes_are_ready_and_pods_run(lab: Lab) -> None:
    nodes = _items(lab, "nodes", "-l", f"!{STILL}")
    ready = [c["status"] for node in nodes for c in node["status"]["conditions"] if c["type"] == "Ready"]
    assert ready == ["True"] * 10
    pods = _items(lab, "pods", "-A", "-l", f"!{STILL}", "--field-selector", f"metadata.namespace!={odd.ODD}")
    assert Counter(pod["status"]["phase"] for pod in pods) == {"Running": 60}
    assert all(len(pod["spec"]["containers"]) == 2 for pod in pods)


def test_planted_pods_are_left_as_they_are_by_the_controllers(lab: Lab) -> None:
    """Every Deployment is complete, and what it has is what was planted, not a replacement."""
    deployments = _items(lab, "deployments", "-A")
    assert deployments
    for one in deployments:
        lab.kubectl(
            "rollout", "status", "-n", one["metadata"]["namespace"], f"deployment/{one['metadata']['name']}"
        )
    kinds = {"ReplicaSet", "StatefulSet", "DaemonSet"}
    pods = [pod for pod in _items(lab, "pods", "-A") if pod["metadata"].get("ownerReferences")]
    owners = Counter(pod["metadata"]["ownerReferences"][0]["kind"] for pod in pods)
    work = Counter({"DaemonSet": 0})
    for item in plan(10, 60):
        work["ReplicaSet" if item.kind == "Deployment" else item.kind] += item.replicas
    assert {kind: owners[kind] for kind in kinds} == {kind: work[kind] for kind in kinds}
    assert len({pod["metadata"]["uid"] for pod in pods}) == len(pods)
    planted = [p for p in pods if p["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet"]
    assert all(pod["status"]["podIP"].startswith("10.245.") for pod in planted)
    assert len({pod["status"]["podIP"] for pod in planted}) == len(planted)
    assert "seed" not in json.dumps(planted)


def test_the_seed_of_the_planted_pods_is_gone(lab: Lab) -> None:
    def gone() -> bool:
        return SEED not in [one["metadata"]["name"] for one in _items(lab, "namespaces")]

    lab.wait("seed namespace to go", gone)


def test_a_planted_deployment_rolls(lab: Lab) -> None:
    one = _items(lab, "deployments", "-A")[0]["metadata"]
    where, selector = one["namespace"], f"app={one['name']}"
    before = {pod["metadata"]["uid"] for pod in _items(lab, "pods", "-n", where, "-l", selector)}
    lab.kubectl("rollout", "restart", "-n", where, f"deployment/{one['name']}")
    lab.kubectl("rollout", "status", "-n", where, f"deployment/{one['name']}", "--timeout=60s", timeout=70)

    def replaced() -> bool:
        now = {pod["metadata"]["uid"] for pod in _items(lab, "pods", "-n", where, "-l", selector)}
        return not now & before

    lab.wait("all pods replaced", replaced)


def test_odd_pods_keep_what_was_written_to_their_status(lab: Lab) -> None:
    lines = lab.kubectl("get", "pods", "-n", odd.ODD, "--no-headers").splitlines()
    said = {line.split()[0]: line.split()[2] for line in lines}
    expected = {
        "gated": "SchedulingGated",
        "crash-loop": "CrashLoopBackOff",
        "evicted": "Evicted",
        "image-pull": "ImagePullBackOff",
        "terminating": "Terminating",
        "terminating-node-lost": "Unknown",
        "init-signal": "Init:Signal:9",
        "sidecar-up-init-running": "Init:1/2",
        "one-done-not-ready": "NotReady",
        "exit-code": "ExitCode:42",
    }
    assert {name: said[name] for name in expected} == expected
    assert set(said) >= {pod.name for pod in odd.pods()}
    assert [status for name, status in said.items() if name.startswith("nightly-")] == ["Completed"] * 2


async def test_a_streaming_list_ends_with_its_bookmark(lab: Lab) -> None:
    async with lab.access("viewer").session() as session:
        *added, bookmark = await asyncio.wait_for(_initial_events(session), 20)
    assert len(added) >= 60 + len(odd.pods())
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_rights_are_real(lab: Lab) -> None:
    def may(user: str, *what: str) -> bool:
        return lab.kubectl("auth", "can-i", *what, user=user, check=False).strip() == "yes"

    assert may("admin", "patch", "nodes")
    assert may("certificate", "patch", "nodes")
    assert may("viewer", "list", "nodes")
    assert not may("viewer", "patch", "nodes")
    assert may("pods-only", "list", "pods", "-A")
    assert not may("pods-only", "list", "nodes")
    assert may("ns-only", "delete", "pods", "-n", "shop")
    assert not may("ns-only", "list", "pods", "-A")
    assert not may("nobody", "list", "pods", "-A")


def test_a_denied_change_changes_nothing_and_is_in_the_audit_log(lab: Lab) -> None:
    node = _items(lab, "nodes", "-l", f"!{STILL}")[0]["metadata"]["name"]
    since = lab.audit_log.stat().st_size
    with pytest.raises(subprocess.CalledProcessError) as refused:
        lab.kubectl("patch", "node", node, "-p", '{"spec":{"unschedulable":true}}', user="viewer")
    assert "forbidden" in refused.value.stderr
    assert not any(one["spec"].get("unschedulable") for one in _items(lab, "nodes", "-l", f"!{STILL}"))
    events = lab.audit_events("viewer", since)
    codes = {
        event["verb"]: event["responseStatus"]["code"]
        for event in events
        if event["stage"] == "ResponseComplete"
    }
    assert codes["get"] == 200
    assert codes["patch"] == 403


def test_logs_and_exec_go_through_the_api_server(lab: Lab) -> None:
    pod = _items(lab, "pods", "-n", "shop", "--field-selector", "status.phase=Running")[0]["metadata"]["name"]
    assert lab.kubectl("logs", "-n", "shop", pod, "-c", "main", "--tail=1") == "line 59\n"
    assert lab.kubectl("exec", "-n", "shop", pod, "-c", "main", "--", "sh", "-c", "echo $LAB") == "yes\n"


async def test_churn_is_seen_by_a_watch_with_its_stamp(lab: Lab) -> None:
    churn = Churn(lab.access(), rate=50, pods=20)
    async with lab.access().session() as session, session.get("/api/v1/pods", params={"watch": "1"}) as watch:
        await churn.run(seconds=1)
        assert 40 <= len(churn.changes) <= 51
        wanted = {(one.namespace, one.name, one.restarts) for one in churn.changes}
        async with asyncio.timeout(10):
            async for line in watch.content:
                pod = json.loads(line)["object"]
                if STAMP in pod["metadata"].get("annotations", {}):
                    restarts = sum(one["restartCount"] for one in pod["status"]["containerStatuses"])
                    wanted.discard((pod["metadata"]["namespace"], pod["metadata"]["name"], restarts))
                if not wanted:
                    return


def test_the_api_server_comes_back_on_its_port_with_its_data(lab: Lab) -> None:
    before = {pod["metadata"]["uid"] for pod in _items(lab, "pods", "-A")}
    address = lab.url
    lab.stop_apiserver()
    host, port = address.removeprefix("https://").split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), 2)
    lab.start_apiserver()
    assert lab.url == address
    assert {pod["metadata"]["uid"] for pod in _items(lab, "pods", "-A")} == before


def test_a_paused_api_server_accepts_and_says_nothing(lab: Lab) -> None:
    host, port = lab.url.removeprefix("https://").split(":")
    lab.pause()
    try:
        with socket.create_connection((host, int(port)), 2) as connection:
            connection.settimeout(0.5)
            connection.sendall(b"\x16\x03\x01")
            with pytest.raises(TimeoutError):
                connection.recv(1)
    finally:
        lab.resume()
    assert lab.kubectl("get", "--raw", "/readyz") == "ok"


def test_everything_listens_on_loopback_only(lab: Lab) -> None:
    for name, pid in lab.group.pids().items():
        listening = [c for c in psutil.Process(pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
        assert {c.laddr.ip for c in listening} <= {"127.0.0.1"}, name


def test_a_killed_owner_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    """SIGKILL gives the owner no say: what it started ends all the same."""
    say = "import sys, time; from tests.lab.cluster import Lab; lab = Lab().start();"
    say += "print(lab.folder, *lab.group.pids().values(), flush=True); time.sleep(600)"
    owner = subprocess.Popen([sys.executable, "-c", say], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        folder, *pids = owner.stdout.readline().split()
        assert len(pids) == 5
        owner.send_signal(signal.SIGKILL)
    _gone([int(pid) for pid in pids], Path(folder))


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab").start()
    pids = list(lab.group.pids().values())
    lab.stop()
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    lab.stop()


def test_ssh_goes_through_the_real_server(sshd: Sshd) -> None:
    done = subprocess.run(
        ["ssh", sshd.host, 'printf %s "$SSH_CONNECTION"'],
        env=sshd.environment(),
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert done.stdout.endswith(f"127.0.0.1 {sshd.port}")


def _gone(pids: list[int], folder: Path) -> None:
    """Both the processes and the folder are gone within ten seconds."""
    end = time.monotonic() + 10
    while any(_alive(pid) for pid in pids) or folder.exists():
        assert time.monotonic() < end, (pids, folder)
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    """Running: not gone, and not a zombie that init has yet to collect."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
