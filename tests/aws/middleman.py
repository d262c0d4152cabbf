"""Between a client and moto: passes requests on, and does to some answers what a network does."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Literal

from tests.aws.serving import say, serving

Fate = Literal["lost", "garbled"] | tuple[int, str]
"""Of an answer: never arrives, is no XML, or is another status with that error code instead."""

_ERROR = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{code} it is</Message></Error></Errors>"
    "<RequestID>r</RequestID></Response>"
)


class Middleman:
    """In front of `target`. `fates` says by operation what happens instead of an answer."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.asked: list[dict[str, str]] = []
        """The parameters of each request, in their order."""
        self.fates: dict[str, Fate] = {}
        """Operation → what becomes of the answer; with "DryRun " before it, only of a rehearsal's."""
        self.bodies: dict[str, bytes] = {}
        """Operation → what is answered instead of asking anybody."""
        self.edits: dict[str, tuple[bytes, bytes]] = {}
        """Operation → what is replaced in its answers, and by what."""
        self.reaches = True
        """Whether a request with a fate is carried out all the same."""
        self.url = ""

    def calls(self, operation: str, *, dry_run: bool = False) -> list[dict[str, str]]:
        """The requests of that operation."""
        return [
            asked
            for asked in self.asked
            if asked.get("Action") == operation and (asked.get("DryRun") == "true") is dry_run
        ]

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = dict(urllib.parse.parse_qsl(body.decode()))
        self.asked.append(asked)
        name = asked.get("Action", "")
        fate = self.fates.get(f"DryRun {name}" if asked.get("DryRun") == "true" else name)
        if name in self.bodies:
            say(handler, 200, self.bodies[name])
            return
        if fate is None or self.reaches:
            status, text = self._passed_on(handler, body)
        match fate:
            case None:
                say(handler, status, text.replace(*self.edits.get(name, (b"", b""))))
            case "lost":
                handler.close_connection = True
            case "garbled":
                say(handler, 200, b"<html><br>login</html>")
            case (other, code):
                say(handler, other, _ERROR.format(code=code).encode())

    def _passed_on(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        headers = {key: value for key, value in handler.headers.items() if key.lower() != "content-length"}
        request = urllib.request.Request(self.target + handler.path, body, headers, method=handler.command)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


@contextmanager
def between(target: str) -> Iterator[Middleman]:
    """A middleman in front of that URL, in a thread."""
    middleman = Middleman(target)
    with serving(middleman.answer) as middleman.url:
        yield middleman
