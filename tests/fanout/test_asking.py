"""`quarterdeck run` with a person at a terminal: the plan confirmed, questions answered, ctrl-c."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.sshd import missing

from .hosts import Hosts

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    with Hosts(tmp_path / "hosts", 3) as hosts:
        assert isinstance(hosts, Hosts)
        yield hosts


class AtTerminal:
    """The command, with a terminal as its standard input; what it prints is in files."""

    def __init__(self, hosts: Hosts, folder: Path, *arguments: str) -> None:
        self._terminal, theirs = pty.openpty()
        self.out, self.err = folder / "out", folder / "err"
        environment = {**hosts.environment(), "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
        program = str(Path(sys.executable).parent / "quarterdeck")
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [program, "run", *arguments, "--inventory", str(hosts.inventory)],
                env=environment, stdin=theirs, stdout=out, stderr=err,
            )  # fmt: skip
        os.close(theirs)

    def sees(self, text: str) -> None:
        """Wait until that is on standard error."""
        self._until(lambda: text in self.err.read_text())

    def types(self, text: str) -> None:
        os.write(self._terminal, f"{text}\n".encode())

    def ends(self) -> int:
        self._until(lambda: self.process.poll() is not None)
        return self.process.wait()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)

    def _until(self, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 40
        while not so():
            assert time.monotonic() < deadline, self.err.read_text()
            time.sleep(0.02)


@contextmanager
def at_terminal(hosts: Hosts, folder: Path, *arguments: str) -> Iterator[AtTerminal]:
    me = AtTerminal(hosts, folder, *arguments)
    try:
        yield me
    finally:
        me.close()


def test_many_are_confirmed_by_the_word_that_the_plan_names(hosts: Hosts, tmp_path: Path) -> None:
    with at_terminal(hosts, tmp_path, "echo up", "--on", "group:web") as me:
        me.sees("type 3 to do it: ")
        assert "on 3 instances in hosts" in me.err.read_text()
        me.types("3")
        assert me.ends() == 0
        assert me.out.read_text() == "● web[1-3] · 3 hosts · exit status 0\n  up\n"


def test_another_word_leaves_everything_as_it_is(hosts: Hosts, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with at_terminal(hosts, tmp_path, f"touch {trace}", "--on", "group:web") as me:
        me.sees("type 3")
        me.types("y")
        assert me.ends() == 2
        assert "nothing was done" in me.err.read_text()
        assert not trace.exists()


@pytest.mark.parametrize(("answer", "status"), [("yes", 0), ("no", 3)])
def test_an_unknown_host_key_is_asked_about(hosts: Hosts, tmp_path: Path, answer: str, status: int) -> None:
    hosts.known_hosts.write_text("")
    config = hosts.folder / "ssh_config"
    asks = config.read_text().replace("StrictHostKeyChecking yes", "StrictHostKeyChecking ask")
    config.write_text(asks.replace("BatchMode yes", "BatchMode no"))
    with at_terminal(hosts, tmp_path, "echo up", "--on", "name:web1", "--yes") as me:
        me.sees("yes or no: ")
        assert "SHA256:" in me.err.read_text()
        me.types(answer)
        assert me.ends() == status
    assert bool(hosts.known_hosts.read_text()) == (answer == "yes")


def test_ctrl_c_begins_no_further_host_and_prints_what_is_known(hosts: Hosts, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    command = f"echo so far; echo $$ > {begun}; sleep 60; true"
    with at_terminal(hosts, tmp_path, command, "--on", "group:web", "--yes") as me:
        me._until(lambda: begun.exists() and bool(begun.read_text()))
        me.process.send_signal(signal.SIGINT)
        assert me.ends() == 130
        printed = me.out.read_text()
        assert "? web1 · 1 host · cancelled while it ran" in printed
        assert "  so far\n" in printed
        assert "── web1: cancelled: it was sent TERM, and has ended ──" in printed
        assert not Path("/proc", begun.read_text().strip()).exists()
        assert "⊘ web[2-3] · 2 hosts · stopped before it began" in printed


def test_ctrl_c_at_the_question_ends_it(hosts: Hosts, tmp_path: Path) -> None:
    with at_terminal(hosts, tmp_path, "true", "--on", "group:web") as me:
        me.sees("type 3")
        me.process.send_signal(signal.SIGINT)
        assert me.ends() == 130
