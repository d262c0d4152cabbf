"""A file that is only ever appended to, by several processes at once, each line made from the one before.

Mode 0600, in a folder of 0700. A full file is set aside as `NAME.000001` and the lines go on in a new one.
Everything here blocks on the disk and raises OSError.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LOCK_SECONDS = 5.0
_TAIL = 4096
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def append(path: Path, make: Callable[[bytes | None], bytes], *, rotate_bytes: int) -> None:
    """Append the line that `make` gives for the last one (None: there is none), on disk when this returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(path) as file:
        end = os.fstat(file).st_size
        line = make(_last_line(file, end) if end else _last_line_before(path)) + b"\n"
        if end and os.pread(file, 1, end - 1) != b"\n":
            line = b"\n" + line  # somebody was cut off in the middle of a line: it stays, and shows
        _write_whole(file, line, end)
        full = end + len(line) >= rotate_bytes
        if full:
            os.rename(path, _next_part(path))
        if full or not end:
            _sync_folder(path.parent)


def lines(path: Path) -> Iterator[tuple[Path, int, bytes]]:
    """Every line without its line feed, oldest first, with its file and its number from 1."""
    parts = _parts(path)
    for part in [*parts, path] if path.exists() or not parts else parts:
        with part.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield part, number, line.removesuffix(b"\n")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, open, ours alone, and still of that name: another process may have set it aside."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        file = os.open(path, _FLAGS, 0o600)
        try:
            _secure(file)
            _lock(file, deadline)
            if _is_still(file, path):
                yield file
                return
        finally:
            os.close(file)


def _secure(file: int) -> None:
    mode = os.fstat(file).st_mode
    if not stat.S_ISREG(mode):
        raise OSError(0, "it is not an ordinary file")
    if mode & 0o077:
        os.fchmod(file, 0o600)


def _lock(file: int, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(0, f"another process has held it for {LOCK_SECONDS:.0f} s") from None
            time.sleep(0.005)


def _is_still(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False


def _write_whole(file: int, line: bytes, end: int) -> None:
    try:
        if os.write(file, line) != len(line):
            raise OSError(0, "the disk is full")
        os.fsync(file)
    except OSError:
        os.ftruncate(file, end)  # half a line of ours, under the lock: nobody has seen it
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _last_line(file: int, end: int) -> bytes:
    tail = b""
    start = end
    while start > 0 and b"\n" not in tail.removesuffix(b"\n"):
        start = max(0, start - _TAIL)
        tail = os.pread(file, end - start, start)
    return tail.removesuffix(b"\n").rpartition(b"\n")[2]


def _last_line_before(path: Path) -> bytes | None:
    parts = _parts(path)
    if not parts:
        return None
    with parts[-1].open("rb") as file:
        return _last_line(file.fileno(), os.fstat(file.fileno()).st_size)


def _parts(path: Path) -> list[Path]:
    """The files set aside, oldest first."""
    named = re.compile(re.escape(path.name) + r"\.(\d{6,})")
    found = [
        (int(match[1]), other) for other in path.parent.iterdir() if (match := named.fullmatch(other.name))
    ]
    return [other for _, other in sorted(found)]


def _next_part(path: Path) -> Path:
    parts = _parts(path)
    number = int(parts[-1].name.rpartition(".")[2]) + 1 if parts else 1
    return path.with_name(f"{path.name}.{number:06d}")
