"""The argument list for a shell on a node: never a shell string, and `--` before the host."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

from console.config import Config, Ssh
from providers.hostname import is_destination, is_host, is_user
from providers.model import Node


class NoWayError(Exception):
    """There is no way to open a shell there; says why."""


def ssh_arguments(node: Node, cluster: str, config: Config, via: str = "") -> list[str]:
    """The command that opens a shell on that node. Raises NoWayError.

    Address, user, port and options come from [clusters.NAME] or else [ssh]; `via` becomes a jump host.
    Agent forwarding is off, a connect may take 10 s, and three keepalives of 15 s are missed before it ends.
    """
    settings = config.clusters.get(cluster, config.ssh)
    host = _address(node, settings)
    if not is_host(host):
        raise NoWayError(f"{node.name}: {host!r} is not a host name that ssh may be given")
    command = [
        "ssh",
        "-a",
        "-o",
        "ConnectTimeout=10",
        "-o",
        "ServerAliveInterval=15",
        "-o",
        "ServerAliveCountMax=3",
    ]
    if via:
        command += ["-J", checked_destination(via)]
    if settings.port:
        command += ["-p", str(settings.port)]
    if settings.user:
        command += ["-l", _checked_user(settings.user)]
    return [*command, *settings.options, "--", host]


def checked_destination(destination: str) -> str:
    """A `[user@]host[:port]` that may be given to ssh. Raises NoWayError."""
    if not is_destination(destination):
        raise NoWayError(f"{destination!r} is not [user@]host")
    return destination


def _checked_user(user: str) -> str:
    if not is_user(user):
        raise NoWayError(f"{user!r} is not a user name that ssh may be given")
    return user


def _address(node: Node, settings: Ssh) -> str:
    auto = node.internal_ip or node.external_ip or node.name
    choices = {"auto": auto, "internal": node.internal_ip, "external": node.external_ip, "name": node.name}
    address = choices[settings.address]
    if not address:
        known = ", ".join(f"{name} {value}" for name, value in choices.items() if value)
        raise NoWayError(
            f"{node.name} has no {settings.address} address; [ssh] address may be one of: {known}"
        )
    return address


@contextlib.contextmanager
def keys_lent() -> Iterator[None]:
    """While another program has the terminal, ctrl-c and ctrl-\\ are its own.

    A handler that does nothing, not SIG_IGN: the program must not inherit it.
    """
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
