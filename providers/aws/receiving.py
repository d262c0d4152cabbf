"""Long answers are taken in by a few threads at a time, from their first byte until they have been parsed.

Waiting for one takes nothing, so any number may wait. Taking one in takes megabytes and the interpreter:
with twenty threads at it the event loop waits for twenty turns, and 60 MB are held at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

AT_ONCE = 2
_PATIENCE = 3.0
"""Seconds after which a thread takes its answer in all the same: those before it may hang in theirs."""


class Turns:
    """Each thread takes its turn and gives it back when its request is over; both may be said too often."""

    def __init__(self, limit: int) -> None:
        self._free = threading.Semaphore(limit)
        self._mine = threading.local()

    def take(self) -> None:
        """Wait for it, but not for ever."""
        if not getattr(self._mine, "taken", False):
            self._mine.taken = self._free.acquire(timeout=_PATIENCE)

    def give_back(self) -> None:
        """It is over."""
        if getattr(self._mine, "taken", False):
            self._mine.taken = False
            self._free.release()


turns = Turns(AT_ONCE)


class Receiver:
    """Sends the requests of one client for botocore, which else would read the answer at once."""

    def __init__(self, client: Any) -> None:
        self._session = client._endpoint.http_session

    def send(self, request: Any, **_: Any) -> Any:
        """botocore's event before-send: the response, its body read. Raises what botocore raises."""
        from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
        from urllib3 import exceptions

        request.stream_output = True
        response = self._session.send(request)
        response.raw = _InOnePiece(response.raw)
        turns.take()
        try:
            response.content  # noqa: B018  (reads it)
        except exceptions.ReadTimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except exceptions.HTTPError as error:
            raise ConnectionClosedError(error=error, request=request, endpoint_url=request.url) from error
        return response


class _InOnePiece:
    """A body as botocore reads it, but not in hundreds of parts. One that is cut short raises."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def stream(self) -> Iterator[bytes]:
        yield self._raw.read()
