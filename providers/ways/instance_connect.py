"""The way by EC2 Instance Connect: a key made for this one session is there for a minute; then ssh."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from providers.contract import Refused
from providers.model import Kind, Offer, Target
from providers.sessions import Session, Size, TakesKeys
from providers.stream import Purpose
from providers.ways import Where
from providers.ways.ssh import Ssh

USER = "ec2-user"
"""Where the configuration names nobody: what Amazon's own images have."""


class InstanceConnect:
    """A login shell on an instance, or on the instance under a node, without a key of one's own."""

    name = "instance-connect"
    purpose: Purpose = "shell"
    kinds: tuple[Kind, ...] = ("instance", "node")

    def __init__(self) -> None:
        self._ssh = Ssh()

    async def offers(self, where: Where) -> Sequence[Offer]:
        """Open where ssh is: whether the image takes such keys is known only when one is tried."""
        target = where.target
        if target.machine is None or not isinstance(where.machine, TakesKeys):
            return ()
        [offer] = await self._ssh.offers(where)
        detail = f"a key for 60 s on {target.machine.uid} as {_user(target)}, then ssh to {target.host}"
        title = "EC2 Instance Connect"
        return [msgspec.structs.replace(offer, way=self.name, title=title, detail=detail)]

    async def open(self, where: Where, choice: str, size: Size, arguments: Sequence[str]) -> Session:
        """Raises Refused or Problem."""
        target, source = where.target, where.machine
        if target.machine is None or not isinstance(source, TakesKeys):
            raise Refused(f"{target.label} is no machine that Instance Connect knows")
        user = _user(target)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="quarterdeck-key-"))
        try:
            public = await asyncio.to_thread(_key_pair, folder / "key")
            await where.sends(
                f"ec2-instance-connect send-ssh-public-key --instance-id {target.machine.uid}", user
            )
            await source.push_key(target.machine, user, public)
            only = ("-o", "IdentitiesOnly=yes", *target.options)
            named = msgspec.structs.replace(target, user=user, key=str(folder / "key"), options=only)
            return _Keyed(await self._ssh.open(replace(where, target=named), choice, size, arguments), folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


class _Keyed:
    """ssh with a key that is gone when the session is."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.sent = session.sent
        self.read, self.write, self.end = session.read, session.write, session.end
        self.resize, self.ended = session.resize, session.ended
        self._session, self._folder = session, folder

    async def close(self) -> None:
        """End it now and forget the key."""
        try:
            await self._session.close()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def _user(target: Target) -> str:
    return target.user or USER


def _key_pair(path: Path) -> str:
    """Make one, the private half in that file, for its owner's eyes; the public half."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


ways = (InstanceConnect(),)
