"""Keys to log in with: the agent's, those in files, and what a person is asked for to use them.

A passphrase is asked for only once a server would take the key; the opened key is remembered for as long as
this engine runs and is written nowhere.
"""

from __future__ import annotations

import asyncio
import copy
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import asyncssh

from providers.model import Field
from providers.sessions import Asker
from providers.ssh import keyfiles
from providers.ssh.endpoint import Endpoint
from providers.ssh.keyfiles import FileKey, KeyFile

TRIES = 3
DECLINED_SECONDS = 60.0
"""For how long nobody is asked again after they did not say a passphrase."""
AGENT_SECONDS = 5.0


@dataclass(frozen=True)
class Candidate:
    """A key to try, and how a failure calls it."""

    pair: asyncssh.SSHKeyPair
    words: str


@dataclass(frozen=True)
class Attempt:
    """The login that keys are for. Each talks to the agent by itself: a talk that is cut can't go on."""

    end: Endpoint
    agent: asyncssh.SSHAgentClient
    notes: list[str]
    """Gets what can't be tried, and why."""
    paused: Callable[[], AbstractContextManager[None]]
    """Holds the login's clock while a person is asked."""


Held = dict[bytes, asyncssh.SSHKeyPair]
"""The agent's keys by their public part."""
Certified = tuple[KeyFile, list[asyncssh.SSHCertificate]]


class Keyring:
    """Every key there is for a login. Owns the opened keys."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._files: dict[str, KeyFile] = {}

    async def candidates(self, attempt: Attempt) -> list[Candidate]:
        """What to try, in OpenSSH's order, but that a key asked for by name comes before all others: a server
        counts what it is shown and gives up after six."""
        files = await asyncio.to_thread(self._load, attempt)
        held = await _held(attempt)
        ours = {file.public.public_data for file, _ in files if file.public}
        others = (
            [] if attempt.end.identities_only else [pair for blob, pair in held.items() if blob not in ours]
        )
        of_agent = [Candidate(pair, f"agent key {_words(pair)}") for pair in others]
        ranks: list[list[Candidate]] = [[], [], of_agent, []]
        for file, certificates in files:
            is_held = file.public is not None and file.public.public_data in held
            rank = 0 if file.path == attempt.end.key else 1 if is_held else 3
            ranks[rank].extend(self._pairs(attempt, file, certificates, held))
        return [candidate for rank in ranks for candidate in rank]

    def close(self) -> None:
        """Forget the keys."""
        self._files.clear()

    def _load(self, attempt: Attempt) -> list[Certified]:
        end = attempt.end
        extra = keyfiles.certificates(end.certificates)
        found: list[Certified] = []
        for path in dict.fromkeys(path for path in (end.key, *end.identities, end.lent) if path):
            file = self._file(path, attempt)
            if file is not None:
                beside = keyfiles.certificates((f"{path}-cert.pub",))
                found.append((file, [one for one in (*beside, *extra) if one.key == file.public]))
        return found

    def _file(self, path: str, attempt: Attempt) -> KeyFile | None:
        try:
            stamp = os.stat(path).st_mtime_ns
            kept = self._files.get(path)
            if kept is None or kept.stamp != stamp:
                kept = self._files[path] = keyfiles.read(path, stamp)
        except OSError as error:
            if path == attempt.end.key:
                attempt.notes.append(f"{path} can't be read ({error.strerror})")
            return None
        if kept.public is None:
            attempt.notes.append(f"{path} is no key, or hides its public part: `ssh-keygen -p -f` mends that")
        return kept

    def _pairs(
        self, attempt: Attempt, file: KeyFile, certificates: list[asyncssh.SSHCertificate], held: Held
    ) -> list[Candidate]:
        """The pairs of one file, certificates first; signed by the agent where that holds the key."""
        public = file.public
        by_agent = held.get(public.public_data) if public is not None else None
        if public is None or not (by_agent or file.private or file.locked):
            return []
        made = []
        for certificate in (*certificates, None):
            pair: asyncssh.SSHKeyPair
            if by_agent is None:
                pair = FileKey(public, certificate, partial(self._unlock, attempt, file))
            else:
                pair = copy.copy(by_agent)
                if certificate is not None:
                    pair.set_certificate(certificate)
            how = (" (agent)" if by_agent else "") + (" with its certificate" if certificate else "")
            made.append(Candidate(pair, file.path + how))
        return made

    async def _unlock(self, attempt: Attempt, file: KeyFile) -> asyncssh.SSHKey:
        if file.private is None:
            with attempt.paused():
                async with file.unlocking:
                    await self._open(file, attempt.end)
        if file.private is None:
            attempt.notes.append(f"{file.path} is locked, and no right passphrase was given")
            raise ValueError("locked")
        return file.private

    async def _open(self, file: KeyFile, end: Endpoint) -> None:
        """Ask for its passphrase, unless somebody was asked meanwhile."""
        now = time.monotonic()
        if file.private or (file.declined is not None and now - file.declined < DECLINED_SECONDS):
            return
        line = f"To log in as {end.label}."
        for _ in range(TRIES):
            answer = await self._asker.ask(f"Passphrase of {file.path}", [line], [Field(text="passphrase")])
            if not answer:
                break
            if await asyncio.to_thread(file.is_opened_by, answer[0]):
                return
            line = "That was not it."
        file.declined = time.monotonic()


async def _held(attempt: Attempt) -> Held:
    """None, and a note, where the agent does not answer."""
    if not attempt.end.agent:
        return {}
    try:
        pairs = await asyncio.wait_for(attempt.agent.get_keys(), AGENT_SECONDS)
    except (TimeoutError, ValueError, OSError, asyncssh.Error) as error:
        words = "no answer within 5 s" if isinstance(error, TimeoutError) else str(error) or "no answer"
        attempt.notes.append(f"the agent at {attempt.end.agent} can't be asked ({words})")
        return {}
    if not pairs:
        attempt.notes.append("the agent offers no keys (none were added, or it is locked)")
    return {pair.public_data: pair for pair in pairs}


def _words(pair: asyncssh.SSHKeyPair) -> str:
    return pair.get_comment(errors="replace") or pair.get_algorithm()
