"""The provider `static`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from providers.contract import Host, Problem, Source


class Options(Struct, frozen=True):
    """`[providers.static]` in the configuration; --inventory comes on top."""

    inventories: tuple[str, ...] = ()
    """Files; or, after a "!", a command that prints JSON."""
    every: float = 5.0
    """Seconds between two looks."""


class Static:
    """Inventories, a source each."""

    name = "static"
    summary = "instances and hosts from a file or a command's JSON, a Terraform state too"
    options = Options

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One for each inventory."""
        raise Problem("static: not built yet", state="denied")


provider = Static()
