"""What the user's ssh makes of a destination, asked of ssh itself, and of each hop on the way to it."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from providers.contract import Problem, Refused
from providers.hostname import is_host, is_user
from providers.processes import printed
from providers.text import clean

_SECONDS = 10.0
"""A `Match exec` of the user's may be slow."""
_MOST_HOPS = 8
_REMEDY = "correct `jump` in the configuration, or ProxyJump in the one of ssh"
_READING = re.compile(r"^debug\d: Reading configuration data (.*)$")
_INCLUDING = re.compile(r"^debug\d: .* line \d+: Including file (.*) depth \d+")
_USUAL = ("~/.ssh/config", "/etc/ssh/ssh_config")


@dataclass(frozen=True)
class Destination:
    """Arguments that lead to one machine: what comes before the host, and the host."""

    host: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """One machine as ssh would connect to it."""

    destination: Destination
    files: tuple[str, ...]
    """Configuration files that it read, in order, without those that they include."""
    settings: dict[str, str]
    """By keyword in lower case, as `ssh -G` prints them."""


async def way_to(destination: Destination, file: str = "") -> list[Resolved]:
    """The destination, then its hops, the nearest to it first. Raises Refused, and Problem in ssh's words."""
    found = [await resolve(destination, file)]
    while hop := _hop(found[-1]):
        if len(found) > _MOST_HOPS:
            told = f"{destination.host}: more than {_MOST_HOPS} jump hosts, or jump hosts in a circle"
            raise Refused(told, _REMEDY)
        found.append(await resolve(hop, file))
    return found


async def resolve(destination: Destination, file: str = "") -> Resolved:
    """One machine. `file` stands in for the user's and the system's configuration. Raises Problem."""
    command = [*(["-F", file] if file else []), *destination.arguments, "--", destination.host]
    with tempfile.TemporaryDirectory(prefix="quarterdeck-") as folder:
        # Into a file of its own: an `ssh` that is a wrapper may have its words sent elsewhere.
        said = os.path.join(folder, "said")
        status, told = await _run(["ssh", "-vvvG", "-E", said, *command])
        log = _read(said)
    if status != 0:
        last = next((line for line in reversed(log.splitlines()) if _tells(line)), f"exit status {status}")
        raise Problem(f"ssh can't read its configuration for {destination.host}: {clean(last, limit=300)}")
    lines = (line.partition(" ") for line in told.splitlines())
    settings = {keyword: value for keyword, _, value in reversed(list(lines))}
    return Resolved(destination, _files(log), settings)


async def _run(command: Sequence[str]) -> tuple[int, str]:
    try:
        return await printed(command, _SECONDS)
    except TimeoutError:
        raise Problem(f"ssh did not read its configuration within {_SECONDS:.0f} s", "try `ssh -G`") from None
    except OSError as error:
        raise Problem(f"ssh can't be run: {error.strerror}", "install OpenSSH's client there") from error


def _read(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
    return ""


def _tells(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("debug") and not line.startswith("OpenSSH_")


def _files(log: str) -> tuple[str, ...]:
    read: list[str] = []
    included = False
    for line in log.splitlines():
        if _INCLUDING.match(line):
            included = True
        elif match := _READING.match(line.rstrip("\r")):
            if not included:
                # What it includes by a relative name is looked for beside the user's own.
                read.append(os.path.abspath(match[1]))
            included = False
    return tuple(dict.fromkeys(read)) or _USUAL


def _hop(resolved: Resolved) -> Destination | None:
    """The machine that this one is reached through, with those before it, as ssh itself goes on."""
    rest, _, last = resolved.settings.get("proxyjump", "").rpartition(",")
    if not last or last == "none":
        return None
    user, _, place = last.removeprefix("ssh://").rpartition("@")
    host, port = _divided(place)
    if not is_host(host) or (user and not is_user(user)) or not (port or "0").isdecimal():
        told = f"{resolved.destination.host}: {last!r} is not a jump host that ssh may be given"
        raise Refused(told, _REMEDY)
    arguments = [*(["-l", user] if user else []), *(["-p", port] if port else [])]
    return Destination(host, (*arguments, *(["-J", rest] if rest else [])))


def _divided(place: str) -> tuple[str, str]:
    """Host and port of `host`, `host:port`, `[v6]`, `[v6]:port`."""
    if place.startswith("["):
        host, _, rest = place[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, port = place.partition(":")
    return host, port
