"""Requests to the API server, as the loader makes them: many at once, and refused loudly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

import aiohttp

Json = dict[str, Any]
T = TypeVar("T")


async def create(session: aiohttp.ClientSession, path: str, body: Json) -> Json:
    """POST; RuntimeError with the server's words when refused."""
    async with session.post(path, json=body) as answer:
        return await good(answer)


async def patch_status(session: aiohttp.ClientSession, path: str, status: Json, **metadata: Any) -> Json:
    """Merge `status` (and, in the same write, `metadata`) into an object's status subresource."""
    body = {"status": status, **({"metadata": metadata} if metadata else {})}
    kind = {"Content-Type": "application/merge-patch+json"}
    async with session.patch(f"{path}/status", json=body, headers=kind) as answer:
        return await good(answer)


async def get(session: aiohttp.ClientSession, path: str, query: dict[str, str] | None = None) -> Json:
    async with session.get(path, params=query or {}) as answer:
        return await good(answer)


async def good(answer: aiohttp.ClientResponse) -> Json:
    if answer.status >= 300:
        raise RuntimeError(
            f"{answer.method} {answer.url.path}: {answer.status} {(await answer.text())[:600]}"
        )
    body: Json = await answer.json()
    return body


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all of it at once; the results in order. The connection limit of the session is the only brake."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
    return [task.result() for task in tasks]


async def until(what: str, happened: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not await happened():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        await asyncio.sleep(0.2)
