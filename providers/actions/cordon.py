"""Cordon and uncordon: keep new pods off a node, and let them on again."""

from __future__ import annotations

from dataclasses import dataclass

from providers.actions import Action, Step, not_offered, where
from providers.contract import Cordons, Source, Subject
from providers.model import ActionSpec, Node, Object, PlanItem, Ref


@dataclass(frozen=True)
class SetCordon:
    """Both directions of the same switch."""

    on: bool
    spec: ActionSpec

    async def prepare(self, source: Source, ref: Ref) -> Step:
        """Raises Refused when the node is gone or another one; one that is so already, its item refuses."""
        if not isinstance(source, Cordons):
            raise not_offered(source, f"nodes can't be {self.spec.name}ed")
        node = await source.node(ref)
        return Step(
            item=self._item(source, ref, node),
            subject=node,
            verb=self.spec.title,
            danger=self.spec.danger,
            sent=f"set unschedulable={str(self.on).lower()} on node {node.name} if its uid is {node.uid}",
            rehearse=lambda: source.cordon(node, self.on, dry_run=True),
            execute=lambda: source.cordon(node, self.on, dry_run=False),
            seen=self._seen,
        )

    def _item(self, source: Source, ref: Ref, node: Subject) -> PlanItem:
        already = "already cordoned" if self.on else "not cordoned"
        return PlanItem(
            ref=ref,
            label=f"node {node.name}",
            where=where(source),
            identity=source.info.identity,
            effect="no new pods are scheduled on it" if self.on else "new pods may be scheduled on it again",
            consequences=("pods that run on it stay",) if self.on else (),
            refused=already if node.unschedulable is self.on else "",
        )

    def _seen(self, obj: Object | None) -> bool:
        return isinstance(obj, Node) and obj.unschedulable is self.on


actions: tuple[Action, ...] = (
    SetCordon(
        True,
        ActionSpec(
            name="cordon",
            title="Cordon",
            key="c",
            kinds=("node",),
            description="Keep new pods off the node",
            unless=(("cordoned:yes", "already cordoned"),),
        ),
    ),
    SetCordon(
        False,
        ActionSpec(
            name="uncordon",
            title="Uncordon",
            key="u",
            kinds=("node",),
            description="Let new pods on the node again",
            unless=(("cordoned:no", "not cordoned"),),
        ),
    ),
)
