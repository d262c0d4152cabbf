"""From a target to its server and the hops before it: the target's words win over the configuration's."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from providers.contract import Problem
from providers.destination import checked
from providers.hostname import is_destination, is_host, is_user
from providers.model import Target
from providers.openssh import options as ssh_options
from providers.ssh.configuration import Configuration, Settings
from providers.ssh.endpoint import Endpoint

HOPS = 8
_PORT = re.compile(r"(?P<host>\[[^\]]+\]|[^:]*):(?P<port>\d{1,5})")


@dataclass(frozen=True)
class Hop:
    """A place to go to, as it was written."""

    host: str
    user: str = ""
    port: int = 0


class Routes:
    """Resolves targets with one configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    async def to(self, target: Target) -> Endpoint:
        """Where a target is. Raises Refused when a word of it may not be used, or it has no address, and
        Problem for a hop or a configuration."""
        checked(target)
        hop = Hop(target.host, target.user, target.port)
        options = _options(target)
        settings = await self._configuration.of(hop.host, hop.user, hop.port, options)
        jump = target.jump or settings.jump
        key = _home(target.key)
        via = _lend(await self._through(jump, options, target.label, HOPS), key) if jump else None
        end = _endpoint(hop, settings, via)
        return replace(
            end,
            key=key,
            alias=target.alias or end.alias,
            forward_agent=target.forward_agent,
        )

    async def _through(
        self, jump: Sequence[str], options: Sequence[str], label: str, left: int
    ) -> Endpoint | None:
        """The last of these hops; before the first one are those that its own configuration names."""
        via: Endpoint | None = None
        for number, text in enumerate(jump):
            if left - number <= 0:
                raise Problem(f"{label}: more than {HOPS} hops, or hops in a circle", "look at ProxyJump")
            hop = _checked(_parsed(text), label)
            settings = await self._configuration.of(hop.host, hop.user, hop.port, options)
            # `Host *` with a ProxyJump holds for the bastion too, and does not mean it.
            before = [jump for jump in settings.jump if _parsed(jump).host != hop.host]
            if number == 0 and before:
                via = await self._through(before, options, label, left - 1)
            via = _endpoint(hop, settings, via)
        return via


def _options(target: Target) -> tuple[str, ...]:
    """Those for ssh that weaken no check, a file of configuration first. Raises Refused."""
    found = ssh_options.checked(target.options)
    return (*(("-F", found.file) if found.file else ()), *found.arguments)


def _parsed(text: str) -> Hop:
    """`[user@]host[:port]`; the host in brackets where it has colons of its own."""
    user, _, place = text.rpartition("@")
    parts = _PORT.fullmatch(place)
    host, port = (parts["host"], int(parts["port"])) if parts else (place, 0)
    return Hop(host.removeprefix("[").removesuffix("]"), user, port)


def _checked(hop: Hop, label: str) -> Hop:
    if not is_host(hop.host) or (hop.user and not is_user(hop.user)) or not 0 <= hop.port < 65536:
        words = f"{hop.user}@{hop.host}" if hop.user else hop.host
        raise Problem(f"{label}: {words!r} is no name of a host that can be logged in to")
    return hop


def _endpoint(hop: Hop, settings: Settings, via: Endpoint | None) -> Endpoint:
    if not is_destination(f"{settings.user}@{settings.hostname}"):
        raise Problem(
            f"{hop.host}: {settings.user!r} is no user's name", "correct User in the ssh configuration"
        )
    return Endpoint(
        name=hop.host,
        address=settings.hostname,
        port=hop.port or settings.port,
        user=settings.user,
        alias=settings.alias,
        via=via,
        identities=settings.identities,
        certificates=settings.certificates,
        identities_only=settings.identities_only,
        agent=settings.agent,
        known_hosts=settings.known_hosts,
        strict=settings.strict,
        hash_names=settings.hash_names,
    )


def _lend(hop: Endpoint | None, key: str) -> Endpoint | None:
    """Bastions mostly take the same key as what is behind them."""
    return hop and replace(hop, via=_lend(hop.via, key), lent=key)


def _home(path: str) -> str:
    return os.path.expanduser(path)
