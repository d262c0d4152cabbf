"""Objects whose status says every odd thing that a status can say.

Owns the list of odd pods and nodes. None is simulated: each carries the label STILL, so that what is
written to its status stays, and each exists to be compared with the row that the API server itself prints
for it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from .simulator import STILL

ODD = "odd"
"""The namespace of the odd pods."""
PENDING_FOREVER = ("gated", "does-not-fit")
"""Odd pods that are real: the scheduler itself leaves them pending."""
HOSTILE = "\x1b[31;1m[bold red]red[/]\x1b[2J\x07 \u202egnp.exe\u202c \u200b\x9b31m &amp; <b>"
"""Text that a terminal, a markup parser or a reader could mistake for something else."""

Json = dict[str, Any]


@dataclass(frozen=True)
class OddPod:
    """A pod to create, then the status to write; `node` False leaves it unscheduled, `doomed` deletes it at
    last."""

    name: str
    status: Json = field(default_factory=dict)
    containers: tuple[str, ...] = ("main",)
    init: tuple[str, ...] = ()
    sidecars: tuple[str, ...] = ()
    spec: Json = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    node: bool = True
    doomed: bool = False

    def manifest(self, node: str) -> Json:
        """The object to create; it is bound to `node` unless it is to stay unscheduled."""
        always = [{"name": name, "image": "sidecar:1", "restartPolicy": "Always"} for name in self.sidecars]
        once = [{"name": name, "image": "init:1"} for name in self.init]
        spec: Json = {
            "containers": [{"name": name, "image": "app:1"} for name in self.containers],
            "tolerations": [{"operator": "Exists"}],
            **({"initContainers": always + once} if always or once else {}),
            **({"nodeName": node} if self.node else {}),
            **self.spec,
        }
        metadata: Json = {"name": self.name, "namespace": ODD, "labels": {STILL: "true", "app": "odd"}}
        if self.annotations:
            metadata["annotations"] = self.annotations
        if self.doomed:
            metadata["finalizers"] = ["lab.quarterdeck/keep"]
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def ago(seconds: float) -> str:
    """A timestamp as the API writes it, so many seconds before now."""
    return (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def running(name: str = "main", *, ready: bool = True, restarts: int = 0, last: float | None = None) -> Json:
    """A running container's status; `last` is how many seconds ago its previous run ended."""
    return _container(name, {"running": {"startedAt": ago(600)}}, ready, restarts, last, started=True)


def waiting(name: str = "main", reason: str = "", *, restarts: int = 0, last: float | None = None) -> Json:
    """A waiting container's status."""
    state = {"waiting": {"reason": reason, "message": f"{reason}: see above"} if reason else {}}
    return _container(name, state, False, restarts, last)


def ended(
    name: str = "main",
    code: int = 0,
    reason: str = "",
    *,
    sig: int = 0,
    restarts: int = 0,
    last: float | None = None,
) -> Json:
    """A terminated container's status."""
    state: Json = {"exitCode": code, "startedAt": ago(500), "finishedAt": ago(90)}
    state |= {"reason": reason} if reason else {}
    state |= {"signal": sig} if sig else {}
    return _container(name, {"terminated": state}, False, restarts, last)


def _container(
    name: str, state: Json, ready: bool, restarts: int, last: float | None, *, started: bool = False
) -> Json:
    before = {"terminated": {"exitCode": 137, "reason": "Error", "finishedAt": ago(last)}} if last else {}
    return {
        "name": name,
        "image": "app:1",
        "imageID": "",
        "ready": ready,
        "started": started,
        "restartCount": restarts,
        "state": state,
        "lastState": before,
    }


def _status(phase: str, *main: Json, init: tuple[Json, ...] = (), conditions: str = "", **more: Any) -> Json:
    """A pod status; `conditions` names the true ones, and each with a `-` before it is false."""
    return {
        "phase": phase,
        "containerStatuses": list(main),
        "initContainerStatuses": list(init),
        "startTime": ago(600),
        "conditions": [
            {
                "type": word.lstrip("-"),
                "status": "False" if word[0] == "-" else "True",
                "lastTransitionTime": ago(60),
            }
            for word in conditions.split()
        ],
        **more,
    }


def pods() -> list[OddPod]:
    """All odd pods, with times relative to now."""
    return [*_starting(), *_initialising(), *_sidecars(), *_failing(), *_ending(), *_hostile()]


