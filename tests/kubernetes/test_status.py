"""STATUS, READY, RESTARTS and ROLES as kubectl prints them, case by case of its printer."""

from __future__ import annotations

from typing import Any

import pytest

from providers.kubernetes import decode, objects
from providers.model import Node, Pod

from . import samples

Row = dict[str, Any]
OK = [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}]
T1, T2 = "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"
AT1, AT2 = 1793491200.0, 1793577600.0


def up(name: str = "main", ready: bool = True, restarts: int = 0, last: str = "", **more: Any) -> Row:
    made: Row = {"name": name, "ready": ready, "restartCount": restarts, "state": {"running": {}}, **more}
    if last:
        made["lastState"] = {"terminated": {"exitCode": 1, "finishedAt": last}}
    return made


def waits(reason: str | None, name: str = "main", **more: Any) -> Row:
    return up(name, False, **more) | {"state": {"waiting": {"reason": reason} if reason else {}}}


def over(code: int, reason: str = "", signal: int = 0, name: str = "main", **more: Any) -> Row:
    state = {"exitCode": code, "reason": reason, "signal": signal}
    return up(name, False, **more) | {"state": {"terminated": state}}


def read(
    *,
    phase: str = "Running",
    main: list[Row] | None = None,
    init: list[Row] | None = None,
    conditions: list[Row] | None = None,
    sidecars: tuple[str, ...] = (),
    deleted: bool = False,
    **status: Any,
) -> Pod:
    body = samples.pod("p", uid="u")
    names = [each["name"] for each in main or []] or ["main"]
    body["spec"]["containers"] = [{"name": name} for name in names]
    body["spec"]["initContainers"] = [
        {"name": each["name"], **({"restartPolicy": "Always"} if each["name"] in sidecars else {})}
        for each in init or []
    ]
    if deleted:
        body["metadata"]["deletionTimestamp"] = T1
    body["status"] = {
        "phase": phase,
        "containerStatuses": main,
        "initContainerStatuses": init,
        "conditions": conditions,
        **status,
    }
    shape = decode.pods().change(samples.line("ADDED", body)).object
    return objects.pod(shape)


def said(pod: Pod) -> str:
    last = {None: "", AT1: " one", AT2: " two"}[pod.last_restart]
    return f"{pod.ready}/{pod.containers} {pod.status} {pod.restarts}{last}"


