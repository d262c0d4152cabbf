"""Which hosts a source looks after: those written down, those of an ssh configuration, those it is told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from providers.contract import Problem, Refused
from providers.destination import checked
from providers.hostlist import Listed, listed, tags
from providers.model import Ref, Target
from providers.ssh.aliases import USUAL, Aliases
from providers.ssh.brackets import expanded
from providers.text import clean

LARGEST = 16 << 20
"""Bytes of a list that is read."""


class Wanted(Struct, frozen=True, kw_only=True):
    """A host to look after: where it is, and what its list says of it."""

    target: Target
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def uid(self) -> str:
        """What it is known by among the hosts of its source."""
        return self.target.ref.uid


class Login(Struct, frozen=True, kw_only=True):
    """How hosts are reached whose list does not say."""

    user: str = ""
    port: int = 0
    key: str = ""
    jump: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class Listing(Protocol):
    """Says which hosts there are; asked again and again."""

    address: str
    """Where they are listed, for people."""

    async def read(self) -> Sequence[Wanted]:
        """All of them now, each uid once. Raises Problem."""


class Written:
    """Names on the command line and in the configuration, and the files that list more."""

    def __init__(self, source: str, names: Sequence[str], files: Sequence[str], login: Login) -> None:
        """Raises Problem for a name that can be none."""
        self._source = source
        self._login = login
        texts = [name for text in names for name in expanded(text)]
        self._named = [Wanted(target=_written(source, text, login)) for text in texts]
        self._files = [os.path.expanduser(file) for file in files]
        self.address = clean(", ".join([*names, *files]), 200)

    async def read(self) -> Sequence[Wanted]:
        return _once([*self._named, *await asyncio.to_thread(self._of_files)])

    def _of_files(self) -> list[Wanted]:
        return [
            _of_list(self._source, uid, host, self._login)
            for path in self._files
            for uid, host in listed(_text(path), clean(path)).items()
        ]


class Configured:
    """The names of an ssh configuration, each reached as it says: the usual one, or another file."""

    def __init__(self, source: str, path: str = "") -> None:
        self._source = source
        self._aliases = Aliases(path or USUAL)
        self._login = Login(options=("-F", self._aliases.path) if path else ())
        self.address = self._aliases.address

    async def read(self) -> Sequence[Wanted]:
        names = await asyncio.to_thread(self._aliases.names)
        return [Wanted(target=_target(self._source, name, name, name, self._login)) for name in names]


class Told:
    """The hosts that the console said last."""

    address = "as the console's filter says"

    def __init__(self, source: str) -> None:
        self._source = source
        self.wanted: Sequence[Wanted] = ()

    def tell(self, targets: Sequence[Target]) -> None:
        """These, instead of those before. What may not be given to ssh is a row that says so."""
        self.wanted = _once([Wanted(target=self._ours(target)) for target in targets])

    async def read(self) -> Sequence[Wanted]:
        return self.wanted

    def _ours(self, target: Target) -> Target:
        """By the machine where it is known: a node and its instance are one host."""
        of = target.machine or target.ref
        ref = Ref(self._source, "host", clean("/".join((of.source, of.kind, of.uid))))
        return replace(target, ref=ref, machine=target.machine or _instance(target.ref))


def _instance(ref: Ref) -> Ref | None:
    return ref if ref.kind == "instance" else None


def _once(wanted: Iterable[Wanted]) -> list[Wanted]:
    """Each uid once, the first of several."""
    found: dict[str, Wanted] = {}
    for each in wanted:
        found.setdefault(each.uid, each)
    return list(found.values())


def _text(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            text = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        said = getattr(error, "strerror", None) or error
        raise Problem(clean(f"{path}: {said}"), "it is looked for again and again") from error
    if len(text) > LARGEST:
        raise Problem(clean(f"{path} has more than {LARGEST >> 20} MB"), "divide it")
    return text


def _of_list(source: str, uid: str, host: Listed, login: Login) -> Wanted:
    login = replace(login, user=host.user or login.user, port=host.port or login.port)
    name = clean(host.name) or uid
    return Wanted(target=_target(source, uid, name, host.address or host.name or uid, login), tags=tags(host))


def _written(source: str, text: str, login: Login) -> Target:
    """`[user@]host[:port]`; an IPv6 address with a port stands in brackets. Raises Problem."""
    user, _, rest = text.rpartition("@")
    host, port = rest, ""
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        port = port.removeprefix(":")
    elif rest.count(":") == 1:
        host, _, port = rest.partition(":")
    if port and not (port.isascii() and port.isdecimal() and int(port) <= 65535):
        raise _no_host(text, f"{port} is no port")
    login = replace(login, user=user or login.user, port=int(port or 0) or login.port)
    try:
        return checked(_target(source, clean(text), clean(host), host, login))
    except Refused as refused:
        raise _no_host(text, refused.detail) from refused


def _no_host(text: str, why: str) -> Problem:
    return Problem(clean(f"ssh: {text!r} is no host: {why}"), "write [user@]host[:port]", state="denied")


def _target(source: str, uid: str, name: str, host: str, login: Login) -> Target:
    return Target(
        ref=Ref(source, "host", uid),
        label=f"host {name}",
        name=name,
        host=host,
        user=login.user,
        port=login.port,
        key=login.key,
        jump=login.jump,
        options=login.options,
    )