def _starting() -> list[OddPod]:
    two = ("main", "helper")
    return [
        OddPod("gated", node=False, spec={"schedulingGates": [{"name": "lab.quarterdeck/gate"}]}),
        OddPod("does-not-fit", node=False, spec={"nodeSelector": {"no-such": "label"}}),
        OddPod("bound-no-status"),
        OddPod("creating", _status("Pending", waiting(reason="ContainerCreating"))),
        OddPod("waiting-no-reason", _status("Pending", waiting())),
        OddPod("image-pull", _status("Pending", waiting(reason="ImagePullBackOff"))),
        OddPod("err-image-pull", _status("Pending", waiting(reason="ErrImagePull"))),
        OddPod("config-error", _status("Pending", waiting(reason="CreateContainerConfigError"))),
        OddPod(
            "half-pulled",
            _status("Pending", running(), waiting("helper", "ImagePullBackOff")),
            containers=two,
        ),
        OddPod("not-ready", _status("Running", running(ready=False), conditions="-Ready")),
        OddPod("half-ready", _status("Running", running(), running("helper", ready=False)), containers=two),
        OddPod("running-no-containers", _status("Running")),
        OddPod(
            "readiness-gates",
            _status("Running", running(), conditions="-Ready example.com/one"),
            spec={
                "readinessGates": [
                    {"conditionType": "example.com/one"},
                    {"conditionType": "example.com/two"},
                ]
            },
        ),
        OddPod(
            "nominated",
            _status("Pending", nominatedNodeName="some-node"),
            node=False,
            spec={"nodeSelector": {"no-such": "label"}},
        ),
    ]


def _initialising() -> list[OddPod]:
    def init(name: str, *statuses: Json, conditions: str = "-Initialized -Ready") -> OddPod:
        status = _status("Pending", waiting(reason="PodInitializing"), init=statuses, conditions=conditions)
        return OddPod(f"init-{name}", status, init=("one", "two"))

    later = waiting("two", "PodInitializing")
    done = ended("one", 0, "Completed")
    return [
        init("none-yet"),
        init("first-running", running("one", ready=False), later),
        init("second-waiting", done, later),
        init("second-running", done, running("two", ready=False, restarts=2, last=100)),
        init("error", ended("one", 1, "Error", restarts=1), later),
        init("exit-code", ended("one", 3), later),
        init("signal", ended("one", 137, sig=9), later),
        init("crash-loop", waiting("one", "CrashLoopBackOff", restarts=7, last=190), later),
        init("image-pull", waiting("one", "ErrImagePull"), later),
        init(
            "done", done, ended("two", 0, "Completed", restarts=3, last=300), conditions="Initialized -Ready"
        ),
        init("error-yet-initialized", ended("one", 1, "Error"), later, conditions="Initialized -Ready"),
    ]


def _sidecars() -> list[OddPod]:
    def side(name: str, status: Json) -> OddPod:
        return OddPod(f"sidecar-{name}", status, init=("one",), sidecars=("mesh",))

    done = ended("one", 0, "Completed", restarts=2, last=500)
    whole = "Initialized Ready ContainersReady"
    mesh = running("mesh", restarts=4, last=200)
    return [
        side("ready", _status("Running", running(), init=(mesh, done), conditions=whole)),
        side("not-ready", _status("Running", running(), init=(running("mesh", ready=False), done))),
        side(
            "starting",
            _status(
                "Pending",
                waiting(reason="PodInitializing"),
                init=({**running("mesh", ready=False), "started": False}, waiting("one", "PodInitializing")),
            ),
        ),
        side(
            "up-init-running",
            _status("Pending", waiting(reason="PodInitializing"), init=(mesh, running("one", ready=False))),
        ),
        side(
            "crashed",
            _status(
                "Running",
                running(restarts=1, last=4000),
                conditions="Initialized",
                init=(waiting("mesh", "CrashLoopBackOff", restarts=9, last=30), done),
            ),
        ),
        side(
            "ended",
            _status(
                "Succeeded",
                ended(reason="Completed"),
                init=(ended("mesh", 137, "Error"), done),
                conditions="Initialized -Ready",
            ),
        ),
    ]


