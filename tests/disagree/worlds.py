"""Small fleets of a cluster and a cloud that agree, to be put out of step in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from console.disagreements import KIND, Disagreement
from console.fleet import Fleet
from providers.model import (
    About,
    Complete,
    Condition,
    Deletes,
    Health,
    Instance,
    Node,
    Owner,
    Pod,
    Ref,
    SourceInfo,
    State,
    Upserts,
)
from providers.stream import Frame

NOW = 1_000_000.0
OLD = NOW - 86_400
CLUSTER = SourceInfo(name="prod", provider="kubernetes", kinds=("node", "pod"), cluster="prod")
CLOUD = SourceInfo(
    name="aws", provider="aws", kinds=("instance",), account="shop 111122223333", region="eu-west-1"
)
STATE = SourceInfo(name="tf", provider="static", kinds=("instance",))


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class World:
    """A fleet, and words for what happens to it."""

    def __init__(self, *, wanted: bool = True) -> None:
        self.clock = Clock()
        self.fleet = Fleet(self.clock)
        if wanted:
            self.fleet.want(KIND)

    def source(self, info: SourceInfo, *objects: Any, state: State = "live", known: bool = True) -> None:
        """A source that has told everything; without `known` its lists are not complete."""
        self.say(info.name, About(info), Health(state="loading", since=OLD), Upserts(objects))
        if known:
            self.say(info.name, *(Complete(kind) for kind in info.kinds))
        self.say(info.name, Health(state=state, since=NOW))

    def say(self, source: str, *bodies: Any) -> None:
        """Frames from that source."""
        for body in bodies:
            self.fleet.apply(Frame(self.clock.now, source, body))

    def put(self, source: str, *objects: Any) -> None:
        """Objects as they are now."""
        self.say(source, Upserts(objects))

    def drop(self, source: str, kind: str, *uids: str) -> None:
        """Objects that are gone."""
        self.say(source, Deletes(kind, uids))

    def health(self, source: str, state: State, kind: str = "") -> None:
        """How a source is now."""
        self.say(source, Health(state=state, since=self.clock.now, kind=kind))

    @property
    def rows(self) -> list[Disagreement]:
        """What is listed, after everything was taken in."""
        self.fleet.take()
        self.fleet.take()  # what is taken twice is the same
        return sorted((item.obj for item in self.fleet.items(KIND)), key=lambda row: (row.rule, row.name))

    @property
    def told(self) -> list[tuple[str, str, int]]:
        """Rule, name and severity of each."""
        return [(row.rule, row.name, row.severity) for row in self.rows]

    def row(self, rule: str) -> Disagreement:
        """The only row of that rule."""
        (row,) = (row for row in self.rows if row.rule == rule)
        return row


def from_scratch(fleet: Fleet) -> dict[Ref, Disagreement]:
    """All rows as another look at the same fleet has them."""
    from console.disagreements import Lens

    return {ref: row for ref, row in Lens(fleet).begin() if row is not None}


def node(number: int, **facts: Any) -> Node:
    """A node in good order on machine `number`."""
    usual: dict[str, Any] = {
        "created": OLD,
        "status": "Ready",
        "ready": True,
        "provider_id": f"aws:///eu-west-1a/i-{number:08x}",
        "zone": "eu-west-1a",
        "instance_type": "m6i.large",
        "conditions": (Condition("Ready", "True", "KubeletReady", since=OLD),),
    }
    return Node(uid=f"u{number}", name=f"n{number}", **{**usual, **facts})


def instance(number: int, **facts: Any) -> Instance:
    """A machine in good order."""
    usual: dict[str, Any] = {
        "name": f"m{number}",
        "state": "running",
        "type": "m6i.large",
        "zone": "eu-west-1a",
        "checks": "2/2",
        "launched": OLD,
        "image": "ami-1",
        "provider_id": f"aws:///eu-west-1a/i-{number:08x}",
    }
    return Instance(uid=f"i-{number:08x}", **{**usual, **facts})


def declared(number: int, **facts: Any) -> Instance:
    """The same machine as a Terraform state has it."""
    usual: dict[str, Any] = {
        "name": f"m{number}",
        "type": "m6i.large",
        "zone": "eu-west-1a",
        "provider_id": f"aws:///eu-west-1a/i-{number:08x}",
        "observed": False,
        "resource": f"aws_instance.m[{number}]",
    }
    return Instance(uid=f"i-{number:08x}", **{**usual, **facts})


def pod(name: str, on: int, **facts: Any) -> Pod:
    """A running pod of a ReplicaSet."""
    usual: dict[str, Any] = {
        "namespace": "web",
        "status": "Running",
        "phase": "Running",
        "owner": Owner("ReplicaSet", "api", "rs1"),
    }
    return Pod(uid=name, name=name, node=f"n{on}", **{**usual, **facts})


def in_step(numbers: Iterable[int] = (1, 2, 3), **facts: Any) -> World:
    """A cluster and a cloud that agree; `facts` are of all its machines."""
    world = World()
    world.source(CLUSTER, *(node(number) for number in numbers))
    world.source(CLOUD, *(instance(number, **facts) for number in numbers))
    return world
