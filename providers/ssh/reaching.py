"""What Reach promises, on connections that are kept: a command, a shell, a file there and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from asyncssh import SFTPClient

from providers.contract import Problem, Uncertain
from providers.model import Target
from providers.sessions import Asker, Completed, Session, Size
from providers.ssh import files
from providers.ssh.channel import Declined, Kind, open_channel
from providers.ssh.commands import Command, Cut
from providers.ssh.configuration import Configuration
from providers.ssh.dial import Connection, Dialler
from providers.ssh.endpoint import Endpoint
from providers.ssh.leash import leash_for
from providers.ssh.pool import Pool
from providers.ssh.routes import Routes
from providers.ssh.shell import Screen, Shell, terminal

Result = TypeVar("Result")


class Reacher:
    """The connections of one engine and what is done over them."""

    def __init__(self, asker: Asker, beside: Reacher | None = None) -> None:
        """Has the connections of the one `beside` it too, whomever that asks."""
        self._routes = Routes(Configuration())
        self._pool: Pool = Pool(Dialler(asker), beside._pool if beside else None)

    async def run(
        self,
        target: Target,
        command: str,
        *,
        stdin: bytes = b"",
        timeout: float = 60.0,
        limit: int = 1 << 20,
        cut: Cut = lambda _: None,
    ) -> Completed:
        """`timeout` is the command's own: a login has limits of its own, and a person may have to answer."""
        end = await self._routes.to(target)
        running = await self._command(end, "the command", command, limit)
        return await running.complete(stdin, timeout, cut)

    async def shell(self, target: Target, size: Size) -> Session:
        """A login shell, on a connection that is kept."""
        end = await self._routes.to(target)
        screen = await self._open(end, "the shell", Screen, **terminal(size))
        return Shell(screen, f"ssh {end.label}")

    async def put(
        self,
        target: Target,
        path: str,
        data: bytes,
        *,
        mode: int = 0o644,
        keep: bool = False,
        timeout: float = 60.0,
    ) -> None:
        """By SFTP, or by `cat` where the server has none."""
        end = await self._routes.to(target)
        await self._transfer(
            end,
            timeout,
            lambda sftp: files.put(sftp, path, data, mode, keep),
            lambda run: files.put_by_cat(run, path, data, mode, keep),
        )

    async def get(self, target: Target, path: str, *, limit: int, timeout: float = 60.0) -> bytes:
        """By SFTP, or by `cat` where the server has none."""
        end = await self._routes.to(target)
        return await self._transfer(
            end,
            timeout,
            lambda sftp: files.get(sftp, path, limit),
            lambda run: files.get_by_cat(run, path, limit),
        )

    async def _transfer(
        self,
        end: Endpoint,
        timeout: float,
        by_sftp: Callable[[SFTPClient], Awaitable[Result]],
        by_cat: Callable[[files.Run], Awaitable[Result]],
    ) -> Result:
        try:
            line, sftp = await self._pool.session(end, files.start_sftp)
        except files.NoSftp:
            return await by_cat(partial(self._cat, end, timeout))
        try:
            async with asyncio.timeout(timeout):
                return await by_sftp(sftp)
        except TimeoutError:
            raise Uncertain(f"{end.label}: the file did not get across within {timeout:g} s") from None
        except Problem as problem:
            raise type(problem)(f"{end.label}: {problem.detail}", problem.remedy) from problem
        finally:
            sftp.exit()
            line.take(-1)

    async def _cat(self, end: Endpoint, timeout: float, command: str, stdin: bytes, limit: int) -> Completed:
        running = await self._command(end, "the copy", command, limit)
        return await running.complete(stdin, timeout, lambda _: None)

    async def login(self, target: Target) -> str:
        """As whom it would be connected to, and through which hops."""
        return (await self._routes.to(target)).label

    async def close(self) -> None:
        """End every connection."""
        await self._pool.close()

    async def _command(self, end: Endpoint, what: str, command: str, limit: int) -> Command:
        """Run it, in a way that it can be ended."""

        async def another(words: str) -> None:
            await (await self._open(end, "its end", partial(Command, 0), command=words)).ended()

        async def start(connection: Connection) -> Command:
            held = leash_for(connection, end.user)
            made = partial(Command, limit, held, another)
            words = held.on(command) if held else command
            return await open_channel(connection, made, f"{end.label}: {what}", command=words)

        return await self._started(end, what, start)

    async def _open(self, end: Endpoint, what: str, made: Callable[[], Kind], **how: Any) -> Kind:
        async def start(connection: Connection) -> Kind:
            return await open_channel(connection, made, f"{end.label}: {what}", **how)

        return await self._started(end, what, start)

    async def _started(
        self, end: Endpoint, what: str, start: Callable[[Connection], Awaitable[Kind]]
    ) -> Kind:
        try:
            line, channel = await self._pool.session(end, start)
        except Declined as error:
            raise Problem(f"{end.label}: the server does not run {what}: {error}") from error
        channel.when_over(partial(line.take, -1))
        return channel
