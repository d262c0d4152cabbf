"""The command that a host is asked with, run by the shells that /bin/sh is on some host or other."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from providers.model import LinuxHost
from providers.ssh import units
from providers.ssh.looking import SCRIPT
from providers.ssh.reading import read, sections

SHELLS = [
    words
    for words in (["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"], ["sh"])
    if shutil.which(words[0])
]
BLANK = LinuxHost(uid="a", name="a")
AT = 1_768_443_247.0

SYSTEMCTL = """#!/bin/sh
# Two failed units, as systemctl prints them.
case $* in
  *is-system-running*) echo degraded; exit 1 ;;
  *list-units*)
    echo "* nginx.service loaded failed failed A web server"
    echo "  sw@p.service loaded failed failed" ;;
  *show*)
    printf 'Id=nginx.service\\nActiveState=failed\\n\\nId=sw@p.service\\nActiveState=failed\\n'
    echo "$*" >"$0.said" ;;
esac
"""


def run(shell: list[str], environment: dict[str, str] | None = None) -> bytes:
    done = subprocess.run(
        [*shell, "-s"],
        input=SCRIPT.encode(),
        capture_output=True,
        env=environment,
        timeout=30,
        check=True,
    )
    return done.stdout


def test_the_shells_of_most_hosts_are_here() -> None:
    assert {words[0] for words in SHELLS} >= {"bash", "sh"}


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_it_tells_everything_that_a_host_has(shell: list[str]) -> None:
    found = read(sections(run(shell)), BLANK, AT)
    assert len(found.load) == 3
    assert found.cpus == len(os.sched_getaffinity(0))
    assert found.memory == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < (found.memory_available or 0) < (found.memory or 0)
    assert found.booted is not None
    assert found.kernel == os.uname().release
    assert "/" in [disk.path for disk in found.disks]
    assert found.os
    assert found.units


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_it_needs_nothing_of_the_environment(shell: list[str]) -> None:
    absolute = [shutil.which(shell[0]) or shell[0], *shell[1:]]
    for environment in ({}, {"PATH": "/nowhere"}, {"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR", "PATH": "/bin"}):
        found = sections(run(absolute, environment))
        assert list(found)[-1] == "end"
        assert read(found, BLANK, AT).disks


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_failed_units_are_told_whatever_stands_before_their_name(shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "systemctl").write_text(SYSTEMCTL)
    (tmp_path / "systemctl").chmod(0o755)
    found = sections(run(shell, {"PATH": f"{tmp_path}:{os.environ['PATH']}"}))
    assert found["systemd"].strip() == "degraded"
    assert [record.name for record in units.failed(found["failed"], BLANK)] == [
        "nginx.service",
        "sw@p.service",
    ]
    assert (tmp_path / "systemctl.said").read_text().endswith("-- nginx.service sw@p.service\n")


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_without_systemd_there_are_no_units(shell: list[str], tmp_path: Path) -> None:
    for name in ("cat", "awk", "date", "df", "uname", "nproc", "grep", "sed", "timeout", "true"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    without = SCRIPT.replace(":/usr/sbin:/usr/bin:/sbin:/bin", "")
    absolute = [shutil.which(shell[0]) or shell[0], *shell[1:], "-s"]
    done = subprocess.run(
        absolute, input=without.encode(), capture_output=True, env={"PATH": str(tmp_path)}, check=True
    )
    assert read(sections(done.stdout), BLANK, AT).units == "none"


def test_only_disks_of_the_host_itself_are_looked_at(tmp_path: Path) -> None:
    """No NFS, no tmpfs, no disk twice; a name with a blank, a digit after it, and a % are one name."""
    (tmp_path / "mounts").write_text(
        "rootfs / rootfs rw 0 0\n/dev/sda1 / ext4 rw 0 0\nnas:/x /net/dead nfs4 rw 0 0\n"
        "none /run tmpfs rw 0 0\n//s/x /smb cifs rw 0 0\n"
        "/dev/sda1 /again ext4 rw 0 0\n/dev/sdb1 /My\\0401%s xfs rw 0 0\n"
        "me@h:/ /sshfs fuse.sshfs rw 0 0\n/dev/loop1 /snap/x squashfs ro 0 0\n"
    )
    (tmp_path / "df").write_text(f'#!/bin/sh\nfor each; do echo "<$each>"; done >>{tmp_path}/said\n')
    (tmp_path / "df").chmod(0o755)
    script = SCRIPT.replace("/proc/mounts", str(tmp_path / "mounts"))
    for shell in SHELLS:
        (tmp_path / "said").unlink(missing_ok=True)
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        subprocess.run(
            [*shell, "-s"], input=script.encode(), capture_output=True, env=environment, check=True
        )
        said = (tmp_path / "said").read_text().splitlines()
        assert said == ["<-P>", "<-k>", "</>", "</My 1%s>", "<-P>", "<-i>", "</>", "</My 1%s>"], shell


def test_it_costs_a_host_little() -> None:
    before = os.times()
    for _ in range(5):
        run(["sh"])
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent / 5 < 0.1, "measured 0.03 s; the bound is wide for slow machines"
