"""The audit log's two lines of a session: what is about to be sent, and how it ended."""

from __future__ import annotations

import asyncio
import secrets

import msgspec

from providers.contract import Problem, Source
from providers.engine.audit import Audit, Entry
from providers.engine.audit import Target as Touched
from providers.engine.run import said
from providers.model import Target
from providers.stream import Purpose


class Record:
    """One session's. Reading logs changes nothing and is not recorded."""

    def __init__(self, audit: Audit, target: Target, purpose: Purpose, source: Source | None) -> None:
        self._audit = audit
        self._target = target
        self._purpose = purpose
        self._source = source
        self._intent: Entry | None = None
        self._writing: asyncio.Task[None] | None = None

    async def sends(self, sent: str, identity: str = "") -> None:
        """On disk when this returns; the first call counts. Raises Problem when it can't be written."""
        if self._purpose == "logs" or self._writing is not None:
            return
        self._intent = self._entry(sent, identity)
        self._writing = asyncio.create_task(asyncio.to_thread(self._audit.write, self._intent))
        try:
            # Whoever is cut off meanwhile still has an intent on disk, and gets its outcome.
            await asyncio.shield(self._writing)
        except Problem as problem:
            raise Problem(f"{problem.detail}: nothing was opened", problem.remedy) from problem

    async def ended(self, result: str, detail: str) -> str:
        """Write how it ended; what went wrong with that, or ""."""
        if self._intent is None or self._writing is None:
            return ""
        await asyncio.wait((self._writing,))
        if self._writing.exception() is not None:
            return ""
        entry = msgspec.structs.replace(self._intent, phase="outcome", result=result, detail=detail)
        try:
            await asyncio.to_thread(self._audit.write, entry)
        except Problem as problem:
            return f"this end is missing in the audit: {said(problem)}"
        return ""

    def _entry(self, sent: str, identity: str) -> Entry:
        target, info = self._target, self._source.info if self._source else None
        touched = Touched(
            kind=target.ref.kind,
            name=target.name or target.label,
            uid=target.ref.uid,
            source=target.ref.source,
            cluster=info.cluster if info else "",
        )
        return Entry(
            id=secrets.token_hex(8),
            phase="intent",
            action=self._purpose,
            object=touched,
            identity=identity or (info.identity if info else ""),
            sent=sent,
        )
