"""Whether a program that connected to the loopback has closed its end for good, or only says no more.

On the wire both look alike; the system's own tables tell them apart: what nobody holds open has no inode.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
"""The second has the programs that speak IPv6 to an address of IPv4."""
_LOCAL, _REMOTE, _INODE = 1, 2, 9
"""Columns."""

Address = tuple[str, int]


def closed(caller: Address, here: Address) -> bool:
    """Whether nobody holds the caller's end open any more. False too where the system does not say (only
    Linux does). Costs a millisecond for a thousand connections of the machine."""
    theirs, ours = _hexadecimal(caller), _hexadecimal(here)
    for table in _TABLES:
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines():
                if theirs not in line:
                    continue
                words = line.split()
                if words[_LOCAL].endswith(theirs) and words[_REMOTE].endswith(ours):
                    return words[_INODE] == "0"
    return False


def _hexadecimal(address: Address) -> str:
    host, port = address
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"
