"""One account in one region as a source: what it looks like from outside, and who answers for what."""

from __future__ import annotations

from collections.abc import AsyncIterator

from providers.aws.account import Account
from providers.aws.options import Options
from providers.aws.push import Change
from providers.contract import Host
from providers.model import Batch, SourceInfo

KINDS = ("instance", "volume", "group", "cluster", "nodegroup")


class RegionSource:
    """Instances, volumes, Auto Scaling groups and EKS of one account in one region."""

    def __init__(self, account: Account, region: str, options: Options, host: Host) -> None:
        self._info = SourceInfo(
            name=f"aws-{account.name}-{region}",
            provider="aws",
            kinds=KINDS,
            account=account.name,
            region=region,
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def stream(self) -> AsyncIterator[Batch]:
        """Rows as soon as they are read; then what changes."""
        raise NotImplementedError
        yield

    def look_closely(self, instance: str) -> None:
        """Ask about that one instance every two seconds until its state settles, five minutes at most.

        Returns at once; call it when something was done to the instance.
        """

    def merge(self, change: Change) -> None:
        """Take in what an event says; the instance is then looked at closely."""
