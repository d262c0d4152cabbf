"""Hosts over real connections to OpenSSH's sshd: up, refused, unverified, unreachable, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from providers.conformance.look import Look, look
from providers.conformance.look import opened as streamed
from providers.contract import Problem, Refused, Source
from providers.model import About, Complete, LinuxHost, Ref, Target
from tests.lab.cluster import free_ports
from tests.ssh.farm import LOOPBACK, USER, Farm, Server
from tests.waiting import until

Open = Callable[..., Any]


def aliases(farm: Farm, **servers: Server | int) -> None:
    """The ssh configuration: a Host for each of these."""
    lines = [f"IdentityFile {farm.key}", "IdentitiesOnly yes", f"User {USER}"]
    for name, server in servers.items():
        port = server if isinstance(server, int) else server.port
        lines += [f"Host {name}", f"  HostName {LOOPBACK}", f"  Port {port}"]
    farm.configure(*lines[:3], f"UserKnownHostsFile {farm.known_hosts}", *lines[3:])


@asynccontextmanager
async def followed(source: Source) -> AsyncIterator[Look]:
    """The source being followed, for as long as it is needed."""
    found = Look(source.info)

    async def follow() -> None:
        async with streamed(source) as stream:
            async for batch in stream:
                found.take(batch)

    task = asyncio.create_task(follow())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.wait({task})


def host(found: Look, uid: str) -> LinuxHost:
    obj = found.objects[("host", uid)]
    assert isinstance(obj, LinuxHost)
    return obj


def _heard(found: Look, times: int) -> bool:
    """Whether it was told so often after the list was whole."""
    listed = found.batches.index(Complete("unit"))
    return len(found.batches) > listed + times


def states(found: Look) -> list[str]:
    return [obj.state for obj in found.objects.values() if isinstance(obj, LinuxHost)]


async def test_each_host_says_how_it_is_and_why(farm: Farm, home: Path, server: Server, opened: Open) -> None:
    stranger, closed = farm.server("stranger"), free_ports("none")["none"]
    locked = farm.server("locked", AuthorizedKeysFile="none")
    aliases(farm, up=server, stranger=stranger, closed=closed, locked=locked)
    farm.knows(server, locked)
    [source] = await opened(config=str(farm.config))
    found = await look(source, 20.0)
    assert source.info.name == "ssh-config"
    up = host(found, "up")
    assert (up.state, up.units) == ("up", "none")
    assert up.load
    assert up.disks
    assert host(found, "closed").state == "unreachable"
    assert "refuses the connection" in host(found, "closed").detail
    assert host(found, "locked").state == "refused"
    unverified = host(found, "stranger")
    assert unverified.state == "unverified"
    assert "SHA256:" in unverified.detail
    assert unverified.remedy.startswith("press s and accept it there, or ")
    assert "ssh-keyscan" in unverified.remedy
    assert stranger.attempts() == 0


async def test_one_connection_is_kept_for_all_polls(farm: Farm, home: Path, opened: Open) -> None:
    kept = farm.server("kept")
    aliases(farm, kept=kept)
    farm.knows(kept)
    [source] = await opened(config=str(farm.config))
    async with followed(source) as found:
        await until(lambda: not found.missing)
        for polls in range(1, 4):
            source.refresh()
            await until(partial(_heard, found, polls))
    assert kept.connections() == 1


async def test_a_key_that_is_accepted_is_seen_with_the_next_poll(
    farm: Farm, home: Path, server: Server, opened: Open
) -> None:
    aliases(farm, new=server)
    [source] = await opened(config=str(farm.config))
    async with followed(source) as found:
        await until(lambda: not found.missing)
        assert host(found, "new").state == "unverified"
        farm.knows(server)
        source.refresh()
        await until(lambda: host(found, "new").state == "up")


async def test_the_listed_ones_with_brackets_and_files(tmp_path: Path, opened: Open) -> None:
    listed = tmp_path / "hosts.yaml"
    listed.write_text("- {name: db-1, address: 127.0.0.9, user: ops, port: 9, labels: {role: db}}\n")
    [source] = await opened(hosts=("ada@127.0.0.[8-9]:9",), files=(str(listed),), user="bob")
    found = await look(source, 20.0)
    assert {uid for _, uid in found.objects} == {"ada@127.0.0.8:9", "ada@127.0.0.9:9", "db-1"}
    db = host(found, "db-1")
    assert (db.name, db.address, db.user, db.port, db.tags) == (
        "db-1",
        "127.0.0.9",
        "ops",
        9,
        (("role", "db"),),
    )
    first = host(found, "ada@127.0.0.8:9")
    assert (first.name, first.user, first.state) == ("127.0.0.8", "ada", "unreachable")


async def test_a_list_that_changes_moves_rows_and_one_that_breaks_is_told(
    tmp_path: Path, opened: Open
) -> None:
    listed = tmp_path / "hosts.json"
    listed.write_text('[{"name": "127.0.0.8", "port": 9}]')
    [source] = await opened(files=(str(listed),))
    source._listed = 0.02
    async with followed(source) as found:
        await until(lambda: not found.missing)
        listed.write_text('[{"name": "127.0.0.9", "port": 9}]')
        await until(lambda: set(found.objects) == {("host", "127.0.0.9")})
        listed.unlink()
        await until(lambda: found.info.warnings)
        assert "No such file" in found.info.warnings[0]
        assert set(found.objects) == {("host", "127.0.0.9")}
        listed.write_text("[]")
        await until(lambda: not found.info.warnings and not found.objects)
    assert About not in [type(batch) for batch in found.batches[:4]]


async def test_what_the_console_names_is_looked_after(opened: Open) -> None:
    [source] = await opened(follow=True)
    machine = Ref("aws", "instance", "i-0abc")
    node = Target(
        ref=Ref("prod", "node", "n1"), label="node n1", name="n1", host="127.0.0.9", port=9, machine=machine
    )
    evil = Target(ref=Ref("aws", "instance", "i-1"), label="x", name="x", host="-oProxyCommand=touch F")
    async with followed(source) as found:
        await until(lambda: not found.missing)
        assert not found.objects
        source.follow([node, evil, node])
        await until(lambda: states(found) == ["unreachable"] * 2)
        followed_node = host(found, "aws/instance/i-0abc")
        assert (followed_node.name, followed_node.machine) == ("n1", "i-0abc")
        assert "may be given" in host(found, "aws/instance/i-1").detail
        source.follow([])
        await until(lambda: not found.objects)


async def test_a_manifest_is_what_the_host_says_now(
    farm: Farm, home: Path, server: Server, opened: Open
) -> None:
    aliases(farm, up=server)
    farm.knows(server)
    [source] = await opened(config=str(farm.config))
    said = yaml.safe_load(await source.manifest(Ref("ssh-config", "host", "up")))
    assert said["state"] == "up"
    assert said["disks"][0]["path"] == "/"
    with pytest.raises(Refused, match="no longer among"):
        await source.manifest(Ref("ssh-config", "host", "gone"))
    total, *_ = await source.diagnose()
    assert (total.level, total.detail) == ("ok", "1 of 1 hosts answer")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "no host is named"),
        ({"hosts": ("-oProxyCommand=x",)}, "is no host"),
        ({"hosts": ("a;touch F",)}, "is no host"),
        ({"hosts": ("$(id)",)}, "is no host"),
        ({"hosts": ("a:99999",)}, "99999 is no port"),
        ({"hosts": ("-x@a",)}, "not a user name"),
        ({"hosts": ("a[1-99999]",)}, "more than 4,096 hosts"),
        ({"hosts": ("a[9-1]",)}, "counts backwards"),
    ],
)
async def test_what_can_be_no_host_is_refused_at_the_start(
    options: dict[str, Any], told: str, opened: Open
) -> None:
    with pytest.raises(Problem, match=told) as problem:
        await opened(**options)
    assert problem.value.state == "denied"