def _failing() -> list[OddPod]:
    two = ("main", "helper")
    failed: Json = {"containerStatuses": [], "initContainerStatuses": []}
    return [
        OddPod("crash-loop", _status("Running", waiting(reason="CrashLoopBackOff", restarts=17, last=125))),
        OddPod(
            "restarted-long-ago", _status("Running", running(restarts=5, last=3 * 86400), conditions="Ready")
        ),
        OddPod("restarted-no-date", _status("Running", running(restarts=12), conditions="Ready")),
        OddPod("oom", _status("Running", ended(code=137, reason="OOMKilled", restarts=2, last=400))),
        OddPod("error", _status("Failed", ended(code=1, reason="Error"))),
        OddPod("exit-code", _status("Failed", ended(code=42))),
        OddPod("signal", _status("Failed", ended(code=143, sig=15))),
        OddPod("evicted", _status("Failed", reason="Evicted", message="low on resource: memory") | failed),
        OddPod("deadline", _status("Failed", ended(code=1, reason="Error"), reason="DeadlineExceeded")),
        OddPod("node-affinity", _status("Failed", reason="NodeAffinity")),
        OddPod("failed-bare", _status("Failed")),
        OddPod("unknown-phase", _status("Unknown", running())),
        OddPod("node-lost", _status("Unknown", running(), reason="NodeLost")),
        OddPod(
            "two-errors",
            _status("Running", ended(code=1, reason="Error"), ended("helper", 2, "Weird")),
            containers=two,
        ),
        OddPod("can-not-run", _status("Running", waiting(reason="RunContainerError", restarts=1))),
    ]


def _ending() -> list[OddPod]:
    two = ("main", "helper")
    done = ended(reason="Completed")
    helper = running("helper")
    return [
        OddPod("completed", _status("Succeeded", done, conditions="-Ready")),
        OddPod("succeeded-bare", _status("Succeeded")),
        OddPod("one-done-ready", _status("Running", done, helper, conditions="Ready"), containers=two),
        OddPod("one-done-not-ready", _status("Running", done, helper, conditions="-Ready"), containers=two),
        OddPod("one-done-one-failed", _status("Running", done, ended("helper", 1, "Error")), containers=two),
        OddPod(
            "one-done-one-loops",
            _status("Running", done, waiting("helper", "CrashLoopBackOff")),
            containers=two,
        ),
        OddPod("terminating", _status("Running", running(), conditions="Ready"), doomed=True),
        OddPod("terminating-crashed", _status("Running", waiting(reason="CrashLoopBackOff")), doomed=True),
        OddPod("terminating-pending", _status("Pending"), doomed=True),
        OddPod("terminating-done", _status("Succeeded", done), doomed=True),
        OddPod("terminating-failed", _status("Failed", ended(code=1, reason="Error")), doomed=True),
        OddPod("terminating-node-lost", _status("Running", running(), reason="NodeLost"), doomed=True),
    ]


def _hostile() -> list[OddPod]:
    hostile = _status("Failed", reason=HOSTILE[:60], message=HOSTILE)
    return [
        OddPod("hostile-reason", hostile, annotations={"lab.quarterdeck/text": HOSTILE}),
        OddPod("hostile-waiting", _status("Pending", waiting(reason="[b]Bold[/b]\x1b[5m"))),
        OddPod("long." + "name-" * 49 + "end", _status("Running", running(), conditions="Ready")),
        OddPod("many-restarts", _status("Running", running(restarts=2_000_000, last=1), conditions="Ready")),
        OddPod(
            "addresses",
            _status(
                "Running",
                running(),
                podIP="fd00::1",
                podIPs=[{"ip": "fd00::1"}, {"ip": "10.1.2.3"}],
                hostIP="127.0.0.1",
                conditions="Ready",
            ),
        ),
    ]


def nodes() -> list[tuple[Json, list[Json]]]:
    """All odd nodes: what to create, and the conditions to write."""
    ready = _condition("True", "KubeletReady")
    down = _condition("False", "KubeletNotReady", "container runtime is down")
    silent = _condition("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
    role = "node-role.kubernetes.io/"
    return [
        _node("odd-cordoned", ready, cordoned=True),
        _node("odd-not-ready", down),
        _node("odd-not-ready-cordoned", down, cordoned=True),
        _node("odd-unknown", silent),
        _node("odd-no-conditions"),
        _node("odd-pressure", ready, {**ready, "type": "MemoryPressure"}, {**ready, "type": "DiskPressure"}),
        _node(
            "odd-roles",
            ready,
            labels={f"{role}control-plane": "", f"{role}etcd": "", "kubernetes.io/role": "old"},
        ),
        _node("odd-hostile", {**down, "reason": "Hostile", "message": HOSTILE}),
    ]


def _node(name: str, *conditions: Json, cordoned: bool = False, labels: dict[str, str] | None = None) -> Any:
    metadata = {"name": name, "labels": {STILL: "true", **(labels or {})}}
    # Kept free of pods by the taint, so that what the nodes say never moves anything.
    taint = {"key": "lab.quarterdeck/odd", "effect": "NoSchedule"}
    spec = {"unschedulable": cordoned, "taints": [taint]}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec}, list(conditions)


def _condition(status: str, reason: str, message: str = "") -> Json:
    when = {"lastHeartbeatTime": ago(0), "lastTransitionTime": ago(3600)}
    return {"type": "Ready", "status": status, "reason": reason, "message": message, **when}
