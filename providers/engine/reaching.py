"""The engine's connections over SSH, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from providers.model import Field
from providers.sessions import Asker

if TYPE_CHECKING:
    from providers.ssh.reach import Lazily


class Nobody:
    """An asker with nobody there: what is done again and again by itself must not ask again and again."""

    async def ask(self, title: str, lines: Sequence[str], fields: Sequence[Field] = ()) -> list[str] | None:
        return None


class Reaching:
    """Owns the Reach of an engine; `asker` is asked about host keys, passphrases and the like."""

    def __init__(self, asker: Asker, beside: Reaching | None = None) -> None:
        """The connections of the one `beside` it are its own too: to each host one, whoever is asked."""
        self._asker = asker
        self._beside = beside
        self._reach: Lazily | None = None

    def __call__(self) -> Lazily:
        """The Reach. It costs nothing until something is done with it (providers.ssh.reach)."""
        if self._reach is None:
            from providers.ssh.reach import create

            self._reach = create(self._asker, self._beside() if self._beside else None)
        return self._reach

    async def close(self) -> None:
        """End every connection, within a second; nothing where none was ever made."""
        reach, self._reach = self._reach, None
        if reach is not None:
            await reach.close()
