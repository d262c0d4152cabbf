"""A recording: the frames of a stream in a file, exactly as they would cross a link, compressed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from providers.stream import Frame
from providers.wire import Reader, WireError, Writer

_CHUNK = 1 << 16


class Recorder:
    """Writes a recording. A frame is in the file when record() returns; the file is its owner's alone."""

    def __init__(self, path: Path | str) -> None:
        """Raises FileExistsError: a recording is never overwritten."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)
        self._writer = Writer("zstd")
        self._file.write(self._writer.write())

    def record(self, frames: Iterable[Frame]) -> None:
        """Append the frames. Raises OSError, such as when the disk is full."""
        data = memoryview(self._writer.write(frames))
        while data:
            data = data[self._file.write(data) or 0 :]

    def close(self) -> None:
        """The end. Calling it again is fine."""
        self._file.close()


def replay(path: Path | str) -> Iterator[list[Frame]]:
    """The frames of a recording, some at a time, in order.

    Raises OSError, and WireError where the file is no recording, is of another version, or, after all
    frames that are whole, was cut off.
    """
    reader: Reader[Frame] = Reader(Frame, str(path))
    with open(path, "rb") as file:
        while data := file.read(_CHUNK):
            try:
                if frames := reader.feed(data):
                    yield frames
            except WireError as error:
                raise WireError(error.fault, error.detail, _REMEDIES[error.fault]) from None
    try:
        reader.end()
    except WireError as error:
        raise WireError(error.fault, error.detail, _REMEDIES[error.fault]) from None


_REMEDIES = {
    "version": "open it with the version of quarterdeck that recorded it",
    "greeting": "give a file that was recorded by quarterdeck",
    "content": "it was changed after it was recorded",
    "cut": "what was recorded before that is whole",
}
