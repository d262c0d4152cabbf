"""The provider `aws`: options in, one source for each account in each region out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial

from providers.aws import guard, memory, pages, sessions
from providers.aws.account import Account
from providers.aws.budget import Pace
from providers.aws.commands import Commands
from providers.aws.options import Options
from providers.aws.profiles import Choice, Unmeant, choose
from providers.aws.push import Queues
from providers.aws.source import RegionSource
from providers.aws.standins import Unlisted, Unusable
from providers.aws.tenants import Tenants
from providers.aws.threads import Threads
from providers.contract import Closes, Host, Problem, Source

LISTING_SECONDS = 3.0
"""How long accounts that are to be asked for their regions may keep the others from being shown."""
_REQUESTS, _QUEUES = 32, 64


class Aws:
    """Accounts by profile, each in the regions that were named."""

    name = "aws"
    summary = "EC2 instances of every account and region that is named, with their volumes and groups"
    options = Options

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One for each account and region; what cannot be meant is a source that says why.

        Raises Problem when the AWS configuration cannot be read.
        """
        accounts = _Accounts(options, host)
        try:
            return await accounts.sources()
        except BaseException:
            accounts.let_go()
            raise


class _Accounts:
    """The accounts that were named, and the threads that they share until the last of them is closed."""

    def __init__(self, options: Options, host: Host) -> None:
        self._options = options
        self._host = host
        memory.share()
        self._threads = Threads(_REQUESTS, "aws")
        self._waiting = Threads(_QUEUES, "aws queues")
        self._commands = Commands()
        self._queues = Queues({} if host.read_only else options.queues)
        self._tenants = Tenants()
        self._open = 0

    async def sources(self) -> list[Source]:
        """boto3 is first imported in a thread here: it takes 0.2 s."""
        loop = asyncio.get_running_loop()
        choices = await loop.run_in_executor(self._threads, choose, self._options)
        found = await asyncio.gather(*(self._of(choice) for choice in choices))
        sources = [source for of_one in found for source in of_one]
        if not any(isinstance(source, Closes) for source in sources):
            self.let_go()
        return sources

    def let_go(self) -> None:
        """End the threads, and what gives credentials."""
        self._commands.end()
        self._threads.shutdown()
        self._waiting.shutdown()

    async def _of(self, choice: Choice | Unmeant) -> list[Source]:
        if isinstance(choice, tuple):
            return [Unusable(*choice)]
        account = self._account(choice)
        if not choice.every:
            return self._in(account, choice.regions)
        try:
            async with asyncio.timeout(LISTING_SECONDS):
                enabled = await account.enabled_regions()
        except (Problem, TimeoutError):  # it says so itself, for as long as it lasts
            shown = frozenset(choice.regions)
            others = Unlisted(
                account.used(), lambda found: self._in(account, (name for name in found if name not in shown))
            )
            return [*self._in(account, choice.regions), others]
        return self._in(account, dict.fromkeys((*choice.regions, *enabled)))

    def _in(self, account: Account, regions: Iterable[str]) -> list[Source]:
        queue = self._queues.of
        return [
            RegionSource(
                account.used(),
                region,
                self._options,
                self._host,
                queue=queue(account, region),
                tenants=self._tenants,
            )
            for region in regions
        ]

    def _account(self, choice: Choice) -> Account:
        watch = guard.watch if self._host.read_only else None
        self._open += 1
        return Account(
            choice.name,
            partial(sessions.session, choice.profile, choice.home, choice.role, watch, self._commands),
            self._threads,
            Pace(self._options.calls_per_minute),
            pages.prepare,
            home=choice.home,
            waiting=self._waiting,
            closed=self._closed,
        )

    def _closed(self) -> None:
        self._open -= 1
        if not self._open:
            self.let_go()


provider = Aws()
