"""Whoever waits to see an object change: the action pipeline confirms by what the streams show."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from providers.model import Object, Ref

log = logging.getLogger(__name__)

Seen = Callable[[Object | None], bool]


class Watchers:
    """Told of every object that passes; costs a truth test while nobody waits."""

    def __init__(self) -> None:
        self._waiting: dict[Ref, list[tuple[Seen, asyncio.Future[bool]]]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def wait_for(self, ref: Ref, seen: Seen, timeout: float) -> Coroutine[Any, Any, bool]:
        """Whether `seen` held within `timeout` seconds for the object as it passes, None when it is gone.

        It counts from this call on, not from the first await: a change between the two is not missed.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        entry = (seen, future)
        self._waiting.setdefault(ref, []).append(entry)
        return self._wait(ref, entry, timeout)

    async def _wait(self, ref: Ref, entry: tuple[Seen, asyncio.Future[bool]], timeout: float) -> bool:
        try:
            async with asyncio.timeout(timeout):
                return await entry[1]
        except TimeoutError:
            return False
        finally:
            rest = [other for other in self._waiting.get(ref, []) if other is not entry]
            if rest:
                self._waiting[ref] = rest
            else:
                self._waiting.pop(ref, None)

    def passed(self, ref: Ref, obj: Object | None) -> None:
        """The object is now so, or gone."""
        for seen, future in self._waiting.get(ref, ()):
            if future.done():
                continue
            try:
                if seen(obj):
                    future.set_result(True)
            except Exception as error:  # the asker's fault must not become the feed's
                future.set_exception(error)
