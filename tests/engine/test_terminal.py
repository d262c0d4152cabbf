"""Questions on the terminal before the screen is taken: asked, answered or interrupted, nothing left over."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import termios
import time

import pytest

PROGRAM = """
import sys
from providers.stream import Hello
from providers.transport import connect
from providers.wire import WireError
command = [sys.executable, "-m", "tests.engine.impostor", "asking"]
try:
    child = connect(command, Hello(version="1", providers=()))
    print("greeted", flush=True)
    child.close()
except WireError as error:
    print("refused:", error.detail, flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def _read_until(terminal: int, wanted: bytes) -> bytes:
    seen = b""
    deadline = time.monotonic() + 20
    while wanted not in seen:
        left = deadline - time.monotonic()
        assert left > 0, seen
        if select.select([terminal], [], [], left)[0]:
            seen += os.read(terminal, 1024)
    return seen


@pytest.mark.pty
@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (b"open sesame\n", b"greeted"),
        (b"wrong\n", b"refused: " + sys.executable.encode() + b" ended with status 1: Permission denied"),
        (b"\x03", b"interrupted"),
    ],
)
def test_a_command_asks_on_the_terminal_and_leaves_it_as_it_was(keys: bytes, said: bytes) -> None:
    process, terminal = pty.fork()
    if process == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # what runs in the background inherits it as ignored
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM])
    before = termios.tcgetattr(terminal)
    _read_until(terminal, b"passphrase: ")
    assert not termios.tcgetattr(terminal)[3] & termios.ECHO
    os.write(terminal, keys)
    answer = _read_until(terminal, said)
    assert keys.strip() not in answer or keys == b"\x03"
    _, status = os.waitpid(process, 0)
    assert status == 0
    assert termios.tcgetattr(terminal)[3] == before[3]
    os.close(terminal)
