"""The source, the real client and real sockets, with the scripted server behind them (L11, L13, L20)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from providers.contract import Problem
from providers.kubernetes.capabilities import Capabilities
from providers.kubernetes.client import ApiError, Client
from providers.kubernetes.watching import KubernetesSource

from . import samples
from .apiserver import ApiServer, Fault
from .https import serving, target
from .mirror import Mirror
from .test_source import cluster, equal, overall

PLAIN = {"Content-Type": "application/json"}


class Front:
    """The scripted server over HTTP."""

    def __init__(self, api: ApiServer) -> None:
        self.api = api
        self.page = ""
        """A web page to answer everything with."""
        self.mute = False
        """Take requests and never answer."""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.mute:
            await asyncio.sleep(60)
        if self.page:
            return web.Response(text=self.page, content_type="text/html")
        try:
            if request.query.get("watch"):
                return await self._watch(request)
            body = await self.api.get(request.path, dict(request.query))
        except ApiError as error:
            return web.Response(status=error.status, text=error.message)
        except Problem:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(body=body, headers=PLAIN)

    async def _watch(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers=PLAIN)
        async with self.api.stream(request.path, dict(request.query)) as chunks:
            await response.prepare(request)
            async for chunk in chunks:
                await response.write(chunk)
        return response


@asynccontextmanager
async def opened(api: ApiServer) -> AsyncIterator[tuple[Mirror, KubernetesSource, Front]]:
    front = Front(api)
    async with serving(front.answer) as server:
        client = Client(target(server.url))
        source = KubernetesSource(client, Capabilities(client, client.info))
        mirror = Mirror()
        task = asyncio.create_task(_feed(source, mirror))
        try:
            yield mirror, source, front
            if task.done():
                task.result()
        finally:
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=1)
            assert done, "closed within a second"
            await source.close()


async def _feed(source: KubernetesSource, mirror: Mirror) -> None:
    stream = source.stream()
    try:
        async for batch in stream:
            await mirror.put(batch)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]


async def test_L20_what_the_server_has_arrives_and_closing_ends_its_streams() -> None:
    api = cluster(3, 700)
    async with opened(api) as (mirror, source, _):
        await mirror.until(lambda: equal(mirror, api), 10)
        api.apply("pods", samples.pod("new", "shop"))
        api.delete("pods", "p00000", "shop")
        await mirror.until(lambda: equal(mirror, api), 5)
        assert [each.level for each in await source.verify()] == ["ok", "ok"]
        assert api.open == 2
    assert api.open == 0
    assert mirror.states.count("lost") == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault(on=("initial",), after=5, then="reset"),
        Fault(on=("initial",), after=5, insert=b'{"type":"ADDED","object":{"metad', then="reset"),
        Fault(on=("initial",), after=5, insert=b"<html>\n", then="close"),
        Fault(on=("initial",), refuse=True, times=2),
        Fault(on=("initial",), status=503, headers={"Retry-After": "0"}, times=2),
    ],
    ids=["reset", "half a line", "html within", "no answer", "503"],
)
async def test_a_connection_that_breaks_is_made_again(fault: Fault) -> None:
    fault.fired = 0
    api = cluster(3, 50)
    api.faults.append(fault)
    async with opened(api) as (mirror, _, _):
        await mirror.until(lambda: equal(mirror, api), 10)
        await mirror.until(lambda: overall(mirror).state == "live", 5)
        assert fault.fired == fault.times


async def test_a_web_page_instead_of_an_api_is_said_and_got_over() -> None:
    api = cluster(3, 5)
    async with opened(api) as (mirror, source, front):
        front.page = "<html><title>Log in</title></html>"
        await mirror.until(lambda: overall(mirror).state == "lost", 5)
        assert "web page" in overall(mirror).detail
        front.page = ""
        source.refresh()
        await mirror.until(lambda: equal(mirror, api), 10)


async def test_L20_a_server_that_never_answers_holds_nobody_up() -> None:
    api = cluster(1, 1)
    async with opened(api) as (mirror, _, front):
        front.mute = True
        await mirror.until(lambda: len(mirror.batches) >= 3, 5)
        await asyncio.sleep(0.2)


async def test_L11_a_watch_that_died_is_made_again_on_refresh() -> None:
    api = cluster(1, 5)
    dead = Fault(on=("watch",), after=0, then="hang", times=2)
    api.faults.append(dead)
    async with opened(api) as (mirror, source, _):
        await mirror.until(lambda: equal(mirror, api), 5)
        api.drop()
        await mirror.until(lambda: dead.fired == 2, 5)
        api.apply("pods", samples.pod("new", "shop"))
        source.refresh()
        await mirror.until(lambda: equal(mirror, api), 5)
