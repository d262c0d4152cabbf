"""An inventory that is what a command prints: `!terraform show -json`.

It gets no shell, no terminal and no input, runs in a session of its own, and 30 s are its limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
from asyncio.subprocess import DEVNULL
from hashlib import blake2b

from providers.contract import Problem
from providers.text import clean, without_secrets

TIMEOUT = 30.0
LIMIT = 64 << 20
"""Bytes of the most that a command may print."""
_STDERR_KEPT = 4000
_GRACE = 0.5
"""Seconds in which a killed command is waited for."""


class Command:
    """A command, run again and again, and never twice at once."""

    def __init__(self, command: str, every: float, *, timeout: float = TIMEOUT, limit: int = LIMIT) -> None:
        self._command = command
        self.address = without_secrets(clean(command))
        self.every = every
        """Seconds from the end of one run to the next."""
        self._timeout, self._limit = timeout, limit
        self._running = asyncio.Lock()

    async def read(self, seen: object = None) -> tuple[bytes, bytes] | None:
        """A digest of what it prints now, and that; None when the digest is the one that was seen.

        Raises Problem when it can't be started, fails, takes too long or prints too much.
        """
        async with self._running:
            text = await self._output(self._arguments())
        digest = blake2b(text).digest()
        return None if digest == seen else (digest, text)

    def _arguments(self) -> list[str]:
        try:
            arguments = shlex.split(self._command)
        except ValueError as error:
            raise self._problem(f"can't be divided into words: {error}") from error
        if not arguments:
            raise Problem("an inventory is a ! without a command", "write a command after it", state="denied")
        return arguments

    async def _output(self, arguments: list[str]) -> bytes:
        try:
            transport, printed = await asyncio.get_running_loop().subprocess_exec(
                lambda: _Printed(self._limit), *arguments, stdin=DEVNULL, start_new_session=True
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            raise self._problem(f"can't be started: {getattr(error, 'strerror', None) or error}") from error
        try:
            await asyncio.wait_for(printed.ended.wait(), self._timeout)
        except TimeoutError:
            raise self._problem(f"gave no answer in {self._timeout:g} s and was stopped") from None
        finally:
            if not printed.whole:
                _kill(transport.get_pid())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(printed.exited.wait(), _GRACE)
            transport.close()
        return self._checked(printed, transport.get_returncode() or 0)

    def _checked(self, printed: _Printed, status: int) -> bytes:
        if printed.too_much:
            raise self._problem(f"printed more than {self._limit >> 20} MB and was stopped")
        if status:
            said = next(iter(printed.errors.decode(errors="replace").split("\n")), "").strip()
            raise self._problem(f"failed with status {status}" + (f": {said}" if said else ""))
        return bytes(printed.text)

    def _problem(self, what: str) -> Problem:
        detail = without_secrets(clean(f"`{self.address}` {what}"))
        return Problem(detail, "run it in a terminal, in the folder of the engine; it gets no shell")


class _Printed(asyncio.SubprocessProtocol):
    """What a command printed. It has ended when it exited and its stdout is closed, whoever holds stderr."""

    def __init__(self, limit: int) -> None:
        self.text, self.errors = bytearray(), bytearray()
        self.too_much = False
        self.exited, self.ended = asyncio.Event(), asyncio.Event()
        self._limit = limit
        self._closed = False

    @property
    def whole(self) -> bool:
        """It ended by itself, and nothing more can come."""
        return self._closed and self.exited.is_set()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self.errors += data[: _STDERR_KEPT - len(self.errors)]
        elif len(self.text) + len(data) <= self._limit:
            self.text += data
        else:
            self.too_much = True
            self.ended.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._closed = self._closed or fd == 1
        self._end()

    def process_exited(self) -> None:
        self.exited.set()
        self._end()

    def _end(self) -> None:
        if self.whole:
            self.ended.set()


def _kill(pid: int) -> None:
    """End the command and whatever it started in its session."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # they have ended by themselves
