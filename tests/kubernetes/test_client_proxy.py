"""Proxies: the cluster's own, the environment's, and the ones that cannot be used."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from providers.contract import Problem
from providers.kubernetes.client import Client, Unreachable
from providers.kubernetes.proxies import proxy_for
from tests.kubernetes.https import Authority, serving, target

AUTHORITY = Authority()


@dataclass
class Tunnels:
    """A proxy that connects whoever asks to `goal`, and what it was asked."""

    port: int = 0
    goal: int = 0
    status: str = "200 Connection established"
    asked: list[str] = field(default_factory=list)


@asynccontextmanager
async def tunnels() -> AsyncIterator[Tunnels]:
    proxy = Tunnels()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        proxy.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(f"HTTP/1.1 {proxy.status}\r\n\r\n".encode())
        if proxy.status.startswith("200"):
            inner, outer = await asyncio.open_connection("127.0.0.1", proxy.goal)
            await asyncio.gather(carry(reader, outer), carry(inner, writer))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy


async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(1 << 16):
            sink.write(chunk)
            await sink.drain()
    except ConnectionError:
        pass  # one end closed
    finally:
        sink.close()


async def ok(_: web.Request) -> web.StreamResponse:
    return web.json_response({})


async def test_the_clusters_proxy_is_gone_through_with_its_password(tmp_path: Path) -> None:
    context = AUTHORITY.server_context(tmp_path, "api.internal")
    async with serving(ok, context) as server, tunnels() as proxy:
        proxy.goal = int(server.url.rpartition(":")[2])
        address = f"http://me:p%40ss@127.0.0.1:{proxy.port}"
        one = target("https://api.internal:6443", certificate_authority_data=AUTHORITY.pem, proxy_url=address)
        client = Client(one)
        assert await client.get("/version") == b"{}"
        await client.close()
    assert proxy.asked[0].startswith("CONNECT api.internal:6443 HTTP/1.1\r\n")
    assert base64.b64encode(b"me:p@ss").decode() in proxy.asked[0]


async def test_a_proxy_that_refuses_is_named_without_its_password() -> None:
    async with tunnels() as proxy:
        proxy.status = "407 Proxy Authentication Required"
        address = f"http://me:hunter2@127.0.0.1:{proxy.port}"
        client = Client(target("https://api.internal:6443", proxy_url=address))
        with pytest.raises(Unreachable) as caught:
            await client.get("/version")
        await client.close()
    assert caught.value.cause == "proxy"
    assert (
        f"http://127.0.0.1:{proxy.port} does not lead to api.internal:6443: answered 407"
        in caught.value.detail
    )
    assert "hunter2" not in caught.value.detail


async def test_a_proxy_that_is_not_there() -> None:
    async with tunnels() as proxy:
        pass
    client = Client(target("https://api.internal:6443", proxy_url=f"http://127.0.0.1:{proxy.port}"))
    with pytest.raises(Unreachable, match=r"does not lead to api\.internal:6443") as caught:
        await client.get("/version")
    await client.close()
    assert (caught.value.cause, caught.value.sent) == ("proxy", False)
    assert "proxy-url" in caught.value.remedy


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "ftp://x", "nonsense", "http://h:port"])
def test_what_cannot_be_used_is_refused_by_name(address: str) -> None:
    with pytest.raises(Problem, match="proxy-url of cluster 'prod-cluster'"):
        proxy_for(target("https://h", proxy_url=address), "https://h", {})


@pytest.mark.parametrize(
    ("server", "environ", "through"),
    [
        ("https://api.example:6443", {}, ""),
        ("https://api.example:6443", {"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ("https://api.example:6443", {"https_proxy": "p:3128"}, "http://p:3128"),
        ("https://api.example:6443", {"HTTPS_PROXY": "http://[fd00::7]:3128"}, "http://[fd00::7]:3128"),
        ("https://api.example:6443", {"HTTPS_PROXY": "http://u:p@[fd00::7]"}, "http://[fd00::7]"),
        ("http://api.example:6443", {"HTTPS_PROXY": "http://p:3128"}, ""),
        ("https://localhost:6443", {"HTTPS_PROXY": "http://p:3128"}, ""),
        ("https://127.0.0.9:6443", {"HTTPS_PROXY": "http://p:3128"}, ""),
        ("https://api.example", {"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, ""),
        ("https://api.example", {"HTTPS_PROXY": "http://p", "NO_PROXY": "example"}, ""),
        ("https://api.example", {"HTTPS_PROXY": "http://p", "NO_PROXY": " .example"}, ""),
        ("https://example", {"HTTPS_PROXY": "http://p", "NO_PROXY": ".example"}, "http://p"),
        ("https://api.example", {"HTTPS_PROXY": "http://p", "NO_PROXY": "i.example"}, "http://p"),
        ("https://10.2.3.4", {"HTTPS_PROXY": "http://p", "NO_PROXY": "a.b,10.0.0.0/8"}, ""),
        ("https://11.2.3.4", {"HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,x/y"}, "http://p"),
        ("https://api.example:6443", {"HTTPS_PROXY": "http://p", "NO_PROXY": "api.example:6443"}, ""),
        ("https://api.example:6443", {"HTTPS_PROXY": "http://p", "NO_PROXY": "api.example:443"}, "http://p"),
    ],
)
def test_the_environment_is_read_as_go_reads_it(server: str, environ: dict[str, str], through: str) -> None:
    found = proxy_for(target(server), server, environ)
    assert (found.address if found else "") == through
