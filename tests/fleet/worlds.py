"""Small fleets whose objects meet often: few names, few uids, every order."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from providers.model import Complete, Deletes, Health, Instance, Node, Owner, Pod, Upserts
from providers.stream import Frame, Gone, Welcome

SOURCES = ("east", "west")
NODE_NAMES = ("n1", "n2", "n3")
MACHINES = ("i-1", "i-2", "")
WELCOME = Welcome(version="0", pid=1, host="here", read_only=False)

times = st.sampled_from([None, 10.0, 20.0, 30.0])


def node(uid: str, name: str, **facts: Any) -> Node:
    return Node(uid=uid, name=name, **facts)


def pod(uid: str, name: str = "p", namespace: str = "default", **facts: Any) -> Pod:
    return Pod(uid=uid, name=name, namespace=namespace, **facts)


def upsert(source: str, *objects: Any, at: float = 1.0) -> Frame:
    return Frame(at, source, Upserts(objects))


def delete(source: str, kind: str, *uids: str, at: float = 1.0) -> Frame:
    return Frame(at, source, Deletes(kind, uids))


nodes = st.builds(
    Node,
    uid=st.sampled_from(["u1", "u2", "u3", "u4"]),
    name=st.sampled_from(NODE_NAMES),
    created=times,
    status=st.sampled_from(["Ready", "NotReady", "Ready,SchedulingDisabled"]),
    ready=st.sampled_from([True, False, None]),
    unschedulable=st.booleans(),
    provider_id=st.sampled_from([f"aws:///z/{machine}" if machine else "" for machine in MACHINES]),
    zone=st.sampled_from(["", "a", "b"]),
)
pods = st.builds(
    Pod,
    uid=st.sampled_from([f"p{number}" for number in range(8)]),
    namespace=st.sampled_from(["web", "db"]),
    name=st.sampled_from(["api-1", "api-2", "cron"]),
    created=times,
    status=st.sampled_from(["Running", "Pending", "CrashLoopBackOff", "Completed", ""]),
    ready=st.integers(0, 2),
    containers=st.just(2),
    restarts=st.integers(0, 3),
    node=st.sampled_from(["", *NODE_NAMES]),
    owner=st.sampled_from([None, Owner("ReplicaSet", "api", "rs1"), Owner("Job", "cron", "j1")]),
    labels=st.sampled_from(["", "app=api", "app=cron,tier=back"]),
)
instances = st.builds(
    Instance,
    uid=st.sampled_from([machine for machine in MACHINES if machine]),
    name=st.sampled_from(["a", "b"]),
    state=st.sampled_from(["running", "stopped", "pending", ""]),
    checks=st.sampled_from(["2/2", "1/2", ""]),
)
objects = st.one_of(pods, pods, nodes, instances)
bodies = st.one_of(
    st.lists(objects, min_size=1, max_size=4).map(lambda found: Upserts(tuple(found))),
    st.builds(Deletes, st.just("pod"), st.tuples(st.sampled_from([f"p{n}" for n in range(8)]))),
    st.builds(Deletes, st.just("node"), st.tuples(st.sampled_from(["u1", "u2", "u3", "u4"]))),
    st.builds(Deletes, st.just("instance"), st.tuples(st.sampled_from(["i-1", "i-2"]))),
    st.builds(Complete, st.sampled_from(["pod", "node", "instance"])),
    st.builds(
        Health,
        state=st.sampled_from(["connecting", "loading", "live", "lagging", "lost", "denied"]),
        since=st.sampled_from([5.0, 15.0]),
        kind=st.sampled_from(["", "pod"]),
    ),
    st.just(WELCOME),
    st.builds(Gone),
)
frames = st.builds(Frame, st.sampled_from([1.0, 2.0, 3.0]), st.sampled_from(SOURCES), bodies)
