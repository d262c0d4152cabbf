"""A provider that cleans nothing and means harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from msgspec import Struct

from providers.contract import Host, Source
from providers.model import Batch, Began, Complete, Health, Node, Pod, Ref, SourceInfo, Upserts
from tests.widgets.corpus import HOSTILE

# A lone surrogate can't be sent at all: the engine says so of the source that tried.
TEXTS = [
    f"evil{text}" for text in HOSTILE if text.isascii() or text.encode("utf-8", "replace").decode() == text
]


class Options(Struct, frozen=True):
    """None."""


class Evil:
    """A cluster in which every text is hostile."""

    def __init__(self) -> None:
        self.info = SourceInfo(
            name="evil", provider="hostile", cluster=TEXTS[2], identity=TEXTS[1], kinds=("node", "pod")
        )

    async def stream(self) -> AsyncIterator[Batch]:
        """Everything once, and then nothing any more."""
        yield Health(state="live", since=0.0, detail=TEXTS[5], remedy=TEXTS[6])
        yield Began("node")
        yield Upserts(tuple(Node(uid=f"n{i}", name=text, status=text) for i, text in enumerate(TEXTS)))
        yield Complete("node")
        yield Began("pod")
        yield Upserts(tuple(_pod(i, text) for i, text in enumerate(TEXTS)))
        yield Complete("pod")
        await asyncio.Event().wait()

    async def manifest(self, ref: Ref) -> str:
        """The whole corpus."""
        return "\n".join(TEXTS)


def _pod(number: int, text: str) -> Pod:
    return Pod(
        uid=f"p{number}", namespace=text, name=text, status=text, message=text, labels=f"a={text}", node=text
    )


class Hostile:
    """The provider."""

    name = "hostile"
    summary = TEXTS[0]
    options = Options

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One."""
        return [Evil()]


provider = Hostile()
