"""Connections that notice a dead peer, and name lookups that cannot hold up the end of the program."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

_IDLE_SECONDS = 20
_PROBE_SECONDS = 5
_PROBES = 3
_UNACKNOWLEDGED_MS = 30_000


def keepalive_socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket for aiohttp whose half-open connection breaks within 35 s."""
    family, kind, protocol, *_ = info
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _IDLE_SECONDS),
        ("TCP_KEEPALIVE", _IDLE_SECONDS),  # what macOS calls it
        ("TCP_KEEPINTVL", _PROBE_SECONDS),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", _UNACKNOWLEDGED_MS),
    ):
        if option := getattr(socket, name, None):
            made.setsockopt(socket.IPPROTO_TCP, option, value)
    return made


class Resolver(AbstractResolver):
    """The system's resolver on a thread of its own per lookup.

    A lookup can hang for a minute, and the loop's executor is waited for when the program ends.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Addresses of the host. Raises OSError (socket.gaierror)."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Any]] = loop.create_future()
        threading.Thread(target=_look_up, args=(loop, answer, host, port, family), daemon=True).start()
        return [
            ResolveResult(
                hostname=host,
                host=address[0] if not (kind == socket.AF_INET6 and address[3]) else _scoped(address),
                port=address[1],
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in await answer
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _scoped(address: tuple[Any, ...]) -> str:
    return socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]


def _look_up(
    loop: asyncio.AbstractEventLoop, answer: asyncio.Future[list[Any]], host: str, port: int, family: int
) -> None:
    found: list[Any] | OSError
    try:
        found = socket.getaddrinfo(
            host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
    except OSError as error:
        found = error
    except UnicodeError:
        found = socket.gaierror(socket.EAI_NONAME, "not a host name")
    try:
        loop.call_soon_threadsafe(_settle, answer, found)
    except RuntimeError:
        pass  # the program has ended meanwhile


def _settle(answer: asyncio.Future[list[Any]], found: list[Any] | OSError) -> None:
    if answer.done():
        return
    if isinstance(found, OSError):
        answer.set_exception(found)
    else:
        answer.set_result(found)
