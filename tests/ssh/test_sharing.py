"""Connections are few: one for a bastion, more for a host only where it takes no more sessions, none idle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest

from providers.contract import Problem
from providers.engine.asking import Nobody
from providers.model import Ref, Target
from providers.sessions import Size
from providers.ssh import login, pool
from providers.ssh.endpoint import Endpoint
from providers.ssh.reach import create
from tests.lab.ssh_keys import new_key
from tests.ssh.conftest import Reaching
from tests.ssh.farm import USER, Farm, Server
from tests.ssh.person import Person
from tests.ssh.scripted import listening
from tests.waiting import until

HOSTS = 40


@pytest.fixture(scope="module")
def street(farm: Farm) -> Server:
    """A server that is as many hosts as there are addresses of loopback: 127.0.1.1 and on."""
    return farm.server("street", ListenAddress="0.0.0.0", MaxStartups="400")


async def test_all_hosts_behind_a_bastion_share_one_connection_to_it(
    farm: Farm, street: Server, reaching: Reaching
) -> None:
    """Its MaxStartups is what it is by default: 10:30:100."""
    bastion = farm.server("busy")
    key = " ".join((farm.folder / "street_key.pub").read_text().split()[:2])
    farm.knows(bastion)
    with farm.known_hosts.open("a") as file:
        file.write(f"[127.0.1.*]:{street.port} {key}\n")
    reach = reaching(Person())
    targets = [
        farm.target(street, host=f"127.0.1.{number}", jump=[bastion]) for number in range(1, HOSTS + 1)
    ]
    before = bastion.connections()
    done = await asyncio.gather(*(reach.run(target, "echo $SSH_CONNECTION") for target in targets))
    assert {one.stdout.split()[2].decode() for one in done} == {target.host for target in targets}
    assert bastion.connections() - before == 1


async def test_whoever_is_asked_a_host_and_its_bastion_are_logged_in_to_once(farm: Farm, home: Path) -> None:
    bastion, behind = farm.server("gate"), farm.server("behind")
    farm.knows(bastion, behind)
    person = create(Person())
    alone = create(Nobody(), person)
    target = farm.target(behind, jump=[bastion])
    try:
        for reach in (alone, person, alone):
            assert (await reach.run(target, "true")).exit_status == 0
        assert (bastion.connections(), behind.connections()) == (1, 1)
    finally:
        await asyncio.gather(person.close(), alone.close())


async def test_as_many_logins_at_once_as_a_server_takes_get_in(farm: Farm, reaching: Reaching) -> None:
    """Thirty users' worth of connections to one server of default MaxStartups, none of them shared."""
    server = farm.server("strictly")
    farm.knows(server)
    reach = reaching(Person())
    keys = [new_key(farm.folder / f"key-{number}") for number in range(30)]
    with farm.authorized.open("a") as file:
        file.writelines(key.with_suffix(".pub").read_text() for key in keys)
    done = await asyncio.gather(*(reach.run(farm.target(server, key=str(key)), "true") for key in keys))
    assert [one.exit_status for one in done] == [0] * 30
    assert server.connections() == 30


async def test_a_bastion_that_does_not_answer_costs_its_time_limit_once(
    farm: Farm, reaching: Reaching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "STEP_SECONDS", 0.5)
    tries = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        await asyncio.Event().wait()

    async with listening(silent) as port:
        reach = reaching(Person())
        targets = [
            Target(
                ref=Ref("x", "host", str(n)),
                label=f"host {n}",
                host=f"127.0.1.{n}",
                jump=(f"127.0.0.1:{port}",),
            )
            for n in range(50)
        ]
        done = await asyncio.gather(
            *(reach.run(target, "true") for target in targets), return_exceptions=True
        )
    assert tries < 5  # who comes after a failure tries anew
    assert {str(one) for one in done} == {f"{USER}@127.0.0.1:{port}: 127.0.0.1 port {port} takes the connection, but says nothing within 10 s"}  # fmt: skip # noqa: E501


async def test_who_no_longer_waits_ends_what_nobody_waits_for(farm: Farm, reaching: Reaching) -> None:
    gone = asyncio.Event()
    here = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here.set()
        while await reader.read(100):
            pass
        gone.set()

    async with listening(silent) as port:
        target = Target(ref=Ref("x", "host", "1"), label="host 1", host="127.0.0.1", port=port)
        running = asyncio.create_task(reaching(Person()).run(target, "true"))
        await asyncio.wait_for(here.wait(), 5)
        running.cancel()
        await asyncio.wait_for(gone.wait(), 5)


@pytest.mark.parametrize(("sessions", "connections"), [("10", 3), ("4", 7), ("1", 25)])
async def test_more_sessions_than_a_connection_may_have_are_on_further_ones(
    farm: Farm, reaching: Reaching, sessions: str, connections: int
) -> None:
    server = farm.server(f"sessions-{sessions}", MaxSessions=sessions, MaxStartups="100")
    farm.knows(server)
    reach = reaching(Person())
    go = farm.folder / f"go-{sessions}"
    command = f"until test -e {go}; do sleep 0.1; done; exit 3"
    running = [asyncio.create_task(reach.run(farm.target(server), command)) for _ in range(25)]
    await until(lambda: server.log.read_text().count("Starting session: command") == 25)
    assert connections <= server.connections() <= connections + 2
    go.touch()
    assert [done.exit_status for done in await asyncio.gather(*running)] == [3] * 25


async def test_what_nothing_uses_is_closed_the_hop_last(
    farm: Farm, server: Server, reaching: Reaching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.2)
    farm.knows(server)
    reach = reaching(Person())
    target = farm.target(server, jump=[server])
    shell = await reach.shell(target, Size(80, 24))
    count = server.log.read_text().count("Disconnected from user")
    await reach.run(target, "sleep 0.6")  # what is in use outlives any number of sweeps
    assert server.log.read_text().count("Disconnected from user") == count
    await shell.close()
    await until(lambda: server.log.read_text().count("Disconnected from user") == count + 2)


class _Fleeting:
    """Opens connections that are gone as soon as something is wanted of them."""

    def __init__(self) -> None:
        self.gone = False

    async def open(self, end: Endpoint, through: object) -> _Fleeting:
        self.gone = False
        return self

    def is_closed(self) -> bool:
        return self.gone

    def when_lost(self, connection: object, call: Callable[[], None]) -> None:
        """Never called: what is looked at is what the sessions hold."""

    def abort(self) -> None: ...

    async def wait_closed(self) -> None: ...

    def close(self) -> None: ...


async def test_a_session_that_never_opens_holds_no_connection() -> None:
    fleeting = _Fleeting()
    connections = pool.Pool(fleeting)  # type: ignore[arg-type]
    lines: list[pool.Line] = []

    async def start(connection: object) -> None:
        lines.extend(line for kept in connections._lines.values() for line in kept if line.sessions)
        fleeting.gone = True
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "gone")

    with pytest.raises(Problem):
        await connections.session(Endpoint(name="a", address="a", port=22, user="u"), start)
    assert len(lines) == pool.TRIES
    assert [line.sessions for line in lines] == [0] * pool.TRIES
    await connections.close()
