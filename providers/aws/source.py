"""One account in one region as a source: what it looks like from outside, and who answers for what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec

from providers.aws.account import Account, Identity
from providers.aws.diagnosis import diagnose
from providers.aws.life import KINDS, Life
from providers.aws.options import Options
from providers.aws.power import Power
from providers.aws.push import Queue
from providers.aws.questions import Questions
from providers.aws.remote import Remote
from providers.aws.survey import Held
from providers.aws.tenants import Tenants
from providers.aws.timing import Timing
from providers.aws.troubles import NoIdentity
from providers.contract import Host, Problem, Subject, Verb
from providers.model import About, Batch, Finding, Ref, SourceInfo
from providers.sessions import Refusal, Started
from providers.text import clean


class RegionSource:
    """Instances, volumes, Auto Scaling groups and EKS of one account in one region."""

    def __init__(
        self,
        account: Account,
        region: str,
        options: Options,
        host: Host,
        *,
        queue: Queue | None = None,
        timing: Timing | None = None,
        tenants: Tenants | None = None,
    ) -> None:
        """`queue` tells of changes there; `tenants` knows what other sources show; `host` is obeyed by the
        account."""
        self._account, self._region, self._queue = account, region, queue
        self._tenants = tenants or Tenants()
        self._timing = timing or Timing(instances=options.poll_seconds)
        self._questions = Questions(account, region)
        self._power = Power(account, region, self.look_closely)
        self._remote = Remote(account, region)
        self._held = Held()
        self._lives: list[Life] = []
        self._identity: Identity | None = None
        self._info = SourceInfo(
            name=clean(f"aws-{account.name}-{region}", 253),
            provider="aws",
            kinds=KINDS,
            account=clean(account.name, 253),
            region=clean(region, 64),
            budget=account.pace.spent,
        )

    @property
    def info(self) -> SourceInfo:
        """As it is known by now: the account's number, its budget and its address come while it streams."""
        return self._info

    # ---- the stream ----------------------------------------------------------------------------------

    async def stream(self) -> AsyncIterator[Batch]:
        """Rows as soon as they are read; then what changes."""
        if self._identity is not None:
            self._claim(self._identity)
        life = Life(self._questions, Held() if self._lives else self._held, self._timing, self._queue)
        self._lives.append(life)
        leave = self._listen(life)
        try:
            yield About(self._info)
            async for batch in life.batches(self._identify, self._account_for):
                yield batch
        finally:
            leave()
            self._lives.remove(life)
            if not self._lives:
                self._tenants.leave(self._info.name)

    def _listen(self, life: Life) -> Callable[[], None]:
        if self._queue is None:
            return lambda: None
        return self._queue.listen(self._account, self._region, life.merge, life.turned)

    async def _identify(self, life: Life) -> None:
        """As whom. Rows do not wait for it; while it fails, every poll says why."""
        while True:
            try:
                who = await self._account.identity()
            except Problem as problem:
                life.identified.set()  # as well as it can be
                timing = self._timing
                await asyncio.sleep(timing.denied if problem.state == "denied" else timing.longest)
                continue
            await self._identified(life, who)
            return

    async def _identified(self, life: Life, who: Identity) -> None:
        self._identity = who
        try:
            self._claim(who)
        except Problem:
            await life.withdraw()
            raise
        self._account.pace = self._tenants.pace(who.account, self._account.pace)
        account = f"{self._account.name} {who.label}"
        await self._say(life, account=clean(account, 253), identity=who.arn)
        life.identified.set()

    def _claim(self, who: Identity) -> None:
        """Raises Problem where another source shows the same."""
        other = self._tenants.take(who.account, self._region, self._info.name)
        if other:
            raise Problem(
                f"{self._account.name} is account {who.account} too: {other} shows it in {self._region}",
                "leave one of the profiles out",
                state="denied",
            )

    async def _account_for(self, life: Life) -> None:
        """What is spent of the account's budget, now and then; where the calls go; and what is pushed."""
        while True:
            await asyncio.sleep(self._timing.tick)
            address = clean(self._account.endpoint(self._region), 253)
            pushed = self._queue.pushed if self._queue else ""
            await self._say(life, budget=self._account.pace.spent, address=address, pushed=pushed)

    async def _say(self, life: Life, **facts: Any) -> None:
        info = msgspec.structs.replace(self._info, **facts)
        if info != self._info:
            self._info = info
            await life.put(About(info))

    # ---- what a source can do besides ----------------------------------------------------------------

    def refresh(self) -> None:
        """Ask everything at once, whatever is waited for."""
        for life in self._lives:
            life.refresh()

    async def close(self) -> None:
        """Let go of the account."""
        await self._account.close()

    async def manifest(self, ref: Ref) -> str:
        """The object as AWS describes it, as YAML. Raises Problem when it is gone."""
        from providers.aws.manifest import manifest  # and YAML with it, which takes 15 ms

        return await manifest(self._account, self._region, ref)

    async def diagnose(self) -> Sequence[Finding]:
        """What is answered there, and which actions this identity lacks."""
        found = await diagnose(self._account, self._info.name, self._lives[0].polls if self._lives else [])
        if self._queue is None or isinstance(self._queue.problem, NoIdentity):
            return found
        return [*found, self._queue.finding(self._info.name)]

    # ---- what can be done to an instance -------------------------------------------------------------

    async def machine(self, ref: Ref) -> Subject:
        """The instance, read now. Raises Refused when it is gone, Problem when it cannot be read."""
        return await self._power.machine(ref)

    async def power(self, machine: Subject, verb: Verb, *, dry_run: bool) -> None:
        """One request about it, or EC2's rehearsal of it. Raises Refused, Uncertain or Problem."""
        await self._power.power(machine, verb, dry_run=dry_run)

    async def console_output(self, ref: Ref) -> str:
        """What it printed, as EC2 has it now. Raises Problem; also when it is nothing."""
        return await self._power.console_output(ref)

    async def may_start(self, ref: Ref) -> Refusal:
        """Why Session Manager can't reach the instance, as far as is known without trying."""
        return await self._remote.may_start(ref)

    async def start_session(self, ref: Ref) -> Started:
        """A terminal by Session Manager. Raises Refused or Problem."""
        return await self._remote.start_session(ref)

    async def end_session(self, ref: Ref, id: str) -> None:
        """Give it back. Raises Problem."""
        await self._remote.end_session(id)

    async def push_key(self, ref: Ref, user: str, public_key: str) -> None:
        """Let that key in for a minute, by Instance Connect. Raises Refused or Problem."""
        await self._remote.push_key(ref, user, public_key)

    def look_closely(self, instance: str) -> None:
        """Ask about that one instance every two seconds until its state settles, five minutes at most.

        Returns at once; call it when something was done to the instance.
        """
        for life in self._lives:
            life.look_closely(instance)
