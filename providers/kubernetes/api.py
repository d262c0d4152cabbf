"""What a source needs of a connection to an API server, and of what can be done to its objects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from providers.contract import Problem, Subject
from providers.model import Finding, Ref, SourceInfo


class Api(Protocol):
    """Reads from one API server. Whatever goes wrong is a Problem; an answer with an error status
    carries `status`, `reason`, `message` and `retry_after` (seconds) besides."""

    @property
    def info(self) -> SourceInfo: ...

    @property
    def logins(self) -> int:
        """How often the credential was replaced by another one: who we are may have changed with it."""

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The whole body of the answer."""

    def stream(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        sock_read: float = 90,
        total: float | None = None,
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The body in chunks as they come, cut anywhere. `sock_read` and `total` are seconds."""


class Expired(Problem):
    """The version asked for is gone, or is newer than the server: list anew."""


def status_of(problem: BaseException) -> int:
    """The HTTP status behind a problem, 0 where there was no answer."""
    return int(getattr(problem, "status", 0) or 0)


def retry_after(problem: BaseException) -> float:
    """Seconds that the server asks to wait, at most five minutes, 0 where it asks for nothing."""
    return min(300.0, float(getattr(problem, "retry_after", 0) or 0))


def is_expired(problem: Problem) -> bool:
    """Whether listing without a version helps: 410, or "Too large resource version" (a 504)."""
    return status_of(problem) == 410 or "Too large resource version" in problem.detail


class Capabilities(Protocol):
    """What can be done to the objects of one cluster (see providers.contract)."""

    async def about(self) -> SourceInfo: ...

    async def manifest(self, ref: Ref) -> str: ...

    async def review(self, action: str, ref: Ref) -> str: ...

    async def node(self, ref: Ref) -> Subject: ...

    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None: ...

    async def workload(self, ref: Ref) -> Subject: ...

    async def restart(self, workload: Subject, *, dry_run: bool) -> None: ...

    async def diagnose(self) -> Sequence[Finding]: ...
