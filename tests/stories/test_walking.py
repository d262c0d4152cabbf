"""A pod, its node, its machine, its volumes and zone: one thing to walk through."""

from __future__ import annotations

from typing import Any

import pytest

from console.screens import walk
from console.views.scope import Scope
from providers.model import Deletes, Node, Owner, Pod, Ref, Upserts
from providers.stream import Frame
from tests.stories.stage import NOW, Session, session


async def _on_a_node_of_the_cloud(user: Session) -> None:
    await user.type(":nodes")
    await user.press("enter", "N", "g")


async def test_from_a_pod_to_its_node_its_instance_and_its_volumes_and_back() -> None:
    async with session() as user:
        pod = user.under_cursor
        assert user.deck.scene.focus == "pod"
        await user.press("o")
        assert user.deck.scene.focus == "node"
        node = user.deck.current
        assert node is not None
        await user.press("i")
        assert user.deck.scene.focus == "instance"
        assert user.deck.current is node.instance
        assert node.instance is not None
        await user.press("v")
        await user.until(lambda: user.deck.scene.focus == "volume")
        owners = {item.obj.owner.uid for item in _volumes(user)}
        assert owners == {node.instance.ref.uid}
        assert f"narrowed: instance {node.instance.name}" in user.title("volume")
        await user.press("enter")
        assert user.deck.current is node.instance
        await user.press("enter")
        assert user.deck.current is node
        await user.press("escape", "escape", "escape", "escape", "escape")
        assert (user.deck.scene.focus, user.under_cursor) == ("pod", pod)


async def test_from_a_pod_to_its_own_volumes_and_from_there_to_its_instance() -> None:
    async with session() as user:
        await user.press("slash")
        await user.type("postgres-0")
        await user.press("enter")
        pod = user.deck.current
        assert pod is not None
        assert pod.node is not None
        await user.press("v")
        await user.until(lambda: user.deck.scene.focus == "volume")
        [volume] = _volumes(user)
        assert volume in [found.volume for found in user.app.fleet.volumes_of(pod)]
        assert "narrowed: pod postgres-0" in user.title("volume")
        await user.press("enter")
        assert user.deck.current is pod.node.instance
        # The instance has this one and its own.
        await user.press("v")
        assert len(_volumes(user)) > 1
        assert f"narrowed: instance {pod.node.instance.name}" in user.title("volume")


async def test_pods_of_a_narrowed_pane_that_go_take_their_volumes_with_them() -> None:
    async with session() as user:
        await user.press("slash")
        await user.type("postgres-0")
        await user.press("enter", "v")
        await user.until(lambda: user.deck.scene.focus == "volume")
        [volume] = _volumes(user)
        [pod] = volume.pods
        user.app.fleet.apply(Frame(NOW, pod.ref.source, Deletes("pod", (pod.ref.uid,))))
        user.app.tick()
        assert _volumes(user) == []
        assert f"narrowed: pod {pod.ref.uid} (gone)" in user.title("volume")


def _volumes(user: Session) -> list[Any]:
    listing = user.deck.panes["volume"].listing
    return [listing.item_at(index) for index in range(len(listing))]


async def test_a_source_that_is_narrowed_to_does_not_hide_a_node_s_instance() -> None:
    async with session() as user:
        await user.type(":nodes @prod-eu")
        await user.press("enter")
        node = user.deck.current
        assert node is not None
        await user.press("i")
        assert user.deck.current is node.instance


async def test_only_what_is_in_the_same_zone() -> None:
    async with session() as user:
        await _on_a_node_of_the_cloud(user)
        assert user.deck.current is not None
        zone = user.deck.current.obj.zone
        every = len(user.rows("node"))
        await user.press("z")
        listing = user.deck.panes["node"].listing
        assert {listing.item_at(index).obj.zone for index in range(len(listing))} == {zone}
        await user.press("escape")
        assert len(user.rows("node")) == every


