"""The way by the system's ssh on a terminal of its own: the user's configuration, agent and prompts work."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Sequence

from providers import pty
from providers.contract import Problem, Refused
from providers.destination import checked
from providers.model import Kind, Offer, Target
from providers.openssh import configuration, endings, options
from providers.openssh.resolving import Destination, resolve, way_to
from providers.sessions import Ending, Session, Size
from providers.stream import Purpose
from providers.ways import Where

_KEPT = 1 << 14
"""Bytes of the last output, from which it is told why ssh ended."""


class Ssh:
    """A login shell."""

    name = "ssh"
    purpose: Purpose = "shell"
    kinds: tuple[Kind, ...] = ("node", "instance", "host")

    async def offers(self, where: Where) -> Sequence[Offer]:
        """One: open where there are an address, only words that ssh may be given, and an ssh."""
        try:
            _check_program()
            command = arguments(where.target)
        except Refused as refused:
            return [Offer(way=self.name, title="SSH", refused=refused.detail, remedy=refused.remedy)]
        return [Offer(way=self.name, title="SSH", detail=shlex.join(command), ssh=True)]

    async def open(self, where: Where, choice: str, size: Size, rest: Sequence[str]) -> Session:
        """ssh on a terminal; what it asks, it asks there. Raises Refused or Problem."""
        _check_program()
        target = where.target
        destination, file = _destination(target)
        machines = await way_to(destination, file)
        path = configuration.write(configuration.text(machines))
        try:
            await _check_strict([machine.destination for machine in machines], path)
            command = arguments(target, path)
            await where.sends(shlex.join(command), machines[0].settings.get("user", target.user))
            return _Ssh(pty.start(command, size), path, target)
        except BaseException:
            configuration.remove(path)
            raise


class _Ssh:
    """A Session that knows why ssh ended."""

    def __init__(self, terminal: pty.Pty, configuration_path: str, target: Target) -> None:
        self.sent = terminal.sent
        self._terminal = terminal
        self._path = configuration_path
        self._target = target
        self._last = b""
        self._stood = False
        """Whether somebody was logged in: until then the terminal is not raw, whatever is asked on it."""
        self.write = terminal.write
        self.end = terminal.end
        self.resize = terminal.resize

    async def read(self) -> bytes:
        data = await self._terminal.read()
        self._stood = self._stood or self._terminal.raw
        self._last = (self._last + data)[-_KEPT:]
        return data

    async def ended(self) -> Ending:
        ending = await self._terminal.ended()
        if ending.status == endings.GAVE_UP:
            return await endings.explained(self._last, self._target.label, stood=self._stood)
        return ending

    async def close(self) -> None:
        try:
            await self._terminal.close()
        finally:
            configuration.remove(self._path)


def _check_program() -> None:
    if shutil.which("ssh") is None:
        raise Refused("there is no ssh where the engine runs", "install OpenSSH's client there")


async def _check_strict(destinations: Sequence[Destination], path: str) -> None:
    """Ask ssh itself once more: an `ssh` on the PATH may be a wrapper with settings of its own."""
    for machine in await asyncio.gather(*(resolve(destination, path) for destination in destinations)):
        if weak := configuration.weaknesses(machine):
            raise Problem(
                f"the ssh on the PATH insists on {', '.join(weak)}: host keys would not be checked",
                "take it out of the wrapper that adds it",
            )


def _destination(target: Target) -> tuple[Destination, str]:
    """Where to and how, with every word checked, and the file of the user's that it is to go by."""
    checked(target)
    further = options.checked(target.options)
    arguments = (
        "-A" if target.forward_agent else "-a",
        *(("-o", f"HostKeyAlias={target.alias}") if target.alias else ()),
        *(("-J", ",".join(_bracketed(jump) for jump in target.jump)) if target.jump else ()),
        *(("-p", str(target.port)) if target.port else ()),
        *(("-l", target.user) if target.user else ()),
        *(("-i", target.key) if target.key else ()),
        *further.arguments,
    )
    return Destination(target.host, arguments), further.file


def arguments(target: Target, path: str = "") -> list[str]:
    """The command, with `--` before the host, by the configuration in `path`.

    Raises Refused where there is no address, and for words that ssh could take for something else.
    """
    destination, _ = _destination(target)
    file = ("-F", path) if path else ()
    return ["ssh", *file, *destination.arguments, "--", destination.host]


def _bracketed(jump: str) -> str:
    """With brackets around an address of IPv6, as ssh wants them among jump hosts."""
    user, at, host = jump.rpartition("@")
    return f"{user}{at}[{host}]" if host.count(":") > 1 else jump


ways = (Ssh(),)
