"""The audit log: who asked for what, what was sent, and how it went, as a chain of JSON lines.

Every line carries the sha256 of the line before it (of its bytes without the line feed; the very first has
zeros), over restarts and over files set aside, so a line changed, removed or slipped in later breaks the
chain at a place that `verify` names. It can't tell that the newest lines were cut off: ship them elsewhere
for that. What looks like a credential is never written.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import platformdirs

from providers.contract import Problem
from providers.engine import ledger
from providers.text import clean, without_secrets

ZERO = "0" * 64
ROTATE_BYTES = 16 << 20


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
    """Of one action on one object; its intent and its outcome share it."""
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


_LONGEST = 1 << 20
"""Characters of a line that is printed: what was sent is all of it."""


class Broken(msgspec.Struct, frozen=True):
    """Where the chain breaks: the file, its line from 1, and what is wrong with it."""

    path: Path
    line: int
    reason: str


def default_path() -> Path:
    """Where the log is kept unless told otherwise."""
    return Path(platformdirs.user_state_dir("quarterdeck")) / "audit.jsonl"


def _place(path: Path | str) -> Path:
    return Path(path).expanduser() if path else default_path()


class Audit:
    """One log. Several engines may append to it at once. `write` blocks on the disk: call it off the loop."""

    def __init__(self, path: Path | str = "", *, rotate_bytes: int = ROTATE_BYTES) -> None:
        self.path = _place(path)
        self._rotate_bytes = rotate_bytes

    def write(self, entry: Entry) -> None:
        """Append the entry, on disk when this returns. Raises Problem when it can't be."""
        try:
            ledger.append(self.path, lambda last: _line(entry, last), rotate_bytes=self._rotate_bytes)
        except OSError as error:
            raise Problem(
                f"the audit log {self.path} can't be written: {error.strerror or error}",
                "free or allow the place, or name another as [audit] path in the configuration",
            ) from error


def verify(path: Path | str = "") -> Broken | None:
    """The first broken line of the log and the parts set aside, or None when the chain holds.

    Raises Problem when a file can't be read.
    """
    return next(breaks(path), None)


def breaks(path: Path | str = "") -> Iterator[Broken]:
    """Every broken line, oldest first: one that is no entry, or does not follow from the one before."""
    expected = ZERO
    first = True
    for part, number, line in _lines(path):
        entry = _read(line)
        if entry is None:
            yield Broken(part, number, "not an entry: changed, or cut off while it was written")
        elif entry.prev != expected:
            told = "what came before it is missing" if first else "the line before it was changed or removed"
            yield Broken(part, number, told)
        expected = _digest(line)
        first = False


def entries(path: Path | str = "") -> Iterator[Entry]:
    """Every readable entry, oldest first. Raises Problem when a file can't be read."""
    return (entry for _, _, line in _lines(path) if (entry := _read(line)))


def print_log(path: Path | str = "", *, verify: bool = False, usual: Path | str = "") -> int:
    """Print the log, or whether its chain holds. Returns the exit status: 1 broken, 2 unreadable.

    Without a path it is the `usual` one, or else the default one; there it may be missing.
    """
    place = _place(path or usual)
    if not path and not place.exists():
        print(f"nothing has been done yet: {place} does not exist")
        return 0
    try:
        return _print_verdict(place) if verify else _print_entries(place)
    except Problem as problem:
        print(f"quarterdeck: {clean(problem.detail)}", file=sys.stderr)
        return 2


def _print_entries(path: Path) -> int:
    for entry in entries(path):
        target = entry.object
        name = f"{target.namespace}/{target.name}" if target.namespace else target.name
        what = f"{entry.action} {target.kind.lower()} {name} in {target.cluster or target.source}"
        outcome = ": ".join(filter(None, (entry.result, entry.detail)))
        told = outcome if entry.phase == "outcome" else f"intent: {entry.sent}"
        line = f"{entry.time}  {entry.by} as {entry.identity or 'unknown'}  {what}  {told}"
        print(clean(line, limit=_LONGEST))
    return 0


def _print_verdict(path: Path) -> int:
    broken = list(breaks(path))
    for each in broken:
        print(f"{each.path}:{each.line}: {each.reason}")
    if not broken:
        print(f"{path}: the chain holds, {sum(1 for _ in _lines(path))} lines")
    return 1 if broken else 0


# ---- one line ----------------------------------------------------------------------------------------


def _line(entry: Entry, last: bytes | None) -> bytes:
    whole = msgspec.structs.replace(
        entry,
        time=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        by=_who(),
        sent=without_secrets(entry.sent),
        detail=without_secrets(entry.detail),
        prev=ZERO if last is None else _digest(last),
    )
    return msgspec.json.encode(whole)


@cache
def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's uid without a name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _read(line: bytes) -> Entry | None:
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(line, type=Entry)
    return None


def _lines(path: Path | str) -> Iterator[tuple[Path, int, bytes]]:
    place = _place(path)
    try:
        yield from ledger.lines(place)
    except OSError as error:
        told = f"the audit log {error.filename or place} can't be read: {error.strerror or error}"
        raise Problem(told) from error
