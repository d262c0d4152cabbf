"""The engine's process: `python -m providers.engine --fd N`, or --stdio behind any command."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.contract import Provider
    from providers.engine.server import Server

USAGE = "usage: quarterdeck engine --stdio [--read-only] [--log-file FILE]"
_LAST_RESORT = 0.95
"""Seconds after which the kernel ends an engine that was told to stop and hangs."""
_HUNG = 60
"""Seconds after which the kernel ends an engine whose loop does not turn: its console has given it up."""
_SETTLED = 2.0
"""Seconds after the start when what is loaded by then is taken out of the garbage collector's sight."""


@dataclass(frozen=True)
class Settings:
    """The engine's command line."""

    fd: int | None = None
    """A socket inherited from the console, None for stdin and stdout."""
    read_only: bool = False
    log_file: str = ""


def main(argv: Sequence[str] | None = None, load: Callable[[str], Provider] | None = None) -> int:
    """Run an engine until its console is gone, then end the process.

    Returns an exit status only when it can't start. `load` finds providers by name, by default the
    installed ones.
    """
    try:
        settings = parse(sys.argv[1:] if argv is None else argv)
    except ValueError as error:
        print(f"quarterdeck engine: {error}\n{USAGE}", file=sys.stderr)
        return 2
    if settings.fd is None and os.isatty(1):
        print(f"quarterdeck engine: --stdio is for another console's use\n{USAGE}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-c is the console's alone
    try:
        _log_to(settings.log_file)
    except OSError as error:
        print(f"quarterdeck engine: {settings.log_file}: {error.strerror}", file=sys.stderr)
        return 2
    # Nothing is collected while thousands of objects are made that all stay.
    gc.disable()
    return asyncio.run(_run(settings, load))


def parse(argv: Sequence[str]) -> Settings:
    """By hand: argparse costs 10 ms of the first rows. Raises ValueError."""
    fd: int | None = None
    stdio = read_only = False
    log_file = ""
    rest = list(argv)
    while rest:
        match rest.pop(0).split("=", 1):
            case ["--stdio"]:
                stdio = True
            case ["--read-only"]:
                read_only = True
            case ["--fd", *value] if value or rest:
                fd = int((value or [rest.pop(0)])[0])
            case ["--log-file", *value] if value or rest:
                log_file = (value or [rest.pop(0)])[0]
            case [other, *_]:
                raise ValueError(f"{other} is not understood here")
    if stdio == (fd is not None):
        raise ValueError("give --stdio")
    return Settings(fd, read_only, log_file)


async def _run(settings: Settings, load: Callable[[str], Provider] | None) -> int:
    from providers.channel import Channel
    from providers.engine.server import Server
    from providers.registry import load as load_installed
    from providers.stream import VERSION
    from providers.wire import WireError

    try:
        channel = Channel(*_descriptors(settings.fd))
    except OSError as error:
        print(f"quarterdeck engine: descriptor {settings.fd}: {error.strerror}", file=sys.stderr)
        return 2
    console = os.getppid() if settings.fd is not None else 0
    server = Server(
        channel,
        load or load_installed,
        version=VERSION,
        read_only=settings.read_only,
        coding="zstd" if settings.fd is None else "plain",
        turned=lambda: signal.alarm(_HUNG),
        ending=lambda: _begin_to_end(server, console),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _told_to_stop(loop, server.stop))
    if settings.fd is not None:
        _die_with_the_console()
    loop.call_later(_SETTLED, _settle)
    status = 0
    try:
        await server.serve()
    except WireError as error:
        logging.getLogger(__name__).error("%s", error.detail)
        print("; ".join(filter(None, (error.detail, error.remedy))), file=sys.stderr)
        status = 1
    logging.shutdown()
    # Not by returning: asyncio would wait for whatever a provider left running.
    sys.stderr.flush()
    os._exit(status)


def _descriptors(fd: int | None) -> tuple[int, int]:
    """Where to read and to write, out of reach of what providers print and of what they start."""
    if fd is not None:
        os.set_inheritable(fd, False)
        return fd, fd
    inward, outward = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return inward, outward


def _begin_to_end(server: Server, console: int) -> None:
    """`console` is the parent of an engine that is its console's child, 0 for one that is not."""
    from providers.engine import leaving

    if console and not server.dismissed and leaving.orphaned(console):
        leaving.give_back(server.terminal)
    signal.setitimer(signal.ITIMER_REAL, _LAST_RESORT)


def _told_to_stop(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    signal.setitimer(signal.ITIMER_REAL, _LAST_RESORT)
    loop.call_soon_threadsafe(stop)


def _die_with_the_console() -> None:
    """Be told when the parent dies, whatever the loop is busy with; the end of the socket says it too."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _settle() -> None:
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()


def _log_to(path: str) -> None:
    """Log to that file, readable by its owner only, with what looks like a credential struck out."""
    if not path:
        return
    from providers.text import without_secrets

    class Careful(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return without_secrets(super().format(record))

    handler = logging.StreamHandler(os.fdopen(_appended(path), "a", encoding="utf-8", errors="replace"))
    handler.setFormatter(Careful("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _appended(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


if __name__ == "__main__":
    sys.exit(main())