CASES: list[tuple[str, Row]] = [
    ("0/1 Pending 0", {"phase": "Pending"}),
    ("1/1 Running 0", {"main": [up()], "conditions": OK}),
    ("1/2 Running 3 two", {"main": [up(last=T2, restarts=1), up("b", False, restarts=2, last=T1)]}),
    ("0/1 Running 0", {"main": [up(ready=False)]}),
    ("0/1 Evicted 0", {"phase": "Failed", "reason": "Evicted"}),
    ("0/1 ContainerCreating 0", {"phase": "Pending", "main": [waits("ContainerCreating")]}),
    ("0/1 Pending 0", {"phase": "Pending", "main": [waits(None)]}),
    ("0/1 CrashLoopBackOff 17 one", {"main": [waits("CrashLoopBackOff", restarts=17, last=T1)]}),
    ("0/2 First 0", {"main": [waits("First", "a"), waits("Second", "b")]}),
    ("1/2 ErrImagePull 0", {"main": [up(), waits("ErrImagePull", "b")]}),
    ("0/1 OOMKilled 0", {"main": [over(137, "OOMKilled")]}),
    ("0/1 ExitCode:42 0", {"phase": "Failed", "main": [over(42)]}),
    ("0/1 Signal:9 0", {"phase": "Failed", "main": [over(137, signal=9)]}),
    ("0/1 Completed 0", {"phase": "Succeeded", "main": [over(0, "Completed")]}),
    ("0/1 ExitCode:0 0", {"phase": "Succeeded", "main": [over(0)]}),
    ("1/2 Running 0", {"main": [over(0, "Completed", name="a"), up("b")], "conditions": OK}),
    ("1/2 NotReady 0", {"main": [over(0, "Completed", name="a"), up("b")]}),
    ("0/2 Error 0", {"main": [over(0, "Completed", name="a"), over(1, "Error", name="b")]}),
    ("1/3 Running 0", {"conditions": OK, "main": [
        over(0, "Completed"), over(1, "Error", name="b"), up("c")]}),
    ("1/1 Terminating 0", {"main": [up()], "conditions": OK, "deleted": True}),
    ("0/1 Terminating 0", {"main": [waits("CrashLoopBackOff")], "deleted": True}),
    ("0/1 Completed 0", {"phase": "Succeeded", "main": [over(0, "Completed")], "deleted": True}),
    ("1/1 Unknown 0", {"main": [up()], "reason": "NodeLost", "deleted": True}),
    ("1/1 NodeLost 0", {"main": [up()], "reason": "NodeLost"}),
    ("0/1 Unknown 0", {"phase": "Succeeded", "reason": "NodeLost", "deleted": True}),
    ("0/1 SchedulingGated 0", {"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]}),
    ("0/1 Pending 0", {"phase": "Pending", "conditions": [
        {"type": "Ready", "status": "False", "reason": "SchedulingGated"}]}),
    # init containers
    ("0/1 Init:0/2 0", {"phase": "Pending", "init": [waits(None, "i"), waits(None, "j")]}),
    ("0/1 Init:1/2 3 one", {"phase": "Pending", "init": [
        over(0, "Completed", name="i", restarts=1), up("j", False, restarts=2, last=T1)]}),
    ("0/1 Init:0/1 0", {"phase": "Pending", "init": [waits("PodInitializing", "i")]}),
    ("0/1 Init:CrashLoopBackOff 5 two", {"phase": "Pending", "init": [
        waits("CrashLoopBackOff", "i", restarts=5, last=T2), waits("PodInitializing", "j", restarts=9)]}),
    ("0/1 Init:Error 0", {"phase": "Pending", "init": [over(1, "Error", name="i")]}),
    ("0/1 Init:ExitCode:3 0", {"phase": "Pending", "init": [over(3, name="i")]}),
    ("0/1 Init:Signal:15 0", {"phase": "Pending", "init": [over(143, signal=15, name="i")]}),
    ("1/1 Running 1 two", {"main": [up(restarts=1, last=T2)], "conditions": OK, "init": [
        over(0, "Completed", name="i", restarts=4, last=T1)]}),
    ("0/1 Init:Error 4 one", {"phase": "Pending", "main": [waits("PodInitializing", restarts=9, last=T2)],
        "init": [over(1, "Error", name="i", restarts=4, last=T1)]}),
    ("0/1 PodInitializing 0", {"phase": "Pending", "conditions": OK, "main": [waits("PodInitializing")],
        "init": [over(1, "Error", name="i", restarts=4, last=T1)]}),
    # sidecars
    ("2/2 Running 3 two", {"main": [up(restarts=1, last=T1)], "sidecars": ("s",), "init": [
        up("s", restarts=2, last=T2, started=True), over(0, "Completed", name="i", restarts=7, last=T2)]}),
    ("1/2 Running 0", {"main": [up()], "sidecars": ("s",), "init": [up("s", False, started=True)]}),
    ("0/2 Init:0/1 0", {"phase": "Pending", "sidecars": ("s",), "init": [up("s", started=False)]}),
    ("0/2 Init:0/1 0", {"phase": "Pending", "sidecars": ("s",), "init": [up("s", started=None)]}),
    ("1/2 Init:1/2 0", {"phase": "Pending", "sidecars": ("s",), "init": [
        up("s", started=True), up("i", False)]}),
    ("0/2 Init:CrashLoopBackOff 9 one", {"main": [waits("x")], "sidecars": ("s",), "init": [
        waits("CrashLoopBackOff", "s", restarts=9, last=T1)]}),
    ("1/2 Init:CrashLoopBackOff 9 one", {"main": [up()], "conditions": OK, "sidecars": ("s",), "init": [
        waits("CrashLoopBackOff", "s", restarts=9, last=T1)]}),
    ("0/2 Completed 0", {"phase": "Succeeded", "main": [over(0, "Completed")], "sidecars": ("s",), "init": [
        over(0, "Completed", name="s")]}),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "given"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_a_pod_reads_as_kubectl_prints_it(expected: str, given: Row) -> None:
    assert said(read(**given)) == expected


def test_a_restart_without_a_moment_and_a_moment_without_a_restart() -> None:
    assert read(main=[up(restarts=12)]).last_restart is None
    assert read(main=[up(restarts=0, last=T1)]).last_restart is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"message": "low on memory"}, "low on memory"),
        ({"main": [up()]}, ""),
        (
            {"main": [waits("x") | {"state": {"waiting": {"reason": "x", "message": "pull failed"}}}]},
            "pull failed",
        ),
        ({"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 fit"}]}, "0/3 fit"),
        ({"main": [over(1) | {"state": {"terminated": {"exitCode": 1, "message": "panic"}}}]}, "panic"),
        ({"main": [over(0) | {"state": {"terminated": {"exitCode": 0, "message": "bye"}}}]}, ""),
    ],
)
def test_why_a_pod_is_not_well(given: Row, expected: str) -> None:
    assert read(**given).message == expected


