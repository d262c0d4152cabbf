"""Programs that never outlive whoever started them.

Owns one process group per lab. A guard leads it: a tiny process that holds the reading end of a pipe and
kills the whole group when the pipe closes, which the kernel does for us however the owner dies.
(PR_SET_PDEATHSIG would be shorter, but it fires when the starting *thread* ends, and labs are started from
worker threads.)
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

# Kill the group, and leave one child outside it that removes the temporary folder once nobody writes there.
_GUARD = """
import os, shutil, signal, sys, time
sys.stdin.buffer.read()
if sys.argv[1] and os.fork() == 0:
    os.setpgid(0, 0)
    time.sleep(0.5)
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    os._exit(0)
if sys.argv[1]:
    time.sleep(0.1)
os.killpg(0, signal.SIGKILL)
"""


class Group:
    """Named programs with their logs in one folder; `temporary` is removed even if we are killed."""

    def __init__(self, logs: Path, temporary: Path | None = None) -> None:
        self.logs = logs
        self._temporary = temporary
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _GUARD, str(temporary or "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    def start(self, name: str, arguments: list[str], env: dict[str, str] | None = None) -> None:
        """Start a program; its output is appended to NAME.log."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(env or {})},
                process_group=self._guard.pid,
            )

    def pids(self) -> dict[str, int]:
        """The process ids of what is running, by name."""
        return {name: process.pid for name, process in self._running.items() if process.poll() is None}

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one program."""
        self._running[name].send_signal(number)

    def end(self, name: str, *, grace: float = 0.0) -> None:
        """End one program: by SIGTERM if given `grace` seconds for it, else (and then) by SIGKILL."""
        process = self._running.pop(name, None)
        if process is None:
            return
        if grace:
            process.terminate()
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                pass
        process.kill()
        process.wait()

    def check(self, name: str) -> None:
        """Raise RuntimeError with the end of the log if the program is no longer running."""
        process = self._running.get(name)
        if process is None or process.poll() is None:
            return
        text = (self.logs / f"{name}.log").read_text(errors="replace")
        last = "\n".join(text.strip().splitlines()[-12:])
        raise RuntimeError(f"{name} ended with status {process.returncode}; its log ends:\n{last}")

    def close(self) -> None:
        """End everything and wait until it has ended; calling it again does nothing."""
        for name in list(self._running):
            self.end(name)
        if self._guard.stdin and not self._guard.stdin.closed:
            self._guard.send_signal(signal.SIGKILL)
            self._guard.wait()
            self._guard.stdin.close()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
