"""`--via` through a real sshd: the engine and the credentials there, the screen here, little in between."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from . import stage
from .cluster import Lab
from .person import ESCAPE, PATIENCE, Person
from .sshd import Sshd
from .test_snapshot import run

PASSPHRASE = "open sesame"
MOST_BYTES = 200_000
"""For 60 pods, 70 odd ones and 18 nodes; what it was is printed."""


class Bastion:
    """The client's side of the lab's SSH server: an `ssh` that knows it and counts what it brings."""

    def __init__(self, sshd: Sshd, folder: Path) -> None:
        self.sshd = sshd
        self.home = folder
        self.folder = folder / "ssh"
        (self.folder / "bin").mkdir(parents=True)
        self.log = self.folder / "log"
        self.write()

    def write(self, *options: str, remote: str = "") -> None:
        """Make the `ssh` for the console: the lab's, with options of its own, or running something else."""
        config = (self.sshd.folder / "ssh_config").read_text()
        own = "".join(f"  {option}\n" for option in options)
        (self.folder / "config").write_text(f"Host *\n{own}{config}")
        ssh = f"{shutil.which('ssh')} -F {self.folder}/config"
        # Its own log takes what it says on stderr too: only where that is not what is looked at.
        logged = "" if options or remote else f" -v -E {self.log}"
        command = f"{ssh} {self.sshd.host} {remote}" if remote else f'{ssh}{logged} "$@"'
        wrapper = self.folder / "bin" / "ssh"
        wrapper.write_text(f"#!/bin/sh\nexec {command}\n")
        wrapper.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """Variables under which that `ssh` is the one on the PATH, and no agent helps it."""
        return {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "SSH_AUTH_SOCK": ""}

    def arguments(self, lab: Lab) -> list[str]:
        """The command line that looks at the lab from there."""
        return ["--via", self.sshd.host, "--kubeconfig", str(lab.kubeconfig()), "--context", "lab"]

    def person(self, lab: Lab) -> Person:
        """A console whose engine runs there."""
        return Person(self.home, *self.arguments(lab), environment=self.environment)

    def received(self) -> list[int]:
        """Bytes that each connection so far brought here, as ssh itself counts them."""
        return [int(found) for found in re.findall(r"received (\d+) bytes", self.log.read_text())]


@pytest.fixture
def bastion(sshd: Sshd, tmp_path: Path) -> Bastion:
    """A host on which a command run over ssh finds quarterdeck."""
    return Bastion(sshd, tmp_path)


def _sessions(sshd: Sshd) -> list[psutil.Process]:
    """What the SSH server runs for its clients."""
    return [
        child
        for process in psutil.process_iter()
        if _is(process, str(sshd.folder))
        for child in process.children(recursive=True)
    ]


def _is(process: psutil.Process, word: str) -> bool:
    try:
        return "sshd" in process.name() and any(word in argument for argument in process.cmdline())
    except psutil.NoSuchProcess:
        return False


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_engine_runs_there_and_the_rows_are_the_same(lab: Lab, bastion: Bastion) -> None:
    with stage.pods(lab, "one", "two"), bastion.person(lab) as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        me.until(lambda: me.names() == ["one", "two"])
        assert not me.children("providers.engine"), "an engine runs here"
        (ssh,) = me.children("--stdio")
        assert "ssh" in ssh.name()
        engines = [process for process in _sessions(bastion.sshd) if "--stdio" in process.cmdline()]
        assert engines, "no engine runs there"
        stage.create(lab, "three")
        me.until(lambda: me.names() == ["one", "three", "two"])
        assert me.leave() == 0
    end = time.monotonic() + 10
    while any(map(_alive, engines)):
        assert time.monotonic() < end, "the engine there outlived its console"
        time.sleep(0.05)


