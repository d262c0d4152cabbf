"""Pods and the volumes that they claim: by what a volume is tagged for, and by where both of them are.

A storage driver tags what it makes with the namespace and the name of the claim that it is made for. Two
clusters can have the same of both, so where the volume is attached, or else where the cluster has its
machines, decides which of them is meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from console.item import Item
from console.joins.counts import Counts
from console.joins.index import Index
from providers.model import Labels, Pod, Record

VOLUME = "volume"
"""The kind under which providers file what is attached to a machine."""
_NAMESPACE = "kubernetes.io/created-for/pvc/namespace"
_NAME = "kubernetes.io/created-for/pvc/name"


class Claimed(NamedTuple):
    """A volume of a pod, with the name of the pod's claim to it."""

    claim: str
    volume: Item
    guessed: bool
    """Nothing but its tags says that it is this cluster's, or there are several."""


class Claims:
    """Every claim that a pod or a volume names, as one word: its namespace and its name."""

    def __init__(self, touch: Callable[[Item], None], owners: Index) -> None:
        self._touch = touch
        self._owners = owners
        self._pods = Index()
        self._volumes = Index()
        self._homes: defaultdict[str, Counts] = defaultdict(Counts)
        """By the source of an account: the sources of clusters that its machines have nodes in."""

    def volumes(self, pod: Item) -> list[Claimed]:
        """The volumes of a pod, in the order of its claims."""
        said: Pod = pod.obj
        return [found for claim in said.claims for found in self._claimed(pod, claim)]

    # ---- who claims ------------------------------------------------------------------------------

    def add_pod(self, pod: Item, said: Pod) -> None:
        """A pod mounts what it says."""
        for claim in said.claims:
            word = _word(said.namespace, claim)
            self._pods.add(word, pod)
            self._settle_pod(pod, word)

    def remove_pod(self, pod: Item, said: Pod) -> None:
        """It does so no more."""
        for claim in said.claims:
            word = _word(said.namespace, claim)
            self._pods.remove(word, pod)
            for volume in self._volumes.get(word):
                self._give(volume, pod, False)

    def move_pod(self, pod: Item) -> None:
        """It has another node, or its node another instance."""
        for claim in pod.obj.claims:
            self._settle_pod(pod, _word(pod.obj.namespace, claim))

    # ---- what is claimed -------------------------------------------------------------------------

    def add_volume(self, volume: Item, said: Record) -> None:
        """A volume is tagged for a claim, or for none."""
        if word := claim_of(said.labels):
            self._volumes.add(word, volume)
            self._settle(word)

    def remove_volume(self, volume: Item, said: Record) -> None:
        """It is so no more."""
        if word := claim_of(said.labels):
            self._volumes.remove(word, volume)
            for pod in self._pods.get(word):
                self._give(volume, pod, False)
            self._settle(word)

    # ---- where they are --------------------------------------------------------------------------

    def move(self, instance: Item, before: str, after: str) -> None:
        """An instance has a node in another source, "" in none, or another node in the same.

        That tells where a cluster is, and whose the volumes are that are attached to it.
        """
        account = instance.ref.source
        homes = self._homes[account]
        moved = homes.move(before, after)
        if moved and not homes:
            del self._homes[account]
        if self._volumes:
            for word in self._volumes.words() if moved else self._attached(instance):
                self._settle(word)

    def _attached(self, instance: Item) -> list[str]:
        owned = self._owners.get(instance.ref.uid)
        return [claim_of(each.obj.labels) for each in owned if each.ref.kind == VOLUME]

    # ---- which is whose --------------------------------------------------------------------------

    def _settle(self, word: str) -> None:
        """Every pod of that claim may have other volumes now."""
        if self._volumes.get(word):
            for pod in self._pods.get(word):
                self._settle_pod(pod, word)

    def _settle_pod(self, pod: Item, word: str) -> None:
        """Put the pod to the volumes of that claim that are its own, and to no others."""
        tagged = self._volumes.get(word)
        own = {found.volume for found in self._claimed(pod, word.partition("/")[2])} if tagged else ()
        for volume in tagged:
            self._give(volume, pod, volume in own)

    def _give(self, volume: Item, pod: Item, on: bool) -> None:
        pods = volume.pods if volume.pods is not None else set()
        if (pod in pods) != on:
            (pods.add if on else pods.remove)(pod)
            volume.pods = pods or None
            self._touch(volume)

    def _claimed(self, pod: Item, claim: str) -> list[Claimed]:
        """Those attached where the pod runs, else those where its cluster is, else any that may be meant."""
        tagged = self._volumes.get(_word(pod.obj.namespace, claim))
        able = [volume for volume in tagged if _cluster_at(volume) in ("", pod.ref.source)]
        here = [volume for volume in able if _is_attached(volume, pod)]
        near = here or [volume for volume in able if self._is_near(volume, pod)]
        found = _once(near or able)
        return [Claimed(claim, volume, not near or len(found) > 1) for volume in found]

    def _is_near(self, volume: Item, pod: Item) -> bool:
        """Where its cluster has machines, and attached to none or to one of those."""
        homes = self._homes.get(volume.ref.source)
        if homes is None or pod.ref.source not in homes.words():
            return False
        return volume.obj.owner is None or _cluster_at(volume) == pod.ref.source


def claim_of(labels: Labels) -> str:
    """The namespace and the name of the claim that a volume is tagged for, "data/data-db-0"; "" for none."""
    if _NAME not in labels:
        return ""
    tags = dict(pair.partition("=")[::2] for pair in labels.split(","))
    namespace, name = tags.get(_NAMESPACE, ""), tags.get(_NAME, "")
    return _word(namespace, name) if namespace and name else ""


def _word(namespace: str, claim: str) -> str:
    return f"{namespace}/{claim}"


def _is_attached(volume: Item, pod: Item) -> bool:
    """To the machine that the pod runs on."""
    owner, node = volume.obj.owner, pod.node
    return bool(owner and node and node.instance and owner.uid == node.instance.ref.uid)


def _cluster_at(volume: Item) -> str:
    """The source of the node on the machine that it is attached to, "" where none is known."""
    owner = volume.obj.owner
    machine = volume.source.items.get("instance", {}).get(owner.uid) if owner is not None else None
    return machine.node.ref.source if machine is not None and machine.node is not None else ""


def _once(volumes: Iterable[Item]) -> list[Item]:
    """One for each volume that there is: two profiles may show the same."""
    ranked = sorted(volumes, key=lambda volume: volume.ref, reverse=True)
    return sorted({volume.ref.uid: volume for volume in ranked}.values(), key=lambda volume: volume.ref)