def node(**changes: Any) -> Node:
    body = samples.node("n", uid="u")
    body["spec"] |= changes.pop("spec", {})
    body["metadata"]["labels"] = changes.pop("labels", {})
    body["status"] |= changes
    return objects.node(decode.nodes().change(samples.line("ADDED", body)).object)


@pytest.mark.parametrize(
    ("conditions", "cordoned", "status", "ready"),
    [
        ([{"type": "Ready", "status": "True"}], False, "Ready", True),
        ([{"type": "Ready", "status": "False"}], False, "NotReady", False),
        ([{"type": "Ready", "status": "Unknown"}], False, "NotReady", None),
        ([], False, "Unknown", None),
        (None, True, "Unknown,SchedulingDisabled", None),
        ([{"type": "Ready", "status": "True"}], True, "Ready,SchedulingDisabled", True),
        ([{"type": "Ready", "status": "Unknown"}], True, "NotReady,SchedulingDisabled", None),
        ([{"type": "DiskPressure", "status": "True"}], False, "Unknown", None),
    ],
)
def test_a_node_reads_as_kubectl_prints_it(
    conditions: list[Row] | None, cordoned: bool, status: str, ready: bool | None
) -> None:
    found = node(conditions=conditions, spec={"unschedulable": cordoned})
    assert (found.status, found.ready, found.unschedulable) == (status, ready, cordoned)


@pytest.mark.parametrize(
    ("labels", "roles"),
    [
        ({}, "<none>"),
        ({"node-role.kubernetes.io/": ""}, "<none>"),
        ({"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/etcd": ""}, "etcd,worker"),
        ({"kubernetes.io/role": "master", "node-role.kubernetes.io/a": ""}, "a,master"),
        ({"kubernetes.io/role": ""}, "<none>"),
        ({"kubernetes.io/role": "a", "node-role.kubernetes.io/a": ""}, "a"),
    ],
)
def test_roles_come_from_labels(labels: dict[str, str], roles: str) -> None:
    assert node(labels=labels).roles == roles


def test_the_rest_of_a_node() -> None:
    found = node(
        labels={"topology.kubernetes.io/zone": "eu-1a", "node.kubernetes.io/instance-type": "m5.large"},
        spec={
            "taints": [
                {"key": "gpu", "value": "yes", "effect": "NoSchedule"},
                {"key": "x", "effect": "NoExecute"},
            ]
        },
        addresses=[{"type": "Hostname", "address": "n"}, {"type": "InternalIP", "address": "10.0.3.17"}],
        conditions=[{"type": "Ready", "status": "True", "lastTransitionTime": T1, "message": "up"}],
    )
    assert (found.cpu, found.memory, found.pod_limit) == (3.92, 15 << 30, 110)
    assert (found.zone, found.instance_type, found.internal_ip) == ("eu-1a", "m5.large", "10.0.3.17")
    assert found.external_ip == ""
    assert found.taints == ("gpu=yes:NoSchedule", "x:NoExecute")
    assert found.conditions[0].since == AT1
    assert found.labels == "node.kubernetes.io/instance-type=m5.large,topology.kubernetes.io/zone=eu-1a"
    assert found.conditions[0].message == "up"
