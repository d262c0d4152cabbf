"""Sources in place of those that cannot be told: they have no objects, only what is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from providers.aws.account import Account
from providers.contract import Problem, Source
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

    Then its regions take its place.
    """

    def __init__(self, account: Account, made: Callable[[Iterable[str]], Sequence[Source]]) -> None:
        """`made` makes the sources of regions."""
        self._account = account
        self._made = made
        self._successors: Sequence[Source] = ()
        self._info = SourceInfo(
            name=clean(f"aws-{account.name}", 253),
            provider="aws",
            account=clean(account.name, 253),
            region=clean(account.home, 64),
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def stream(self) -> AsyncIterator[Batch]:
        """Raises the Problem for as long as the account cannot be asked."""
        self._successors = self._made(await self._account.enabled_regions())
        if not self._successors:
            raise Problem(f"{self._account.name} has no further region enabled", state="denied")
        return
        yield  # what makes it a generator

    def successors(self) -> Sequence[Source]:
        return self._successors

    async def close(self) -> None:
        await self._account.close()
