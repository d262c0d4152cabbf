"""Sources in place of those that cannot be told: they have no objects, only what is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator

from providers.aws.account import Account
from providers.contract import Problem
from providers.model import Batch, SourceInfo
from providers.text import clean


class Unusable:
    """A profile, region or role that was named and means nothing: it is a source, denied, and says why."""

    def __init__(self, name: str, problem: Problem) -> None:
        self._problem = problem
        self._info = SourceInfo(name=f"aws-{clean(name, 200)}", provider="aws", account=clean(name, 200))

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def stream(self) -> AsyncIterator[Batch]:
        """Raises the Problem."""
        raise self._problem
        yield  # what makes it a generator


class Unlisted:
    """An account that could not say which regions it has enabled: it is asked again until it can.

    Its regions cannot become sources of a fleet that already runs; it says so then, and which they are.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._info = SourceInfo(
            name=f"aws-{account.name}", provider="aws", account=account.name, region=account.home
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def stream(self) -> AsyncIterator[Batch]:
        """Raises the Problem for as long as the account cannot be asked."""
        regions = await self._account.enabled_regions()
        raise Problem(
            f"{self._account.name} can be asked now: it has {len(regions)} regions enabled",
            "start again to see them, or name them with --region",
            state="denied",
        )
        yield  # what makes it a generator

    async def close(self) -> None:
        await self._account.close()
