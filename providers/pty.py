"""A program on a pseudo-terminal of its own, as a Session.

The child is made by posix_spawn: it has its own session, and as the first thing it opens is the terminal,
that becomes its controlling one. Nothing of Python runs between fork and exec, so neither threads nor a large
heap matter (a fork of the engine would copy the page tables of all its objects). When the engine dies in
whatever way, the kernel closes the master and hangs up the session.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shlex
import signal
import struct
import termios
from collections.abc import Iterator, Mapping, Sequence

from providers.contract import Problem
from providers.sessions import Ending, Size

_CHUNK = 1 << 16
_GRACE = 0.5
"""Seconds between the hang-up and the kill."""
_LINGER = 0.2
"""Seconds for which a terminal is still read when its program is gone and something else holds it open."""
_POLL = 0.05
"""Seconds between two looks at a child where the system has no file descriptors for processes."""
_FRESH = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE, signal.SIGTSTP)
"""The engine ignores or handles some of these; what it starts must not inherit that."""


def start(command: Sequence[str], size: Size, environment: Mapping[str, str] | None = None) -> Pty:
    """Run the command on a new terminal; `environment` is added to this process's own. Raises Problem."""
    master, slave = os.openpty()
    try:
        os.set_blocking(master, False)
        _set_size(master, size)
        pid = _spawn(command, os.ttyname(slave), _environment(environment or {}))
    except OSError as error:
        os.close(master)
        raise Problem(f"{command[0]} can't be run: {error.strerror}", "is it installed there?") from error
    finally:
        os.close(slave)
    return Pty(pid, master, command)


def _spawn(command: Sequence[str], terminal: str, environment: Mapping[str, str]) -> int:
    return os.posix_spawnp(
        command[0],
        list(command),
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, terminal, os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        ],
        setsid=True,
        setsigmask=(),
        setsigdef=_FRESH,
    )


def _environment(further: Mapping[str, str]) -> dict[str, str]:
    # With LINES or COLUMNS set, programs would not ask the terminal for its size.
    ours = {name: value for name, value in os.environ.items() if name not in ("LINES", "COLUMNS")}
    return {**ours, "TERM": "xterm-256color", "COLORTERM": "truecolor", **further}


class Pty:
    """A child and the master of its terminal. Made by start(), inside a running loop; close() ends it."""

    def __init__(self, pid: int, master: int, command: Sequence[str]) -> None:
        self.pid = pid
        self.sent = shlex.join(command)
        self._loop = asyncio.get_running_loop()
        self._master = master
        self._open = True
        self._said_all = False
        self._reading: asyncio.Future[None] | None = None
        self._writing: asyncio.Future[None] | None = None
        self._exited: asyncio.Future[int] = self._loop.create_future()
        self._reaped = False
        self._pidfd = _pidfd(pid)
        if self._pidfd is None:
            self._look()
        else:
            self._loop.add_reader(self._pidfd, self._look)

    async def read(self) -> bytes:
        """What was printed; b"" when the program is gone and all that it printed was read."""
        while self._open:
            if data := self._read_now():
                return data
            if self._said_all or not await self._readable():
                break
        return b""

    def _read_now(self) -> bytes:
        """As much as there is. The kernel gives 4 kB at a time at most."""
        pieces: list[bytes] = []
        size = 0
        while size < _CHUNK:
            try:
                piece = os.read(self._master, _CHUNK - size)
            except BlockingIOError:
                break
            except OSError:  # EIO: the last one that had the terminal open is gone
                piece = b""
            if not piece:
                self._said_all = not pieces
                break
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    async def _readable(self) -> bool:
        """Wait until there may be something; False when the program is gone and nothing came for a while."""
        self._reading = waiting = self._loop.create_future()
        self._loop.add_reader(self._master, _settle, waiting)
        try:
            if self._exited.done():
                await asyncio.wait((waiting,), timeout=_LINGER)
                return waiting.done()
            await asyncio.wait((waiting, self._exited), return_when=asyncio.FIRST_COMPLETED)
            return True
        finally:
            self._reading = None
            if self._open:
                self._loop.remove_reader(self._master)

    async def write(self, data: bytes) -> None:
        """As if typed. Returns when the terminal took it, or when there is nobody to take it."""
        rest = memoryview(data)
        while rest and self._open and not self._exited.done():
            try:
                rest = rest[os.write(self._master, rest) :]
            except BlockingIOError:
                await self._writable()
            except OSError:
                return

    async def _writable(self) -> None:
        self._writing = waiting = self._loop.create_future()
        self._loop.add_writer(self._master, _settle, waiting)
        try:
            await asyncio.wait((waiting, self._exited), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._writing = None
            if self._open:
                self._loop.remove_writer(self._master)

    @property
    def raw(self) -> bool:
        """Whether the program takes each key as it is typed, as ssh does while a session stands."""
        try:
            return self._open and not termios.tcgetattr(self._master)[3] & termios.ICANON
        except termios.error:  # the program is gone
            return False

    async def end(self) -> None:
        """Type the end of input (ctrl-d)."""
        await self.write(b"\x04")

    def resize(self, size: Size) -> None:
        """The kernel tells the program with SIGWINCH."""
        if self._open:
            with contextlib.suppress(OSError):
                _set_size(self._master, size)

    async def ended(self) -> Ending:
        """The exit status as a shell has it: 128 + n for a program that died of the signal n."""
        return Ending(await asyncio.shield(self._exited))

    async def close(self) -> None:
        """Hang up; what is left of the session half a second later is killed."""
        if not self._open:
            return
        self._open = False
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        for waiting in (self._reading, self._writing):
            if waiting is not None:
                _settle(waiting)
        _signal(self.pid, signal.SIGHUP)
        os.close(self._master)
        await asyncio.wait((self._exited,), timeout=_GRACE)
        # The child is not reaped before: its number can't be another's while it is looked for.
        for pid in _members(self.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.wait((self._exited,), timeout=_LINGER)
        self._reap()

    def _reap(self) -> None:
        self._reaped = True
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        self._exit(-signal.SIGKILL)

    def _look(self) -> None:
        """Whether the child is gone; it stays a zombie until close()."""
        if self._reaped or self._exited.done():
            return
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if found is not None:
            dumped = found.si_code != os.CLD_EXITED
            self._exit(-found.si_status if dumped else found.si_status)
            if self._pidfd is not None:
                self._loop.remove_reader(self._pidfd)
        elif self._pidfd is None:
            self._loop.call_later(_POLL, self._look)

    def _exit(self, status: int) -> None:
        if not self._exited.done():
            self._exited.set_result(status if status >= 0 else 128 - status)


def _pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # not on this system
        return None


def _set_size(terminal: int, size: Size) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *_bounded(size), 0, 0))


def _bounded(size: Size) -> tuple[int, int]:
    return max(1, min(size.rows, 0xFFFF)), max(1, min(size.columns, 0xFFFF))


def _signal(session: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, number)


def _members(session: int) -> Iterator[int]:
    """Every process of the session; where they can't be told, its leader."""
    try:
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except FileNotFoundError:
        numbers = [session]
    for pid in numbers:
        with contextlib.suppress(OSError):
            if os.getsid(pid) == session:
                yield pid


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
