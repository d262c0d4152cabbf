"""One file there or back: in pieces, under a temporary name until it is whole, never over another unasked."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from console.shells.session import Listener, Session
from providers.stream import WINDOW, Closed, Opened

Progress = Callable[[int], None]
"""Told how many bytes are there so far."""


class TransferError(Exception):
    """It did not come about: `detail` says why, `remedy` what can be done."""

    def __init__(self, detail: str, remedy: str = "") -> None:
        super().__init__(detail)
        self.detail, self.remedy = detail, remedy


class _Transfer:
    """What both directions have in common: a session, and its end awaited."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._closed: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()
        self._standing = asyncio.Event()
        self._session: Session | None = None
        self.size: int | None = None
        """Bytes in all, None unknown."""

    def opened(self, body: Opened) -> None:
        self._standing.set()

    def said(self, data: bytes) -> None:
        """Nothing that anybody reads."""
        if self._session is not None:
            self._session.took(len(data))

    def closed(self, body: Closed) -> None:
        self._standing.set()
        if not self._closed.done():
            self._closed.set_result(body)

    async def _end(self) -> None:
        body = await self._closed
        if body.status != 0:
            detail = body.detail or f"it ended with status {body.status}"
            raise TransferError(detail, body.remedy)


class Put(_Transfer):
    """A local file's bytes into a session."""

    def __init__(self, path: Path, progress: Progress) -> None:
        """Raises TransferError when the file can't be read."""
        super().__init__(progress)
        try:
            self._file: IO[bytes] = path.open("rb")
            if not path.is_file():
                raise IsADirectoryError(0, "it is no plain file")
        except OSError as error:
            raise TransferError(f"{path}: can't be read: {error.strerror}") from None
        self.size = path.stat().st_size

    async def run(self, session: Session) -> None:
        """Send all of it. Raises TransferError."""
        self._session = session
        room = asyncio.Event()
        session.on_room = room.set
        sent = 0
        try:
            await self._standing.wait()
            while not session.over and (data := await asyncio.to_thread(self._file.read, WINDOW)):
                room.clear()
                session.write(data)
                while session.waiting and not session.over:
                    await _either(room, self._closed)
                sent += len(data)
                self._progress(sent)
            session.end()
            await self._end()
        finally:
            self._file.close()
            session.shut()


class Get(_Transfer):
    """A session's bytes into a local file."""

    def __init__(self, path: Path, progress: Progress, *, overwrite: bool) -> None:
        """Raises TransferError when nothing can be written there."""
        super().__init__(progress)
        self._path = path
        self._overwrite = overwrite
        self._got = 0
        try:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        except OSError as error:
            raise TransferError(f"{path}: can't be written: {error.strerror}") from None
        self._temporary = Path(name)
        self._file: IO[bytes] = os.fdopen(handle, "wb")
        self._trouble = ""

    async def run(self, session: Session) -> None:
        """Receive all of it. Raises TransferError."""
        self._session = session
        try:
            await self._end()
            self._file.close()
            if self._trouble:
                raise TransferError(f"{self._path}: can't be written: {self._trouble}")
            self._keep()
        finally:
            self._file.close()
            self._temporary.unlink(missing_ok=True)
            session.shut()

    def said(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:  # a full disk: told once, at the end
            self._trouble = self._trouble or error.strerror or str(error)
        self._got += len(data)
        self._progress(self._got)
        if self._session is not None:
            self._session.took(len(data))

    def _keep(self) -> None:
        os.chmod(self._temporary, 0o666 & ~_umask())
        try:
            if not self._overwrite:
                self._path.open("xb").close()  # the name is ours from here on
            self._temporary.replace(self._path)
        except FileExistsError:
            raise TransferError(
                f"{self._path} is there already", "it was not asked whether to replace it"
            ) from None
        except OSError as error:
            raise TransferError(f"{self._path}: can't be written: {error.strerror}") from None


async def _either(event: asyncio.Event, closed: asyncio.Future[Closed]) -> None:
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((waiting, closed), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


class Beside:
    """A session's listener where a tab shows how a transfer goes: its bytes are not for the screen."""

    def __init__(self, tab: Listener, transfer: Listener) -> None:
        self._tab, self._transfer = tab, transfer

    def opened(self, body: Opened) -> None:
        self._tab.opened(body)
        self._transfer.opened(body)

    def said(self, data: bytes) -> None:
        self._transfer.said(data)

    def closed(self, body: Closed) -> None:
        self._transfer.closed(body)
        self._tab.closed(body)
