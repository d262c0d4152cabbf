"""EC2's long answers read without botocore's own parser, which takes ten times the time and the memory.

A hook on a client takes the XML of an answer before botocore does, reads only the fields that are shown, and
leaves botocore a tiny answer to parse: credentials, retries, errors and paging stay its own. What was read is
in the answer under READ, in pieces. A piece whose bytes are as they were is not parsed again but is the same
Piece as before, for as long as someone holds that.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha1
from itertools import chain
from typing import Any

from msgspec import Struct

from providers.aws.details import STATUS, status
from providers.aws.fields import Fields, Tree, Unreadable, readable, without
from providers.aws.instances import INSTANCE, instance
from providers.aws.receiving import Receiver, turns
from providers.aws.records import VOLUME, volume
from providers.model import Instance

READ = "Read"
"""Where an answer has what was read of it, a Page."""

_BULKY = (b"networkInterfaceSet", b"blockDeviceMapping", b"groupSet")
_DECLARED = b"<!"
"""Of CDATA, comments and document types: where one is, text may look like an element."""

Make = Callable[[dict[str, Any]], Iterable[Any]]


class Piece:
    """A part of an answer: the instances of a reservation, or all that a page has of anything else."""

    __slots__ = ("__weakref__", "objects")

    def __init__(self, objects: tuple[Any, ...]) -> None:
        self.objects = objects


class Page:
    """What was read of an answer."""

    __slots__ = ("__weakref__", "cut", "pieces")

    def __init__(self, pieces: list[Piece], *, cut: bool = True) -> None:
        self.pieces = pieces
        self.cut = cut
        """botocore need not see the items."""

    @property
    def objects(self) -> list[Any]:
        """Of all its pieces, in their order."""
        return [each for piece in self.pieces for each in piece.objects]


class Reader:
    """How answers to one operation are read."""

    def __init__(self, operation: str, element: str, item: Tree, make: Make, mark: str = "") -> None:
        """`element` has the items, of each of which `make` makes objects. With a `mark`, an element that is
        the first of each item and nowhere else, each item is a piece; without, the page is one."""
        self.operation = operation
        self._fields = Fields(f"{operation}Response", {element: ("Items", [item])})
        self._make = make
        self._begins, self._ends = f"<{element}>".encode(), f"</{element}>".encode()
        self._mark = re.compile(f"<{mark}>".encode()) if mark else None

    def bounds(self, body: bytes) -> tuple[int, int]:
        """Where the items begin and end; the same twice where there are none."""
        first = body.find(self._begins)
        return (first + len(self._begins), body.rfind(self._ends)) if first >= 0 else (0, 0)

    def cut(self, body: bytes) -> Cut | None:
        """The pieces of a body, None where they cannot be told apart."""
        first, end = self.bounds(body)
        starts = [first]
        if self._mark is not None:
            starts = [match.start() for match in self._mark.finditer(body, first)]
        if not starts or end <= starts[-1] or _DECLARED in body:
            return None
        view = memoryview(body)
        chunks = [view[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)]
        return Cut(view[: starts[0]], chunks, view[end:], opens_next=self._mark is not None)

    def made(self, document: Iterable[bytes | memoryview]) -> list[Piece]:
        """The pieces of a document. Raises Unreadable."""
        items = self._fields.read(document).get("Items", ())
        made = [tuple(self._make(item)) for item in items if item]
        return [Piece(each) for each in made] if self._mark else [Piece(tuple(chain(*made)))]

    def without_items(self, body: bytes) -> bytes:
        """What is left has the token of the next page, for botocore."""
        first, end = self.bounds(body)
        return body[:first] + body[end:]


class Cut(Struct):
    """A body in pieces."""

    head: memoryview
    chunks: list[memoryview]
    tail: memoryview
    opens_next: bool
    """Each piece but the last ends by opening the item of the next."""

    def document(self, numbers: Sequence[int]) -> Iterator[bytes | memoryview]:
        """A whole document with only these of the pieces."""
        yield self.head
        for number in numbers:
            yield without(bytes(self.chunks[number]), _BULKY)
        if self.opens_next and (not numbers or numbers[-1] != len(self.chunks) - 1):
            yield b"</item>"
        yield self.tail


class Pages:
    """Reads the answers that one client gets to one operation, and knows again what has not changed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._pages: weakref.WeakValueDictionary[bytes, Page] = weakref.WeakValueDictionary()
        self._pieces: weakref.WeakValueDictionary[bytes, Piece] = weakref.WeakValueDictionary()
        """Digest of the bytes → what was read of them."""

    def take(self, response_dict: Any, customized_response_dict: dict[str, Any], **_: Any) -> None:
        """botocore's event before-parse. Errors are left to botocore, and so is an answer about one thing:
        whoever asks for one wants all of it."""
        try:
            if response_dict["status_code"] < 300:
                self._take(response_dict, customized_response_dict)
        finally:
            turns.give_back()

    def _take(self, response_dict: Any, customized_response_dict: dict[str, Any]) -> None:
        body, page = self._read(response_dict["body"])
        customized_response_dict[READ] = page
        response_dict["body"] = self._reader.without_items(body) if page.cut else body

    def _read(self, body: bytes) -> tuple[bytes, Page]:
        try:
            return body, self.page(body)
        except Unreadable:
            mended = readable(body)
        try:
            return mended, Page(self._reader.made([mended]), cut=False)
        except Unreadable as error:
            from botocore.parsers import ResponseParserError

            raise ResponseParserError(f"{self._reader.operation} was answered with {error}") from None

    def page(self, body: bytes) -> Page:
        """What a body has. Raises Unreadable."""
        first, end = self._reader.bounds(body)
        digest = _digest(memoryview(body)[first:end])
        page = self._pages.get(digest) if first < end else None
        if page is None:
            cut = self._reader.cut(body)
            pieces = self._reader.made([body]) if cut is None else self._changed(cut)
            many = sum(len(piece.objects) for piece in pieces) > 1
            page = self._pages[digest] = Page(pieces, cut=many and cut is not None)
        return page

    def _changed(self, cut: Cut) -> list[Piece]:
        """Its pieces, those that have not changed being what they were. Raises Unreadable."""
        digests = [_digest(chunk) for chunk in cut.chunks]
        known = [self._pieces.get(digest) for digest in digests]
        fresh = [number for number, piece in enumerate(known) if piece is None]
        made = self._reader.made(cut.document(fresh))
        if fresh and len(made) != len(fresh):
            raise Unreadable("items within items")
        for number, piece in zip(fresh, made, strict=False):
            self._pieces[digests[number]] = known[number] = piece
        return [piece for piece in known if piece is not None]


def _digest(content: memoryview) -> bytes:
    return sha1(content, usedforsecurity=False).digest()


def _reservation(item: dict[str, Any]) -> Iterator[Instance]:
    return (instance(each) for each in item.get("Instances", ()) if each.get("InstanceId"))


READERS = (
    Reader(
        "DescribeInstances",
        "reservationSet",
        {"reservationId": "ReservationId", "instancesSet": ("Instances", [INSTANCE])},
        _reservation,
        mark="reservationId",
    ),
    Reader("DescribeInstanceStatus", "instanceStatusSet", STATUS, lambda item: [status(item)]),
    Reader("DescribeVolumes", "volumeSet", VOLUME, lambda item: [volume(item)]),
)


def prepare(client: Any) -> None:
    """Put the hooks on a client, of whichever service."""
    if client.meta.service_model.service_name != "ec2":
        return
    events, receiver = client.meta.events, Receiver(client)
    for reader in READERS:
        events.register(f"before-send.ec2.{reader.operation}", receiver.send)
        events.register(f"before-parse.ec2.{reader.operation}", Pages(reader).take)
