"""The one way by which anything is done to an object: propose, show the plan, confirm, carry out.

Proposing: access review → fresh read with the uid compared → server's dry run → the plan to the console.
Nothing is written before Confirm, and a plan is good once, for five minutes. See run.py for what follows.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec

from providers.actions import Action, Step, Worded, discover, where
from providers.contract import Problem, Refused, Reviews, Source
from providers.engine.audit import Audit
from providers.engine.orders import Orders
from providers.engine.pace import Pace, pace_of, told
from providers.engine.plan import Job, cleaned, merged, sentence, word
from providers.engine.run import Limits, Run, Watch, said
from providers.model import ActionSpec, PlanItem, Ref
from providers.sessions import Reach
from providers.stream import Body, Cancel, Confirm, Failed, Input, Plan, Propose
from providers.text import clean

__all__ = ["Limits", "Pipeline", "Watch"]

log = logging.getLogger(__name__)
T = TypeVar("T")
Prepare = Callable[[Source, Ref], Awaitable[Step]]


def _now() -> float:
    """Seconds that go on while the machine sleeps: a plan must not outlive a closed lid."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True)
class _Pending:
    """A plan that was shown and waits for its answer."""

    made: float
    action: str
    jobs: tuple[Job, ...]
    refused: tuple[PlanItem, ...]
    typed: str
    order: tuple[Ref, ...]
    pace: Pace


def _unreachable() -> Reach:
    raise Problem("nothing here speaks SSH")


