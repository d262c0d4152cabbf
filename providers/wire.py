"""The codec of the stream: one readable line, then length-prefixed MessagePack, compressed or not.

Each end first writes `quarterdeck-stream <protocol> <plain|zstd>` and a line feed, which says how that
end's own direction goes on: frames of a 4-byte big-endian length and one MessagePack message, for zstd
inside a single compressed stream that is flushed at each write. What can't be understood is refused as a
WireError with a sentence for people; nothing here does input or output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from providers.stream import PROTOCOL
from providers.text import clean

if TYPE_CHECKING:
    import zstandard

Coding = Literal["plain", "zstd"]
Fault = Literal["version", "greeting", "content", "cut"]
"""version: another protocol. greeting: not a stream at all. content: broken later. cut: ended too early."""

MESSAGE_CAP = 32 << 20
"""Bytes in one message. The longest real ones are 500 objects or one manifest: a few MB."""
_GREETING_CAP = 512
_SLICE = 1024
"""Compressed bytes decoded at once: a bomb expands them to 32 MB at most before a length is checked."""
_WINDOW_LOG = 23
"""8 MB of history: a changed pod finds its last state among 10,000 others and costs about 40 bytes."""
_MAGIC = "quarterdeck-stream"
_GREETING = re.compile(rb"quarterdeck-stream (\d{1,9}) ([a-z0-9]{1,16})\r?")

T = TypeVar("T")


class WireError(Exception):
    """The other end can't be understood: what it did and what to do about it, one line each."""

    def __init__(self, fault: Fault, detail: str, remedy: str = "") -> None:
        super().__init__(detail)
        self.fault: Fault = fault
        self.detail = detail
        self.remedy = remedy


class Writer:
    """Messages → bytes of one direction, in order. The first bytes carry the greeting."""

    def __init__(self, coding: Coding = "plain") -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._greeting = f"{_MAGIC} {PROTOCOL} {coding}\n".encode()
        self._squeeze = _compressor() if coding == "zstd" else None

    def write(self, messages: Iterable[Any] = ()) -> bytes:
        """The bytes of these messages, complete: the other end can decode all of them from it."""
        out = bytearray()
        for message in messages:
            start = len(out)
            out += b"\0\0\0\0"
            self._encoder.encode_into(message, out, -1)
            size = len(out) - start - 4
            if size > MESSAGE_CAP:
                raise WireError("content", f"a message of {size:,} bytes is over the cap of {MESSAGE_CAP:,}")
            out[start : start + 4] = size.to_bytes(4, "big")
        body = self._squeezed(out) if out else b""
        greeting, self._greeting = self._greeting, b""
        return greeting + body

    def _squeezed(self, data: bytearray) -> bytes:
        if self._squeeze is None:
            return bytes(data)
        import zstandard

        return self._squeeze.compress(data) + self._squeeze.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


