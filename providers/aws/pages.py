"""DescribeInstances read without botocore's own parser, which takes ten times the time and the memory.

A hook on a client takes the XML of an answer before botocore does, reads only the fields that are shown, and
leaves botocore a tiny answer to parse: credentials, retries, errors and paging stay its own. What was read is
in the answer under READ, a piece for each reservation. A reservation whose bytes are as they were is not
parsed again but is the same Piece as before, for as long as someone holds that.
"""

from __future__ import annotations

import re
import threading
import weakref
from hashlib import sha1
from itertools import chain
from typing import Any

from providers.aws.fields import Fields, Unreadable, readable, without
from providers.aws.instances import FIELDS, instance
from providers.model import Instance

READ = "Read"
"""Where an answer of DescribeInstances has what was read of it: list[Piece]."""

_PARSING = threading.Semaphore(2)
"""Threads that parse at once: more of them would take the interpreter from the event loop for too long."""
_ANSWER = Fields(
    "DescribeInstancesResponse",
    {
        "nextToken": "NextToken",
        "reservationSet": (
            "Reservations",
            [{"reservationId": "ReservationId", "instancesSet": ("Instances", [FIELDS])}],
        ),
    },
)
_ID = re.compile(rb"<reservationId>")
_OPEN = b"</item>"
_LAST = b"</reservationSet>"
_BULKY = (b"networkInterfaceSet", b"blockDeviceMapping", b"groupSet")
_DECLARED = b"<!"
"""Of CDATA, comments and document types: where one is, text may look like an element."""
_TINY = b"<DescribeInstancesResponse><reservationSet/>%b"


class Piece:
    """A reservation: instances that were launched together."""

    __slots__ = ("__weakref__", "instances")

    def __init__(self, instances: tuple[Instance, ...]) -> None:
        self.instances = instances


def prepare(client: Any) -> None:
    """Put the hook on a client, of whichever service."""
    if client.meta.service_model.service_name == "ec2":
        pages = Pages()
        client.meta.events.register("before-parse.ec2.DescribeInstances", pages.take)


class Pages:
    """Reads the answers of one client, and knows again what has not changed."""

    def __init__(self) -> None:
        self._known: weakref.WeakValueDictionary[bytes, Piece] = weakref.WeakValueDictionary()
        """Digest of a reservation's bytes → what was read of it."""

    def take(self, response_dict: Any, customized_response_dict: dict[str, Any], **_: Any) -> None:
        """botocore's event before-parse. Errors are left to botocore, and so is an answer about one
        instance: whoever asks for one wants all of it."""
        if response_dict["status_code"] >= 300:
            return
        with _PARSING:
            try:
                body, pieces = self._read(response_dict["body"])
            except Unreadable as error:
                from botocore.parsers import ResponseParserError

                raise ResponseParserError(f"DescribeInstances was answered with {error}") from None
        customized_response_dict[READ] = pieces
        if sum(len(piece.instances) for piece in pieces) <= 1:
            response_dict["body"] = body
        else:
            response_dict["body"] = _TINY % _after_the_set(body)

    def _read(self, body: bytes) -> tuple[bytes, list[Piece]]:
        try:
            return body, self.pieces(body)
        except Unreadable:
            mended = readable(body)
            return mended, _whole(mended)

    def pieces(self, body: bytes) -> list[Piece]:
        """What a body has, in its order. Raises Unreadable."""
        starts = [match.start() for match in _ID.finditer(body)]
        end = body.rfind(_LAST)
        if not starts or end < starts[-1] or _DECLARED in body:
            return _whole(body)
        view = memoryview(body)
        chunks = [view[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)]
        digests = [sha1(chunk, usedforsecurity=False).digest() for chunk in chunks]
        known = [self._known.get(digest) for digest in digests]
        fresh = [number for number, piece in enumerate(known) if piece is None]
        # Each chunk but the last one ends by opening the item of the next.
        closing = b"" if fresh and fresh[-1] == len(chunks) - 1 else _OPEN
        parts = (without(bytes(chunks[number]), _BULKY) for number in fresh)
        made = _made(_ANSWER.read(chain([view[: starts[0]]], parts, [closing, view[end:]])))
        if len(made) != len(fresh):
            raise Unreadable("reservations within reservations")
        for number, piece in zip(fresh, made, strict=True):
            self._known[digests[number]] = known[number] = piece
        return [piece for piece in known if piece is not None]


def _whole(body: bytes) -> list[Piece]:
    return _made(_ANSWER.read([body]))


def _made(answer: dict[str, Any]) -> list[Piece]:
    return [
        Piece(tuple(instance(each) for each in reservation.get("Instances", ()) if each.get("InstanceId")))
        for reservation in answer.get("Reservations", ())
        if reservation.get("ReservationId")
    ]


def _after_the_set(body: bytes) -> bytes:
    """The token of the next page and the end of the document."""
    return body[body.rindex(_LAST) + len(_LAST) :]