@pytest.mark.parametrize("zone", ["rack 3", '"rack', "rack '3", "a,b", "/x"])
async def test_a_zone_of_any_words_is_that_zone_alone(zone: str) -> None:
    async with session() as user:
        nodes = [
            Node(uid=f"r{at}", name=f"aaa-{at}", zone=each)
            for at, each in enumerate((zone, zone, f"{zone}0", "3"))
        ]
        user.app.fleet.apply(Frame(NOW, "prod-eu", Upserts(tuple(nodes))))
        user.app.tick()
        await user.type(":nodes")
        await user.press("enter")
        user.deck.navigate.go_to(Ref("prod-eu", "node", "r0"))
        assert user.under_cursor == "aaa-0"
        await user.press("z")
        assert sorted(user.rows("node")) == ["aaa-0", "aaa-1"]
        assert user.under_cursor == "aaa-0"
        await user.press("escape")
        assert len(user.rows("node")) > 4


async def test_pods_are_not_narrowed_by_the_volumes_that_were_looked_at() -> None:
    async with session() as user:
        await _on_a_node_of_the_cloud(user)
        node = user.deck.current
        assert node is not None
        await user.press("v")
        await user.until(lambda: user.deck.scene.focus == "volume")
        assert len(user.rows("pod")) == 300
        await user.type(":nodes")
        await user.press("enter", "enter")
        assert len(user.rows("pod")) == len(node.pods or ()) > 0


async def test_a_pod_that_is_nowhere_says_why_there_is_no_instance() -> None:
    async with session() as user:
        waiting = Pod(uid="waiting", namespace="aaa", name="waiting")
        user.app.fleet.apply(Frame(NOW, "prod-eu", Upserts((waiting,))))
        user.app.tick()
        await user.press("slash")
        await user.type("waiting")
        await user.press("enter")
        assert user.under_cursor == "waiting"
        for key in ("i", "v"):
            await user.press(key)
            assert user.deck.scene.focus == "pod"
        assert (
            walk.why_no_instance(user.deck) == walk.why_no_volumes(user.deck) == "no instance is known for it"
        )
        assert walk.why_no_zone(user.deck) == "its zone is not known"


@pytest.mark.parametrize(
    "scope",
    [
        Scope(namespaces=frozenset({"elsewhere"})),
        Scope(owner=Owner("ReplicaSet", "other", "other")),
        Scope(sources=frozenset({"prod-us"})),
        Scope(node=Ref("prod-eu", "node", "other")),
    ],
    ids=["namespace", "owner", "source", "node"],
)
async def test_nothing_that_is_narrowed_to_hides_what_is_gone_to(scope: Scope) -> None:
    async with session() as user:
        [pod, *_] = [item for item in user.app.fleet.items("pod") if item.ref.source == "prod-eu"]
        user.deck.navigate.narrow(scope, "pod")
        assert user.deck.panes["pod"].listing.index_of(pod.ref) is None
        user.deck.navigate.go_to(pod.ref)
        assert user.deck.current is pod


async def test_a_pod_that_is_narrowed_to_does_not_hide_another_s_volume() -> None:
    async with session() as user:
        await user.type(":volumes")
        await user.press("enter")
        await user.until(lambda: "volume" in user.deck.panes)
        volume = _volumes(user)[0]
        user.deck.navigate.narrow(Scope(pod=Ref("prod-eu", "pod", "other")), "volume")
        assert _volumes(user) == []
        user.deck.navigate.go_to(volume.ref)
        assert user.deck.current is volume


async def test_what_is_narrowed_to_stays_where_it_has_what_is_gone_to() -> None:
    async with session() as user:
        [pod, *_] = [item for item in user.app.fleet.items("pod") if item.ref.source == "prod-eu"]
        user.deck.navigate.narrow(Scope(namespaces=frozenset({pod.namespace})), "pod")
        user.deck.navigate.go_to(pod.ref)
        assert user.deck.current is pod
        assert user.deck.scene.scope.namespaces == {pod.namespace}
