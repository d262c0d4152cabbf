"""Objects that a story plays with: pods and a Deployment in a namespace of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from .cluster import Lab

PLACE = "stories"


@contextmanager
def pods(lab: Lab, *names: str) -> Iterator[None]:
    """Bare pods in PLACE, running; afterwards nothing is left there."""
    with place(lab):
        for name in names:
            create(lab, name)
        for name in names:
            running(lab, name)
        yield


@contextmanager
def deployment(lab: Lab, name: str, replicas: int) -> Iterator[None]:
    """A Deployment in PLACE with all its pods running."""
    with place(lab):
        lab.kubectl("create", "deployment", name, "-n", PLACE, "--image=app:1", f"--replicas={replicas}")
        lab.kubectl("rollout", "status", "-n", PLACE, f"deployment/{name}", "--timeout=60s", timeout=70)
        yield


@contextmanager
def place(lab: Lab) -> Iterator[None]:
    """The namespace, which is emptied at the end (its own end takes the controllers too long)."""
    if not lab.kubectl("get", "namespace", PLACE, "--ignore-not-found"):
        lab.kubectl("create", "namespace", PLACE)
    try:
        yield
    finally:
        lab.kubectl("delete", "deployment", "-n", PLACE, "--all", "--cascade=foreground")
        lab.kubectl("delete", "pod", "-n", PLACE, "--all", "--grace-period=0", "--force")


def create(lab: Lab, name: str) -> None:
    """A bare pod, put on its node by name: the scheduler takes a while after the API server was away."""
    there = json.dumps({"spec": {"nodeName": "ip-10-12-0-2"}})
    lab.kubectl("run", name, "-n", PLACE, "--image=app:1", "--restart=Never", f"--overrides={there}")


def running(lab: Lab, name: str) -> str:
    """Wait until the pod runs; its uid."""
    lab.kubectl("wait", "-n", PLACE, f"pod/{name}", "--for=condition=Ready", "--timeout=60s", timeout=70)
    return uid(lab, name)


def delete(lab: Lab, name: str) -> None:
    """Delete the pod at once and wait until it is gone."""
    lab.kubectl("delete", "pod", "-n", PLACE, name, "--grace-period=0", "--force", "--wait")


def uid(lab: Lab, name: str) -> str:
    """The uid of the pod of that name, "" when there is none."""
    return lab.kubectl(
        "get", "pod", "-n", PLACE, name, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}"
    )


def names(lab: Lab, *selection: str) -> list[str]:
    """Names of the pods that kubectl selects, in its order: by namespace and name."""
    items = json.loads(lab.kubectl("get", "pods", *selection, "-o", "json"))["items"]
    return [item["metadata"]["name"] for item in items]


def cordoned(lab: Lab) -> set[str]:
    """Names of the nodes that kubectl sees as cordoned, the odd ones left out."""
    items = json.loads(lab.kubectl("get", "nodes", "-o", "json"))["items"]
    found = {item["metadata"]["name"] for item in items if item["spec"].get("unschedulable")}
    return {name for name in found if not name.startswith("odd-")}