def test_a_snapshot_from_there_is_the_one_from_here(lab: Lab, bastion: Bastion) -> None:
    there = run(
        bastion.home, "snapshot", *bastion.arguments(lab), "-o", "json", environment=bastion.environment
    )
    here = run(bastion.home, "snapshot", *bastion.arguments(lab)[2:], "-o", "json")
    assert (there.returncode, here.returncode) == (0, 0), there.stderr
    a, b = json.loads(there.stdout), json.loads(here.stdout)
    for pod in (*a["pods"], *b["pods"]):
        del pod["age_seconds"]
    assert a == b
    (received,) = bastion.received()
    print(f"--via: {len(a['pods'])} pods and {len(a['nodes'])} nodes in {received} bytes")
    assert received < MOST_BYTES


def test_a_killed_ssh_is_said_and_started_again(lab: Lab, bastion: Bastion) -> None:
    with stage.pods(lab, "one"), bastion.person(lab) as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        me.until(lambda: me.names() == ["one"])
        (ssh,) = me.children("--stdio")
        ssh.kill()
        me.see(f"{bastion.sshd.host} was killed by SIGKILL")
        assert me.names() == ["one"], "what was on the screen went away"
        me.until(lambda: " live" in me.header and "SIGKILL" not in me.header)
        stage.create(lab, "two")
        me.until(lambda: me.names() == ["one", "two"])
        assert me.leave() == 0


def test_ssh_asks_for_its_passphrase_before_the_screen_is_taken(lab: Lab, bastion: Bastion) -> None:
    key = bastion.folder / "locked"
    shutil.copy(bastion.sshd.key, key)
    key.chmod(0o600)
    change = ["ssh-keygen", "-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", str(key)]
    subprocess.run(change, check=True, stdin=subprocess.DEVNULL)
    bastion.write("BatchMode no", f"IdentityFile {key}")
    config = bastion.folder / "config"
    lines = config.read_text().splitlines(keepends=True)
    kept = [line for line in lines if str(bastion.sshd.key) not in line and "BatchMode yes" not in line]
    config.write_text("".join(kept))
    with bastion.person(lab) as me:
        me.see("Enter passphrase for key")
        assert b"\x1b[?1049h" not in me.log, "the screen was taken before the question"
        me.send(f"{PASSPHRASE}\n")
        me.open()
        assert PASSPHRASE.encode() not in me.log
        (ssh,) = me.children("--stdio")
        ssh.kill()  # the next one may not ask: the screen is taken
        me.see("Permission denied")
        me.send("m")
        me.see("Messages", "Permission denied", "add the key to ssh-agent")
        me.send(ESCAPE)
        me.see_not("Messages")
        me.until(lambda: me.count("Pods") > 0)
        assert me.leave() == 0


def test_a_host_without_quarterdeck_is_told_what_to_install(lab: Lab, bastion: Bastion) -> None:
    bastion.write(remote="no-such-command")
    with bastion.person(lab) as me:
        assert me.ended() == 3
        assert "install quarterdeck there" in " ".join(me.text.split())
        assert b"\x1b[?1049h" not in me.log


def test_a_host_that_cannot_be_reached_is_told_at_once(lab: Lab, bastion: Bastion) -> None:
    bastion.write("ProxyCommand false")
    with bastion.person(lab) as me:
        assert me.ended(PATIENCE) == 3
        said = " ".join(me.text.split())
        assert bastion.sshd.host in said
        assert "check that `ssh` to it works from this terminal" in said
        assert "Traceback" not in said


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "a b", "a;b", "x@-y", "$(id)"])
def test_S3_what_is_no_host_name_never_reaches_ssh(lab: Lab, bastion: Bastion, host: str) -> None:
    touched = bastion.folder / "touched"
    bastion.write(remote=f"x; touch {touched}")
    done = run(bastion.home, "snapshot", f"--via={host}", environment=bastion.environment)
    assert done.returncode == 3
    assert "is not a host name" in done.stderr
    assert not touched.exists()
