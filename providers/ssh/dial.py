"""Opens one connection: reaches the server, holds it to the rule of host keys, logs in.

Owns the bounds on logins under way: a server drops some of those above MaxStartups (10:30:100 by default), so
fewer than that are begun at a time, and what is dropped early is tried again a little later.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from collections.abc import Callable
from weakref import WeakValueDictionary

import asyncssh

from providers.contract import Problem
from providers.sessions import Asker
from providers.ssh import failures, host_keys
from providers.ssh.credentials import Keyring
from providers.ssh.endpoint import Endpoint
from providers.ssh.host_keys import Rule
from providers.ssh.login import METHODS, STEP_SECONDS, Login

UNDER_WAY = 8
"""Logins at a time at one server."""
ALL_UNDER_WAY = 64
TRIES = 6
PAUSE_SECONDS = 0.15
"""Before the second try; twice as long before each further one, each at random between half and whole."""
KEEPALIVE_SECONDS, KEEPALIVES = 15, 3
ENCRYPTION = [
    "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
    "aes256-ctr", "aes192-ctr", "aes128-ctr",
]  # fmt: skip
"""asyncssh's own, but not ChaCha20 first: that costs it four times as much for each packet as GCM."""
QUESTIONS = 4
"""Times that a server's key may be settled for one connection."""

Connection = asyncssh.SSHClientConnection

# It would write commands and users' names into the log.
asyncssh.set_log_level(logging.WARNING)


class Dialler:
    """Opens connections for one engine."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._doorkeeper = host_keys.Doorkeeper(asker)
        self.keyring = Keyring(asker)
        self._all = asyncio.Semaphore(ALL_UNDER_WAY)
        self._servers: WeakValueDictionary[object, asyncio.Semaphore] = WeakValueDictionary()

    async def open(self, end: Endpoint, through: Connection | None) -> Connection:
        """A connection that is logged in, to a server whose key is known. Raises Problem."""
        rule = host_keys.rule(end)
        for _ in range(QUESTIONS):
            found = await self._persist(end, through, rule)
            if not isinstance(found, Rule):
                return found
            rule = found
        raise Problem(f"{end.label}: it shows another host key each time", "ask who runs it")

    def when_lost(self, connection: Connection, call: Callable[[], None]) -> None:
        """Call once it is over, however it ends; at once where it is already."""
        owner = connection.get_owner()
        if isinstance(owner, Login):
            owner.when_lost.append(call)
        else:
            call()

    def close(self) -> None:
        """Forget every key."""
        self.keyring.close()

    async def _persist(self, end: Endpoint, through: Connection | None, rule: Rule) -> Connection | Rule:
        """Tries until it is not dropped early. A rule is what to hold it to in another try."""
        for left in reversed(range(TRIES)):
            async with self._all, self._servers.setdefault(end.server, asyncio.Semaphore(UNDER_WAY)):
                login, opened = await self._try(end, through, rule)
            if isinstance(opened, asyncssh.SSHClientConnection):
                return opened
            if login is not None and isinstance(opened, asyncssh.HostKeyNotVerifiable):
                return await self._doorkeeper.settle(rule, login.shown, str(opened))
            if not left or not failures.dropped_early(opened, login):
                raise failures.of_connection(opened, end, login) from opened
            longest = PAUSE_SECONDS * 2 ** (TRIES - 1 - left)
            await asyncio.sleep(random.uniform(longest / 2, longest))
        raise AssertionError("unreachable")

    async def _try(
        self, end: Endpoint, through: Connection | None, rule: Rule
    ) -> tuple[Login | None, Connection | Exception]:
        login: Login | None = None
        try:
            async with asyncio.timeout(STEP_SECONDS) as clock:
                plug = None if through is not None else await _plug(end)
                login = Login(end, self.keyring, self._asker, clock)
                connection = await _shake(end, rule, login, plug, through)
            # One that was ended from this side comes back like one that is well.
            return login, login.problem or connection
        except (OSError, asyncssh.Error, ValueError, AssertionError) as error:
            return login, error


async def _plug(end: Endpoint) -> socket.socket:
    """A socket that is connected; made here because asyncssh's own time limit holds for the login too."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(end.address, end.port, type=socket.SOCK_STREAM)
    failure: OSError | None = None
    for family, kind, protocol, _, address in found:
        plug = socket.socket(family, kind, protocol)
        plug.setblocking(False)
        try:
            await loop.sock_connect(plug, address)
        except BaseException as error:
            plug.close()
            if not isinstance(error, OSError):
                raise
            failure = error
        else:
            return plug
    raise failure or OSError("it has no address")


async def _shake(
    end: Endpoint, rule: Rule, login: Login, plug: socket.socket | None, through: Connection | None
) -> Connection:
    """Hand over to asyncssh, with every option that it would else look up in files of the user's."""
    try:
        return await _connect(end, rule, login, plug, through)
    except BaseException:
        if plug is not None:
            plug.close()  # it was perhaps not taken over yet
        raise


async def _connect(
    end: Endpoint, rule: Rule, login: Login, plug: socket.socket | None, through: Connection | None
) -> Connection:
    return await asyncssh.connect(
        end.address,
        end.port,
        sock=plug,
        tunnel=through,
        config=None,
        client_factory=lambda: login,
        known_hosts=rule.known_hosts,
        host_key_alias=end.alias or None,
        server_host_key_algs=rule.algorithms,
        x509_trusted_certs=None,
        username=end.user,
        client_keys=None,
        agent_path=None,
        preferred_auth=METHODS,
        gss_host=None,
        gss_kex=False,
        gss_auth=False,
        host_based_auth=False,
        client_host_keysign=False,
        agent_forwarding=end.agent if end.forward_agent and end.agent else False,
        connect_timeout=None,
        login_timeout=0,
        keepalive_interval=KEEPALIVE_SECONDS,
        keepalive_count_max=KEEPALIVES,
        utf8_decode_errors="replace",
        encoding=None,
        encryption_algs=ENCRYPTION,
        compression_algs=["none"],
    )
