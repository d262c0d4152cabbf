"""Small fleets whose objects meet often: few names, few uids, every order."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from providers.model import Complete, Deletes, Health, Instance, Node, Owner, Pod, Upserts
from providers.stream import Frame, Gone, Welcome

SOURCES = ("east", "west")
NODE_NAMES = ("n1", "n2", "n3")
MACHINES = ("i-1", "i-2", "i-3")
NAMES_NONE = ("", "kind://docker/kind/n1")
ADDRESSES = ("", "10.0.0.1", "10.0.0.2")
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
    internal_ip=st.sampled_from(ADDRESSES),
    provider_id=st.sampled_from([*(f"aws:///z/{machine}" for machine in MACHINES), *NAMES_NONE]),
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
    uid=st.sampled_from(MACHINES),
    provider_id=st.sampled_from([*(f"aws:///other/{machine}" for machine in MACHINES), *NAMES_NONE]),
    private_ip=st.sampled_from(ADDRESSES),
    network=st.sampled_from(["", "vpc-a", "vpc-a", "vpc-b"]),
    group=st.sampled_from(["", "workers"]),
    nodegroup=st.sampled_from(["", "ng"]),
    cluster=st.sampled_from(["prod", "dev"]),
    observed=st.sampled_from([True, True, False]),
    name=st.sampled_from(["a", "b"]),
    state=st.sampled_from(["running", "stopped", "shutting-down", ""]),
    checks=st.sampled_from(["2/2", "1/2", ""]),
)
objects = st.one_of(pods, pods, nodes, instances)
bodies = st.one_of(
    st.lists(objects, min_size=1, max_size=4).map(lambda found: Upserts(tuple(found))),
    st.builds(Deletes, st.just("pod"), st.tuples(st.sampled_from([f"p{n}" for n in range(8)]))),
    st.builds(Deletes, st.just("node"), st.tuples(st.sampled_from(["u1", "u2", "u3", "u4"]))),
    st.builds(Deletes, st.just("instance"), st.tuples(st.sampled_from(MACHINES))),
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


# ---- nodes and machines that meet at nearly every step -----------------------------------------------

CLUSTERS = ("east", "west")
ACCOUNTS = ("aws", "state")

close_nodes = st.builds(
    Node,
    uid=st.sampled_from(["u1", "u2", "u3"]),
    name=st.sampled_from(["n1", "n2"]),
    created=times,
    status=st.sampled_from(["Ready", "NotReady"]),
    internal_ip=st.sampled_from(["10.0.0.1", "10.0.0.1", "10.0.0.2", ""]),
    provider_id=st.sampled_from(["aws:///z/i-1", "aws:///z/i-1", "aws:///z/i-2", *NAMES_NONE, *NAMES_NONE]),
)
close_instances = st.builds(
    Instance,
    uid=st.sampled_from(["m1", "m2", "m3"]),
    state=st.sampled_from(["running", "shutting-down"]),
    checks=st.sampled_from(["2/2", "1/2"]),
    type=st.sampled_from(["m7i.large", "c7i.large"]),
    provider_id=st.sampled_from(["aws:///z/i-1", "aws:///z/i-2", "aws:///z/i-3", ""]),
    private_ip=st.sampled_from(["10.0.0.1", "10.0.0.1", "10.0.0.2", ""]),
    network=st.sampled_from(["vpc-a", "vpc-a", "vpc-a", "vpc-b", ""]),
    group=st.sampled_from(["", "workers"]),
    nodegroup=st.sampled_from(["", "ng"]),
    cluster=st.sampled_from(["prod", "dev"]),
    observed=st.sampled_from([True, True, True, False]),
)
close_pods = st.builds(
    Pod,
    uid=st.sampled_from(["p1", "p2"]),
    namespace=st.just("default"),
    name=st.just("api"),
    node=st.sampled_from(["n1", "n2"]),
)


def _weighted(*choices: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """One of them, so often each: `st.one_of` counts what is named twice once."""
    table = [strategy for times, strategy in choices for _ in range(times)]
    return st.sampled_from(range(len(table))).flatmap(table.__getitem__)


def _upserts(found: st.SearchStrategy[Any]) -> st.SearchStrategy[Upserts]:
    return st.lists(found, min_size=1, max_size=3).map(lambda objects: Upserts(tuple(objects)))


def _deletes(kind: str, *uids: str) -> st.SearchStrategy[Deletes]:
    return st.builds(Deletes, st.just(kind), st.tuples(st.sampled_from(uids)))


def _from(sources: tuple[str, ...], body: st.SearchStrategy[Any]) -> st.SearchStrategy[Frame]:
    return st.builds(Frame, st.just(1.0), st.sampled_from(sources), body)


def _machine(source: str, uid: str, number: int, **facts: Any) -> Frame:
    said = {
        "provider_id": f"aws:///other/i-{number}",
        "network": "vpc-a",
        "private_ip": f"10.0.0.{number}",
        "group": "workers",
    }
    return upsert(source, Instance(uid=uid, **{**said, **facts}))


NAMED = node("u1", "n1", provider_id="aws:///z/i-1", internal_ip="10.0.0.1", created=10.0)
NAMELESS = node("u2", "n2", provider_id="kind://docker/kind/n2", internal_ip="10.0.0.2")
SCENE = (
    upsert("east", NAMED),
    upsert("east", NAMELESS),
    upsert("west", node("u3", "n1", provider_id="aws:///z/i-3", created=20.0)),
    upsert("east", pod("p1", node="n1"), pod("p2", node="n2")),
    _machine("aws", "m1", 1),
    _machine("aws", "m2", 2, nodegroup="ng", cluster="prod"),
    _machine("state", "m1", 1, observed=False, network="", private_ip=""),
    _machine("state", "m3", 3),
)
"""Two clusters in one network: edges of both kinds, twins, a group with nodes in one of them."""

_turns = st.sampled_from(
    [
        frame
        for facts in (
            {},
            {"state": "running"},
            {"state": "stopped"},
            {"state": "shutting-down"},
            {"checks": "1/2"},
            {"provider_id": "aws:///other/i-2"},
            {"provider_id": ""},
            {"private_ip": "10.0.0.2"},
            {"network": "vpc-b"},
            {"group": ""},
            {"group": "others"},
            {"nodegroup": "ng"},
            {"observed": False},
        )
        for frame in (_machine("aws", "m1", 1, **facts), _machine("aws", "m2", 2, **facts))
    ]
    + [
        upsert("east", msgspec.structs.replace(said, **facts))
        for facts in (
            {},
            {"status": "NotReady"},
            {"name": "n2"},
            {"created": 30.0},
            {"provider_id": "aws:///z/i-2"},
            {"provider_id": ""},
            {"internal_ip": "10.0.0.1"},
        )
        for said in (NAMED, NAMELESS)
    ]
)
"""One thing about one of them is otherwise, or as it was."""

_changes = _weighted(
    (9, _turns),
    (9, _from(CLUSTERS, _upserts(_weighted((4, close_nodes), (1, close_pods))))),
    (3, _from(CLUSTERS, _deletes("node", "u1", "u2", "u3"))),
    (6, _from(ACCOUNTS, _upserts(close_instances))),
    (2, _from(ACCOUNTS, _deletes("instance", "m1", "m2", "m3"))),
    (1, _from((*CLUSTERS, *ACCOUNTS), st.builds(Gone))),
    (1, _from((*CLUSTERS, *ACCOUNTS), st.builds(Complete, st.sampled_from(["node", "instance"])))),
    (1, st.just(Frame(1.0, "", WELCOME))),
)
meetings = st.builds(
    lambda arrivals, changes, again: [*arrivals, *changes, *again],
    st.permutations(SCENE),
    st.lists(_changes, max_size=20),
    st.one_of(st.just(()), st.permutations(SCENE)),
)
"""A scene that arrives in any order, then whatever may happen to it, then perhaps the scene again."""
