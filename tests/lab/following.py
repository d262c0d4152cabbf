"""A cluster of the lab as the provider's source sees it, kept by uid as the stream tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from providers.contract import Host
from providers.kubernetes.provider import Kubernetes, Options
from providers.kubernetes.watching import KubernetesSource

from ..kubernetes.mirror import Mirror
from .cluster import Lab


@asynccontextmanager
async def source_of(lab: Lab, user: str = "admin") -> AsyncIterator[KubernetesSource]:
    """The source of the lab as that user."""
    options = Options(kubeconfig=str(lab.kubeconfig(user=user)))
    (source,) = await Kubernetes().sources(options, Host())
    assert isinstance(source, KubernetesSource)
    try:
        yield source
    finally:
        await source.close()


@asynccontextmanager
async def followed(
    lab: Lab, user: str = "admin", until: Callable[[Mirror], bool] = lambda mirror: len(mirror.complete) == 2
) -> AsyncIterator[tuple[Mirror, KubernetesSource]]:
    """The source's stream in a mirror, from when `until` is met on."""
    async with source_of(lab, user) as source:
        mirror = Mirror()
        task = asyncio.create_task(_feed(source, mirror))
        try:
            await mirror.until(lambda: until(mirror) or task.done(), 30)
            yield mirror, source
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.wait({task})


async def _feed(source: KubernetesSource, mirror: Mirror) -> None:
    stream = source.stream()
    try:
        async for batch in stream:
            await mirror.put(batch)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]