class Pipeline:
    """Carries out Propose, Confirm and Cancel. The three return at once; answers go out by `send`.

    `sources` may change under it. `label` names an object that could not be read, by its ref. `reach` is
    called when a host is to be reached.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        watch: Watch,
        audit: Audit,
        send: Callable[[Body], None],
        read_only: bool,
        *,
        reach: Callable[[], Reach] = _unreachable,
        actions: Iterable[Action | Worded] | None = None,
        label: Callable[[Ref], str] = lambda ref: f"{ref.kind} {ref.uid}",
        limits: Limits | None = None,
        clock: Callable[[], float] = _now,
    ) -> None:
        self._sources = sources
        self._watch = watch
        self._audit = audit
        self._send = send
        self._read_only = read_only
        self._actions = {action.spec.name: action for action in (discover() if actions is None else actions)}
        self._label = label
        self._limits = limits or Limits()
        self._orders = Orders(reach, send)
        self._clock = clock
        self._slots = asyncio.Semaphore(self._limits.reads_at_once)
        self._pending: dict[int, _Pending] = {}
        self._runs: dict[int, Run] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def specs(self) -> tuple[ActionSpec, ...]:
        """Every action there is, in a stable order."""
        return tuple(action.spec for action in self._actions.values())

    def propose(self, cmd: Propose) -> None:
        """Answers with a Plan, or Failed."""
        action = self._actions.get(cmd.action)
        if cmd.id in self._tasks or cmd.id in self._pending:
            self._fail(cmd.id, f"there is a plan {cmd.id} already", "answer or cancel it first")
        elif action is None:
            self._fail(
                cmd.id, f"no action is called {cmd.action!r}", f"there are: {', '.join(self._actions)}"
            )
        elif not self._refuse_writes(cmd.id, action.spec.title):
            self._forget_old()
            if isinstance(action, Worded):
                self._orders.expect(cmd)
            self._start(cmd.id, self._propose(cmd, action))

    def confirm(self, cmd: Confirm) -> None:
        """Answers with Outcomes, the last one final, or Failed. After a wrong word it may be typed again."""
        plan = self._pending.get(cmd.id)
        if plan is None:
            told = "is under way already" if cmd.id in self._runs else "is not known"
            return self._fail(cmd.id, f"plan {cmd.id} {told}", "ask for the action again")
        if self._refuse_writes(cmd.id, plan.action):
            return None
        if reason := self._stale(plan):
            del self._pending[cmd.id]
            return self._fail(cmd.id, reason, "ask for the action again")
        if not _confirms(cmd.typed, plan.typed):
            return self._fail(cmd.id, f"not confirmed: type {plan.typed or 'y'}", "nothing was sent")
        del self._pending[cmd.id]
        self._runs[cmd.id] = run = self._prepared(cmd.id, plan)
        return self._start(cmd.id, run.go())

    def cancel(self, cmd: Cancel) -> None:
        """Forget the plan, or begin no further object of it. One that is not known is over: nothing to do."""
        if run := self._runs.get(cmd.id):
            run.stop()
        elif task := self._tasks.get(cmd.id):
            task.cancel()
        self._pending.pop(cmd.id, None)

    def take(self, piece: Input) -> bool:
        """A piece of what an order is to be given; whether one is waiting for it."""
        return self._orders.take(piece)

    async def close(self) -> None:
        """Stop everything. What was sent and not answered is written to the audit as unknown."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._pending.clear()

    # ---- proposing -----------------------------------------------------------------------------------

    async def _propose(self, cmd: Propose, action: Action | Worded) -> None:
        title = action.spec.title
        refs = tuple(dict.fromkeys(cmd.refs))
        try:
            prepare = await self._preparing(cmd, action)
        except Problem as error:
            return self._fail(cmd.id, clean(error.detail), clean(error.remedy))
        read = await asyncio.gather(*(self._read(action.spec, prepare, ref) for ref in refs))
        jobs = merged(found for found in read if isinstance(found, Job))
        rehearsed = await asyncio.gather(*(self._rehearse(job) for job in jobs))
        ready = tuple(found for found in rehearsed if isinstance(found, Job))
        refused = tuple(found for found in (*read, *rehearsed) if isinstance(found, PlanItem))
        typed = word(ready, self._sources.values())
        items = _in_order(refs, [*(job.item for job in ready), *refused])
        order = tuple(item.ref for item in items)
        pace = pace_of(cmd.order) if cmd.order else Pace(at_once=self._limits.at_once)
        self._pending[cmd.id] = _Pending(self._clock(), cmd.action, ready, refused, typed, order, pace)
        text = sentence(title, ready, len(refused))
        words = told(cmd.order, len(ready)) if cmd.order else ""
        return self._send(
            Plan(id=cmd.id, action=cmd.action, sentence=text, items=items, typed=typed, pace=words)
        )

    async def _preparing(self, cmd: Propose, action: Action | Worded) -> Prepare:
        """How each object gets its step. Raises Problem where none can."""
        if isinstance(action, Worded):
            errands = await self._orders.errands(cmd, action)

            async def worded(source: Source, ref: Ref) -> Step:
                return await action.prepare_for(source, ref, errands[ref])

            return worded

        async def reviewed(source: Source, ref: Ref) -> Step:
            if isinstance(source, Reviews) and (denial := await source.review(action.spec.name, ref)):
                raise Refused(denial)
            return await action.prepare(source, ref)

        return reviewed

    async def _read(self, spec: ActionSpec, prepare: Prepare, ref: Ref) -> Job | PlanItem:
        source = self._sources.get(ref.source)
        if source is None:
            return self._refused(ref, "", f"{ref.source} is not part of the fleet")
        try:
            job = await self._bounded(lambda: self._job(spec, prepare, source, ref))
        except Exception as error:
            return self._refused(ref, where(source), _reason(error), source.info.identity)
        return job.item if job.item.refused else job

    async def _job(self, spec: ActionSpec, prepare: Prepare, source: Source, ref: Ref) -> Job:
        if ref.kind not in spec.kinds:
            raise Refused(f"{spec.title.lower()} is not for a {ref.kind}")
        step = await prepare(source, ref)
        return Job(source, replace(step, item=cleaned(step.item)), (ref,))

    async def _rehearse(self, job: Job) -> Job | PlanItem:
        try:
            await self._bounded(job.step.rehearse)
        except Exception as error:
            refused = f"the server's dry run: {_reason(error)}"
            return msgspec.structs.replace(job.item, refused=refused)
        return job

    async def _bounded(self, work: Callable[[], Awaitable[T]]) -> T:
        async with asyncio.timeout(self._limits.read_seconds), self._slots:
            return await work()

    def _refused(self, ref: Ref, place: str, reason: str, identity: str = "") -> PlanItem:
        label = self._label(ref)
        return cleaned(PlanItem(ref=ref, label=label, where=place, identity=identity, refused=reason))

    # ---- confirming ----------------------------------------------------------------------------------

    def _prepared(self, number: int, plan: _Pending) -> Run:
        return Run(
            number,
            plan.action,
            plan.jobs,
            plan.refused,
            order=plan.order,
            sources=self._sources,
            watch=self._watch,
            audit=self._audit,
            send=self._send,
            limits=self._limits,
            pace=plan.pace,
        )

    def _stale(self, plan: _Pending) -> str:
        if not plan.jobs:
            return "nothing in this plan can be carried out"
        if self._clock() - plan.made > self._limits.plan_seconds:
            return f"the plan is older than {self._limits.plan_seconds / 60:g} minutes: nothing was sent"
        return ""

    def _forget_old(self) -> None:
        oldest = self._clock() - 2 * self._limits.plan_seconds
        self._pending = {number: plan for number, plan in self._pending.items() if plan.made > oldest}

    # ---- both ----------------------------------------------------------------------------------------

    def _refuse_writes(self, number: int, title: str) -> bool:
        if self._read_only:
            self._fail(number, f"{title}: the engine is read-only", "start without --read-only to act")
        return self._read_only

    def _start(self, number: int, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work, name=f"plan {number}")
        self._tasks[number] = task
        task.add_done_callback(lambda done: self._ended(number, done))

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        if self._tasks.get(number) is task:
            del self._tasks[number]
            self._runs.pop(number, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("plan %d", number, exc_info=error)
            self._fail(number, said(error), "look at the log of the engine")

    def _fail(self, number: int, detail: str, remedy: str) -> None:
        self._send(Failed(id=number, detail=detail, remedy=remedy))


def _confirms(typed: str, wanted: str) -> bool:
    return typed.strip() == wanted if wanted else typed.strip().lower() == "y"


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer came in time"
    if not isinstance(error, Problem):
        log.error("a provider's fault", exc_info=error)
    return said(error)


def _in_order(refs: Sequence[Ref], items: Sequence[PlanItem]) -> tuple[PlanItem, ...]:
    place = {ref: number for number, ref in enumerate(refs)}
    return tuple(sorted(items, key=lambda item: place[item.ref]))
