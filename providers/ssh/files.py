"""A file to a host and back: by SFTP, or by `cat` where the server has no SFTP.

A file is written beside where it is to be and then renamed, so that it is there whole or not at all.
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
from collections.abc import Awaitable, Callable

import asyncssh

from providers.contract import Problem, Refused, Uncertain
from providers.sessions import Completed
from providers.ssh.channel import OPEN_SECONDS
from providers.ssh.dial import Connection
from providers.text import clean

SAID = 1 << 12
"""Bytes of complaints that are kept."""

Run = Callable[[str, bytes, int], Awaitable[Completed]]
"""Runs a command with that input, keeping so many bytes of what it says."""


class NoSftp(Exception):
    """The server has no SFTP."""


async def start_sftp(connection: Connection) -> asyncssh.SFTPClient:
    """Raises ChannelOpenError where no channel was opened, and NoSftp."""
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            return await connection.start_sftp_client()
    except TimeoutError:
        connection.abort()
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "no answer") from None
    except asyncssh.ChannelOpenError as error:
        if error.code == asyncssh.OPEN_REQUEST_SESSION_FAILED and not connection.is_closed():
            raise NoSftp from error
        raise
    except asyncssh.SFTPError as error:
        # The subsystem is named in the server's configuration, and its program is not there.
        raise NoSftp from error


async def put(sftp: asyncssh.SFTPClient, path: str, data: bytes, mode: int, keep: bool) -> None:
    """`keep`: with the mode of the one that is there, if one is. Raises Problem."""
    try:
        place = await sftp.realpath(_from_home(path))
        mode = await _mode(sftp, str(place), mode) if keep else mode
        beside = _beside(str(place))
        try:
            async with sftp.open(beside, "xb", asyncssh.SFTPAttrs(permissions=0o600)) as file:
                await file.write(data)
            await sftp.chmod(beside, mode)
            await _rename(sftp, beside, str(place))
        except BaseException:
            await _remove(sftp, beside)
            raise
    except asyncssh.SFTPError as error:
        raise _refused(path, error) from error


async def _mode(sftp: asyncssh.SFTPClient, place: str, without: int) -> int:
    try:
        found = (await sftp.stat(place)).permissions
    except asyncssh.SFTPNoSuchFile:
        return without
    return without if found is None else found & 0o7777


async def _rename(sftp: asyncssh.SFTPClient, beside: str, place: str) -> None:
    try:
        await sftp.posix_rename(beside, place)
    except asyncssh.SFTPOpUnsupported:
        await sftp.rename(beside, place)


async def _remove(sftp: asyncssh.SFTPClient, path: str) -> None:
    try:
        await sftp.remove(path)
    except asyncssh.SFTPError:
        pass  # it was never made, or the connection is gone: what failed first is what is told


async def get(sftp: asyncssh.SFTPClient, path: str, limit: int) -> bytes:
    """Raises Problem, also where it is larger than `limit`."""
    try:
        async with sftp.open(_from_home(path), "rb") as file:
            found = bytes(await file.read(limit + 1))  # type: ignore[arg-type]  # bytes, as it is open for them
    except asyncssh.SFTPError as error:
        raise _refused(path, error) from error
    if len(found) > limit:
        raise _too_large(path, limit)
    return found


async def put_by_cat(run: Run, path: str, data: bytes, mode: int, keep: bool) -> None:
    """The same without SFTP; that all of it arrived is counted before it is renamed."""
    place, beside = _word(path), _word(_beside(path))
    kept = f"m=$(stat -L -c %a {place} 2>/dev/null) || " if keep else ""
    command = (
        f"umask 077; {kept}m={mode:o}; cat > {beside} && [ $(wc -c < {beside}) -eq {len(data)} ]"
        f" && chmod $m {beside} && mv -f {beside} {place} || {{ rm -f {beside}; exit 1; }}"
    )
    _checked(path, await run(f"sh -c {shlex.quote(command)}", data, SAID))


async def get_by_cat(run: Run, path: str, limit: int) -> bytes:
    """The same without SFTP."""
    done = await run(f"cat < {_word(path)}", b"", max(limit + 1, SAID))
    _checked(path, done)
    if len(done.stdout) > limit:
        raise _too_large(path, limit)
    return done.stdout


def _checked(path: str, done: Completed) -> None:
    if done.exit_status is None:
        raise Uncertain(f"{clean(path)}: {clean(done.error, 200)}")
    if done.exit_status:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise Refused(f"{clean(path)}: {clean(said, 200) or 'it failed'}")


def _beside(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name[:200]}.{secrets.token_hex(6)}"


def _from_home(path: str) -> str:
    """SFTP begins in the home folder and knows no ~."""
    return path.removeprefix("~/") or "."


def _word(path: str) -> str:
    path = _from_home(path)
    return shlex.quote(path if path.startswith("/") else f"./{path}")


def _refused(path: str, error: asyncssh.SFTPError) -> Problem:
    if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection):
        return Uncertain(f"{clean(path)}: the connection was lost", "try again")
    return Refused(f"{clean(path)}: {clean(error.reason, 200)}", "may that user read and write there?")


def _too_large(path: str, limit: int) -> Problem:
    return Refused(f"{clean(path)}: larger than {limit:,} bytes", "copy it with scp")
