"""What a host printed, as a LinuxHost: typed, cleaned, and unknown wherever it is not as it should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from msgspec.structs import replace

from providers.model import Disk, LinuxHost
from providers.text import clean

_MARK = re.compile(r"^@ (\w+)\n", re.MULTILINE)
_DF = re.compile(r".*?\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+(/.*)")
_VERSION = re.compile(r"(?:.*/)?(?:vmlinuz-|modules/)(\d[^/]*)(?:/modules\.builtin)?")
_RELEASE = re.compile(r"\d+(?:[.-]\d+)*")
_PLACEHOLDERS = frozenset({"nocloud", "none", "default", "iid-datasource-none", "no asset tag"})
_EC2 = re.compile(r"i-[0-9a-f]{8,17}")

T = TypeVar("T", int, float)

Sections = dict[str, str]
"""What stands under each marker, for those that were printed whole."""


def sections(output: bytes) -> Sections:
    """The sections of what the command printed. The last one is whole only where it is the end."""
    parts = _MARK.split(output.decode(errors="replace").replace("\r\n", "\n"))
    named = dict(zip(parts[1::2], parts[2::2], strict=True))
    if named and "end" not in named:
        named.popitem()
    return named


def read(found: Sections, before: LinuxHost, at: float) -> LinuxHost:
    """The host as it says it is at that time. What keeps still but for noise stays what it was `before`."""
    uptime = _first(_numbers(found.get("uptime", "")))
    amounts = _amounts(found.get("memory", ""))
    kernel = clean(found.get("kernel", "").strip(), 100)
    installed = _newest(found.get("kernels", ""))
    memory = amounts.get("MemTotal")
    return replace(
        before,
        booted=_steady(None if uptime is None else at - uptime, before.booted, 5.0),
        load=_load(found.get("load", "")),
        cpus=_whole(found.get("cpus", "")),
        memory=memory,
        memory_available=_steady(_available(amounts), before.memory_available, (memory or 0) / 200),
        swap=amounts.get("SwapTotal"),
        swap_free=_steady(amounts.get("SwapFree"), before.swap_free, amounts.get("SwapTotal", 0) / 200),
        disks=_disks(found, before.disks),
        units=_units(found),
        kernel=kernel,
        kernel_installed=installed,
        reboot_pending=_reboot(found, kernel, installed, uptime),
        os=_os(found.get("os", "")),
        machine=_machine(found) or before.machine,
    )


# ---- numbers -----------------------------------------------------------------------------------------


def _numbers(text: str) -> list[float]:
    """The numbers that a line begins with."""
    numbers: list[float] = []
    for word in text.split():
        if not re.fullmatch(r"\d{1,15}(\.\d{1,9})?", word):
            break
        numbers.append(float(word))
    return numbers


def _first(numbers: list[float]) -> float | None:
    return numbers[0] if numbers else None


def _whole(text: str) -> int | None:
    """A number of things that can't be none."""
    return int(text) or None if re.fullmatch(r"\d{1,6}", text := text.strip()) else None


def _load(text: str) -> tuple[float, ...]:
    numbers = _numbers(text)
    return tuple(numbers) if len(numbers) == 3 else ()


def _amounts(text: str) -> dict[str, int]:
    """/proc/meminfo in bytes."""
    found = re.findall(r"^(\w+):\s+(\d{1,15}) kB$", text, re.MULTILINE)
    return {name: int(kib) * 1024 for name, kib in found}


def _available(amounts: dict[str, int]) -> int | None:
    """As the kernel says it; kernels before 3.14 do not, and then as `free` estimated it."""
    if "MemAvailable" in amounts:
        return amounts["MemAvailable"]
    parts = [amounts.get(name) for name in ("MemFree", "Buffers", "Cached")]
    return None if None in parts else sum(filter(None, parts))


def _steady(now: T | None, before: T | None, noise: float) -> T | None:
    return before if now is not None and before is not None and abs(now - before) < noise else now


# ---- disks -------------------------------------------------------------------------------------------


def _disks(found: Sections, before: tuple[Disk, ...]) -> tuple[Disk, ...]:
    inodes = {path: used / (used + free) for path, used, free in _df(found.get("inodes", "")) if used + free}
    known = {disk.path: disk for disk in before}
    disks = []
    for path, used, free in _df(found.get("disks", "")):
        now = Disk(
            path=clean(path, 1024),
            size=(used + free) * 1024,
            used=used * 1024,
            inodes_used=inodes.get(path),
        )
        if now.size:
            disks.append(_steadied(now, known.get(now.path)))
    return tuple(disks)


def _steadied(now: Disk, before: Disk | None) -> Disk:
    if before is None:
        return now
    noise = now.size / 1000
    return Disk(
        path=now.path,
        size=_steady(now.size, before.size, noise) or now.size,
        used=_steady(now.used, before.used, noise) or 0,
        inodes_used=_steady(now.inodes_used, before.inodes_used, 0.001),
    )


def _df(text: str) -> Iterator[tuple[str, int, int]]:
    """Path, used and free of each line of `df -P`; without what is reserved for root, as df counts shares."""
    for line in text.splitlines():
        if match := _DF.fullmatch(line):
            yield match[4], int(match[2]), max(0, int(match[3]))


# ---- kernels, units, names ---------------------------------------------------------------------------


def _newest(text: str) -> str:
    versions = [match[1] for line in text.splitlines() if (match := _VERSION.fullmatch(line))]
    return clean(max(versions, key=_rank), 100) if versions else ""


def _rank(version: str) -> list[int]:
    """By the numbers that it begins with: "6.1.0-28-cloud-amd64" is 6 1 0 28. Flavours have no order."""
    found = _RELEASE.match(version)
    return [int(number[:9]) for number in re.split(r"[.-]", found[0])] if found else []


def _reboot(found: Sections, kernel: str, installed: str, uptime: float | None) -> bool | None:
    """Asked for by a package, by a newer kernel, or by what was installed after the boot; None unknown."""
    if found.get("reboot", "").strip():
        return True
    signs: list[bool] = []
    if kernel and installed:
        signs.append(_rank(installed) > _rank(kernel))
    now = _first(_numbers(found.get("now", "")))
    installs = [int(when) for when in re.findall(r"^(\d{9,11}) \S+$", found.get("rpm", ""), re.MULTILINE)]
    if installs and now is not None and uptime is not None:
        signs.append(max(installs) > now - uptime)
    return any(signs) if signs else None


def _units(found: Sections) -> str:
    """The state of systemd in one word; "none" where it does not run the host."""
    word = clean(found.get("systemd", "").strip(), 40)
    return "none" if word == "offline" else word if re.fullmatch(r"[a-z]+", word) else ""


def _os(text: str) -> str:
    _, _, name = text.strip().partition("=")
    return clean(name.strip("\"'"), 200)


def _machine(found: Sections) -> str:
    """EC2's id, from the board or else from cloud-init; the latter knows other clouds' ids too."""
    board, said = (found.get(name, "").strip() for name in ("asset", "instance"))
    if _EC2.fullmatch(board):
        return board
    return "" if said.lower() in _PLACEHOLDERS else clean(said, 100)
