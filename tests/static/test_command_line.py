"""`--inventory` on the command line, with a real engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

FILES = Path(__file__).parent / "files"


def quarterdeck(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in the folder of the files, where nothing else is configured."""
    usual = {key: value for key, value in os.environ.items() if not key.startswith(("KUBE", "AWS", "XDG"))}
    return subprocess.run(
        [Path(sys.executable).with_name("quarterdeck"), *arguments],
        cwd=FILES,
        env={**usual, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_inventories_are_a_fleet_of_their_own(tmp_path: Path) -> None:
    named = ("--inventory", "hosts.json", "--inventory", "terraform.tfstate")
    done = quarterdeck(tmp_path, "snapshot", *named, "-o", "json")
    assert (done.returncode, done.stderr) == (0, "")
    fleet: dict[str, Any] = msgspec.json.decode(done.stdout)
    assert {(source["name"], source["health"]) for source in fleet["sources"]} == {
        ("hosts", "live"),
        ("terraform", "live"),
    }
    assert len(fleet["instances"]) == 3 + 7
    assert not any(instance["observed"] for instance in fleet["instances"])


def test_a_command_runs_in_the_folder_where_it_was_named(tmp_path: Path) -> None:
    done = quarterdeck(tmp_path, "snapshot", "--inventory", "!cat shown.json", "-o", "json")
    assert len(msgspec.json.decode(done.stdout)["instances"]) == 7


def test_one_that_can_not_be_read_dims_no_other(tmp_path: Path) -> None:
    named = ("--inventory", "hosts.json", "--inventory", "none.json", "--timeout", "5")
    done = quarterdeck(tmp_path, "snapshot", *named, "-o", "json")
    assert done.returncode == 3
    fleet: dict[str, Any] = msgspec.json.decode(done.stdout)
    told = {source["name"]: (source["health"], source["detail"]) for source in fleet["sources"]}
    assert told["hosts"] == ("live", "")
    assert told["none"] == ("lost", f"{FILES / 'none.json'}: No such file or directory")
    assert len(fleet["instances"]) == 3
