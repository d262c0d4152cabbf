"""The connections to one server, and the one door through which every request to it goes.

Reads share connections. Each write gets one of its own, since a kept one that turns out to be dead would
leave it in doubt, and is never repeated. So does each WebSocket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
_FRAME_LIMIT = 1 << 20
"""Bytes. Servers send what they read, 32 kB at most."""
_CLOSE_SECONDS = 0.3
_ERROR_SECONDS = 10.0
_ERROR_BODY_LIMIT = 1 << 16
_USER_AGENT = f"quarterdeck/{VERSION}"


@dataclass(frozen=True)
class Request:
    """One request, but for who makes it. `path` is below the server's own prefix."""

    method: str
    path: str
    headers: Mapping[str, str]
    limits: aiohttp.ClientTimeout
    params: Mapping[str, str] | Sequence[tuple[str, str]] | None = None
    body: bytes | None = None

    @property
    def writes(self) -> bool:
        """Whether it may change anything; a review is only a question."""
        return self.method != "GET" and not guard.asks(self.method, self.path)


class Declined(Exception):
    """The server answered the request for a WebSocket with something else."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(status)
        self.status, self.headers, self.body = status, headers, body


@dataclass(frozen=True, eq=False)
class Socket:
    """A WebSocket and the connection that it has to itself."""

    frames: aiohttp.ClientWebSocketResponse
    session: aiohttp.ClientSession

    async def close(self) -> None:
        """Say so to the other end, and close without waiting long for its answer."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.frames.close()
        except TimeoutError:
            pass
        finally:
            await self.session.close()


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
        self._reads = self._session((self._guarded,))
        self._writes = self._session((self._guarded,), force_close=True)

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

    async def upgrade(
        self, request: Request, headers: list[tuple[str, str]], protocols: Sequence[str]
    ) -> Socket:
        """A WebSocket, asked for once. Raises Declined, Refused, and whatever aiohttp raises.

        It outlives the link: a certificate that is renewed ends no session.
        """
        session = self._session((_Once(), _upgraded, self._guarded), limits=request.limits)
        proxy = self.proxy
        try:
            frames = await session.ws_connect(
                self._base.joinpath(request.path.lstrip("/")).with_query(request.params),
                protocols=protocols,
                headers=headers,
                autoping=False,
                max_msg_size=_FRAME_LIMIT,
                server_hostname=self._server_name,
                proxy=proxy.address if proxy else None,
                proxy_headers=_proxy_login(proxy),
            )
        except BaseException:
            await session.close()
            raise
        return Socket(frames, session)

    async def close(self) -> None:
        """Close every connection but those of WebSockets."""
        await self._reads.close()
        await self._writes.close()

    def _session(
        self,
        middlewares: Sequence[aiohttp.ClientMiddlewareType],
        *,
        force_close: bool = False,
        limits: aiohttp.ClientTimeout | None = None,
    ) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=limits or aiohttp.ClientTimeout(),
            connector=aiohttp.TCPConnector(
                ssl=self._tls,
                resolver=Resolver(),
                socket_factory=keepalive_socket,
                force_close=force_close,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            read_bufsize=_READ_BUFFER,
            middlewares=middlewares,
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


async def _upgraded(
    request: aiohttp.ClientRequest,
    handler: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]],
) -> aiohttp.ClientResponse:
    """Keeps what the server says instead of upgrading, which aiohttp would throw away."""
    answer = await handler(request)
    if answer.status == 101:
        return answer
    try:
        async with asyncio.timeout(_ERROR_SECONDS):
            body = await answer.content.read(_ERROR_BODY_LIMIT)
    except (aiohttp.ClientError, OSError, TimeoutError):
        body = b""  # the status alone says what matters
    finally:
        answer.close()
    raise Declined(answer.status, answer.headers, body)


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
