"""What hosts print, read: Debian, RHEL and Alpine; cut short, malformed, hostile."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from providers.conformance.kit import dirty
from providers.model import Disk, LinuxHost
from providers.ssh.reading import read, sections
from providers.ssh.units import failed

from .scripted import output

AT = 1_768_443_247.0
BLANK = LinuxHost(uid="a", name="a")
KIB = 1024


def host(text: bytes, before: LinuxHost = BLANK, at: float = AT) -> LinuxHost:
    return read(sections(text), before, at)


def test_debian() -> None:
    found = host(output("debian"))
    assert found.load == (0.42, 0.47, 4.54)
    assert found.booted == AT - 864000.5
    assert (found.cpus, found.memory, found.memory_available) == (4, 16384000 * KIB, 8192000 * KIB)
    assert (found.swap, found.swap_free) == (2048000 * KIB, 1024000 * KIB)
    assert found.disks == (
        Disk(path="/", size=39038484 * KIB, used=20000000 * KIB, inodes_used=0.05),
        Disk(path="/var/lib/my data", size=102400000 * KIB, used=95232000 * KIB, inodes_used=0.99),
        Disk(path="/boot/efi", size=126678 * KIB, used=11840 * KIB),
    )
    assert (found.kernel, found.kernel_installed) == ("6.1.0-28-amd64", "6.1.0-30-cloud-amd64")
    assert found.reboot_pending is True
    assert (found.os, found.units) == ("Debian GNU/Linux 12 (bookworm)", "degraded")
    assert found.machine == "i-0abc1234def567890"


def test_its_failed_units() -> None:
    text = sections(output("debian"))
    backup, nginx = failed(text["failed"], host(output("debian")))
    assert (nginx.kind, nginx.uid, nginx.name) == ("unit", "a/nginx.service", "nginx.service")
    assert nginx.cells[:5] == ("a", "failed", "exit-code", "1", "A high performance web server")
    assert nginx.created == pytest.approx(AT - 600.5)
    assert nginx.owner is not None
    assert (nginx.owner.kind, nginx.owner.uid) == ("Host", "a")
    assert (backup.name, backup.cells[2:4]) == ("backup@home-ada.service", ("timeout", ""))


def test_rhel_waits_for_a_boot_since_glibc_was_installed_after_the_last() -> None:
    found = host(output("rhel"))
    assert (found.kernel_installed, found.reboot_pending) == ("5.14.0-503.el9.x86_64", True)
    assert (found.machine, found.swap, found.units) == ("", 0, "running")
    earlier = output("rhel").replace(b"1768442400 glibc", b"1768441000 glibc")
    assert host(earlier).reboot_pending is False


@pytest.mark.parametrize(
    ("running", "installed", "pending"),
    [
        ("5.14.0-503.el9.x86_64", "5.14.0-503.11.1.el9_5.x86_64", True),
        ("5.14.0-503.11.1.el9_5.x86_64", "5.14.0-503.5.1.el9.x86_64", False),
        ("6.1.0-9-amd64", "6.1.0-10-amd64", True),
        ("6.8.0-45-generic", "6.8.0-45-lowlatency", False),
    ],
)
def test_kernels_are_held_by_their_numbers(running: str, installed: str, pending: bool) -> None:
    text = f"@ kernel\n{running}\n@ kernels\n/boot/vmlinuz-{running}\n/boot/vmlinuz-{installed}\n@ end\n"
    assert host(text.encode()).reboot_pending is pending


def test_alpine_has_no_systemd_and_an_old_way_of_counting_memory() -> None:
    found = host(output("alpine"))
    assert (found.units, found.reboot_pending) == ("none", False)
    assert found.memory_available == 400000 * KIB
    assert (found.swap, found.swap_free) == (None, None)
    assert found.disks == (Disk(path="/", size=1869800 * KIB, used=211652 * KIB),)


def test_a_package_asks_for_a_boot() -> None:
    text = output("alpine").replace(b"@ reboot\n", b"@ reboot\n/run/reboot-required\n")
    assert host(text).reboot_pending is True


def test_what_was_not_printed_to_its_end_is_unknown_and_never_zero() -> None:
    whole = output("debian")
    for length in range(0, len(whole), 7):
        found = host(whole[:length])
        assert found.load in ((), (0.42, 0.47, 4.54))
        assert found.memory in (None, 16384000 * KIB)
        assert found.memory_available in (None, 8192000 * KIB)
        assert found.cpus in (None, 4)
        assert found.units in ("", "degraded")
        assert len(found.disks) in (0, 3)
    assert host(b"") == BLANK


@pytest.mark.parametrize(
    "bad", ["", "x", "-1 -1 -1", "nan inf 1", "1 2", "9" * 400, "0x10 1 1", "\x1b[31m1 1 1"]
)
def test_malformed_numbers_are_unknown(bad: str) -> None:
    names = ("load", "uptime", "cpus", "memory", "now", "disks", "inodes", "kernels", "rpm")
    text = "".join(f"\n@ {name}\n{bad}\n" for name in names) + "@ end\n"
    found = host(text.encode())
    assert (found.load, found.cpus, found.memory, found.disks) == ((), None, None, ())
    assert found.reboot_pending is None


def test_hostile_text_is_made_visible() -> None:
    evil = "\x1b]52;c;aGk=\x07\u202e[red]"
    text = output("debian").decode().replace("Debian GNU/Linux", evil).replace("/boot/efi", f"/boot/{evil}")
    text = text.replace("A high performance web server", evil).replace("6.1.0-28-amd64", f"6.1.0-28{evil}")
    found = host(text.encode())
    assert "␛]52" in found.os
    assert not dirty(found)
    assert not any(dirty(record) for record in failed(sections(text.encode())["failed"], found))


def test_a_unit_whose_name_can_be_none_is_left_out() -> None:
    names = ("-H.service", "a b.service", "$(id).service", "x;touch F.service", "plain", "a" * 300 + ".mount")
    text = "\n\n".join(f"Id={name}\nActiveState=failed" for name in names)
    assert [record.name for record in failed(text, BLANK) if len(record.name) < 250] == []


def test_noise_is_no_change_and_a_change_is() -> None:
    first = host(output("debian"))
    noisy = output("debian").replace(b"8192000 kB", b"8192900 kB").replace(b"864000.50", b"864030.60")
    assert host(noisy.replace(b"20000000 ", b"20000900 "), first, AT + 30) == first
    fuller = host(output("debian").replace(b"20000000  19038484", b"21000000  18038484"), first)
    assert fuller.disks[0].used == 21000000 * KIB
    assert host(output("debian"), replace(first, booted=0.0)).booted == AT - 864000.5
