"""Files of known host keys, as OpenSSH reads and writes them: what is kept for a host, and where.

A line that is not understood is passed over. What is kept is never taken away here; one thing is ever added,
the key that a person accepted.
"""

from __future__ import annotations

import base64
import fcntl
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import asyncssh

from providers.ssh.configfile import wildcard

_MARKERS = ("@cert-authority", "@revoked")


@dataclass(frozen=True)
class Kept:
    """A key, and the line that it stands on."""

    key: asyncssh.SSHKey
    path: str
    line: int

    @property
    def where(self) -> str:
        """As compilers say it: "~/.ssh/known_hosts:12"."""
        home = os.path.expanduser("~")
        path = "~" + self.path[len(home) :] if self.path.startswith(home + "/") else self.path
        return f"{path}:{self.line}"


@dataclass(frozen=True)
class Known:
    """What is kept for one host."""

    keys: list[Kept] = field(default_factory=list)
    authorities: list[Kept] = field(default_factory=list)
    revoked: list[Kept] = field(default_factory=list)


@dataclass(frozen=True)
class _Line:
    number: int
    marker: str
    names: str
    data: str


def names_of(address: str, port: int, alias: str) -> tuple[str, ...]:
    """What a host's key may stand under, the first one being what a new key is kept under."""
    if alias:
        return (alias,)
    return (address,) if port == 22 else (f"[{address}]:{port}", address)


def look_up(paths: Sequence[str], names: Sequence[str]) -> Known:
    """What is kept under the first of these names that has a key or an authority; what is revoked, of all."""
    known = Known()
    for name in names:
        found = [kept for path in paths for kept in _found(path, _stamp(path), name)]
        known.revoked.extend(kept for marker, kept in found if marker == "@revoked")
        if known.keys or known.authorities:
            continue
        known.keys.extend(kept for marker, kept in found if not marker)
        known.authorities.extend(kept for marker, kept in found if marker == "@cert-authority")
    return known


def keep(path: str, name: str, key: asyncssh.SSHKey, *, hashed: bool) -> None:
    """Add a line; nothing where the file has it already. Raises OSError."""
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    public = " ".join(key.export_public_key("openssh").decode().split()[:2])
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with open(descriptor, "rb+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read().decode("utf-8", "replace")
        lines = [line for line in _parsed(text) if not line.marker and _fits(line.names, name)]
        if any(line.data == public for line in lines):
            return
        cut = "\n" if text and not text.endswith("\n") else ""
        file.write(f"{cut}{_hashed(name) if hashed else name} {public}\n".encode())


def _stamp(path: str) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1024)
def _found(path: str, stamp: tuple[int, int, int], name: str) -> list[tuple[str, Kept]]:
    """The lines of a file for a name, with their markers; kept while the file stays as it is."""
    found = []
    for line in _read(path, stamp):
        key = _key(line.data) if _fits(line.names, name) else None
        if key is not None:
            found.append((line.marker, Kept(key, path, line.number)))
    return found


@lru_cache(maxsize=64)
def _read(path: str, _stamp: tuple[int, int, int]) -> list[_Line]:
    try:
        return _parsed(Path(path).read_text("utf-8", "replace"))
    except OSError:
        return []


def _parsed(text: str) -> list[_Line]:
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) >= 3 and not words[0].startswith("#") and (not marker or marker in _MARKERS):
            lines.append(_Line(number, marker, words[0], f"{words[1]} {words[2]}"))
    return lines


def _key(data: str) -> asyncssh.SSHKey | None:
    try:
        return asyncssh.import_public_key(data)
    except (asyncssh.KeyImportError, ValueError):
        return None


def _fits(names: str, name: str) -> bool:
    if names.startswith("|"):
        return _is_hash_of(names, name)
    name = name.lower()
    patterns = names.split(",")
    if any(pattern[0:1] == "!" and wildcard(pattern[1:]).fullmatch(name) for pattern in patterns):
        return False
    return any(_is(pattern, name) for pattern in patterns)


def _is(pattern: str, name: str) -> bool:
    if "*" in pattern or "?" in pattern:
        return wildcard(pattern).fullmatch(name) is not None
    return pattern.lower() == name


def _is_hash_of(names: str, name: str) -> bool:
    parts = names.split("|")
    if len(parts) != 4 or parts[1] != "1":
        return False
    try:
        salt, kept = base64.b64decode(parts[2]), base64.b64decode(parts[3])
    except ValueError:
        return False
    return hmac.compare_digest(hmac.digest(salt, name.encode(), "sha1"), kept)


def _hashed(name: str) -> str:
    salt = os.urandom(20)
    parts = (base64.b64encode(part).decode() for part in (salt, hmac.digest(salt, name.encode(), "sha1")))
    return "|1|" + "|".join(parts)
