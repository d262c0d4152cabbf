"""Machines that a person reboots, starts and stops, with what their nodes make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from providers.contract import Refused, Subject, Verb
from providers.demo import machines
from providers.demo.fleet import Home
from providers.demo.life import Story
from providers.model import Instance, Node, Ref

BY_USER = "Client.UserInitiatedShutdown: User initiated shutdown"
SECONDS = 60.0
"""More than any of it takes."""
_NEEDS: dict[Verb, str] = {"reboot": "running", "start": "stopped", "stop": "running"}


def machine_of(home: Home, ref: Ref, instance: Instance) -> Subject:
    """The machine, and what its verbs do beside the obvious."""
    return Subject(
        ref=ref,
        kind="Instance",
        name=instance.name,
        uid=instance.uid,
        state=instance.state,
        launched=instance.launched,
        consequences=tuple(_consequences(home, instance)),
    )


def prepare_power(home: Home, machine: Subject, verb: Verb) -> Callable[[], None]:
    """What begins it. Raises Refused when the machine is not as it was read, or in no state for it."""
    now = home.instances.get(machine.uid)
    if now is None:
        raise Refused(f"instance {machine.uid} is gone")
    if (now.state, now.launched) != (machine.state, machine.launched):
        raise Refused(f"instance {machine.uid} changed meanwhile: it is {now.state}")
    if now.state != _NEEDS[verb]:
        raise Refused(f"instance {machine.uid} is {now.state}, and must be {_NEEDS[verb]} for that")
    return lambda: _begin(home, _STORIES[verb](home, machine.uid))


def _begin(home: Home, story: Story) -> None:
    home.advance()  # its life may be seconds behind, and would be told all at once
    home.life.begin(story, pace="person")
    home.wake()


def _consequences(home: Home, instance: Instance) -> list[tuple[Verb, str]]:
    found: list[tuple[Verb, str]] = []
    if node := node_on(home, instance):
        pods = len(home.pods_on(node.name))
        words = f"node {node.name} in cluster {home.place.cluster} falls silent, with {pods} pods on it"
        found += [("reboot", words), ("stop", words)]
    if instance.public_ip:
        found.append(("stop", f"its public address {instance.public_ip} is given up"))
    return found


def node_on(home: Home, instance: Instance) -> Node | None:
    return next((node for node in home.nodes.values() if node.provider_id == instance.provider_id), None)


# ---- what happens then -------------------------------------------------------------------------------


def _reboot(home: Home, uid: str) -> Story:
    _turn(home, uid, "running", checks="0/2")
    _silence(home, uid)
    yield 4.0
    yield from _come_up(home, uid)


def _start(home: Home, uid: str) -> Story:
    _turn(home, uid, "stopped", state="pending", reason="", launched=float(int(home.now())))
    yield 3.0
    _turn(home, uid, "pending", state="running", checks="0/2")
    yield 4.0
    yield from _come_up(home, uid)


def _stop(home: Home, uid: str) -> Story:
    _turn(home, uid, "running", state="stopping", reason=BY_USER)
    yield 2.0
    _silence(home, uid)
    yield 4.0
    _turn(home, uid, "stopping", state="stopped", checks="", public_ip="")


def _come_up(home: Home, uid: str) -> Story:
    instance = home.instances.get(uid)
    if instance is None or instance.state != "running":
        return
    if node := node_on(home, instance):
        home.put(machines.started(node, home.now()))
    yield 3.0
    _turn(home, uid, "running", checks="2/2")


def _turn(home: Home, uid: str, was: str, **now: Any) -> None:
    """Change the machine, unless something else has come over it meanwhile."""
    instance = home.instances.get(uid)
    if instance is not None and instance.state == was:
        since = home.now() if now.get("state", was) != was else instance.since
        home.put(replace(instance, since=since, **now))


def _silence(home: Home, uid: str) -> None:
    instance = home.instances.get(uid)
    if instance is not None and (node := node_on(home, instance)):
        home.put(machines.unheard(node, home.now()))


_STORIES: dict[Verb, Callable[[Home, str], Story]] = {"reboot": _reboot, "start": _start, "stop": _stop}
