"""`quarterdeck run` and `copy` as scripts use them: a real engine, a real sshd, several hosts."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.engine import audit
from tests.lab.sshd import missing

from .hosts import DEAD, Hosts

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    with Hosts(tmp_path_factory.mktemp("hosts")) as hosts:
        assert isinstance(hosts, Hosts)
        yield hosts


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def quarterdeck(
    hosts: Hosts, home: Path, *arguments: str, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Without a terminal, with the inventory of those hosts."""
    environment = {**hosts.environment(), "HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    options = {"stdin": subprocess.DEVNULL, **options}
    return subprocess.run(
        [str(Path(sys.executable).parent / "quarterdeck"), *arguments, "--inventory", str(hosts.inventory)],
        env=environment, capture_output=True, text=True, timeout=60, check=False, **options,
    )  # fmt: skip


def answered(ran: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """The JSON that was printed, by host."""
    return {each["host"]: each for each in json.loads(ran.stdout)}


def test_all_succeed_and_what_is_the_same_is_folded(hosts: Hosts, home: Path) -> None:
    command = "echo hello; case $SSH_CONNECTION in *127.0.1.3*) echo odd;; esac"
    ran = quarterdeck(hosts, home, "run", command, "--on", "group:web", "--yes")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == (
        "● web[1-2,4-5] · 4 hosts · exit status 0\n  hello\n● web3 · 1 host · exit status 0\n  hello\n  odd\n"
    )
    plan = ran.stderr.splitlines()
    assert plan[0].startswith("Run `echo hello")
    assert "on 5 instances in hosts" in plan[0]
    assert plan[1].startswith("first 1, then 4; begins no further one after the first failure; 60 s at most")
    assert [line.split()[2] for line in plan if line.startswith("  ▸")] == hosts.names

    entries = list(audit.entries(home / "state" / "quarterdeck" / "audit.jsonl"))
    assert [entry.phase for entry in entries].count("outcome") == 5
    assert {entry.sent for entry in entries} == {
        f"run {command!r} on {hosts.user}@{name}:{hosts.port}" for name in hosts.names
    }


def test_json_has_one_object_a_host_and_what_they_said_unchanged(hosts: Hosts, home: Path) -> None:
    command = "printf '\\033[2J\\302\\233text\\200\\n'; echo no >&2; exit 7"
    ran = quarterdeck(
        hosts, home, "run", command, "--on", "name:web1", "--yes", "--output", "json", "--kind", "instance"
    )
    assert ran.returncode == 1
    assert json.loads(ran.stdout) == [
        {
            "host": "web1",
            "source": "hosts",
            "exit_status": 7,
            "stdout": "\x1b[2J\x9btext\ufffd\n",
            "stderr": "no\n",
            "error": "",
            "cut": False,
        }
    ]
    assert ran.stdout.isascii()
    assert "\x1b" not in ran.stdout


def test_control_sequences_of_a_host_are_not_printed(hosts: Hosts, home: Path) -> None:
    command = "printf '\\033]52;c;eA==\\a\\033[2J\\302\\233x\\r\\n'; printf '\\033]0;t\\a' >&2"
    ran = quarterdeck(hosts, home, "run", command, "--on", "name:web1", "--yes")
    assert ran.returncode == 0
    assert not set(ran.stdout) & {"\x1b", "\x07", "\x9b", "\r"}
    assert "␛]52;c;eA==␇␛[2J�x" in ran.stdout


def test_a_failure_stops_and_is_1_and_a_host_that_is_not_reached_is_3(hosts: Hosts, home: Path) -> None:
    ran = quarterdeck(hosts, home, "run", "exit 4", "--on", "group:web", "--yes", "-o", "json")
    assert ran.returncode == 1
    told = answered(ran)
    assert told["web1"]["exit_status"] == 4
    assert all("not begun" in told[name]["error"] for name in hosts.names[1:])

    everywhere = ("--on", "name:*", "--yes", "--failures", "-1", "-o", "json")
    ran = quarterdeck(hosts, home, "run", "test ! -e /nowhere && exit 1", *everywhere)
    assert ran.returncode == 3, "a host that is not reached outweighs commands that fail"
    told = answered(ran)
    assert told[DEAD]["exit_status"] is None
    assert "refuses the connection" in told[DEAD]["error"]
    assert {told[name]["exit_status"] for name in hosts.names} == {1}


def test_what_takes_too_long_is_cut_off_and_is_a_failure(hosts: Hosts, home: Path) -> None:
    some = ("--on", "name:web1", "--yes", "--timeout", "0.5", "-o", "json")
    ran = quarterdeck(hosts, home, "run", "echo begun; sleep 9", *some)
    assert ran.returncode == 1
    told = answered(ran)["web1"]
    assert (told["exit_status"], told["stdout"]) == (None, "begun\n")
    assert "0.5 s" in told["error"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "true", "--on", "group:web"), "--yes does it without"),
        (("run", "true", "--on", "nothing-at-all", "--yes"), "matches no node"),
        (("run", "true", "--on", "restarts>=x", "--yes", "--kind", "instance"), "--on:"),
        (("run", "true", "--yes"), "--on"),
        (("run", "true", "--on", "", "--yes"), "say --on 'name:*'"),
        (("run", "true", "--on", " \t", "--yes"), "say --on 'name:*'"),
        (("run", "true", "--on", "web1", "--yes", "--timeout", "nan"), "nan"),
        (("run", "true", "--on", "web1", "--yes", "--wait", "nan"), "nan"),
        (("run", "true", "--on", "web1", "--yes", "--wait", "-5"), "-5"),
        (
            ("run", "true", "--on", "web", "--kind", "host", "--yes", "--host", "web", "--host", "a;b"),
            "'a;b' is",
        ),
        (("run", "true", "--on", "name:*", "--yes", "--stages", "1,0"), "1,0"),
        (("run", "true", "--on", "name:*", "--yes", "--read-only"), "read-only"),
        (("copy", "a", "b", "--on", "web1", "--yes", "--mode", "9"), "is not like 644"),
        (("run", "  ", "--on", "group:web", "--yes"), "no command"),
        (("run", "cat", "--on", "name:*", "--yes", "--stdin", "/no/such/file"), "/no/such/file"),
    ],
)
def test_what_is_said_wrongly_is_2_in_words(
    hosts: Hosts, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    ran = quarterdeck(hosts, home, *arguments)
    assert ran.returncode == 2
    assert words in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr


def test_each_is_given_the_standard_input(hosts: Hosts, home: Path, tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "content").write_bytes(content)
    ran = quarterdeck(
        hosts, home, "run", "sha256sum", "--on", "group:web", "--yes", "--stdin", str(tmp_path / "content")
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("● web[1-5] · 5 hosts · exit status 0\n")

    with (tmp_path / "content").open("rb") as file:
        piped = quarterdeck(
            hosts, home, "run", "sha256sum", "--on", "name:web2", "--yes", "--stdin", "-", stdin=file
        )
    assert piped.stdout.splitlines()[1] == ran.stdout.splitlines()[1]


def test_a_file_goes_to_many_and_comes_back_from_each(hosts: Hosts, home: Path, tmp_path: Path) -> None:
    script, there = tmp_path / "script", tmp_path / "there"
    script.write_bytes(b"\x00\xff#!/bin/sh\n" * 50_000)
    script.chmod(0o750)
    ran = quarterdeck(hosts, home, "copy", str(script), str(there), "--on", "group:web", "--yes")
    assert ran.returncode == 0, ran.stderr
    assert there.read_bytes() == script.read_bytes()
    assert stat.S_IMODE(there.stat().st_mode) == 0o750

    got = tmp_path / "got"
    ran = quarterdeck(hosts, home, "copy", str(there), str(got), "--from", "--on", "group:web", "--yes")
    assert ran.returncode == 0, ran.stderr
    assert sorted(path.parent.name for path in got.glob("*/there")) == hosts.names
    assert all(path.read_bytes() == script.read_bytes() for path in got.glob("*/there"))
    assert "5 files below" in ran.stderr

    there.write_text("anew")
    again = ("copy", str(there), str(got), "--from", "--on", "group:web", "--yes")
    ran = quarterdeck(hosts, home, *again)
    assert ran.returncode == 2
    assert f"{got}/web1/there and 4 more are here already" in ran.stderr
    assert (got / "web1" / "there").read_bytes() == script.read_bytes()
    ran = quarterdeck(hosts, home, *again, "--force")
    assert (got / "web5" / "there").read_text() == "anew"

    there.chmod(0o604)
    copies = ("copy", str(script), str(there), "--on", "name:web1", "--yes")
    ran = quarterdeck(hosts, home, *copies)
    assert "written in place of one that is there with its mode, or else with mode 750, as" in ran.stderr
    assert stat.S_IMODE(there.stat().st_mode) == 0o604
    ran = quarterdeck(hosts, home, *copies, "--mode", "640")
    assert stat.S_IMODE(there.stat().st_mode) == 0o640


def test_a_file_that_can_not_be_written_there_is_a_failure_of_a_host_that_was_reached(
    hosts: Hosts, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    there = str(tmp_path / "no" / "such" / "folder")
    some = ("--on", "group:web", "--yes", "--failures", "-1")
    ran = quarterdeck(hosts, home, "copy", str(tmp_path / "file"), there, *some)
    assert ran.returncode == 1
    assert ran.stdout.startswith("✕ web[1-5] · 5 hosts · exit status 1\n"), "what is the same is folded"
    assert "No such file" in ran.stdout


def test_a_file_that_is_too_large_is_refused_with_what_to_use(
    hosts: Hosts, home: Path, tmp_path: Path
) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate((64 << 20) + 1)
    ran = quarterdeck(hosts, home, "copy", str(tmp_path / "large"), "/tmp/x", "--on", "name:*", "--yes")
    assert ran.returncode == 2
    assert "rsync" in ran.stderr


def test_an_unknown_host_key_is_not_accepted_where_nobody_can_be_asked(hosts: Hosts, home: Path) -> None:
    known = hosts.known_hosts.read_text()
    config = hosts.folder / "ssh_config"
    before = config.read_text()
    try:
        hosts.known_hosts.write_text("")
        config.write_text(before.replace("StrictHostKeyChecking yes", "StrictHostKeyChecking ask"))
        ran = quarterdeck(hosts, home, "run", "true", "--on", "name:web1", "--yes")
    finally:
        hosts.known_hosts.write_text(known)
        config.write_text(before)
    assert ran.returncode == 3
    assert "there is no terminal to ask on" in ran.stderr
