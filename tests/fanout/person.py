"""A person who words an order for hosts of a source, and what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from providers.engine import audit
from providers.model import Ref, Result, Target
from providers.stream import Failed, Input, Order, Plan, Propose, Ran, Taken
from tests.actions.cluster import Cluster
from tests.actions.console import Console

from .reach import ScriptedReach


class Person(Console):
    """At the other end of a pipeline whose hosts are scripted."""

    def __init__(self, path: Path, reach: ScriptedReach, cluster: Cluster, **options: Any) -> None:
        super().__init__(path, cluster, reach=reach, **options)
        self.path = path
        self.cluster = cluster

    def target(self, name: str, host: str | None = None, **changes: Any) -> Target:
        """A node of the cluster, reached by its name."""
        ref = Ref(self.cluster.info.name, "node", f"uid-{name}")
        reached = name if host is None else host
        said = {"label": f"node {name}", "name": name, "host": reached, "user": "ada", **changes}
        return Target(ref=ref, **said)

    async def order(
        self, *targets: Target, command: str = "uptime", action: str = "run", number: int = 1, **changes: Any
    ) -> Plan | Failed:
        """The plan of it, or why there is none."""
        order = Order(targets=targets, command=command, **changes)
        refs = tuple(target.ref for target in targets)
        self.pipeline.propose(Propose(id=number, action=action, refs=refs, order=order))
        return await self.wait((Plan, Failed), number)  # type: ignore[type-var, arg-type]

    async def plan(self, *targets: Target, **changes: Any) -> Plan:
        """The plan of it."""
        plan = await self.order(*targets, **changes)
        assert isinstance(plan, Plan), plan
        return plan

    async def refusal(self, *targets: Target, **changes: Any) -> str:
        """Why there is no plan."""
        failed = await self.order(*targets, **changes)
        assert isinstance(failed, Failed), failed
        return failed.detail

    async def carry_out(self, plan: Plan) -> dict[str, Result]:
        """Confirm as the plan asks, and wait for the end: results by label."""
        self.confirm(plan.typed or "y", plan.id)
        return {result.label: result for result in await self.outcome(plan.id)}

    def feed(self, session: int, *pieces: bytes) -> None:
        """Give the content of an order."""
        for piece in pieces:
            self.pipeline.take(Input(id=session, data=piece))
        self.pipeline.take(Input(id=session, data=b"", end=True))

    @property
    def ran(self) -> dict[str, Ran]:
        """What was told of each host, by its uid."""
        return {frame.ref.uid: frame for frame in self.frames if isinstance(frame, Ran)}

    @property
    def taken(self) -> int:
        """Bytes of content that were taken."""
        return sum(frame.count for frame in self.frames if isinstance(frame, Taken))

    @property
    def audited(self) -> list[audit.Entry]:
        """Every line of the audit log."""
        return list(audit.entries(self.path))
