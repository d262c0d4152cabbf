"""Restart of a unit of systemd: once, if it is still the run that was looked at."""

from __future__ import annotations

from dataclasses import dataclass

from providers.actions import Action, Step, not_offered
from providers.contract import RestartsUnits, Source, Subject
from providers.model import ActionSpec, Object, PlanItem, Ref

SETTLE_SECONDS = 40.0
"""Its host is asked again at once; a second look comes with the next poll."""
_NAMED = 8
"""Units that are named of those that are restarted along; the rest is counted."""


@dataclass(frozen=True)
class RestartUnit:
    """`systemctl restart`, by sudo where the login is not root."""

    spec: ActionSpec

    async def prepare(self, source: Source, ref: Ref) -> Step:
        """Raises Refused when the unit or its host is gone, Problem when the host is not reached."""
        if not isinstance(source, RestartsUnits):
            raise not_offered(source, "units can't be restarted")
        unit = await source.unit(ref)
        return Step(
            item=_item(source, ref, unit),
            subject=unit,
            verb=self.spec.title,
            danger=self.spec.danger,
            sent=_sent(unit),
            rehearse=lambda: source.restart_unit(unit, dry_run=True),
            execute=lambda: source.restart_unit(unit, dry_run=False),
            seen=_gone,
            settle_seconds=SETTLE_SECONDS,
        )


def _item(source: Source, ref: Ref, unit: Subject) -> PlanItem:
    return PlanItem(
        ref=ref,
        label=f"unit {unit.name} on {unit.namespace}",
        where=source.info.name,
        identity=unit.identity or source.info.identity,
        effect=f"restarted; now it is {unit.state or 'in an unknown state'}",
        consequences=(f"restarts with it: {_listed(unit.takes)}",) if unit.takes else (),
    )


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _sent(unit: Subject) -> str:
    condition = unit.uid.removeprefix(f"{unit.ref.uid} ").strip()
    return f"systemctl restart {unit.name} on {unit.namespace} as {unit.identity}, if it is still {condition}"


def _gone(obj: Object | None) -> bool:
    """Only units that failed are shown."""
    return obj is None


actions: tuple[Action, ...] = (
    RestartUnit(
        ActionSpec(
            name="restart-unit",
            title="Restart",
            key="r",
            kinds=("unit",),
            description="Restart the failed unit on its host",
            danger="disruptive",
        )
    ),
)
