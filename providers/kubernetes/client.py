"""Requests to one API server, as one user: the only way by which anything here reaches a cluster.

A client is cheap until its first request. Reads share connections; each write gets one of its own, so
that a connection found dead can neither repeat a write nor leave it in doubt.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

import aiohttp

from providers.contract import Uncertain
from providers.kubernetes import faults, tls
from providers.kubernetes.address import is_far, server_address, warnings
from providers.kubernetes.credentials import Credential, Credentials, impersonation
from providers.kubernetes.faults import ApiError, Unreachable
from providers.kubernetes.link import Declined, Link, Request, Socket
from providers.kubernetes.proxies import proxy_for
from providers.kubernetes.target import Target
from providers.kubernetes.tls import Pair
from providers.model import SourceInfo
from providers.text import clean

__all__ = ["ApiError", "Client", "Compression", "Unreachable"]

Compression = Literal["auto", "on", "off"]
"""gzip of answers. It saves ten times the bytes and costs both sides CPU: auto asks for it where the
server is far, that is not on this machine or a private network, and not where the kubeconfig disables it."""

_CONNECT_SECONDS = 10.0
_ERROR_BODY_LIMIT = 1 << 16
_FAILURES = (aiohttp.ClientError, OSError, TimeoutError)


class Client:
    """One context of a kubeconfig, connected to when first used.

    Raises from every request: ApiError for an answer with an error status, Unreachable for no answer,
    Problem for credentials that cannot be had, Refused for what a read-only client may not send.
    """

    def __init__(
        self,
        target: Target,
        *,
        read_only: bool = False,
        compression: Compression = "auto",
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.target = target
        self.read_only = read_only
        self.credentials = Credentials(target)
        self.namespace = target.namespace
        """The context's own namespace, "" where it has none."""
        self.clock_offset: float | None = None
        """Seconds that the server's clock is ahead of ours, as of the last answer; None before it."""
        self.server = server_address(target)
        self.host = clean(urlsplit(self.server).netloc, 300)
        self._environ = environ
        self._gzip = compression == "on" or (
            compression == "auto" and is_far(self.server) and not target.cluster.disable_compression
        )
        self._link: Link | None = None
        self._retired: list[Link] = []
        self._sockets: set[Socket] = set()

    @property
    def info(self) -> SourceInfo:
        """What is known before the first answer, and what is wrong with how we connect."""
        target = self.target
        return SourceInfo(
            name=clean(target.name, 253),
            provider="kubernetes",
            kinds=("node", "pod"),
            cluster=clean(target.cluster_name or target.name, 253),
            address=self.host,
            warnings=(*warnings(self.server, target), *self.credentials.warnings),
        )

    @property
    def logins(self) -> int:
        """How often the credential was replaced by another one."""
        return self.credentials.logins

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        accept: str = "application/json",
        timeout: float = 300.0,
        sock_read: float = 30.0,
    ) -> bytes:
        """The whole body. `timeout` bounds all of it, `sock_read` each silence, both in seconds."""
        request = Request("GET", path, {"Accept": accept}, _limits(timeout, sock_read), params)
        async with self._answer(request) as answer:
            body = await self._read(answer)
        if faults.is_page(answer.headers, body):
            raise faults.page(self.host)
        return body

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        sock_read: float | None = 90.0,
        total: float | None = None,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body in chunks as they come, cut anywhere; it ends where the server ends it.

        `sock_read` bounds each silence and `total` the whole, both in seconds; either raises Unreachable.
        Without a bound of silence a connection that is dead is noticed by its socket.
        """
        headers = {"Accept": "application/json"}
        request = Request("GET", path, headers, _limits(total, sock_read), params)
        async with self._answer(request) as answer:
            if faults.is_page(answer.headers):
                raise faults.page(self.host)
            yield self._chunks(answer)

    async def send(
        self,
        method: str,
        path: str,
        body: bytes,
        content_type: str = "application/json",
        *,
        params: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> bytes:
        """Write, or ask with a POST. Raises Uncertain when it may have been done and no answer came."""
        headers = {"Accept": "application/json", "Content-Type": content_type}
        request = Request(method, path, headers, _limits(timeout, timeout), params, body)
        try:
            async with self._answer(request) as answer:
                return await self._read(answer)
        except Unreachable as error:
            if not error.sent:
                raise
            raise Uncertain(
                f"{error.detail}, after the request was sent",
                "look whether it was carried out before doing it again",
            ) from error

    @asynccontextmanager
    async def connect(
        self,
        path: str,
        params: Sequence[tuple[str, str]],
        protocols: Sequence[str],
        *,
        timeout: float = 30.0,
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A WebSocket that speaks the first of the protocols that the server knows.

        It is asked for once, but for a 401; `timeout` bounds each silence until it stands, in seconds.
        """
        request = Request("GET", path, {}, _limits(None, timeout), params)
        socket = await self._upgraded(request, protocols)
        self._sockets.add(socket)
        try:
            yield socket.frames
        finally:
            self._sockets.discard(socket)
            await socket.close()

    async def close(self) -> None:
        """Close every connection. Streams that are open end with Unreachable, WebSockets as if cut off."""
        links = [*self._retired, *([self._link] if self._link else [])]
        self._link, self._retired = None, []
        for link in links:
            await link.close()
        for socket in list(self._sockets):
            await socket.close()

    # ---- one request ---------------------------------------------------------------------------------

    @asynccontextmanager
    async def _answer(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer with a good status; after a 401 asked for once more with renewed credentials."""
        async with AsyncExitStack() as stack:
            for last in (False, True):
                credential = await self.credentials.current()
                answer = await self._sent(request, credential)
                stack.callback(answer.close)
                if answer.status // 100 == 2:
                    break
                error = await self._error(answer, credential)
                if answer.status != 401 or last or not await self.credentials.renew(credential):
                    raise error
            yield answer

    async def _upgraded(self, request: Request, protocols: Sequence[str]) -> Socket:
        """A WebSocket; after a 401 asked for once more with renewed credentials."""
        credential = await self.credentials.current()
        try:
            return await self._dialled(request, protocols, credential)
        except ApiError as error:
            if error.status != 401 or not await self.credentials.renew(credential):
                raise
        return await self._dialled(request, protocols, await self.credentials.current())

    async def _dialled(self, request: Request, protocols: Sequence[str], credential: Credential) -> Socket:
        link = await self._linked(credential.pair)
        try:
            return await link.upgrade(request, self._headers(request, credential), protocols)
        except Declined as no:
            raise self._refused(no.status, no.headers, no.body, credential) from None
        except aiohttp.WSServerHandshakeError as error:
            detail = f"{self.host} takes up a WebSocket and speaks it wrongly: {error.message}"
            remedy = "look at what is in between: a proxy may carry no WebSockets"
            raise Unreachable(detail, remedy, "protocol", sent=True) from error
        except _FAILURES as error:
            raise self._unreachable(error) from error

    def _headers(self, request: Request, credential: Credential) -> list[tuple[str, str]]:
        headers = [*request.headers.items(), *impersonation(self.target)]
        if credential.authorization:
            headers.append(("Authorization", credential.authorization))
        return headers

    async def _sent(self, request: Request, credential: Credential) -> aiohttp.ClientResponse:
        link = await self._linked(credential.pair)
        try:
            answer = await link.request(request, self._headers(request, credential))
        except _FAILURES as error:
            raise self._unreachable(error) from error
        self._note_clock(answer.headers.get("Date", ""))
        return answer

    async def _linked(self, pair: Pair | None) -> Link:
        """Connections with that client certificate: new ones when it has changed.

        The ones before stay for the streams that they carry, and go with the change after.
        """
        if self._link is not None and self._link.pair == pair:
            return self._link
        made = Link(
            self.target,
            self.server,
            pair,
            read_only=self.read_only,
            gzip=self._gzip,
            proxy=proxy_for(self.target, self.server, self._environ),
        )
        retired, self._retired = self._retired, [self._link] if self._link else []
        self._link = made
        for link in retired:
            await link.close()
        return made

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        try:
            return await answer.read()
        except _FAILURES as error:
            raise self._unreachable(error) from error

    async def _chunks(self, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        try:
            async for chunk in answer.content.iter_any():
                yield chunk
        except _FAILURES as error:
            raise self._unreachable(error) from error

    async def _error(self, answer: aiohttp.ClientResponse, credential: Credential) -> ApiError:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                body = await answer.content.read(_ERROR_BODY_LIMIT)
        except _FAILURES:
            body = b""  # the status alone says what matters
        return self._refused(answer.status, answer.headers, body, credential)

    def _refused(
        self, status: int, headers: Mapping[str, str], body: bytes, credential: Credential
    ) -> ApiError:
        hint = _ended(credential.pair) if status == 401 else ""
        return faults.answered(self.host, status, headers, body, hint)

    def _unreachable(self, error: BaseException) -> Unreachable:
        proxy = self._link.proxy.address if self._link and self._link.proxy else ""
        fault = faults.unreachable(self.host, error, proxy)
        # Servers that do not send the alert just hang up.
        ended = _ended(self._link.pair) if self._link and fault.cause in ("tls", "reset") else ""
        if ended:
            return Unreachable(f"{fault.detail}: {ended}", "log in again", fault.cause, sent=fault.sent)
        return fault

    def _note_clock(self, date: str) -> None:
        try:
            self.clock_offset = parsedate_to_datetime(date).timestamp() + 0.5 - time.time()
        except ValueError:
            pass  # no date: not every proxy leaves it


def _limits(total: float | None, sock_read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total, sock_connect=_CONNECT_SECONDS, sock_read=sock_read)


def _ended(pair: Pair | None) -> str:
    """Says that the client certificate has ended, and when; "" otherwise."""
    end = tls.expiry(pair) if pair else None
    if pair is None or end is None or end.timestamp() > time.time():
        return ""
    return f"{pair.name} expired on {end:%Y-%m-%d %H:%M} UTC"
