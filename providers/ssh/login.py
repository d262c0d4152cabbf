"""One login, seen from the client: what the server says before it lets anybody in, and what it is told.

Owns the clock of a login (which stands while a person is asked), the bound on what a server may say, and the
record of what was tried, for the failure that names it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import asyncssh

from providers.contract import Problem
from providers.model import Field
from providers.sessions import Asker
from providers.ssh.credentials import Attempt, Candidate, Keyring
from providers.ssh.endpoint import Endpoint
from providers.ssh.host_keys import Shown
from providers.text import clean

STEP_SECONDS = 10.0
"""For the connection, and again for the greeting and the exchange of keys."""
LOGIN_SECONDS = 30.0
"""For the login, without what a person takes to answer."""
BANNER_BYTES = 1 << 21
"""A server that says more than this before anybody is let in is left."""
_SHOWN_CHARACTERS, _SHOWN_LINES = 4096, 40
"""Of a banner, at most."""
GREETING_BYTES = 256
ROUNDS = 3
METHODS = ("publickey", "keyboard-interactive", "password", "gssapi-with-mic", "hostbased")
"""In the order in which they are tried; of the last two only the names are wanted, to say what is offered."""


class Login(asyncssh.SSHClient):
    """What asyncssh asks, for one connection."""

    def __init__(self, end: Endpoint, keyring: Keyring, asker: Asker, clock: asyncio.Timeout) -> None:
        self._end = end
        self._keyring = keyring
        self._asker = asker
        self._clock = clock
        self._agent = asyncssh.SSHAgentClient(end.agent)
        self._connection: asyncssh.SSHClientConnection | None = None
        self._left: list[Candidate] | None = None
        self._banner = 0
        self._words = ""
        self._rounds = 0
        """Times that a person was asked for a password or a code."""
        self.shown = Shown()
        self.stage = "connect"
        """What was being done: "connect", "greeting", "login"."""
        self.greeting = b""
        """The first bytes that the server said."""
        self.tried: list[str] = []
        self.offered: list[str] = []
        """Methods that the server would take."""
        self.asked = False
        """A person was asked for something."""
        self.problem: Problem | None = None
        """Why the connection was ended from this side."""
        self.when_lost: list[Callable[[], None]] = []

    # ---- the clock -----------------------------------------------------------------------------------

    def _allow(self, seconds: float | None) -> None:
        when = None if seconds is None else asyncio.get_running_loop().time() + seconds
        with suppress(RuntimeError):  # the clock has run out, and the connection is being ended for it
            self._clock.reschedule(when)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No time passes for the login."""
        self.asked = True
        self._allow(None)
        try:
            yield
        finally:
            self._allow(LOGIN_SECONDS)

    # ---- before the login ----------------------------------------------------------------------------

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._connection = conn
        self.stage = "greeting"
        self._allow(STEP_SECONDS)
        self._overhear(conn)

    def _overhear(self, conn: Any) -> None:
        """Keep the first bytes: asyncssh drops what is no SSH, and they say what is there instead."""
        received = conn.data_received

        def first(data: bytes, datatype: int | None = None) -> None:
            self.greeting += data[: GREETING_BYTES - len(self.greeting)]
            if len(self.greeting) >= GREETING_BYTES or b"SSH-" in self.greeting:
                conn.data_received = received
            received(data, datatype)

        conn.data_received = first

    def auth_completed(self) -> None:
        self._agent.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._agent.close()
        for call in self.when_lost:
            call()

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown.key = key
        return False

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown.authority = key
        return False

    def begin_auth(self, username: str) -> None:
        self.stage = "login"
        self._allow(LOGIN_SECONDS)

    def auth_banner_received(self, msg: str, lang: str) -> None:
        self._banner += len(msg)
        self._words += msg[: _SHOWN_CHARACTERS - len(self._words)]
        if self._banner > BANNER_BYTES and self._connection is not None:
            self.problem = Problem(f"{self._end.label} says more than 2 MB before it lets anybody in")
            self._connection.abort()

    @property
    def banner(self) -> list[str]:
        """The beginning of what the server said before the login, in lines that are clean."""
        lines = self._words.rstrip().splitlines()[:_SHOWN_LINES]
        return [clean(line.expandtabs(8).rstrip(), 200) for line in lines]

    # ---- the login -----------------------------------------------------------------------------------

    def _note_methods(self) -> None:
        if self._connection is not None:
            offered = self._connection.get_server_auth_methods()
            self.offered.extend(method for method in offered if method not in self.offered)

    async def public_key_auth_requested(self) -> asyncssh.SSHKeyPair | None:
        self._note_methods()
        if self._left is None:
            attempt = Attempt(self._end, self._agent, self.tried, self.paused)
            self._left = await self._keyring.candidates(attempt)
        if not self._left:
            return None
        candidate = self._left.pop(0)
        self.tried.append(candidate.words)
        return candidate.pair

    def kbdint_auth_requested(self) -> str | None:
        self._note_methods()
        return "" if self._once_more("keyboard-interactive") else None

    async def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> Sequence[str] | None:
        if not prompts:
            return []
        fields = [Field(text=clean(text, 200).strip(), secret=not echo) for text, echo in prompts[:8]]
        lines = [clean(line, 200) for line in f"{name}\n{instructions}".splitlines() if line.strip()][:8]
        return await self._ask(f"{self._end.label} asks", lines, fields)

    async def password_auth_requested(self) -> str | None:
        self._note_methods()
        if "keyboard-interactive" in self.offered or not self._once_more("password"):
            return None
        lines = ["That was not it."] if self._rounds > 1 else []
        answer = await self._ask(f"Password of {self._end.label}", lines, [Field(text="password")])
        return answer[0] if answer else None

    def _once_more(self, method: str) -> bool:
        """Whether a person is to be asked (again); not after they did not want to answer."""
        self._rounds += 1
        if self._rounds <= ROUNDS and method not in self.tried:
            self.tried.append(method)
        return self._rounds <= ROUNDS

    async def _ask(self, title: str, lines: Sequence[str], fields: Sequence[Field]) -> list[str] | None:
        with self.paused():
            answer = await self._asker.ask(title, lines, fields)
        if answer is None or len(answer) != len(fields):
            self._rounds = ROUNDS
            return None
        return answer
