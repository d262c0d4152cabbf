"""A command in a container, or what runs there already, as a session over channels."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from msgspec import Struct

from providers.kubernetes.channels import Broken, Channels, dial
from providers.kubernetes.client import Client
from providers.kubernetes.containers import ContainerSpec, Pod
from providers.kubernetes.lookup import path
from providers.sessions import Ending, Size
from providers.text import clean

STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
_COMPLAINT = 4096
"""Bytes of standard error that are kept for the words of the ending."""
_ABSENT = ("no such file or directory", "executable file not found", "not found")
_BARE = "a debug pod on its node has tools; `kubectl debug --target` puts some beside the container"
_CUT = Ending(detail="the connection broke off", remedy="open it again")


class _Cause(Struct, frozen=True):
    reason: str = ""
    message: str = ""


class _Details(Struct, frozen=True):
    causes: tuple[_Cause, ...] | None = None


class _Status(Struct, frozen=True):
    status: str = ""
    reason: str = ""
    message: str = ""
    details: _Details | None = None


class Execution:
    """What it says on its terminal. Without one: its standard output, and at the end its last complaints.

    With `merged` both outputs are said, with the line ends that a terminal needs.
    """

    def __init__(
        self,
        channels: Channels,
        sent: str,
        program: str = "",
        *,
        terminal: bool = True,
        merged: bool = False,
    ) -> None:
        self.sent = sent
        self._channels, self._program = channels, program
        self._terminal, self._merged = terminal, merged
        self._complaint = b""
        self._said = False
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._resizing: set[asyncio.Task[None]] = set()

    @property
    def halves(self) -> bool:
        """Whether the end of its input can be said to it."""
        return self._channels.halves

    async def read(self) -> bytes:
        """What was said next; b"" at the end."""
        while not self._ending.done():
            try:
                message = await self._channels.receive()
            except Broken as broken:
                return self._finish(Ending(detail=self._complained() or str(broken), remedy="open it again"))
            if message is None:
                return self._finish(msgspec.structs.replace(_CUT, detail=self._complained() or _CUT.detail))
            if said := self._take(*message):
                return said
        return b""

    async def write(self, data: bytes) -> None:
        """Give it input."""
        if not self._ending.done():
            await self._channels.send(STDIN, data)

    async def end(self) -> None:
        """End its input, where the server knows how."""
        if not self._ending.done():
            await self._channels.end(STDIN)

    def resize(self, size: Size) -> None:
        """Tell it the size of its terminal."""
        if not self._terminal or self._ending.done():
            return
        words = msgspec.json.encode({"Width": size.columns, "Height": size.rows})
        task = asyncio.ensure_future(self._channels.send(RESIZE, words))
        self._resizing.add(task)
        task.add_done_callback(self._resizing.discard)

    async def ended(self) -> Ending:
        """How it ended."""
        return await asyncio.shield(self._ending)

    async def close(self) -> None:
        """Cut the connection: what ran on a terminal loses it."""
        self._finish(Ending(detail="closed"))
        for task in self._resizing:
            task.cancel()
        await self._channels.close()

    def _take(self, channel: int, data: bytes) -> bytes:
        self._said = self._said or (channel in (STDOUT, STDERR) and bool(data))
        if channel == STDOUT or (channel == STDERR and self._merged):
            return data.replace(b"\n", b"\r\n") if self._merged else data
        if channel == STDERR:
            self._complaint = (self._complaint + data)[-_COMPLAINT:]
        elif channel == ERROR and data:
            self._finish(self._judged(data))
        return b""

    def _judged(self, data: bytes) -> Ending:
        """The ending that a v1.Status stands for.

        Of what they can't start some runtimes say so, some only give 126 or 127 without a word of output.
        """
        try:
            status = msgspec.json.decode(data, type=_Status)
        except msgspec.DecodeError:
            status = _Status(message=data.decode(errors="replace"))
        if status.status == "Success":
            return Ending(0, self._complained())
        code = exit_code(status)
        named = bool(self._program) and self._program in status.message and _absent(status.message)
        if named or (code in (126, 127) and not self._said):
            return Ending(code, f"the container has no {self._program}", _BARE)
        if code is not None:
            return Ending(code, self._complained())
        # What the program said is why; some servers give all that was run instead.
        return Ending(detail=self._complained() or clean(status.message or "the server gave no reason", 500))

    def _complained(self) -> str:
        return clean(" ".join(self._complaint.decode(errors="replace").split()), 500)

    def _finish(self, ending: Ending) -> bytes:
        if not self._ending.done():
            self._ending.set_result(ending)
        return b""


def exit_code(status: _Status) -> int | None:
    """The exit status of the command; None where it has none."""
    causes = (status.details and status.details.causes) or ()
    found = next((each.message for each in causes if each.reason == "ExitCode"), "")
    return int(found) if found.isdigit() else None


def _absent(message: str) -> bool:
    return any(words in message for words in _ABSENT)


async def execute(
    client: Client, pod: Pod, container: ContainerSpec, command: Sequence[str], size: Size | None
) -> Execution:
    """Run it; with a size it has a terminal. Raises Refused or Problem."""
    terminal = size is not None
    options = [("container", container.name), *(("command", word) for word in command)]
    options += [("stdin", "true"), ("stdout", "true")]
    options += [("tty", "true")] if terminal else [("stderr", "true")]
    channels = await dial(client, _at(pod, "exec"), options)
    sent = f"exec {_named(pod, container)} -- {shlex.join(command)}"
    made = Execution(channels, sent, command[0], terminal=terminal)
    if size is not None:
        made.resize(size)
    return made


async def attach(client: Client, pod: Pod, container: ContainerSpec, size: Size) -> Execution:
    """Join what runs there, with as much of a terminal as it has. Raises Refused or Problem."""
    options = [("container", container.name), ("stdout", "true")]
    options += [("stdin", "true")] if container.stdin else []
    options += [("tty", "true")] if container.tty else [("stderr", "true")]
    channels = await dial(client, _at(pod, "attach"), options)
    sent = f"attach {_named(pod, container)}"
    made = Execution(channels, sent, terminal=container.tty, merged=not container.tty)
    made.resize(size)
    return made


def _at(pod: Pod, what: str) -> str:
    return f"{path('pod', pod.metadata.namespace, pod.metadata.name)}/{quote(what)}"


def _named(pod: Pod, container: ContainerSpec) -> str:
    place = f"{pod.metadata.namespace}/{pod.metadata.name}"
    return clean(f"{place} -c {container.name}", 700)