class Reader(Generic[T]):
    """Bytes of one direction → messages of one type, whatever pieces the bytes come in."""

    def __init__(self, type: Any, peer: str = "the other end", *, cap: int = MESSAGE_CAP) -> None:
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(type)
        self._peer = peer
        self._cap = cap
        self._buffer = bytearray()
        self._expand: zstandard.ZstdDecompressionObj | None = None
        self.greeted = False
        """The other end has said that it speaks this protocol."""

    def feed(self, data: bytes) -> list[T]:
        """The messages that these bytes complete. Raises WireError; nothing can be read after one."""
        if not self.greeted:
            self._buffer += data
            if not self._greet():
                return []
            data = bytes(self._buffer)
            self._buffer.clear()
        messages: list[T] = []
        if self._expand is None:
            self._buffer += data
            self._drain(messages)
            return messages
        for start in range(0, len(data), _SLICE):
            self._buffer += self._expanded(data[start : start + _SLICE])
            self._drain(messages)
        return messages

    def end(self) -> None:
        """To be called when no more bytes come. Raises WireError when they ended too early."""
        if not self.greeted:
            if self._buffer:
                raise self._no_greeting()
            raise WireError("cut", f"{self._peer} ended without a word")
        if self._buffer:
            raise WireError("cut", f"{self._peer} was cut off in the middle of a message")

    def _greet(self) -> bool:
        head, newline, rest = self._buffer.partition(b"\n")
        if not newline and len(head) < _GREETING_CAP:
            # A prompt has no line feed and nothing follows it: refuse at the first letter that differs.
            if not _MAGIC.encode().startswith(head[: len(_MAGIC)].lstrip()):
                raise self._no_greeting()
            return False
        if not head.strip() and len(self._buffer) < _GREETING_CAP:
            self._buffer = bytearray(rest)
            return bool(rest) and self._greet()
        match = _GREETING.fullmatch(bytes(head))
        if match is None:
            raise self._no_greeting()
        self._check(int(match[1]), match[2].decode())
        self._buffer = bytearray(rest)
        self.greeted = True
        return True

    def _check(self, protocol: int, coding: str) -> None:
        if protocol != PROTOCOL:
            older = self._peer if protocol < PROTOCOL else "this end"
            raise WireError(
                "version",
                f"{self._peer} speaks version {protocol} of the stream, this end version {PROTOCOL}",
                f"update quarterdeck where it is older: {older}",
            )
        if coding == "zstd":
            import zstandard

            context = zstandard.ZstdDecompressor(max_window_size=1 << _WINDOW_LOG)
            self._expand = context.decompressobj()
        elif coding != "plain":
            raise WireError(
                "version",
                f"{self._peer} writes a coding that is not known here: {coding}",
                "update quarterdeck at this end",
            )

    def _no_greeting(self) -> WireError:
        lines = self._buffer.decode("utf-8", "replace").splitlines()
        said = clean(next((line.strip() for line in lines if line.strip()), ""), limit=120)
        return WireError("greeting", f"{self._peer} is no quarterdeck engine, it says: {said}", _advice(said))

    def _expanded(self, piece: bytes) -> bytes:
        import zstandard

        assert self._expand is not None
        try:
            return self._expand.decompress(piece)
        except zstandard.ZstdError as error:
            raise self._broken("compressed data that can't be expanded") from error

    def _drain(self, messages: list[T]) -> None:
        buffer, position = self._buffer, 0
        with memoryview(buffer) as view:
            while len(buffer) - position >= 4:
                size = int.from_bytes(view[position : position + 4], "big")
                if size > self._cap:
                    raise self._broken(f"a message of {size:,} bytes (the cap is {self._cap:,})")
                if len(buffer) - position - 4 < size:
                    break
                messages.append(self._decoded(view[position + 4 : position + 4 + size]))
                position += 4 + size
        del buffer[:position]

    def _decoded(self, view: memoryview) -> T:
        try:
            with view:
                return self._decoder.decode(view)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._broken(f"a message that can't be read ({clean(str(error), limit=120)})") from error

    def _broken(self, what: str) -> WireError:
        return WireError(
            "content",
            f"{self._peer} sent {what}",
            "if it happens again, the two ends differ: update the older",
        )


def _compressor() -> zstandard.ZstdCompressionObj:
    import zstandard

    # Measured on 10,000 pods: 570 kB in all and 37 bytes a change, for 46 ms and 11 µs; the level's own
    # tables (2^17) forget older pods and need 43, level 12 saves one more byte for 3 times the time.
    settings = zstandard.ZstdCompressionParameters.from_level(
        6, window_log=_WINDOW_LOG, hash_log=20, chain_log=20
    )
    return zstandard.ZstdCompressor(compression_params=settings).compressobj()


def _advice(said: str) -> str:
    lowered = said.lower()
    if "not found" in lowered or "no such file" in lowered:
        return "install quarterdeck there, where a command run over ssh finds it"
    if lowered.startswith("ssh-"):
        return "that is an ssh server: use --via user@host"
    if lowered.startswith(("<", "http/")):
        return "that is a web server: give the host that runs quarterdeck"
    return "its shell must print nothing when a command is run: look at its .bashrc or profile"
