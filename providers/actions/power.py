"""Reboot, start and stop of a machine: one request for each, and each confirmed by a typed word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from providers.actions import Action, Step, not_offered, where
from providers.contract import Powers, Source, Subject, Verb
from providers.model import ActionSpec, Instance, Object, PlanItem, Ref

SETTLE_SECONDS = 300.0
"""A machine that shuts down in order takes minutes, and so does one that boots from a cold disk."""

_OFF = frozenset({"stopped", "shutting-down", "terminated"})


@dataclass(frozen=True)
class Power:
    """One verb of the same capability. `needs` is the state in which it can be done."""

    verb: Verb
    needs: str
    effect: str
    spec: ActionSpec
    seen: Callable[[Object | None], bool] | None = None

    async def prepare(self, source: Source, ref: Ref) -> Step:
        """Raises Refused when the machine is gone; one in another state, its item refuses."""
        if not isinstance(source, Powers):
            raise not_offered(source, f"machines can't be {_DONE[self.verb]}")
        machine = await source.machine(ref)
        return Step(
            item=self._item(source, ref, machine),
            subject=machine,
            verb=self.spec.title,
            danger=self.spec.danger,
            sent=f"{self.verb} {machine.kind.lower()} {machine.uid} alone, {_condition(machine)}",
            rehearse=lambda: source.power(machine, self.verb, dry_run=True),
            execute=lambda: source.power(machine, self.verb, dry_run=False),
            seen=self.seen,
            settle_seconds=SETTLE_SECONDS,
            typed=True,
        )

    def _item(self, source: Source, ref: Ref, machine: Subject) -> PlanItem:
        name = f"{machine.name} ({machine.uid})" if machine.name else machine.uid
        return PlanItem(
            ref=ref,
            label=f"{machine.kind.lower()} {name}",
            where=where(source),
            identity=source.info.identity,
            effect=self.effect,
            consequences=tuple(words for verb, words in machine.consequences if verb == self.verb),
            refused="" if machine.state == self.needs else f"it is {machine.state or 'in an unknown state'}",
        )


def _condition(machine: Subject) -> str:
    if machine.launched is None:
        return f"if it is still {machine.state}"
    launched = datetime.fromtimestamp(machine.launched, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"if it is still {machine.state} and was last launched at {launched}"


def _started(obj: Object | None) -> bool:
    return isinstance(obj, Instance) and obj.state == "running"


def _stopped(obj: Object | None) -> bool:
    return obj is None or (isinstance(obj, Instance) and obj.state in _OFF)


_DONE: dict[Verb, str] = {"reboot": "rebooted", "start": "started", "stop": "stopped"}
_NOT_SEEN = ("observed:no", "here it is only declared")
_GONE = (("state:terminated", "it is terminated"), ("state:shutting-down", "it is shutting down"))

actions: tuple[Action, ...] = (
    Power(
        verb="reboot",
        needs="running",
        effect="it restarts: everything on it is interrupted, and no state shows when it is back",
        spec=ActionSpec(
            name="reboot",
            title="Reboot",
            key="r",
            kinds=("instance",),
            description="Reboot the machine",
            danger="disruptive",
            unless=(_NOT_SEEN, *_GONE, ("!state:running", "it is not running")),
        ),
    ),
    Power(
        verb="start",
        needs="stopped",
        effect="it boots, and is paid for again while it runs",
        spec=ActionSpec(
            name="start",
            title="Start",
            key="u",
            kinds=("instance",),
            description="Start the machine",
            unless=(
                _NOT_SEEN,
                ("state:running", "already running"),
                ("state:pending", "already starting"),
                ("state:stopping", "it is still stopping"),
                *_GONE,
            ),
        ),
        seen=_started,
    ),
    Power(
        verb="stop",
        needs="running",
        effect="it is shut down: everything on it ends",
        spec=ActionSpec(
            name="stop",
            title="Stop",
            key="x",
            kinds=("instance",),
            description="Stop the machine",
            danger="disruptive",
            unless=(
                _NOT_SEEN,
                ("state:stopped", "already stopped"),
                ("state:stopping", "already stopping"),
                ("state:pending", "it is still starting"),
                *_GONE,
            ),
        ),
        seen=_stopped,
    ),
)
