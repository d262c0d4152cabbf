"""Plain Linux servers over SSH: the provider `ssh`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from providers.contract import Host, Problem, Source
from providers.ssh.listing import Configured, Login, Written
from providers.ssh.source import FollowedHosts, Hosts

LISTED, CONFIGURED, FOLLOWED = "ssh", "ssh-config", "ssh-followed"
"""What its sources are called."""


class Options(Struct, frozen=True):
    """`[providers.ssh]` in the configuration; --host wins over `hosts`."""

    hosts: tuple[str, ...] = ()
    """`[user@]host[:port]`, several at once as `web[1-9].example.org`."""
    files: tuple[str, ...] = ()
    """Lists of hosts, as --inventory reads them."""
    config: bool | str = False
    """The names of the ssh configuration: true for the usual one, or its file."""
    follow: bool = False
    """Look after the hosts that the console names."""
    poll: Annotated[float, Meta(ge=1)] = 30.0
    """Seconds between two looks at a host that is well."""
    user: str = ""
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    key: str = ""
    """A private key's file."""
    jump: tuple[str, ...] = ()
    """Hosts on the way, the outermost first."""


class Ssh:
    """Hosts that are listed, those of the ssh configuration, and those that the console names."""

    name = "ssh"
    summary = "Linux servers over SSH, from a list, the ssh configuration, or a filter of instances"
    options = Options

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One for each of the three that is asked for. Raises Problem when none is, or a name is none."""
        login = Login(user=options.user, port=options.port, key=options.key, jump=options.jump)
        sources: list[Source] = []
        if options.hosts or options.files:
            listing = Written(LISTED, options.hosts, options.files, login)
            sources.append(Hosts(LISTED, listing, host, poll=options.poll))
        if options.config:
            file = "" if options.config is True else options.config
            sources.append(Hosts(CONFIGURED, Configured(CONFIGURED, file), host, poll=options.poll))
        if options.follow:
            sources.append(FollowedHosts(FOLLOWED, host, poll=options.poll))
        if not sources:
            remedy = "give --host NAME, or set `hosts`, `files` or `config` under [providers.ssh]"
            raise Problem("ssh: no host is named", remedy, state="denied")
        return sources


provider = Ssh()
