"""Keys to log in with: the agent's, those in files, and what a person is asked for to use them.

A passphrase is asked for only once a server would take the key; the opened key is remembered for as long as
this engine runs and is written nowhere.
"""

from __future__ import annotations

import asyncio
import copy
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import asyncssh

from providers.model import Field
from providers.sessions import Asker
from providers.ssh.endpoint import Endpoint

TRIES = 3
DECLINED_SECONDS = 60.0
"""For how long nobody is asked again after they did not say a passphrase."""
AGENT_SECONDS = 5.0

Paused = Callable[[], AbstractContextManager[None]]
"""Holds a login's clock while a person is asked."""


@dataclass(frozen=True)
class Candidate:
    """A key to try, and how a failure calls it."""

    pair: asyncssh.SSHKeyPair
    words: str


@dataclass(eq=False)
class _File:
    """A key's file as it was read: what is public of it, and what is private once that is open."""

    path: str
    stamp: int
    public: asyncssh.SSHKey | None = None
    private: asyncssh.SSHKey | None = None
    locked: bytes = b""
    """The private key's text while it is not open."""
    certificates: list[asyncssh.SSHCertificate] = field(default_factory=list)
    declined: float = -DECLINED_SECONDS
    unlocking: asyncio.Lock = field(default_factory=asyncio.Lock)


class FileKey(asyncssh.SSHKeyPair):
    """A key in a file, for one login: asyncssh's own pairs keep state and can't be shared between logins."""

    def __init__(
        self,
        public: asyncssh.SSHKey,
        certificate: asyncssh.SSHCertificate | None,
        unlock: Callable[[], Awaitable[asyncssh.SSHKey]],
    ) -> None:
        kinds = public.sig_algorithms
        super().__init__(
            public.algorithm, public.algorithm, kinds, kinds, public.public_data, None, certificate
        )
        self._unlock = unlock

    async def sign_async(self, data: bytes) -> bytes:
        """What asyncssh signs by; ValueError makes it go on with the next key."""
        key = await self._unlock()
        return key.sign(data, self.sig_algorithm)


