"""Commands that give credentials (credential_process): each has so long, and none outlives the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from providers.aws.troubles import CommandSilent

SECONDS = 20.0
"""That a command has to answer: less than anybody waits for a snapshot or a diagnosis."""


class Commands:
    """Those that run now. Used from threads; `run` stands in for subprocess.Popen in botocore."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running = set[Command]()
        self._over = False

    def run(self, command: Sequence[str], **pipes: Any) -> Command:
        """Start it. Raises OSError, and CommandSilent when all have been ended already."""
        with self._lock:
            if self._over:
                raise CommandSilent(0)
            started = Command(command, self._seconds, self._ended, **pipes)
            self._running.add(started)
        return started

    def end(self) -> None:
        """Kill what runs, with whatever it started. Nothing more is started."""
        with self._lock:
            self._over = True
            running = list(self._running)
        for command in running:
            command.kill_all()

    def _ended(self, command: Command) -> None:
        with self._lock:
            self._running.discard(command)


class Command(subprocess.Popen[bytes]):
    """One, in a session of its own: it has no terminal to ask on, nor the engine's input to read."""

    def __init__(self, command: Sequence[str], seconds: float, ended: Any, **pipes: Any) -> None:
        self._seconds, self._ended = seconds, ended
        super().__init__(command, stdin=subprocess.DEVNULL, start_new_session=True, **pipes)

    def communicate(self, input: bytes | None = None, timeout: float | None = None) -> tuple[bytes, bytes]:
        """All that it prints. Raises CommandSilent where that takes too long; then it is killed."""
        try:
            return super().communicate(input, self._seconds if timeout is None else timeout)
        except subprocess.TimeoutExpired:
            self.kill_all()
            super().communicate()
            raise CommandSilent(self._seconds) from None
        finally:
            self._ended(self)

    def kill_all(self) -> None:
        """It and its children."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
