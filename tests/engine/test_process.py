"""The engine as a process: when it ends, what it is deaf to, and what it leaves behind (nothing)."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from providers.engine.__main__ import Settings, parse
from providers.model import Health, Upserts
from providers.stream import Frame, Hello, ProviderChoice, Welcome
from providers.wire import Reader, Writer
from tests.engine.strange import pod

ENGINE = [sys.executable, "-m", "tests.engine.strange"]
STOP_SECONDS = 1.5
"""A second is promised; the rest is for a machine that is busy with other tests."""


class Engine:
    """A real engine on a socket, without a link."""

    def __init__(self, *providers: str, arguments: tuple[str, ...] = ()) -> None:
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(10)
        with theirs:
            self.process = subprocess.Popen(
                [*ENGINE, "--fd", str(theirs.fileno()), *arguments],
                pass_fds=[theirs.fileno()],
                stderr=subprocess.PIPE,
                text=True,
            )
        choices = tuple(ProviderChoice(name) for name in providers)
        self.writer, self.reader = Writer(), Reader[Frame](Frame)
        self.socket.sendall(self.writer.write([Hello(version="1", providers=choices)]))

    def until(self, type_: type, source: str = "") -> Frame:
        while True:
            data = self.socket.recv(1 << 16)
            assert data, self.process.communicate()
            for frame in self.reader.feed(data):
                if isinstance(frame.body, type_) and frame.source == source:
                    return frame

    def ends(self) -> int:
        """Its exit status, when it ends in time."""
        return self.process.wait(STOP_SECONDS)


@contextmanager
def running(*providers: str, arguments: tuple[str, ...] = ()) -> Iterator[Engine]:
    engine = Engine(*providers, arguments=arguments)
    try:
        yield engine
    finally:
        engine.socket.close()
        engine.process.kill()
        engine.process.communicate()


def test_a_console_that_is_gone_ends_the_engine() -> None:
    with running("steady") as engine:
        engine.until(Upserts, "steady")
        engine.socket.close()
        assert engine.ends() == 0


def test_a_console_that_is_gone_before_its_hello_ends_the_engine() -> None:
    with running() as engine:
        engine.socket.close()
        assert engine.ends() == 0


def test_a_provider_that_will_not_stop_does_not_keep_the_engine() -> None:
    with running("stubborn") as engine:
        engine.until(Health, "stubborn")
        engine.socket.close()
        assert engine.ends() == 0


def test_sigterm_ends_it_cleanly() -> None:
    with running("steady") as engine:
        engine.until(Upserts, "steady")
        engine.process.terminate()
        assert engine.ends() == 0


def test_sigterm_ends_it_even_while_a_provider_blocks() -> None:
    with running("blocking") as engine:
        engine.until(Health, "blocking")
        time.sleep(0.3)  # until it really blocks
        engine.process.terminate()
        assert engine.ends() == -signal.SIGALRM


def test_ctrl_c_is_the_consoles_alone() -> None:
    with running("steady") as engine:
        engine.until(Upserts, "steady")
        engine.process.send_signal(signal.SIGINT)
        engine.socket.sendall(engine.writer.write())
        with pytest.raises(subprocess.TimeoutExpired):
            engine.process.wait(0.3)


def test_a_child_engine_is_in_a_session_of_its_own() -> None:
    with held("steady") as (holder, engine):
        assert os.getsid(engine.pid) == engine.pid != os.getsid(holder.pid)


@contextmanager
def held(provider: str, seconds: str = "60") -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """A console's stand-in, with its engine."""
    holder = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.holder", provider, seconds],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert holder.stdout is not None
        yield holder, psutil.Process(int(holder.stdout.readline()))
    finally:
        holder.kill()
        holder.communicate()


@pytest.mark.parametrize("provider", ["steady", "stubborn", "blocking"])
def test_no_orphan_is_left_when_the_console_is_killed(provider: str) -> None:
    with held(provider) as (holder, engine):
        if provider == "blocking":
            time.sleep(0.3)  # until it really blocks
        holder.kill()
        holder.wait()
        psutil.wait_procs([engine], timeout=STOP_SECONDS)
        assert not _lives(engine)


def test_no_orphan_is_left_when_the_console_just_returns() -> None:
    with held("steady", "0") as (holder, engine):
        holder.wait(10)
        psutil.wait_procs([engine], timeout=STOP_SECONDS)
        assert not _lives(engine)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_console_that_is_no_console_is_refused_in_words() -> None:
    with running() as engine:
        engine.socket.recv(100)
        other = subprocess.run(
            [*ENGINE, "--stdio"],
            input=b"GET / HTTP/1.1\r\n\r\n",
            capture_output=True,
            timeout=10,
            check=False,
        )
    assert other.returncode == 1
    assert other.stdout.startswith(b"quarterdeck-stream 2 zstd\n")
    assert b"it says: GET / HTTP/1.1" in other.stderr
    assert b"Traceback" not in other.stderr


def test_stdio_works_over_pipes() -> None:
    writer, reader = Writer(), Reader[Frame](Frame)
    process = subprocess.Popen([*ENGINE, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(
        writer.write([Hello(version="1", providers=(ProviderChoice("steady"),), read_only=True)])
    )
    process.stdin.flush()
    frames: list[Frame] = []
    while not any(isinstance(frame.body, Upserts) for frame in frames):
        data = os.read(process.stdout.fileno(), 1 << 16)
        assert data
        frames += reader.feed(data)
    assert isinstance(frames[0].body, Welcome)
    assert frames[0].body.read_only
    process.stdin.close()
    assert process.wait(STOP_SECONDS) == 0
    process.stdout.close()


def test_read_only_on_its_command_line_holds_whatever_the_console_says() -> None:
    with running("steady", arguments=("--read-only",)) as engine:
        welcome = engine.until(Welcome).body
        assert isinstance(welcome, Welcome)
        assert welcome.read_only


def test_the_log_tells_of_failures_and_is_private(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    with running("broken", arguments=("--log-file", str(log))) as engine:
        engine.until(Health, "broken")
        engine.socket.close()
        engine.ends()
    assert "failed to import" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give --stdio"),
        (["--what"], "--what is not understood"),
        (["--fd", "x"], "invalid literal"),
        (["--fd", "99"], "descriptor 99"),
        (["--stdio", "--log-file", "/no/such/folder/x"], "/no/such/folder/x: No such file or directory"),
    ],
)
def test_a_wrong_command_line_is_told_in_a_line(arguments: list[str], said: str) -> None:
    done = subprocess.run([*ENGINE, *arguments], capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_by_hand_in_a_terminal_it_says_what_it_is_for() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*ENGINE, "--stdio"], stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=10, check=False
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 2
    assert "another console" in done.stderr


def test_settings_are_parsed_either_way() -> None:
    assert parse(["--fd=3", "--read-only"]) == Settings(fd=3, read_only=True)
    assert parse(["--stdio", "--log-file", "x"]) == Settings(log_file="x")


def test_pods_of_the_engine_are_what_the_provider_gave() -> None:
    with running("steady") as engine:
        assert engine.until(Upserts, "steady").body == Upserts((pod("a"), pod("b")))


def test_a_start_imports_no_vendor_nor_screen() -> None:
    code = (
        "import sys, providers.engine.server, providers.engine.pipeline, providers.registry\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    heavy = {
        "aiohttp",
        "kubernetes_asyncio",
        "boto3",
        "asyncssh",
        "textual",
        "rich",
        "click",
        "zstandard",
        "yaml",
    }
    assert not heavy & set(done.stdout.split())
