"""The way by the system's ssh on a terminal of its own: the user's configuration, agent and prompts all work."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence

from providers import pty
from providers.contract import Refused
from providers.hostname import is_destination, is_host, is_user
from providers.model import Kind, Offer, Target
from providers.sessions import Session, Size
from providers.stream import Purpose
from providers.ways import Where


class Ssh:
    """A login shell."""

    name = "ssh"
    purpose: Purpose = "shell"
    kinds: tuple[Kind, ...] = ("node", "instance", "host")

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One: open where there is an address, every word is one that ssh may be given, and there is an ssh."""
        title = "SSH"
        target = where.target
        if target.why_not or not target.host:
            why = target.why_not or f"{target.label} has no address"
            return [Offer(way=self.name, title=title, refused=why, remedy="name one in the configuration")]
        try:
            command = arguments(target)
        except Refused as refused:
            return [Offer(way=self.name, title=title, refused=refused.detail, remedy=refused.remedy)]
        if shutil.which("ssh") is None:
            why = "there is no ssh where the engine runs"
            return [Offer(way=self.name, title=title, refused=why, remedy="install OpenSSH's client there")]
        return [Offer(way=self.name, title=title, detail=shlex.join(command))]

    async def open(self, where: Where, choice: str, size: Size, rest: Sequence[str]) -> Session:
        """ssh on a terminal; what it asks, it asks there."""
        command = arguments(where.target)
        await where.sends(shlex.join(command), where.target.user)
        return pty.start(command, size)


def arguments(target: Target) -> list[str]:
    """The command, as a list, with `--` before the host. Raises Refused for what ssh could take for an option."""
    words: list[tuple[str, str, bool]] = [("host", target.host, is_host(target.host))]
    words += [("host key alias", target.alias, is_host(target.alias))] if target.alias else []
    words += [("user", target.user, is_user(target.user))] if target.user else []
    words += [("jump host", jump, is_destination(jump)) for jump in target.jump]
    for what, word, fine in words:
        if not fine:
            raise Refused(f"{target.label}: {word!r} is not a {what} that ssh may be given")
    return [
        "ssh",
        *([] if target.forward_agent else ["-a"]),
        *(["-o", f"HostKeyAlias={target.alias}"] if target.alias else []),
        *(["-J", ",".join(target.jump)] if target.jump else []),
        *(["-p", str(target.port)] if target.port else []),
        *(["-l", target.user] if target.user else []),
        *(["-i", target.key] if target.key else []),
        *target.options,
        "--",
        target.host,
    ]


ways = (Ssh(),)
