"""A confirmed plan being carried out: a few jobs at a time, each with an intent before and an outcome after.

A job: intent on disk → executed with preconditions → seen by the watch → outcome on disk. Whatever happens
to one job stays with it. A request without an answer is "unknown" and is never sent again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from providers.contract import Problem, Refused, Source, Uncertain
from providers.engine.audit import Audit, Entry, Target
from providers.engine.pace import Pace
from providers.engine.plan import Job
from providers.model import Object, PlanItem, Ref, Result
from providers.stream import Body, Outcome
from providers.text import clean

log = logging.getLogger(__name__)

TELL_SECONDS = 0.1
"""Outcomes are sent at most this often: each has every result so far."""

Seen = list[asyncio.Task[bool]]
State = Literal["running", "done", "failed", "unknown", "refused"]


class Watch(Protocol):
    """What the sources' streams show, as the engine sees them."""

    def wait_for(
        self, ref: Ref, seen: Callable[[Object | None], bool], timeout: float
    ) -> Coroutine[Any, Any, bool]:
        """Whether `seen` held within so many seconds, for the object as it passes; None when it is gone.

        Only what passes after this call need be seen, whenever it is awaited.
        """


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds, in seconds and in jobs at once."""

    read_seconds: float = 12.0
    """For all reads of a proposal, and again for all its dry runs: the console waits 30."""
    reads_at_once: int = 16
    execute_seconds: float = 60.0
    plan_seconds: float = 300.0
    at_once: int = 4


def said(error: BaseException) -> str:
    """An error as one clean line: the detail and the remedy, or the name of a fault that nobody foresaw."""
    if isinstance(error, Problem):
        return clean("; ".join(filter(None, (error.detail, error.remedy))))
    return clean(f"{type(error).__name__}: {error}")


class Run:
    """One plan on its way. `go` returns when nothing more will happen to it."""

    def __init__(
        self,
        plan: int,
        action: str,
        jobs: Sequence[Job],
        refused: Sequence[PlanItem],
        *,
        order: Sequence[Ref],
        sources: Mapping[str, Source],
        watch: Watch,
        audit: Audit,
        send: Callable[[Body], None],
        limits: Limits,
        pace: Pace | None = None,
    ) -> None:
        self._plan = plan
        self._action = action
        self._jobs = jobs
        self._order = order
        self._sources = sources
        self._watch = watch
        self._audit = audit
        self._send = send
        self._limits = limits
        self._pace = pace or Pace(at_once=limits.at_once)
        self._slots = asyncio.Semaphore(self._pace.at_once)
        self._stopped = False
        self._failed = 0
        self._ends: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._untold = False
        self._results = {
            item.ref: Result(ref=item.ref, label=item.label, state="refused", detail=item.refused)
            for item in refused
        }

    def stop(self) -> None:
        """Begin no further job. What was sent is watched to its end; what can be ended is."""
        self._stopped = True
        for task in self._ends:
            task.cancel()

    async def go(self) -> None:
        try:
            for stage in self._pace.staged(self._jobs):
                await asyncio.gather(*(self._job(job) for job in stage))
        finally:
            if self._timer:
                self._timer.cancel()
            self._send(self._outcome(final=True))

    async def _job(self, job: Job) -> None:
        try:
            await self._carry_out(job)
        except Exception as error:
            log.exception("%s of %s", self._action, job.item.label)
            self._tell(job, "unknown", said(error))

    async def _carry_out(self, job: Job) -> None:
        async with self._slots:
            entry = _entry(self._action, job)
            if refusal := self._may_not(job) or await self._unwritable(entry):
                self._tell(job, "refused", f"{refusal}: nothing was sent")
                return
            self._tell(job, "running", "")
            watching = self._watched(job)
            try:
                await asyncio.sleep(0)  # lets the waits begin: one that never did would stay registered
                state, detail = await self._execute(job)
            except asyncio.CancelledError:
                self._abandoned(job, entry, watching)
                raise
        try:
            state, detail = await self._settled(job, watching, state, detail)
        except asyncio.CancelledError:
            self._abandoned(job, entry, watching)
            raise
        self._failed += state in ("failed", "unknown")
        detail += await self._written(entry, state, detail)
        self._tell(job, state, detail)

    def _abandoned(self, job: Job, entry: Entry, watching: Seen) -> None:
        """The engine stops while a request is out: on disk before it is gone, loop or no loop."""
        _stop(watching)
        detail = "the engine stopped before it was known"
        with contextlib.suppress(Problem):
            self._audit.write(_outcome_of(entry, "unknown", detail))
        self._tell(job, "unknown", detail)

    async def _unwritable(self, entry: Entry) -> str:
        try:
            await asyncio.to_thread(self._audit.write, entry)
        except Problem as error:
            return said(error)
        return ""

    def _may_not(self, job: Job) -> str:
        if self._stopped:
            return "stopped before it began"
        if exhausted := self._pace.exhausted(self._failed):
            return exhausted
        gone = self._sources.get(job.item.ref.source) is not job.source
        return f"{job.item.ref.source} is no longer part of the fleet" if gone else ""

    async def _execute(self, job: Job) -> tuple[State, str]:
        try:
            async with asyncio.timeout(job.step.patience_seconds or self._limits.execute_seconds):
                await (self._until_stopped(job) if job.step.ends else job.step.execute())
        except Refused as error:
            return "refused", said(error)
        except Uncertain as error:
            return "unknown", said(error)
        except Problem as error:
            return "failed", said(error)
        except TimeoutError:
            return "unknown", "sent, and no answer came in time"
        except Exception as error:  # a provider's fault: whether it was sent before that nobody can say
            log.exception("%s of %s", self._action, job.item.label)
            return "unknown", said(error)
        return "done", ""

    async def _until_stopped(self, job: Job) -> None:
        """Execute it, and end it when the plan is cancelled. Raises what the step does, or Uncertain."""
        if reason := self._may_not(job):  # it came while the intent was written
            raise Refused(f"{reason}: nothing was sent")
        task = asyncio.create_task(_execution(job))
        self._ends.add(task)
        try:
            await task
        except asyncio.CancelledError:
            if not self._stopped or not task.cancelled():
                raise
            raise Uncertain("cancelled while it ran: what it had done by then stays done") from None
        finally:
            self._ends.discard(task)

    def _watched(self, job: Job) -> Seen:
        """Asked before the request goes out, so that what it changes can't be missed."""
        if (seen := job.step.seen) is None:
            return []
        patience = job.step.settle_seconds + self._limits.execute_seconds
        waits = (self._watch.wait_for(ref, seen, patience) for ref in job.refs)
        return [asyncio.create_task(wait) for wait in waits]

    async def _settled(self, job: Job, watching: Seen, state: State, detail: str) -> tuple[State, str]:
        try:
            if not watching or state not in ("done", "unknown"):
                return state, detail
            if state == "unknown":
                self._tell(job, state, f"{detail}; the watch will tell")
            await asyncio.wait(watching, timeout=job.step.settle_seconds)
            return _judged(watching, state, detail, job.step.settle_seconds)
        finally:
            _stop(watching)

    async def _written(self, entry: Entry, state: State, detail: str) -> str:
        try:
            await asyncio.to_thread(self._audit.write, _outcome_of(entry, state, detail))
        except Problem as error:
            return f"; this outcome is missing in the audit: {said(error)}"
        return ""

    # ---- telling -------------------------------------------------------------------------------------

    def _tell(self, job: Job, state: State, detail: str) -> None:
        item = job.item
        self._results[item.ref] = Result(ref=item.ref, label=item.label, state=state, detail=detail)
        self._untold = True
        if self._timer is None:
            self._flush()

    def _flush(self) -> None:
        self._timer = None
        if self._untold:
            self._untold = False
            self._send(self._outcome(final=False))
            self._timer = asyncio.get_running_loop().call_later(TELL_SECONDS, self._flush)

    def _outcome(self, *, final: bool) -> Outcome:
        results = tuple(self._results[ref] for ref in self._order if ref in self._results)
        return Outcome(id=self._plan, action=self._action, results=results, final=final)


def _judged(watching: Seen, state: State, detail: str, seconds: float) -> tuple[State, str]:
    if all(_held(task) for task in watching):
        return "done", f"{detail}, but the watch shows it done" if detail else ""
    unseen = f"the watch has not shown it within {seconds:g} s: look before doing it again"
    return "unknown", f"{detail or 'the server accepted it'}; {unseen}"


async def _execution(job: Job) -> None:
    await job.step.execute()


def _held(task: asyncio.Task[bool]) -> bool:
    return task.done() and not task.cancelled() and not task.exception() and task.result()


def _stop(watching: Seen) -> None:
    for task in watching:
        task.cancel()


def _entry(action: str, job: Job) -> Entry:
    subject, info = job.step.subject, job.source.info
    target = Target(
        kind=subject.kind,
        name=subject.name,
        namespace=subject.namespace,
        uid=subject.uid,
        source=job.item.ref.source,
        cluster=info.cluster,
    )
    return Entry(
        id=secrets.token_hex(8),
        phase="intent",
        action=action,
        object=target,
        identity=job.item.identity,
        sent=job.step.sent,
    )


def _outcome_of(entry: Entry, state: State, detail: str) -> Entry:
    return msgspec.structs.replace(entry, phase="outcome", result=state, detail=detail)
