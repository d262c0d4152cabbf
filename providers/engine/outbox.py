"""What waits to be sent to the console: the last state of each object, never more.

Bounded by the number of distinct objects, however slow the console is, because whatever is told again
before it was sent replaces what waits. Order is kept where it has a meaning: objects stay where they
first were, and Complete, Health, About and Schema move behind what was told before them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Iterable
from itertools import islice
from typing import Any

from providers.model import Began, Complete, Deletes, Health, Kind, Object, Schema, Upserts, kind_of
from providers.stream import Beat, Body, Frame, Outcome, Output

OBJECTS_A_FRAME = 500
OUTPUT_BYTES = 1 << 15
"""Pieces of one session's output are put together up to so many."""

Name = str
"""A source's name; "" is the engine itself."""


class _Gone:
    """An object that the console knows is gone."""


_GONE = _Gone()


class Outbox:
    """Filled by feeds and the server, emptied by the sender. Used from one event loop."""

    def __init__(self, answered: Callable[[], object] = lambda: None) -> None:
        """`answered` is called at each answer: they may be taken before anything else, and by themselves."""
        self._answered = answered
        self._waiting: dict[Hashable, Any] = {}
        """(source, kind, uid) → object or gone; (source, what, …) → any other body; in order of sending."""
        self._fresh: set[Hashable] = set()
        """Waiting objects that the console has never heard of: deleted again, they need not be told."""
        self._answers: dict[Hashable, Frame] = {}
        self._heard: dict[Name, float] = {}
        self._beat = False
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._answers)

    async def wait(self) -> None:
        """Until there is something to take."""
        await self._filled.wait()

    # ---- filling -------------------------------------------------------------------------------------

    def upsert(self, source: Name, obj: Object, *, new: bool) -> None:
        """The object as it is now; `new` when the feed has not passed it on before."""
        key = (source, kind_of(obj), obj.uid)
        if new and key not in self._waiting:
            self._fresh.add(key)
        self._waiting[key] = obj
        self._filled.set()

    def delete(self, source: Name, kind: Kind, uids: Iterable[str]) -> None:
        """The objects are gone."""
        for uid in uids:
            key = (source, kind, uid)
            if key in self._fresh:
                self._fresh.discard(key)
                del self._waiting[key]
            else:
                self._waiting[key] = _GONE
        self._filled.set()

    def tell(self, source: Name, body: Body) -> None:
        """Anything else about a source: it replaces what waits of the same sort and goes last."""
        key = _key(source, body)
        if isinstance(body, Began):
            # The console hears of one long list instead of two.
            self._waiting.pop((source, "complete", body.kind, ""), None)
            self._waiting.setdefault(key, body)
        else:
            self._waiting.pop(key, None)
            self._waiting[key] = body
        self._filled.set()

    def forget(self, source: Name) -> None:
        """Drop all that waits of a source that is no longer part of the fleet."""
        for key in [key for key in self._waiting if key[0] == source]:  # type: ignore[index]
            del self._waiting[key]
            self._fresh.discard(key)
        self._heard.pop(source, None)

    def answer(self, body: Body) -> None:
        """What the engine itself says; it overtakes objects. Of an Outcome only the last is kept."""
        key = (type(body), body.id) if isinstance(body, Outcome) else object()
        self._answers.pop(key, None)
        self._answers[key] = Frame(time.time(), "", self._merged(body) if isinstance(body, Output) else body)
        self._filled.set()
        self._answered()

    def _merged(self, output: Output) -> Output:
        """With what the same session said just before, where nothing else was said between."""
        last = next(reversed(self._answers), None)
        body = self._answers[last].body if last is not None else None
        if not isinstance(body, Output) or (body.id, body.error) != (output.id, output.error):
            return output
        if len(body.data) + len(output.data) > OUTPUT_BYTES:
            return output
        del self._answers[last]
        return Output(id=body.id, data=body.data + output.data, error=body.error)

    def heard(self, source: Name, at: float) -> None:
        """The source has answered; it goes with the next beat."""
        self._heard[source] = at

    def beat(self) -> None:
        """A beat is due."""
        self._beat = True
        self._filled.set()

    # ---- emptying ------------------------------------------------------------------------------------

    def take_answers(self) -> list[Frame]:
        """What the engine itself says, all of it."""
        frames = list(self._answers.values())
        self._answers.clear()
        return frames

    def take(self) -> list[Frame]:
        """The next frames, with at most OBJECTS_A_FRAME objects in all; [] when nothing waits."""
        frames = self.take_answers()
        if self._beat:
            frames.append(Frame(time.time(), "", Beat(self._heard)))
            self._heard, self._beat = {}, False
        frames += self._take_told(time.time())
        if not self._waiting:
            self._filled.clear()
        return frames

    def _take_told(self, now: float) -> list[Frame]:
        frames: list[Frame] = []
        run: dict[Name, _Run] = {}
        keys = list(islice(self._waiting, OBJECTS_A_FRAME))
        for key in keys:
            body = self._waiting.pop(key)
            source: Name = key[0]  # type: ignore[index]
            if len(key) == 3:  # type: ignore[arg-type]
                self._fresh.discard(key)
                run.setdefault(source, _Run()).add(key, body)
                continue
            if source in run:
                frames += run.pop(source).frames(now, source)
            frames.append(Frame(now, source, body))
        for source, rest in run.items():
            frames += rest.frames(now, source)
        return frames


class _Run:
    """Objects of one source with nothing else between them."""

    def __init__(self) -> None:
        self._objects: list[Object] = []
        self._gone: dict[Kind, list[str]] = {}

    def add(self, key: Any, value: Any) -> None:
        if value is _GONE:
            self._gone.setdefault(key[1], []).append(key[2])
        else:
            self._objects.append(value)

    def frames(self, now: float, source: Name) -> list[Frame]:
        # Added before taken away: a successor of the same name is there before its predecessor goes.
        frames = [Frame(now, source, Upserts(tuple(self._objects)))] if self._objects else []
        return frames + [Frame(now, source, Deletes(kind, tuple(uids))) for kind, uids in self._gone.items()]


def _key(source: Name, body: Body) -> tuple[str, str, str, str]:
    """Four parts, so that it is never the key of an object."""
    what: str = type(body).__struct_config__.tag  # type: ignore[assignment]
    kind = body.kind if isinstance(body, Health | Schema | Began | Complete) else ""
    return source, what, kind, ""
