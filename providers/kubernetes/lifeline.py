"""What a debug pod lives by: its main process ends when it hears nothing for a while, or hears the end.

Whoever made the pod may be killed or cut off before it is deleted, and it is root on its node.
"""

from __future__ import annotations

import asyncio
import contextlib

from providers.kubernetes.channels import Broken, Channels, dial
from providers.kubernetes.client import Client
from providers.kubernetes.exec import STDIN

SILENCE_SECONDS = 60
_BEAT_SECONDS = 15.0
_LISTEN = """
listen='while read -r -t {seconds} _; do :; done'
if [ -x /bin/bash ]; then exec /bin/bash -c "$listen"; fi
if (echo | read -r -t 1 _) 2>/dev/null; then eval "$listen"; else cat >/dev/null; fi
"""
"""Debian's sh knows no `read -t`: alone, without a bash beside it, it hears only the end."""


def listening(seconds: int = SILENCE_SECONDS) -> list[str]:
    """The command of the main process, with its silence in seconds."""
    return ["/bin/sh", "-c", _LISTEN.format(seconds=seconds)]


class Lifeline:
    """An attached main process that is told again and again that somebody is there."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._tasks = [asyncio.create_task(each) for each in (self._tell(), self._hear())]

    async def close(self) -> None:
        """Let go: the main process hears the end of its input."""
        for task in self._tasks:
            task.cancel()
        await self._channels.close()

    async def _tell(self) -> None:
        while True:
            await self._channels.send(STDIN, b"\n")
            await asyncio.sleep(_BEAT_SECONDS)

    async def _hear(self) -> None:
        """It says nothing, but its connection wants to be read. What breaks it ends the shell as well."""
        with contextlib.suppress(Broken):
            while await self._channels.receive() is not None:
                pass


async def attached(client: Client, pod: str, container: str) -> Lifeline:
    """Join the main process of that pod, by its path. Raises Refused or Problem."""
    options = [("container", container), ("stdin", "true"), ("stdout", "true")]
    return Lifeline(await dial(client, f"{pod}/attach", options))
