"""The rule of host keys: what a server must show, and what happens when it shows something else.

Whether a key is the right one is decided by asyncssh alone, from the keys of `Rule.known_hosts`; nothing here
ever answers yes for it. An unknown key ends the connection before anybody logs in; when the person accepts
it, it is kept and a new connection is held to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

from providers.contract import Problem
from providers.sessions import Asker, Unverified
from providers.ssh import known_hosts
from providers.ssh.endpoint import Endpoint

KnownHosts = tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey], tuple[()], tuple[()], tuple[()], tuple[()]]  # fmt: skip # noqa: E501


@dataclass(frozen=True)
class Rule:
    """What one connection is held to."""

    end: Endpoint
    known: known_hosts.Known
    certificates: bool = True
    """Certificates are asked for, where an authority is known."""

    @property
    def known_hosts(self) -> KnownHosts:
        """As asyncssh takes it: never empty, and with nothing of X.509."""
        kinds = (self.known.keys, self.known.authorities, self.known.revoked)
        keys, authorities, revoked = ([kept.key for kept in kind] for kind in kinds)
        return (keys, authorities, revoked, (), (), (), ())

    @property
    def algorithms(self) -> list[str]:
        """The types of key to ask the server for: those that are known first, as OpenSSH does."""
        certified = get_default_certificate_algs() if self.known.authorities and self.certificates else []
        known = [algorithm for kept in self.known.keys for algorithm in kept.key.sig_algorithms]
        usual = get_default_public_key_algs()
        wanted = [*certified, *(algorithm for algorithm in known if algorithm in usual), *usual]
        return [algorithm.decode() for algorithm in dict.fromkeys(wanted)]


@dataclass
class Shown:
    """What a server showed that was not accepted."""

    key: asyncssh.SSHKey | None = None
    authority: asyncssh.SSHKey | None = None


def rule(end: Endpoint, *, certificates: bool = True) -> Rule:
    """What is known of that server now."""
    names = known_hosts.names_of(end.address, end.port, end.alias)
    return Rule(end, known_hosts.look_up(end.known_hosts, names), certificates)


class Doorkeeper:
    """Decides what to do about a key that was not accepted; asks one question at a time."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._asking = asyncio.Lock()

    async def settle(self, held: Rule, shown: Shown, reason: str) -> Rule:
        """The rule for another try. Raises Problem when there is to be none."""
        if shown.key is not None:
            return await self._unknown(held, shown.key)
        if shown.authority is not None and held.certificates:
            # Its certificate is from somebody else: the key in it may be known all the same.
            return rule(held.end, certificates=False)
        raise _unacceptable(held, reason)

    async def _unknown(self, held: Rule, key: asyncssh.SSHKey) -> Rule:
        async with self._asking:
            now = rule(held.end, certificates=held.certificates)
            if any(kept.key == key for kept in now.known.keys):
                return now
            _not_another(now, key)
            await self._ask(now.end, key)
            return await asyncio.to_thread(_accept, now, key)

    async def _ask(self, end: Endpoint, key: asyncssh.SSHKey) -> None:
        refusal = Unverified(
            f"{end.label}: its host key is not known: {describe(key)}",
            f"compare it with the server's, then: ssh-keyscan -p {end.port} {end.address}"
            f" >> {end.known_hosts[0]}",
        )
        if end.strict:
            raise refusal
        name = known_hosts.names_of(end.address, end.port, end.alias)[0]
        lines = [
            f"It shows the key {describe(key)}",
            f"No key is known for {name}. Yes keeps this one in {end.known_hosts[0]}.",
        ]
        if await self._asker.ask(f"Is this really {end.label}?", lines) is None:
            raise refusal


def _accept(held: Rule, key: asyncssh.SSHKey) -> Rule:
    end = held.end
    name = known_hosts.names_of(end.address, end.port, end.alias)[0]
    try:
        known_hosts.keep(end.known_hosts[0], name, key, hashed=end.hash_names)
    except OSError as error:
        raise Problem(
            f"{end.label}: its host key can't be kept in {end.known_hosts[0]}: {error.strerror}",
            "make that file writable",
        ) from error
    return rule(end, certificates=held.certificates)


def _not_another(held: Rule, key: asyncssh.SSHKey) -> None:
    """Raises Problem when another key is kept for it. One that is kept for its address alone is no other."""
    end = held.end
    name = known_hosts.names_of(end.address, end.port, end.alias)[0]
    kept = known_hosts.look_up(end.known_hosts, (name,)).keys
    if not kept:
        return
    raise Unverified(
        f"{end.label}: its host key is NOT the one that is kept: {describe(key)}; kept is {_listed(kept)}",
        f"somebody may be in between. If the server was made anew: ssh-keygen -R '{name}' -f {kept[0].path}",
        state="denied",
    )


def _unacceptable(held: Rule, reason: str) -> Unverified:
    label = held.end.label
    if "revoked" in reason.lower():
        lines = _listed(held.known.revoked)
        return Unverified(
            f"{label}: its host key is revoked: {lines}", "do not log in; ask who runs it", state="denied"
        )
    said = reason.partition(" for host")[0]
    return Unverified(
        f"{label}: its host certificate is refused: {said[:1].lower()}{said[1:]}"
        f" (authority {_listed(held.known.authorities)})",
        "have the server's certificate issued anew, for this name",
        state="denied",
    )


def _listed(kept: Sequence[known_hosts.Kept]) -> str:
    """Each key once, with the first line that it stands on."""
    keys: dict[str, str] = {}
    for one in kept:
        keys.setdefault(describe(one.key), one.where)
    return ", ".join(f"{words} ({place})" for words, place in keys.items())


def describe(key: asyncssh.SSHKey) -> str:
    """Its type and fingerprint, as `ssh-keygen -l` has them."""
    return f"{key.get_algorithm()} {key.get_fingerprint()}"
