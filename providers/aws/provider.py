"""The provider `aws`."""

from __future__ import annotations

from collections.abc import Sequence

from providers.aws.options import Options
from providers.contract import Host, Problem, Source


class Aws:
    """Accounts by profile, each in the regions that were named."""

    name = "aws"
    summary = "EC2 instances of every account and region that is named, with their volumes and groups"
    options = Options

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One for each account and region. Raises Problem when no profile can be told."""
        raise Problem("aws: not built yet", state="denied")


provider = Aws()
