"""A key for one session, put on the machine by its cloud: OpenSSH's server, and a cloud that writes it."""

from __future__ import annotations

import asyncio
import glob
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from providers.contract import Problem
from providers.model import Ref, Target
from providers.sessions import Session, Size
from providers.ways import Where
from providers.ways.instance_connect import InstanceConnect
from tests.lab.sshd import Sshd

MACHINE = Ref("aws-prod-eu-west-1", "instance", "i-0abc1234def567890")


class Writes:
    """Does what Instance Connect's agent does: the key is one of the machine's user's."""

    def __init__(self, authorized: Path) -> None:
        self.authorized = authorized
        self.pushed: list[tuple[Ref, str]] = []

    async def push_key(self, ref: Ref, user: str, public_key: str) -> None:
        self.pushed.append((ref, user))
        self.authorized.write_text(public_key + "\n")


class Refuses(Writes):
    async def push_key(self, ref: Ref, user: str, public_key: str) -> None:
        raise Problem("the image has no agent for it", "see docs")


@pytest.fixture
def sshd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    """A server that lets nobody in yet."""
    with Sshd(tmp_path / "sshd") as server:
        (server.folder / "authorized_keys").write_text("")
        monkeypatch.setenv("PATH", server.environment()["PATH"])
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        yield server


def where(sshd: Sshd, machine: Any) -> Where:
    ref = Ref("prod", "node", "n1")
    target = Target(ref=ref, label="node worker", machine=MACHINE, host=sshd.host, user=sshd.user)
    nobody = cast(Any, None)
    return Where(target=target, source=None, machine=machine, asker=nobody, reach=nobody)


async def shown(session: Session, words: bytes) -> bytes:
    seen = b""
    async with asyncio.timeout(20):
        while words not in seen:
            piece = await session.read()
            assert piece, seen
            seen += piece
    return seen


async def test_a_shell_with_a_key_that_is_gone_afterwards(sshd: Sshd, tmp_path: Path) -> None:
    cloud = Writes(sshd.folder / "authorized_keys")
    session = await InstanceConnect().open(where(sshd, cloud), "", Size(80, 24), ())
    await session.write(b"echo in-as-$(id -un); stty size\r")
    assert f"in-as-{sshd.user}".encode() in await shown(session, b"24 80")
    assert cloud.pushed == [(MACHINE, sshd.user)]
    assert len(glob.glob(f"{tmp_path}/quarterdeck-key-*/key")) == 1
    await session.close()
    assert not glob.glob(f"{tmp_path}/quarterdeck-key-*")


async def test_what_the_cloud_refuses_leaves_no_key(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no agent"):
        await InstanceConnect().open(where(sshd, Refuses(sshd.folder / "no")), "", Size(80, 24), ())
    assert not glob.glob(f"{tmp_path}/quarterdeck-key-*")


async def test_it_is_open_where_ssh_is_and_the_cloud_takes_keys(sshd: Sshd) -> None:
    place = where(sshd, Writes(sshd.folder / "no"))
    [offer] = await InstanceConnect().offers(place)
    assert (offer.way, offer.refused) == ("instance-connect", "")
    assert f"a key for 60 s on {MACHINE.uid} as {sshd.user}" in offer.detail
    nowhere = msgspec.structs.replace(place.target, host="", why_not="it has no address")
    [closed] = await InstanceConnect().offers(replace(place, target=nowhere))
    assert closed.refused == "it has no address"
    assert await InstanceConnect().offers(where(sshd, object())) == ()