class Keyring:
    """Every key there is for a login. Owns the opened keys and the talk with agents."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._files: dict[str, _File] = {}
        self._agents: dict[str, asyncssh.SSHAgentClient] = {}

    async def candidates(self, end: Endpoint, notes: list[str], paused: Paused) -> list[Candidate]:
        """What to try, in OpenSSH's order, but that a key asked for by name comes before all others: a server
        counts what it is shown and gives up after six. `notes` gets what can't be tried, and why."""
        files = await asyncio.to_thread(self._load, end, notes)
        held = await self._held(end.agent, notes)
        ours = {file.public.public_data for file in files if file.public}
        others = [] if end.identities_only else [pair for blob, pair in held.items() if blob not in ours]
        of_agent = [Candidate(pair, f"agent key {_words(pair)}") for pair in others]
        ranks: list[list[Candidate]] = [[], [], of_agent, []]
        for file in files:
            rank = 0 if file.path == end.key else 1 if _is_held(file, held) else 3
            ranks[rank].extend(self._of(file, held, end, notes, paused))
        return [candidate for rank in ranks for candidate in rank]

    def close(self) -> None:
        """Leave the agents, forget the keys."""
        for agent in self._agents.values():
            agent.close()
        self._agents.clear()
        self._files.clear()

    # ---- the agent -----------------------------------------------------------------------------------

    async def _held(self, socket: str, notes: list[str]) -> dict[bytes, asyncssh.SSHKeyPair]:
        """The agent's keys by their public part; none, and a note, where it does not answer."""
        if not socket:
            return {}
        agent = self._agents.setdefault(socket, asyncssh.SSHAgentClient(socket))
        try:
            pairs = await asyncio.wait_for(agent.get_keys(), AGENT_SECONDS)
        except (TimeoutError, ValueError, OSError, asyncssh.Error) as error:
            # What an answer that comes late would be taken for: the next one's.
            self._agents.pop(socket).close()
            words = "no answer within 5 s" if isinstance(error, TimeoutError) else str(error) or "no answer"
            notes.append(f"the agent at {socket} can't be asked ({words})")
            return {}
        if not pairs:
            notes.append("the agent offers no keys (none were added, or it is locked)")
        return {pair.public_data: pair for pair in pairs}

    # ---- files ---------------------------------------------------------------------------------------

    def _load(self, end: Endpoint, notes: list[str]) -> list[_File]:
        wanted = dict.fromkeys(path for path in (end.key, *end.identities, end.lent) if path)
        found = [file for path in wanted if (file := self._file(path, notes, named=path == end.key))]
        extra = _certificates(end.certificates)
        for file in found:
            beside = _certificates((f"{file.path}-cert.pub",))
            public = file.public
            file.certificates = [one for one in (*beside, *extra) if public is not None and one.key == public]
        return found

    def _file(self, path: str, notes: list[str], *, named: bool) -> _File | None:
        try:
            stamp = os.stat(path).st_mtime_ns
            kept = self._files.get(path)
            if kept is None or kept.stamp != stamp:
                kept = self._files[path] = _read(path, stamp)
        except OSError as error:
            if named:
                notes.append(f"{path} can't be read ({error.strerror})")
            return None
        if kept.public is None:
            notes.append(f"{path} is no private key, or hides its public part: `ssh-keygen -p -f` mends that")
        return kept

    def _of(
        self,
        file: _File,
        held: dict[bytes, asyncssh.SSHKeyPair],
        end: Endpoint,
        notes: list[str],
        paused: Paused,
    ) -> list[Candidate]:
        """The pairs of one file, certificates first; signed by the agent where that holds the key."""
        public = file.public
        if public is None:
            return []
        pair = held.get(public.public_data)
        words = f"{file.path}" + (" (agent)" if pair else "")
        if pair is None and file.private is None and not file.locked:
            return []
        unlock = partial(self._unlock, file, end, notes, paused)
        made = []
        for certificate in (*file.certificates, None):
            if pair is None:
                one: asyncssh.SSHKeyPair = FileKey(public, certificate, unlock)
            else:
                one = copy.copy(pair)
                if certificate is not None:
                    one.set_certificate(certificate)
            made.append(Candidate(one, words + (" with its certificate" if certificate else "")))
        return made

    async def _unlock(self, file: _File, end: Endpoint, notes: list[str], paused: Paused) -> asyncssh.SSHKey:
        if file.private is not None:
            return file.private
        with paused():
            async with file.unlocking:
                if file.private is None and time.monotonic() - file.declined >= DECLINED_SECONDS:
                    file.private = await self._ask(file, end)
                    file.declined = time.monotonic()
        if file.private is None:
            notes.append(f"{file.path} is locked, and no right passphrase was given")
            raise ValueError("locked")
        return file.private

    async def _ask(self, file: _File, end: Endpoint) -> asyncssh.SSHKey | None:
        for left in reversed(range(TRIES)):
            answer = await self._asker.ask(
                f"Passphrase of {file.path}",
                [f"To log in as {end.label}." if left == TRIES - 1 else "That was not it."],
                [Field(text="passphrase")],
            )
            if not answer:
                return None
            # bcrypt is made to be slow: a tenth of a second and more.
            key = await asyncio.to_thread(_opened, file.locked, answer[0])
            if key is not None:
                return key
        return None


def _is_held(file: _File, held: dict[bytes, asyncssh.SSHKeyPair]) -> bool:
    return file.public is not None and file.public.public_data in held


def _read(path: str, stamp: int) -> _File:
    data = Path(path).read_bytes()[: 1 << 16]
    file = _File(path, stamp)
    try:
        file.private = asyncssh.import_private_key(data)
        file.public = file.private.convert_to_public()
    except asyncssh.KeyEncryptionError:
        file.locked, file.public = data, _public(path, data)
    except asyncssh.KeyImportError as error:
        if "Passphrase" in str(error):
            file.locked = data
        file.public = _public(path, data)
    return file


def _public(path: str, data: bytes) -> asyncssh.SSHKey | None:
    """What is public of a key: the file beside it says, else the file itself may."""
    for source in (Path(f"{path}.pub"), None):
        try:
            return asyncssh.import_public_key(source.read_bytes() if source else data)
        except (OSError, asyncssh.KeyImportError):
            continue
    return None


def _opened(data: bytes, passphrase: str) -> asyncssh.SSHKey | None:
    try:
        return asyncssh.import_private_key(data, passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        return None


def _certificates(paths: Sequence[str]) -> list[asyncssh.SSHCertificate]:
    found = []
    for path in paths:
        try:
            found.append(asyncssh.read_certificate(os.path.expanduser(path)))
        except (OSError, asyncssh.KeyImportError):
            continue
    return found


def _words(pair: asyncssh.SSHKeyPair) -> str:
    return pair.get_comment(errors="replace") or pair.get_algorithm()
