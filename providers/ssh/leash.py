"""How a command is ended where the server passes no signals on to it: by its process group.

OpenSSH passes none to what root runs, and before 7.9 none to anybody's. There the shell that runs a command
first says its process group, on a line of standard error that is taken out again; sshd gives each command a
session, so all that it starts is in that group.
"""

from __future__ import annotations

import re
import secrets

from providers.ssh.dial import Connection

LONGEST = 64
"""Bytes of the line."""
_OPENSSH = re.compile(r"OpenSSH_(\d+)\.(\d+)")


class Leash:
    """Of one command."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(8)
        self._line = re.compile(rb"%b (\d{1,10})\r?\n" % self._mark.encode())

    def on(self, command: str) -> str:
        """The command with the line before it, for whatever shell it is that reads it."""
        return f"/bin/sh -c 'echo {self._mark} $PPID >&2'; {command}"

    def group(self, stderr: bytes) -> int | None:
        """The process group, once it was said."""
        found = self._line.search(stderr)
        return int(found[1]) if found and int(found[1]) > 1 else None

    def without(self, stderr: bytes) -> bytes:
        """What the command itself said."""
        return self._line.sub(b"", stderr, count=1)


def leash_for(connection: Connection, user: str) -> Leash | None:
    """One where signals do not reach what that user runs, by what the server says it is."""
    version = _OPENSSH.search(str(connection.get_extra_info("server_version", "")))
    if version is None or (user != "root" and (int(version[1]), int(version[2])) >= (7, 9)):
        return None
    return Leash()


def ending(group: int) -> str:
    """The command that ends a group."""
    return f"/bin/sh -c 'kill -TERM -{group}'"
