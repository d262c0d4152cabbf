"""Restart of the workload that owns a pod; a pod that nothing owns can only be deleted, and it says so."""

from __future__ import annotations

from dataclasses import dataclass

from providers.actions import Action, Step, not_offered, where
from providers.contract import Restarts, Source, Subject
from providers.model import ActionSpec, Object, PlanItem, Pod, Ref

SETTLE_SECONDS = 300.0
"""A rollout replaces pods one after another, and waits for each to be ready."""


@dataclass(frozen=True)
class Restart:
    """Rolls a Deployment, StatefulSet or DaemonSet as `kubectl rollout restart` does."""

    spec: ActionSpec

    async def prepare(self, source: Source, ref: Ref) -> Step:
        """Raises Refused when the pod is gone, its rollout is paused, or its owner can't be restarted."""
        if not isinstance(source, Restarts):
            raise not_offered(source, "pods can't be restarted")
        workload = await source.workload(ref)
        return Step(
            item=_item(source, ref, workload),
            subject=workload,
            verb="Delete" if workload.bare else self.spec.title,
            danger="destructive" if workload.bare else self.spec.danger,
            sent=_sent(workload),
            rehearse=lambda: source.restart(workload, dry_run=True),
            execute=lambda: source.restart(workload, dry_run=False),
            seen=_gone if workload.bare else _replaced,
            settle_seconds=SETTLE_SECONDS,
        )


def _item(source: Source, ref: Ref, workload: Subject) -> PlanItem:
    effect = (
        "deleted: nothing owns it, so nothing brings it back" if workload.bare else _rolled(workload.pods)
    )
    return PlanItem(
        ref=ref,
        label=f"{workload.kind.lower()} {workload.name}",
        where=where(source, workload.namespace),
        identity=source.info.identity,
        effect=effect,
    )


def _rolled(pods: int | None) -> str:
    if pods is None:
        return "its pods are replaced (their number is unknown)"
    if pods == 1:
        return "its only pod is replaced"
    return f"its {pods} pods are replaced, as its own strategy says" if pods else "it has no pods to replace"


def _sent(workload: Subject) -> str:
    place = f"{workload.namespace}/{workload.name}" if workload.namespace else workload.name
    if workload.bare:
        return f"delete pod {place} if its uid is {workload.uid}"
    target = f"{workload.kind.lower()} {place} if its uid is {workload.uid}"
    return f"set the annotation kubectl.kubernetes.io/restartedAt to now on {target}"


def _gone(obj: Object | None) -> bool:
    return obj is None


def _replaced(obj: Object | None) -> bool:
    return obj is None or (isinstance(obj, Pod) and obj.deleting)


actions: tuple[Action, ...] = (
    Restart(
        ActionSpec(
            name="restart",
            title="Restart",
            key="r",
            kinds=("pod",),
            description="Restart the workload that owns the pod",
            danger="disruptive",
        )
    ),
)
