"""Providers that do one thing each, well or badly, and an engine process that knows them.

`python -m tests.engine.strange --fd N` is the real engine with these instead of the installed ones.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from providers.contract import Host, Problem, Provider, Source
from providers.model import Batch, Began, Complete, Health, Pod, SourceInfo, Upserts


def pod(uid: str, **fields: Any) -> Pod:
    """A pod of which only the uid matters."""
    return Pod(**({"uid": uid, "namespace": "shop", "name": f"pod-{uid}"} | fields))


def listing(*uids: str) -> list[Batch]:
    """A whole list of pods."""
    return [Began("pod"), Upserts(tuple(pod(uid) for uid in uids)), Complete("pod")]


class NoOptions(Struct, frozen=True):
    """Takes none."""


@dataclass
class Scripted:
    """A source that plays one script for each time it is streamed: batches, errors, calls to await.

    After its script it stays silent; after the last script it plays that one again.
    """

    name: str
    scripts: Sequence[Sequence[Any]]
    kinds: tuple[str, ...] = ("pod",)
    starts: int = 0
    closed: int = 0

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(name=self.name, provider="scripted", kinds=self.kinds)

    async def stream(self) -> AsyncIterator[Batch]:
        script = self.scripts[min(self.starts, len(self.scripts) - 1)]
        self.starts += 1
        try:
            for step in script:
                if step is END:
                    return
                if isinstance(step, Exception):
                    raise step
                if callable(step):
                    await step()
                else:
                    yield step
            await asyncio.Event().wait()
        finally:
            self.closed += 1


END = object()
"""A step: the stream just returns."""


@dataclass
class Of:
    """A provider of ready-made sources, or one that fails to name any."""

    name: str
    made: Sequence[Source] = ()
    error: Exception | None = None
    summary: str = "for tests"
    options: type[Struct] = NoOptions
    host: Host | None = field(default=None)

    async def sources(self, options: Any, host: Host) -> Sequence[Source]:
        self.host = host
        if self.error is not None:
            raise self.error
        return self.made


class Stubborn(Scripted):
    """Does not let itself be cancelled while it is obstinate."""

    obstinate = True

    async def stream(self) -> AsyncIterator[Batch]:
        yield Health(state="live", since=0.0)
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if not self.obstinate:
                    raise


class Blocking(Scripted):
    """Holds the whole event loop, for ever."""

    async def stream(self) -> AsyncIterator[Batch]:
        yield Health(state="live", since=0.0)
        await asyncio.sleep(0.1)  # so that it is told
        time.sleep(3600)  # noqa: ASYNC251


class Printing(Scripted):
    """Writes where it should not, reads what is not its own, and starts a child that outlives it."""

    async def stream(self) -> AsyncIterator[Batch]:
        print("Hello, I am a provider", flush=True)
        os.write(1, b"\x00\x00\x00\x05junk")
        yield Upserts((pod(f"stdin {len(os.read(0, 100))} bytes"),))
        await asyncio.Event().wait()


class Suicidal(Scripted):
    """Kills its engine."""

    async def stream(self) -> AsyncIterator[Batch]:
        yield Health(state="live", since=0.0)
        await asyncio.sleep(0.1)
        os.kill(os.getpid(), signal.SIGKILL)


def _import_error() -> Provider:
    raise Problem("provider 'broken' failed to import: ImportError: no module named x", state="denied")


def _steady() -> Provider:
    return Of("steady", [Scripted("steady", [listing("a", "b")])])


LOADERS: dict[str, Callable[[], Provider]] = {
    "steady": _steady,
    "broken": _import_error,
    "stubborn": lambda: Of("stubborn", [Stubborn("stubborn", [[]])]),
    "blocking": lambda: Of("blocking", [Blocking("blocking", [[]])]),
    "printing": lambda: Of("printing", [Printing("printing", [[]])]),
    "suicidal": lambda: Of("suicidal", [Suicidal("suicidal", [[]])]),
}


def load(name: str) -> Provider:
    """The provider of that name, new each time."""
    return LOADERS[name]()


if __name__ == "__main__":
    from providers.engine.__main__ import main

    sys.exit(main(load=load))
