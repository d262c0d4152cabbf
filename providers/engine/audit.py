"""The audit log: who asked for what, what was sent, and how it went, as an append-only chain of lines.

JSON lines, mode 0600 in a folder of 0700. Every line carries the sha256 of the line before it (of its
bytes without the line feed; the very first has zeros), so a line changed, removed or slipped in later
breaks the chain at a place that `verify` names. It can't tell that the newest lines were cut off: ship
them elsewhere for that. A full file is set aside as `audit.jsonl.000001` and the chain goes on in a new one.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import hashlib
import os
import re
import socket
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import platformdirs

from providers.contract import Problem

ZERO = "0" * 64
ROTATE_BYTES = 16 << 20
LOCK_SECONDS = 5.0
_TAIL = 4096

_SECRETS = re.compile(
    r"(?i)(bearer\s+|basic\s+|(?:token|password|passwd|secret|api[-_]?key|client-key-data)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"',;&]+"
    r"|()\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(://[^/\s:@]+:)[^/\s@]+(?=@)"
)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What an action touches: the workload and not the pod, where that is what is written to."""

    kind: str
    name: str
    namespace: str = ""
    uid: str
    source: str
    cluster: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line. An intent without an outcome of the same id: the engine died meanwhile; look."""

    time: str = ""
    """RFC 3339, UTC; filled in when it is written."""
    id: str
    """Of one action on one object; its intent and its outcomes share it."""
    phase: Literal["intent", "outcome"]
    action: str
    object: Target
    identity: str
    """As whom, as the server says it."""
    by: str = ""
    """user@host of the engine; filled in when it is written."""
    sent: str
    """Exactly what was, or is about to be, sent."""
    result: str = ""
    detail: str = ""
    prev: str = ""
    """The sha256 of the line before, in hex."""


class Broken(msgspec.Struct, frozen=True):
    """Where the chain breaks: the file, its line from 1, and what is wrong with it."""

    path: Path
    line: int
    reason: str


def default_path() -> Path:
    """Where the log is kept unless told otherwise."""
    return Path(platformdirs.user_state_dir("quarterdeck")) / "audit.jsonl"


class Audit:
    """One log. Several engines may append to it at once. `write` blocks on the disk: call it off the loop."""

    def __init__(self, path: Path | str = "", *, rotate_bytes: int = ROTATE_BYTES) -> None:
        self.path = Path(path).expanduser() if path else default_path()
        self._rotate_bytes = rotate_bytes

    def write(self, entry: Entry) -> None:
        """Append the entry, on disk when this returns. Raises Problem when it can't be."""
        try:
            with _locked(self.path) as file:
                self._append(file, entry)
        except OSError as error:
            raise Problem(
                f"the audit log {self.path} can't be written: {error.strerror or error}",
                "free or allow the place, or name another with `audit_path`",
            ) from error

    def _append(self, file: int, entry: Entry) -> None:
        end = os.fstat(file).st_size
        last = _last_line(file, end) if end else _last_line_before(self.path)
        line = msgspec.json.encode(_complete(entry, ZERO if last is None else _digest(last))) + b"\n"
        if end and os.pread(file, 1, end - 1) != b"\n":
            line = b"\n" + line  # somebody was cut off in the middle of a line: it stays, and shows
        _write_whole(file, line, end)
        if end + len(line) >= self._rotate_bytes:
            os.rename(self.path, _next_part(self.path))
            _sync_folder(self.path.parent)
        elif not end:
            _sync_folder(self.path.parent)


def verify(path: Path | str) -> Broken | None:
    """The first broken line of the log and the parts set aside, or None when the chain holds.

    Raises Problem when a file can't be read.
    """
    return next(breaks(path), None)


def breaks(path: Path | str) -> Iterator[Broken]:
    """Every broken line, oldest first: one that is no entry, or does not follow from the one before."""
    expected = ZERO
    for part, number, line in _lines(Path(path).expanduser()):
        try:
            entry = msgspec.json.decode(line, type=Entry)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            yield Broken(part, number, "not an entry: changed, or cut off while it was written")
        else:
            if entry.prev != expected:
                start = expected == ZERO and entry.prev != ZERO
                told = (
                    "what came before it is missing" if start else "the line before it was changed or removed"
                )
                yield Broken(part, number, told)
        expected = _digest(line)


def entries(path: Path | str) -> Iterator[Entry]:
    """Every readable entry, oldest first. Raises Problem when a file can't be read."""
    for _, _, line in _lines(Path(path).expanduser()):
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
            yield msgspec.json.decode(line, type=Entry)


# ---- one line ----------------------------------------------------------------------------------------


def _complete(entry: Entry, prev: str) -> Entry:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.structs.replace(
        entry,
        time=now,
        by=_who(),
        sent=without_secrets(entry.sent),
        detail=without_secrets(entry.detail),
        prev=prev,
    )


def without_secrets(text: str) -> str:
    """The text with what looks like a credential struck out: servers repeat headers in their errors."""
    return _SECRETS.sub(lambda match: (match[1] or match[3] or "") + "[withheld]", text)


@cache
def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's uid without a name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


# ---- files -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The log's file, open, ours alone, and still of that name: another engine may have set it aside."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        file = os.open(
            path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600
        )
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


def _lines(path: Path) -> Iterator[tuple[Path, int, bytes]]:
    try:
        parts = _parts(path)
        for part in [*parts, path] if path.exists() or not parts else parts:
            with part.open("rb") as file:
                for number, line in enumerate(file, 1):
                    yield part, number, line.removesuffix(b"\n")
    except OSError as error:
        raise Problem(f"the audit log {error.filename or path} can't be read: {error.strerror}") from error
