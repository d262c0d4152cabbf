"""What a fleet costs on a link: `python -m tests.engine.measure`."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass

import msgspec

from providers.model import Owner, Pod, Upserts
from providers.stream import Frame
from providers.wire import Writer

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
NOW = 1_790_000_000.0


@dataclass(frozen=True)
class Cost:
    """In bytes."""

    load: int
    mean_change: float
    largest_change: int


def cost(pods: int, changes: int) -> Cost:
    """Pods written 500 at a time, then single changes: status, readiness, restarts and version."""
    chance = random.Random(1)
    writer = Writer("zstd")
    fleet = _fleet(chance, pods)
    load = 0
    for start in range(0, pods, 500):
        frame = Frame(NOW + chance.random(), "lab", Upserts(tuple(fleet[start : start + 500])))
        load += len(writer.write([frame]))
    sizes = []
    for number in range(changes):
        at = chance.randrange(pods)
        fleet[at] = _changed(chance, fleet[at], number)
        sizes.append(len(writer.write([Frame(NOW + chance.random() * 99, "lab", Upserts((fleet[at],)))])))
    return Cost(load, sum(sizes) / len(sizes), max(sizes))


def _changed(chance: random.Random, pod: Pod, number: int) -> Pod:
    return msgspec.structs.replace(
        pod,
        restarts=pod.restarts + 1,
        last_restart=NOW + chance.random() * 1000,
        status=chance.choice(["Running", "CrashLoopBackOff", "Error"]),
        ready=chance.randrange(3),
        rv=str(10**6 + number * 3),
    )


def _fleet(chance: random.Random, pods: int) -> list[Pod]:
    """Pods as a cluster has them, in random order: names, uids, addresses and times that don't compress."""
    made = [pod for app in range(-(-pods // 20)) for pod in _workload(chance, app)][:pods]
    chance.shuffle(made)
    return made


def _workload(chance: random.Random, number: int) -> list[Pod]:
    set_name = f"app-{number}-{_word(chance, 9)}"
    owner = Owner("ReplicaSet", set_name, _uid(chance))
    return [
        Pod(
            uid=_uid(chance),
            namespace=f"team-{number % 40}",
            name=f"{set_name}-{_word(chance, 5)}",
            created=NOW - chance.randrange(10**6),
            status="Running",
            ready=2,
            containers=2,
            node=f"node-{chance.randrange(300)}",
            ip=f"10.{chance.randrange(4)}.{chance.randrange(256)}.{chance.randrange(256)}",
            phase="Running",
            owner=owner,
            labels=f"app=app-{number},pod-template-hash={set_name[-9:]}",
            rv=str(chance.randrange(10**5, 10**6)),
        )
        for _ in range(20)
    ]


def _word(chance: random.Random, length: int) -> str:
    return "".join(chance.choice(_LETTERS) for _ in range(length))


def _uid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128)))


if __name__ == "__main__":
    measured = cost(pods=10_000, changes=5_000)
    print(
        f"10,000 pods: {measured.load:,} bytes; a change: {measured.mean_change:.1f} bytes,"
        f" {measured.largest_change} at most"
    )
