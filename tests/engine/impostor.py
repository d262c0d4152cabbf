"""Processes that are no good engine: `python -m tests.engine.impostor <how>`, stream on --fd or stdio.

They answer as the engine would up to the point where they go wrong.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import time

from providers.stream import Frame, Welcome
from providers.wire import Writer


def main(how: str, out: int) -> None:
    """Go wrong in that way."""
    writer = Writer()
    hello = Frame(time.time(), "", Welcome(version="0", pid=os.getpid(), host="h", read_only=False))
    match how:
        case "newer":
            os.write(out, b"quarterdeck-stream 999 plain\n")
            os.read(out, 1 << 16)
        case "garbage":
            os.write(out, b"Welcome to \x1b[1mbastion\n")
            time.sleep(60)
        case "hung":
            os.write(out, writer.write([hello]))
            time.sleep(60)
        case "cut":
            os.write(out, writer.write([hello]) + b"\0\0\1\0half")
            os.kill(os.getpid(), signal.SIGKILL)
        case "crash":
            os.write(out, writer.write([hello]))
            raise RuntimeError("no more \x1b[31mdisk")
        case "missing":
            print("sh: 1: quarterdeck: not found", file=sys.stderr)
            sys.exit(127)
        case "slow":
            print("Enter passphrase:\x07", file=sys.stderr, flush=True)
            time.sleep(0.3)
            os.write(out, writer.write([hello]))
            time.sleep(60)
        case "asking":
            with open("/dev/tty", "r+b", buffering=0) as terminal:
                modes = termios.tcgetattr(terminal)
                modes[3] &= ~termios.ECHO
                termios.tcsetattr(terminal, termios.TCSANOW, modes)
                terminal.write(b"passphrase: ")
                answer = terminal.readline()
            if answer == b"open sesame\n":
                os.write(out, writer.write([hello]))
            sys.exit("Permission denied (publickey).")
        case "silent":
            time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[3]) if "--fd" in sys.argv else 1)
