"""A reader of ssh configuration files for a few keys: it follows Host and Include and passes over Match.

Nothing in a file is ever run, and a line that is not understood is passed over as well.
"""

from __future__ import annotations

import glob
import os
import pwd
import re
import shlex
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

ALLOWED = frozenset((
    "hostname", "user", "port", "identityfile", "certificatefile", "proxyjump", "proxycommand",
    "hostkeyalias", "identitiesonly", "identityagent", "userknownhostsfile", "globalknownhostsfile",
    "stricthostkeychecking", "hashknownhosts",
))  # fmt: skip
"""What is taken from a configuration; a ProxyCommand only to refuse it, or to see that it is a jump."""
IDENTITIES = tuple(f"~/.ssh/id_{kind}" for kind in ("rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk"))
USER_KNOWN_HOSTS = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
GLOBAL_KNOWN_HOSTS = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
SYSTEM = "/etc/ssh/ssh_config"
_REPEATED = frozenset(("identityfile", "certificatefile"))
_LISTS = frozenset(("userknownhostsfile", "globalknownhostsfile", "proxycommand"))
_DEPTH = 16


def files(options: Sequence[str] = ()) -> tuple[str, ...]:
    """The files that `ssh` with these options reads, the most important first."""
    for at, option in enumerate(options):
        if option == "-F" and at + 1 < len(options):
            return (options[at + 1],)
        if option.startswith("-F") and option != "-F":
            return (option[2:],)
    homes = dict.fromkeys((os.path.expanduser("~"), pwd.getpwuid(os.getuid()).pw_dir))
    return (*(f"{home}/.ssh/config" for home in homes), SYSTEM)


def read(host: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """What these files say about a host: the first line of each key counts, of keys' files all."""
    words: dict[str, list[str]] = {}
    for path in paths:
        for key, values in _applying(host, path, True):
            if key in ALLOWED and (key in _REPEATED or key not in words):
                join = shlex.join if key in _LISTS else " ".join
                words.setdefault(key, []).append(join(values))
    return words


def runs_something(paths: Sequence[str]) -> bool:
    """Whether reading these files as `ssh` does would run a command, or read one that is not found here."""
    return any(
        (key == "match" and any(value.lower().lstrip("!").startswith("exec") for value in values))
        or (key == "include" and any("$" in value or "%" in value for value in values))
        for path in paths
        for key, values in _lines(path)
    )


def _applying(host: str, path: str, applies: bool, depth: int = 0) -> Iterator[tuple[str, list[str]]]:
    """The lines of a file and its includes that hold for a host; an Include's Host lines end with it."""
    outside = applies
    for key, values in _parsed(path, _stamp(path)):
        if key == "host":
            applies = outside and _matches(host, values)
        elif key == "match":
            applies = False
        elif key == "include":
            for found in _included(path, values) if depth < _DEPTH else ():
                yield from _applying(host, found, applies, depth + 1)
        elif applies:
            yield key, values


def _lines(path: str, depth: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Every line, whatever host it is for."""
    for key, values in _parsed(path, _stamp(path)):
        yield key, values
        if key == "include" and depth < _DEPTH:
            for found in _included(path, values):
                yield from _lines(found, depth + 1)


def _included(path: str, values: Sequence[str]) -> Iterator[str]:
    for value in values:
        yield from sorted(glob.glob(_beside(path, value)))


def _beside(path: str, value: str) -> str:
    value = os.path.expanduser(value)
    base = "/etc/ssh" if path.startswith("/etc/ssh/") else os.path.expanduser("~/.ssh")
    return value if os.path.isabs(value) else os.path.join(base, value)


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=256)
def _parsed(path: str, _stamp: tuple[int, int]) -> list[tuple[str, list[str]]]:
    """The lines of one file, kept while it stays as it is."""
    try:
        text = Path(path).read_text("utf-8", "replace")
    except OSError:
        return []
    return [line for line in map(_line, text.splitlines()) if line[0]]


def _line(text: str) -> tuple[str, list[str]]:
    parts = re.match(r"\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(\S.*?)\s*$", text)
    if parts is None:
        return "", []
    try:
        return parts[1].lower(), shlex.split(parts[2], comments=True)
    except ValueError:
        return parts[1].lower(), parts[2].split()


def _matches(host: str, patterns: Sequence[str]) -> bool:
    """As Host means it: one pattern fits, and none that begins with `!`."""
    fits = [pattern for pattern in patterns if wildcard(pattern.lstrip("!")).fullmatch(host)]
    return bool(fits) and not any(pattern.startswith("!") for pattern in fits)


@lru_cache(maxsize=4096)
def wildcard(pattern: str) -> re.Pattern[str]:
    """A pattern of ssh: `*` is any run of characters and `?` any one, whatever their case."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
