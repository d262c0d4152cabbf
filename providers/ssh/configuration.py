"""What the user's ssh configuration says about a host, by `ssh -G` or, without an `ssh`, by our own reader.

Only the keys of ALLOWED are taken from either. `ssh -G` runs what `Match exec` says, so a configuration that
has one is read by our own reader too, which passes over every Match; and so is one that `ssh -G` refuses.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import re
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from providers.contract import Problem
from providers.hostname import is_destination, is_host
from providers.processes import printed
from providers.ssh import configfile

SECONDS = 60.0
"""For how long an answer is kept."""
PATIENCE = 5.0
"""Seconds for `ssh -G`."""
AT_ONCE = 4

Words = dict[str, list[str]]
"""Of each key, in lower case, what its lines say."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Of one host, for one user. Paths are whole."""

    hostname: str
    user: str
    port: int
    identities: tuple[str, ...]
    certificates: tuple[str, ...]
    jump: tuple[str, ...]
    alias: str
    identities_only: bool
    agent: str
    """The agent's socket, "" none."""
    known_hosts: tuple[str, ...]
    strict: bool
    hash_names: bool


class Configuration:
    """Answers, each kept for a minute; a few are asked for at a time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], tuple[float, asyncio.Task[Settings]]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def of(self, host: str, user: str = "", port: int = 0, options: Sequence[str] = ()) -> Settings:
        """The settings of a host, logged in to as `user` where that is known. Raises Problem."""
        asked = (host, user, str(port), *options)
        kept = self._kept.get(asked)
        if kept is None or time.monotonic() - kept[0] > SECONDS:
            asking = asyncio.create_task(self._ask(host, user, port, options))
            asking.add_done_callback(partial(self._answered, asked))
            kept = self._kept[asked] = (time.monotonic(), asking)
        return await asyncio.shield(kept[1])

    def _answered(self, asked: tuple[str, ...], task: asyncio.Task[Settings]) -> None:
        """A failure is not kept, nor is what has become old."""
        oldest = time.monotonic() - SECONDS
        if task.cancelled() or task.exception() is not None:
            self._kept.pop(asked, None)
        for old in [key for key, (at, _) in self._kept.items() if at < oldest]:
            del self._kept[old]

    async def _ask(self, host: str, user: str, port: int, options: Sequence[str]) -> Settings:
        async with self._slots:
            words = await _by_ssh(host, user, port, options)
        if words is None:
            words = await asyncio.to_thread(configfile.read, host, configfile.files(options))
        return _settings(host, user, words)


async def _by_ssh(host: str, user: str, port: int, options: Sequence[str]) -> Words | None:
    """None where there is no `ssh`, it fails, or asking it would run something."""
    if configfile.runs_something(configfile.files(options)):
        return None
    asked = [*options, *(["-l", user] if user else []), *(["-p", str(port)] if port else [])]
    try:
        status, said = await printed(("ssh", "-G", *asked, "--", host), PATIENCE)
    except OSError:  # also where it did not answer in time
        return None
    return None if status else _parsed(said)


def _parsed(text: str) -> Words:
    words: Words = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key in configfile.ALLOWED:
            words.setdefault(key, []).append(value.strip())
    return words


def _settings(host: str, user: str, words: Words) -> Settings:
    def one(key: str) -> str:
        return words.get(key, [""])[0]

    hostname = one("hostname").replace("%h", host) or host
    if not is_host(hostname):
        raise Problem(f"{host}: its HostName in the ssh configuration is no host name", "correct it there")
    user = user or one("user") or getpass.getuser()
    port = int(one("port")) if one("port").isdigit() else 22
    home = os.path.expanduser("~")
    tokens = {
        "%": "%", "d": home, "h": hostname, "n": host, "p": str(port), "r": user, "u": getpass.getuser(),
        "k": one("hostkeyalias") or host,
    }  # fmt: skip

    def paths(written: Sequence[str]) -> tuple[str, ...]:
        return tuple(_path(path, tokens) for path in written if path.lower() != "none")

    return Settings(
        hostname=hostname.lower(),
        user=user,
        port=port,
        identities=paths(words.get("identityfile") or configfile.IDENTITIES),
        certificates=paths(words.get("certificatefile", ())),
        jump=_jump(host, one("proxyjump"), one("proxycommand")),
        alias=one("hostkeyalias"),
        identities_only=one("identitiesonly") == "yes",
        agent=_agent(one("identityagent"), tokens),
        known_hosts=paths(_files(one("userknownhostsfile"), configfile.USER_KNOWN_HOSTS))
        + paths(_files(one("globalknownhostsfile"), configfile.GLOBAL_KNOWN_HOSTS)),
        strict=one("stricthostkeychecking") in ("yes", "true"),
        hash_names=one("hashknownhosts") == "yes",
    )


def _path(written: str, tokens: dict[str, str]) -> str:
    """A file's path with the tokens of ssh_config that name the host, the user and their folders."""
    return os.path.expanduser(re.sub(r"%(.)", lambda match: tokens.get(match[1], match[0]), written))


def _agent(written: str, tokens: dict[str, str]) -> str:
    if written.lower() == "none":
        return ""
    if written in ("", "SSH_AUTH_SOCK"):
        written = "$SSH_AUTH_SOCK"
    if written.startswith("$"):
        return os.environ.get(written[1:].strip("{}"), "")
    return _path(written, tokens)


def _files(value: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Files of known hosts: "none" and /dev/null would switch the check off, so they mean the usual ones."""
    named = tuple(word for word in _split(value) if word.lower() != "none" and word != "/dev/null")
    return named or usual


def _split(value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        return value.split()


def _jump(host: str, jump: str, command: str) -> tuple[str, ...]:
    if jump and jump.lower() != "none":
        return tuple(word.strip().removeprefix("ssh://") for word in jump.split(","))
    if not command or command.lower() == "none":
        return ()
    hop = _hop_of(command)
    if hop is None:
        raise Problem(
            f"{host}: its ssh configuration connects by a ProxyCommand, which is not run here",
            "name the bastion with ProxyJump, or use the way that runs the system's ssh",
        )
    return (hop,)


def _hop_of(command: str) -> str | None:
    """The bastion of `ssh -W %h:%p bastion`, which is a ProxyJump by another name; None for anything else."""
    words = [word for word in _split(command.removeprefix("exec ")) if word not in ("-q", "-x", "-a", "-T")]
    if len(words) != 4 or words[0].rpartition("/")[2] != "ssh":
        return None
    for flag in (1, 2):
        if words[flag] == "-W" and words[flag + 1] in ("%h:%p", "[%h]:%p"):
            hop = words[3] if flag == 1 else words[1]
            return hop if is_destination(hop) else None
    return None
