"""An inventory that is a file: read again when it is another one."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

from providers.contract import Problem
from providers.text import clean

LIMIT = 256 << 20
"""Bytes of the largest file that is read."""

Stamp = tuple[int, ...]
"""What tells one version of a file from the next."""


class File:
    """A file by its path, "~" understood."""

    def __init__(self, path: str, every: float) -> None:
        self._path = Path(os.path.expanduser(path))
        self.address = clean(str(self._path))
        self.every = every
        """Seconds between two looks."""

    async def read(self, seen: object = None) -> tuple[Stamp, bytes] | None:
        """Its stamp and text; None when the stamp is the one that was seen. Raises Problem."""
        return await asyncio.to_thread(self._read, seen)

    def _read(self, seen: object) -> tuple[Stamp, bytes] | None:
        try:
            # The stamp before the text: what is written in between is read the next time.
            found = self._path.stat()
            self._check(found)
            stamp = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
            return None if stamp == seen else (stamp, self._path.read_bytes())
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            said = getattr(error, "strerror", None) or error
            raise Problem(f"{self.address}: {said}", "it is looked for again and again") from error

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for without end
            raise Problem(f"{self.address} is no file", "name a file, or a command after a !")
        if found.st_size > LIMIT:
            size, limit = found.st_size >> 20, LIMIT >> 20
            raise Problem(f"{self.address} has {size} MB: more than {limit} are not read", "divide it")
