"""Ways to an engine: a child process, or any command that speaks the stream on its stdin and stdout.

Starting is synchronous and cheap: the engine works while the console still imports its screen, and ssh
can ask for a passphrase or a host key on the terminal before the screen is taken.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from providers.hostname import is_destination
from providers.stream import Frame, Hello
from providers.text import clean
from providers.wire import Reader, WireError, Writer

_ERRORS_CAP = 1 << 20
"""Bytes of an engine's stderr kept at most; only its last lines are ever shown."""
_LAST_WORDS_SECONDS = 5.0
"""What it said longer ago than that is not why it ended now."""


class Child:
    """A started engine: its process, the console's end of the socket, and what it said so far."""

    def __init__(self, argv: Sequence[str], name: str, hello: Hello, *, again: Callable[[], Child]) -> None:
        self.name = name
        """What people call it: "the engine", "bastion"."""
        self.again = again
        """Starts another one the same way, without asking anything on the terminal."""
        self.reader: Reader[Frame] = Reader(Frame, name)
        self.writer = Writer("plain")
        self.early: list[Frame] = []
        """Frames read before anyone iterated."""
        self.errors = _scratch()
        self.socket, theirs = socket.socketpair()
        try:
            with theirs:
                self.process = self._spawn(argv, theirs)
        except OSError as error:
            self.socket.close()
            os.close(self.errors)
            raise WireError(
                "greeting", f"{argv[0]} can't be run: {error.strerror}", "install it, or check its name"
            ) from error
        try:
            self.socket.sendall(self.writer.write([hello]))
        except OSError:  # it is dead already; whoever reads from it learns that, and why
            pass

    def _spawn(self, argv: Sequence[str], theirs: socket.socket) -> subprocess.Popen[bytes]:
        # A session of its own: ctrl-c and hangups in the terminal are the console's alone.
        return subprocess.Popen(
            [*argv, "--fd", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.errors,
            start_new_session=True,
        )

    def complaint(self) -> str:
        """The last line that it wrote on its stderr just now, cleaned, or ""."""
        file = os.fstat(self.errors)
        if time.time() - file.st_mtime > _LAST_WORDS_SECONDS:
            return ""
        tail = os.pread(self.errors, 4096, max(0, file.st_size - 4096)).decode("utf-8", "replace")
        lines = [line.strip() for line in tail.splitlines() if line.strip()]
        return clean(lines[-1], limit=200) if lines else ""

    def trim(self) -> None:
        """Forget old complaints when there are many."""
        if os.fstat(self.errors).st_size > _ERRORS_CAP:
            os.ftruncate(self.errors, 0)
            os.lseek(self.errors, 0, os.SEEK_SET)

    def obituary(self) -> str:
        """How its process ended, one line: its name, the signal, or the status and its last words."""
        code = self.process.poll()
        if code is None:
            return f"{self.name} closed the connection"
        if code < 0:  # whoever is killed has no say in it
            return f"{self.name} was killed by {_signal_name(-code)}"
        said = self.complaint()
        how = f"ended with status {code}" if code else "ended"
        return f"{self.name} {how}" + (f": {said}" if said and code else "")

    def remedy(self) -> str:
        """What a person can do about its end, "" when another one will be started and that is all."""
        return ""

    def kill(self) -> None:
        """End it now, whatever it is doing, and reap it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        """Kill it and free what was held for it. The socket is freed too unless a Channel took it."""
        self.kill()
        self.socket.close()
        if self.errors >= 0:
            os.close(self.errors)
            self.errors = -1


class Via(Child):
    """An engine behind a command's stdin and stdout, such as ssh."""

    def __init__(
        self, argv: Sequence[str], name: str, hello: Hello, *, again: Callable[[], Child], ask: bool
    ) -> None:
        self._ask = ask
        super().__init__(argv, name, hello, again=again)

    def remedy(self) -> str:
        """A way in that asks nothing: while the screen is taken there is nobody to ask."""
        if self._ask or "permission denied" not in self.complaint().lower():
            return ""
        return "it is tried again without asking: add the key to ssh-agent, or start quarterdeck anew"

    def _spawn(self, argv: Sequence[str], theirs: socket.socket) -> subprocess.Popen[bytes]:
        if not self._ask:
            return self._popen(argv, theirs, alone=True)
        # It needs the terminal for its questions, so it can't have a session of its own; an ignored
        # ctrl-c is inherited instead, and stays the console's.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return self._popen(argv, theirs, alone=False)
        finally:
            signal.signal(signal.SIGINT, before)

    def _popen(self, argv: Sequence[str], theirs: socket.socket, *, alone: bool) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            argv,
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=self.errors,
            start_new_session=alone,
        )


