"""Private keys in files: what is public of them without a passphrase, and what signs with them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

_MOST = 1 << 16
"""Bytes of a file that may hold a key."""


@dataclass(eq=False)
class KeyFile:
    """A key's file as it was read."""

    path: str
    stamp: int
    """When it was last written, in nanoseconds."""
    public: asyncssh.SSHKey | None = None
    private: asyncssh.SSHKey | None = None
    """None while it is locked, or where the file has no private key."""
    locked: bytes = b""
    """Its text, while a passphrase is wanted."""
    declined: float | None = None
    """When a person did not say the passphrase (monotonic)."""
    unlocking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_opened_by(self, passphrase: str) -> bool:
        """Takes a tenth of a second and more: bcrypt is made to be slow."""
        try:
            self.private = asyncssh.import_private_key(self.locked, passphrase)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            return False
        return True


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


def read(path: str, stamp: int) -> KeyFile:
    """Raises OSError. A file that holds no key has no public part either."""
    data = Path(path).read_bytes()[:_MOST]
    file = KeyFile(path, stamp)
    try:
        file.private = asyncssh.import_private_key(data)
        file.public = file.private.convert_to_public()
    except asyncssh.KeyImportError as error:
        file.locked = data if "Passphrase" in str(error) else b""
        file.public = _public(path, data)
    except asyncssh.KeyEncryptionError:
        file.locked, file.public = data, _public(path, data)
    return file


def _public(path: str, data: bytes) -> asyncssh.SSHKey | None:
    """What is public of a key: the file beside it says, else the file itself may."""
    for source in (Path(f"{path}.pub"), None):
        try:
            return asyncssh.import_public_key(source.read_bytes() if source else data)
        except (OSError, asyncssh.KeyImportError):
            continue
    return None


def certificates(paths: Sequence[str]) -> list[asyncssh.SSHCertificate]:
    """Those that can be read."""
    found = []
    for path in paths:
        try:
            found.append(asyncssh.read_certificate(os.path.expanduser(path)))
        except (OSError, asyncssh.KeyImportError):
            continue
    return found
