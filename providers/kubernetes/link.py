"""The connections to one server, and the one door through which every request to it goes.

Reads share connections. Each write gets one of its own, since a kept one that turns out to be dead would
leave it in doubt, and is never repeated.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiohttp
from yarl import URL

from providers.kubernetes import guard, tls
from providers.kubernetes.proxies import Proxy
from providers.kubernetes.sockets import Resolver, keepalive_socket
from providers.kubernetes.target import Target
from providers.kubernetes.tls import Pair
from providers.stream import VERSION

_READ_BUFFER = 1 << 18
_USER_AGENT = f"quarterdeck/{VERSION}"


@dataclass(frozen=True)
class Request:
    """One request, but for who makes it. `path` is below the server's own prefix."""

    method: str
    path: str
    headers: Mapping[str, str]
    limits: aiohttp.ClientTimeout
    params: Mapping[str, str] | None = None
    body: bytes | None = None

    @property
    def writes(self) -> bool:
        """Whether it may change anything; a review is only a question."""
        return self.method != "GET" and not guard.asks(self.method, self.path)


class Link:
    """Connections made with one client certificate."""

    def __init__(
        self,
        target: Target,
        server: str,
        pair: Pair | None,
        *,
        read_only: bool,
        gzip: bool,
        proxy: Proxy | None,
    ) -> None:
        self.pair = pair
        self.proxy = proxy
        self._base = URL(server)
        self._prefix = unquote(urlsplit(server).path)
        self._read_only = read_only
        self._server_name = target.cluster.tls_server_name or None
        self._headers = {"User-Agent": _USER_AGENT, "Accept-Encoding": "gzip" if gzip else "identity"}
        self._tls = tls.context(target, pair) if self._base.scheme == "https" else True
        self._reads = self._session()
        self._writes = self._session(force_close=True)

    async def request(self, request: Request, headers: list[tuple[str, str]]) -> aiohttp.ClientResponse:
        """Send it. Raises Refused for what a read-only link does not carry, and whatever aiohttp raises."""
        session = self._writes if request.writes else self._reads
        proxy = self.proxy
        return await session.request(
            request.method,
            self._base.joinpath(request.path.lstrip("/")).with_query(request.params),
            data=request.body,
            headers=headers,
            timeout=request.limits,
            allow_redirects=False,
            server_hostname=self._server_name,
            proxy=proxy.address if proxy else None,
            proxy_headers=_proxy_login(proxy),
            middlewares=(_Once(), self._guarded) if request.writes else None,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._reads.close()
        await self._writes.close()

    def _session(self, *, force_close: bool = False) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=self._tls,
                resolver=Resolver(),
                socket_factory=keepalive_socket,
                force_close=force_close,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            read_bufsize=_READ_BUFFER,
            middlewares=(self._guarded,),
        )

    async def _guarded(
        self,
        request: aiohttp.ClientRequest,
        handler: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]],
    ) -> aiohttp.ClientResponse:
        """Whatever a session sends comes through here, also what nobody above thought of."""
        if self._read_only:
            path = request.url.raw_path
            guard.check(
                request.method, unquote(path).removeprefix(self._prefix), "Upgrade" in request.headers
            )
        return await handler(request)


class _Once:
    """Lets one attempt of one request pass: aiohttp would send a DELETE again when its connection breaks."""

    def __init__(self) -> None:
        self._passed = False

    async def __call__(
        self,
        request: aiohttp.ClientRequest,
        handler: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]],
    ) -> aiohttp.ClientResponse:
        if self._passed:
            raise aiohttp.ServerDisconnectedError
        self._passed = True
        return await handler(request)


def _proxy_login(proxy: Proxy | None) -> dict[str, str] | None:
    if proxy is None or not proxy.user:
        return None
    return {"Proxy-Authorization": aiohttp.encode_basic_auth(proxy.user, proxy.password)}
