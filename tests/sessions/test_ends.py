"""However the engine ends, no ssh of its sessions is left; a real engine process on a socket or on pipes."""

from __future__ import annotations

import os
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

from providers.model import Ref, Target
from providers.openssh import configuration
from providers.stream import Bye, Closed, Frame, Hello, Input, Open, Output, Taken
from providers.wire import Reader, Writer
from tests.sessions.hops import Hops


@pytest.fixture(scope="module")
def hops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hops]:
    with Hops(tmp_path_factory.mktemp("ends"), goal={}, outer={}) as made:
        yield made


class Engine:
    """An engine process, and the console's end of its stream."""

    def __init__(self, audit: Path, *, stdio: bool) -> None:
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(20)
        command = [sys.executable, "-m", "providers.engine"]
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(
                [*command, "--stdio"] if stdio else [*command, "--fd", str(number)],
                stdin=number if stdio else subprocess.DEVNULL,
                stdout=number if stdio else subprocess.DEVNULL,
                pass_fds=() if stdio else (number,),
            )
        self.writer, self.reader = Writer(), Reader[Frame](Frame)
        self.said = b""
        self.frames: list[Frame] = []
        self.say(Hello(version="1", providers=(), audit_path=str(audit)))

    def say(self, *commands: object) -> None:
        self.socket.sendall(self.writer.write(commands))

    def read(self) -> bool:
        data = self.socket.recv(1 << 16)
        frames = self.reader.feed(data) if data else []
        self.frames += frames
        for frame in frames:
            if isinstance(frame.body, Output):
                self.said += frame.body.data
                self.say(Taken(id=frame.body.id, count=len(frame.body.data)))
        return bool(data)

    def shell(self, target: Target) -> None:
        """Open a shell and come to its prompt."""
        self.say(Open(id=1, target=target), Input(id=1, data=b"echo in-$((6*7)); trap '' HUP; sleep 600\n"))
        while b"in-42" not in self.said:
            assert self.read(), self.frames
        assert len(left_of(self.process.pid)) == 2


@contextmanager
def running(audit: Path, *, stdio: bool = False) -> Iterator[Engine]:
    engine = Engine(audit, stdio=stdio)
    try:
        yield engine
    finally:
        engine.socket.close()
        engine.process.kill()
        engine.process.wait()


def left_of(engine: int) -> list[psutil.Process]:
    """Every ssh that goes by a configuration of that engine."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words[:1] == ["ssh"] and any(f"quarterdeck-ssh-{engine}-" in word for word in words):
            found.append(process)
    return found


@pytest.mark.parametrize("stdio", [False, True], ids=["socket", "stdio"])
@pytest.mark.parametrize("end", ["kill -9", "SIGTERM", "the console goes", "Bye"])
def test_no_ssh_outlives_its_engine(hops: Hops, tmp_path: Path, end: str, stdio: bool) -> None:
    config = hops.configuration(tmp_path / "user", jumps={"goal": "outer"})
    target = Target(
        ref=Ref("lab", "node", "n1"), label="node n1", name="n1", host="goal", options=("-F", str(config))
    )
    with running(tmp_path / "audit.jsonl", stdio=stdio) as engine:
        engine.shell(target)
        if end == "Bye":
            engine.say(Bye())
        elif end == "the console goes":
            engine.socket.close()
        else:
            engine.process.send_signal(signal.SIGKILL if end == "kill -9" else signal.SIGTERM)
        deadline = time.monotonic() + 1.5
        engine.process.wait(2)
        while left := left_of(engine.process.pid):
            assert time.monotonic() < deadline, left
    last = (tmp_path / "audit.jsonl").read_text().splitlines()[-1]
    assert ('"phase":"intent"' if end == "kill -9" else "the console is gone") in last


def test_what_a_killed_engine_left_is_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    gone = subprocess.Popen(["true"])
    gone.wait()
    stale = tmp_path / f"quarterdeck-ssh-{gone.pid}-abc"
    other = tmp_path / f"quarterdeck-ssh-{os.getppid()}-abc"
    for file in (stale, other, tmp_path / "mine"):
        file.write_text("")
    path = Path(configuration.write("Host *\n"))
    assert path.parent == tmp_path
    assert path.stat().st_mode & 0o777 == 0o600
    configuration.remove(str(path))
    assert {file.name for file in tmp_path.iterdir()} == {other.name, "mine"}


def test_the_status_of_a_shell_comes_over_compressed_pipes(hops: Hops, tmp_path: Path) -> None:
    config = hops.configuration(tmp_path / "user")
    target = Target(ref=Ref("lab", "node", "n1"), label="node n1", host="goal", options=("-F", str(config)))
    with running(tmp_path / "audit.jsonl", stdio=True) as engine:
        engine.say(Open(id=1, target=target), Input(id=1, data=b"exit 9\n"))
        while not any(isinstance(frame.body, Closed) for frame in engine.frames):
            assert engine.read()
        assert next(f.body.status for f in engine.frames if isinstance(f.body, Closed)) == 9
