"""The terminal of a console that was killed, given back by the engine that outlives it for a moment."""

from __future__ import annotations

import contextlib
import os
import time

_WAIT_SECONDS = 0.1
"""A process that dies closes what it has open, and signals its children, a little before it is gone to them:
while another of its threads dies, that one is their parent."""
_LOOK_SECONDS = 0.002

GIVEN_BACK = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1004l"  # mouse, focus
    b"\x1b[?2004l\x1b[?2026l"  # paste, synchronised updates
    b"\x1b[?6l\x1b[?7h\x1b[r\x1b[?1l\x1b>"  # origin, wrapping, margins, cursor keys, keypad
    b"\x1b[>4;0m\x1b[<u"  # keyboard protocols
    b"\x1b[?1049l"  # the ordinary screen, with the cursor where it was
    b"\x1b(B\x0f\x1b[4l\x1b[?5l\x1b[?25h\x1b[0 q\x1b[m"  # character set, insert, reverse, cursor, colours
)
"""Every mode that a console, or a program that it lent the terminal to, may have left is a shell's again."""


def orphaned(parent: int) -> bool:
    """Whether that parent of this process is dead, or dies now."""
    end = time.monotonic() + _WAIT_SECONDS
    while (alive := os.getppid() == parent) and time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)
    return not alive


def give_back(terminal: str) -> None:
    """Say so to the terminal of that name, as far as it is one and takes it now."""
    if not terminal:
        return
    with contextlib.suppress(OSError):  # it went with its console
        # Not blocking: one that is stopped must not keep the engine from its end.
        descriptor = os.open(terminal, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if os.isatty(descriptor):
                os.write(descriptor, GIVEN_BACK)
        finally:
            os.close(descriptor)
