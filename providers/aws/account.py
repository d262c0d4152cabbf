"""One account as one identity: a Session that all its regions share, and the way every request goes.

boto3 blocks, so each request runs in a thread of the provider's own pool; what it raises comes out as a
Problem that names the profile and the region.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, TypeVar

from msgspec import Struct

from providers.aws import sessions
from providers.aws.access import Access, Prepare
from providers.aws.budget import Pace, Urgency
from providers.aws.failure import problem
from providers.aws.troubles import Broken, NoAnswer, NoIdentity
from providers.contract import Problem, Uncertain
from providers.text import clean

_ALIAS_SECONDS = 3.0
_CREDENTIALS_SECONDS = 60.0
"""For everything that has to be done for credentials: commands run, tokens renewed, roles assumed."""


class Identity(Struct, frozen=True):
    """Whom the account's credentials belong to, as its security token service says."""

    account: str
    """Twelve digits."""
    arn: str
    alias: str = ""

    @property
    def label(self) -> str:
        """The account in words; two that have the same alias still differ."""
        return f"{self.alias} {self.account}".lstrip()


T = TypeVar("T")


class Account:
    """Requests as one profile, or as a role assumed from it.

    `name` is the profile's, "environment", or "profile/role"; `home` is the region that is asked about the
    account itself. Queues are waited for in threads of their own, `waiting`.
    """

    def __init__(
        self,
        name: str,
        session: Callable[[], Any],
        threads: Executor,
        pace: Pace,
        prepare: Prepare,
        *,
        home: str = "us-east-1",
        waiting: Executor | None = None,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.pace = pace
        self.home = home
        self._make = session
        self._threads = threads
        self._waiting = waiting or threads
        self._prepare = prepare
        self._closed = closed
        self._users = 0
        self._access: Access | None = None
        self._opening: asyncio.Task[Access] | None = None
        self._over = False
        self._turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(sessions.IN_FLIGHT))
        self._identity: Identity | None = None
        self._asking = asyncio.Lock()
        self._answered: set[str] = set()

    # ---- requests ------------------------------------------------------------------------------------

    async def call(
        self,
        region: str,
        service: str,
        operation: str,
        /,
        *,
        urgency: Urgency = Urgency.REST,
        **arguments: Any,
    ) -> dict[str, Any]:
        """One request that changes nothing, when the account's pace allows it:
        `await account.call("eu-west-1", "ec2", "describe_instances", MaxResults=1000)`.

        It is sent once more when its server had a fault. Raises Problem.
        """
        await self.pace.admit(region, urgency)
        try:
            return await self._sent(region, service, operation, arguments)
        except Broken:
            await self.pace.admit(region, urgency)
            return await self._sent(region, service, operation, arguments)

    async def at_once(self, region: str, service: str, operation: str, /, **arguments: Any) -> dict[str, Any]:
        """One request that changes nothing, and does not wait: somebody asks, or a queue is read.

        Raises Problem.
        """
        self.pace.count()
        return await self._sent(region, service, operation, arguments)

    async def change(self, region: str, service: str, operation: str, /, **arguments: Any) -> dict[str, Any]:
        """One request that changes something: it does not wait, and is never sent twice.

        Raises Problem; Uncertain when it may have been carried out all the same.
        """
        self.pace.count()
        try:
            return await self._sent(region, service, operation, arguments)
        except (Broken, NoAnswer) as told:
            raise Uncertain(
                f"{told.detail}: it may have been done all the same", "look before doing it again"
            ) from told

    async def _sent(
        self, region: str, service: str, operation: str, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        """One request, once. Raises Problem."""
        access: Access | None = None
        try:
            access = await self._open()
            answer = await self._through(access, region, service, operation, arguments)
        except Exception as error:
            told = self._told(region, service, operation, error, access)
            if isinstance(told, NoIdentity):
                self._drop(access)
            raise told from error
        self.pace.answered(region)
        self._answered.add(region)
        return answer

    async def _through(
        self, access: Access, region: str, service: str, operation: str, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        if service == "sqs":
            return await _in(self._waiting, access.call, region, service, operation, arguments)
        async with self._turns[region]:
            return await _in(self._threads, access.call, region, service, operation, arguments)

    def _told(
        self, region: str, service: str, operation: str, error: Exception, access: Access | None
    ) -> Problem:
        told = problem(
            error,
            profile=self.name,
            region=region,
            operation=operation,
            service=service,
            identity=self._identity.arn if self._identity else "",
            answered_before=region in self._answered,
            temporary=access is None or access.temporary,
        )
        self.pace.note(region, told)
        return told

    # ---- who -----------------------------------------------------------------------------------------

    async def identity(self) -> Identity:
        """Who this is, asked once and then known to all regions. Raises Problem.

        Rows need not wait for it.
        """
        async with self._asking:
            if self._identity is None:
                who, alias = await asyncio.gather(
                    self.call(self.home, "sts", "get_caller_identity", urgency=Urgency.INSTANCES),
                    self._alias(),
                )
                self._identity = Identity(who["Account"], clean(who["Arn"]), alias)
            return self._identity

    async def _alias(self) -> str:
        with suppress(Problem, TimeoutError):
            async with asyncio.timeout(_ALIAS_SECONDS):
                answer = await self.call(self.home, "iam", "list_account_aliases")
                return clean(next(iter(answer["AccountAliases"]), ""), 64)
        return ""

    def endpoint(self, region: str, service: str = "ec2") -> str:
        """The URL of a service there, "" before it was first asked."""
        return self._access.endpoint(service, region) if self._access else ""

    async def enabled_regions(self) -> tuple[str, ...]:
        """Those that the account may use. Raises Problem."""
        chosen = {"Name": "opt-in-status", "Values": ["opt-in-not-required", "opted-in"]}
        answer = await self.call(
            self.home, "ec2", "describe_regions", urgency=Urgency.INSTANCES, Filters=[chosen]
        )
        return tuple(sorted(region["RegionName"] for region in answer["Regions"]))

    # ---- access --------------------------------------------------------------------------------------

    async def _open(self) -> Access:
        """The Session with its credentials; however many ask for it, one thread gets it."""
        if self._access is not None:
            return self._access
        if self._opening is None:
            self._opening = asyncio.create_task(self._opened())
            self._opening.add_done_callback(self._came)
        try:
            async with asyncio.timeout(_CREDENTIALS_SECONDS):
                return await asyncio.shield(self._opening)
        except TimeoutError as error:
            raise NoIdentity(
                f"{self.name}: its credentials have not come for {_CREDENTIALS_SECONDS:.0f} s",
                "see its credential_process, or what else gives them",
            ) from error

    async def _opened(self) -> Access:
        return await _in(self._threads, lambda: Access(self._make(), self.name, self._prepare))

    def _came(self, opening: asyncio.Task[Access]) -> None:
        """A failure is told to those who wait for it, if any still do."""
        self._opening = None
        if opening.cancelled() or opening.exception() is not None:
            return
        if self._over:
            opening.result().close()
        else:
            self._access = opening.result()

    def _drop(self, access: Access | None) -> None:
        """What is wrong may be corrected by now: all is read anew, unless it has been already."""
        if access is not None and access is self._access:
            self._access = None
            access.close()

    def used(self) -> Account:
        """The account, for one more that will close() it."""
        self._users += 1
        return self

    async def close(self) -> None:
        """One of its users needs it no more; with the last, connections are closed."""
        self._users -= 1
        if self._users > 0:
            return
        self._over = True
        self._drop(self._access)
        self._closed()


async def _in(threads: Executor, work: Callable[..., T], *arguments: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)