def spawn_child(hello: Hello, *, log_file: Path | None = None) -> Child:
    """Start an engine as a child process and say hello, without waiting for anything. Costs about 2 ms."""
    # -P: a folder called `providers` where the command was run must not be imported instead of ours.
    argv = [sys.executable, "-P", "-m", "providers.engine"]
    if log_file is not None:
        argv += ["--log-file", str(log_file)]

    def start() -> Child:
        return Child(argv, "the engine", hello, again=start)

    return start()


def connect(
    target: str | Sequence[str],
    hello: Hello,
    *,
    say: Callable[[str], None] | None = None,
    timeout: float | None = None,
) -> Child:
    """Start an engine elsewhere and wait until it answers; to be called while the terminal is a plain one.

    `target` is `user@host` for the system's ssh, or a command's argument list. What the command writes
    on its stderr meanwhile goes to `say`, a cleaned line at a time. Raises WireError when it can't be
    reached; without a timeout it waits as long as the command asks questions.
    """
    argv, name = (ssh_command(target), target) if isinstance(target, str) else (list(target), target[0])
    quiet = ssh_command(target, ask=False) if isinstance(target, str) else argv

    def again() -> Child:
        return Via(quiet, name, hello, again=again, ask=False)

    with _terminal_kept():
        child = Via(argv, name, hello, again=again, ask=True)
        try:
            _await_greeting(child, say, timeout)
        except BaseException:
            child.close()
            raise
    return child


def ssh_command(target: str, *, ask: bool = True) -> list[str]:
    """The argument list that runs an engine on `[user@]host`. Raises WireError for an odd name."""
    if not is_destination(target):
        raise WireError(
            "greeting", f"{clean(target, limit=80)!r} is not a host name", "give it as host or user@host"
        )
    options = ["ConnectTimeout=10", "ServerAliveInterval=15", "ServerAliveCountMax=3"]
    if not ask:
        options.append("BatchMode=yes")
    flags = [part for option in options for part in ("-o", option)]
    return ["ssh", "-T", "-a", "-x", *flags, "--", target, "quarterdeck", "engine", "--stdio"]


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """The terminal's modes as they were: an ssh that ends while it asks leaves the echo off."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:  # there is none
        yield
        return
    try:
        modes = termios.tcgetattr(terminal)
        try:
            yield
        finally:
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
    finally:
        os.close(terminal)


def _await_greeting(child: Child, say: Callable[[str], None] | None, timeout: float | None) -> None:
    deadline = None if timeout is None else time.monotonic() + timeout
    shown = 0
    while not child.reader.greeted:
        ready = select.select([child.socket], [], [], 0.1)[0]
        shown = _relay(child, say, shown)
        if ready:
            data = _received(child.socket)
            if not data:
                _unanswered(child)
            child.early += child.reader.feed(data)
        elif deadline is not None and time.monotonic() > deadline:
            raise WireError("cut", f"{child.name} did not answer in {timeout:g} s", "check that it is up")


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(1 << 16)
    except ConnectionResetError:  # it went without reading our hello
        return b""


def _relay(child: Child, say: Callable[[str], None] | None, shown: int) -> int:
    """Pass whole new lines of its stderr on; returns how many bytes have been passed in all."""
    if say is None:
        return shown
    text = os.pread(child.errors, 1 << 16, shown)
    whole = text[: text.rfind(b"\n") + 1]
    for line in whole.decode("utf-8", "replace").splitlines():
        say(clean(line.rstrip(), limit=400))
    return shown + len(whole)


def _unanswered(child: Child) -> None:
    try:
        code = child.process.wait(1.0)
    except subprocess.TimeoutExpired:
        code = 0
    remedy = {
        127: "install quarterdeck there, where a command run over ssh finds it",
        255: "check that `ssh` to it works from this terminal",
    }.get(code, "run the command by itself to see what it says")
    raise WireError("cut", child.obituary(), remedy)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _scratch() -> int:
    """A nameless file: it needs no draining, unlike a pipe, and leaves nothing behind."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("engine-stderr")
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
