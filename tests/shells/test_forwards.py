"""Forwards: a loopback listener, a session for each connection, and another pod when the first is gone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from console.forwards import LOOPBACK, PortError, ports_of
from console.screens.forwards import ForwardsScreen
from providers.model import Deletes, Offer, Owner, Pod, Ref, Upserts
from providers.stream import WINDOW, Closed, Input, Open, Opened, Output, Shut
from tests.shells.scene import Scripted, pod, scene
from tests.stories.stage import Session
from tests.waiting import until

PORT = Offer(way="forward", title="port 8080 of api", choice="8080", alias="http")


class Ports(Scripted):
    """Pods that say who they are, then everything back in capitals, and end when the other end does."""

    refuse = ""

    def opens(self, command: Open) -> None:
        if self.refuse:
            self.tell(Closed(id=command.id, detail=self.refuse))
            return
        self.tell(Opened(id=command.id, way="forward", sent="port"))
        self.tell(Output(id=command.id, data=f"{command.target.name}:{command.arguments[0]}\n".encode()))

    def hears(self, command: Input) -> None:
        if command.data:
            self.tell(Output(id=command.id, data=command.data.upper()))
        if command.end:
            self.tell(Closed(id=command.id, status=0))


@asynccontextmanager
async def forwarded(
    text: str = "8080", link: type[Ports] = Ports
) -> AsyncIterator[tuple[Session, Ports, int]]:
    async with scene(PORT, link=link) as (user, scripted):
        await user.press("F")
        await user.until(lambda: user.deck.prompts.open)
        await user.type(text)
        await user.press("enter")
        await user.until(lambda: len(user.app.desk.forwards) == 1)
        (forward,) = user.app.desk.forwards
        assert isinstance(scripted, Ports)
        yield user, scripted, forward.local


async def exchanged(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(data)
    writer.write_eof()
    said = await asyncio.wait_for(reader.read(-1), 20)
    writer.close()
    return said


@pytest.mark.parametrize(("text", "ports"), [("80", (80, 80)), ("9000:80", (9000, 80)), (" 0:80 ", (0, 80))])
def test_ports_are_read(text: str, ports: tuple[int, int]) -> None:
    assert ports_of(text) == ports


@pytest.mark.parametrize("text", ["", "x", "80:", ":80", "70000", "80:0", "-1:80", "1:2:3"])
def test_what_is_no_port_says_so(text: str) -> None:
    with pytest.raises(PortError):
        ports_of(text)


def test_a_port_goes_by_its_name_too() -> None:
    assert ports_of("9000:http", {"http": "8080"}) == (9000, 8080)
    with pytest.raises(PortError, match="the pod names http, admin"):
        ports_of("htp", {"http": "8080", "admin": "1"})


async def test_the_name_of_a_port_is_offered_and_taken() -> None:
    async with forwarded("0:http") as (user, _link, port):
        assert await exchanged(port, b"") == b"api-1:8080\n"
        await user.press("F")
        await user.until(lambda: user.deck.prompts.open)
        assert {"8080", "http"} <= set(user.deck.prompts.line._offers)


async def test_a_port_is_listened_on_here_only_and_carries_both_ways_at_once() -> None:
    async with forwarded("0:8080") as (user, link, port):
        answers = await asyncio.gather(*(exchanged(port, b"hello %d" % n) for n in range(8)))
        assert sorted(answers) == sorted(b"api-1:8080\nHELLO %d" % n for n in range(8))
        assert all(command.arguments == ("8080",) for command in link.opened)
        (forward,) = user.app.desk.forwards
        await until(lambda: forward.connections == 0)
        assert forward.served == 8
        assert [s.getsockname()[0] for s in forward.server.sockets] == [LOOPBACK]  # type: ignore[union-attr]


async def test_much_goes_through_without_being_piled_up() -> None:
    async with forwarded("0:8080") as (_, _link, port):
        data = b"abcdefgh" * (4 * WINDOW // 8)
        assert await exchanged(port, data) == b"api-1:8080\n" + data.upper()


class Endless(Ports):
    """A pod that answers what it is told and never ends a connection by itself."""

    says_much = b""

    def hears(self, command: Input) -> None:
        if command.data:
            self.tell(Output(id=command.id, data=self.says_much or command.data))


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no table of connections here")
async def test_who_closes_both_ways_leaves_nothing_open_and_what_it_said_arrives() -> None:
    async with forwarded("0:8080", Endless) as (user, link, port):
        (forward,) = user.app.desk.forwards
        for _ in range(3):
            with socket.create_connection((LOOPBACK, port)) as caller:
                caller.send(b"all of it")
            await until(lambda: link.opened and any(c == Shut(id=link.opened[-1].id) for c in link.sent))
            assert link.input(link.opened[-1].id) == b"all of it"
            await until(lambda: forward.connections == 0)
        assert forward.error == ""


async def test_who_only_says_no_more_is_waited_for() -> None:
    async with forwarded("0:8080", Endless) as (user, link, port):
        (forward,) = user.app.desk.forwards
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        assert await reader.readline() == b"api-1:8080\n"
        writer.write_eof()
        (command,) = link.opened
        await until(lambda: Input(id=command.id, data=b"", end=True) in link.sent)
        link.tell(Output(id=command.id, data=b"late\n"))
        assert await reader.readline() == b"late\n"
        assert not [sent for sent in link.sent if isinstance(sent, Shut)]
        writer.close()  # now both ways
        await until(lambda: forward.connections == 0)
        assert Shut(id=command.id) in link.sent


async def test_who_goes_while_much_is_said_leaves_nothing_open() -> None:
    async with forwarded("0:8080", Endless) as (user, link, port):
        assert isinstance(link, Endless)
        link.says_much = b"x" * WINDOW
        (forward,) = user.app.desk.forwards
        with socket.create_connection((LOOPBACK, port)) as caller:
            caller.send(b"?")
            caller.shutdown(socket.SHUT_WR)
        await until(lambda: forward.served == 1 and forward.connections == 0)
        assert forward.error == ""


async def test_when_the_pod_is_gone_a_new_connection_goes_to_a_ready_one_of_the_same_workload() -> None:
    async with forwarded("0:8080") as (user, link, port):
        assert await exchanged(port, b"") == b"api-1:8080\n"
        unready = msgspec.structs.replace(pod(2), ready=0)
        link.tell(Deletes("pod", ("p1",)), Upserts((unready,)), source="prod")
        await user.until(lambda: user.app.fleet.count("pod") == 2)
        assert await exchanged(port, b"") == b"api-3:8080\n"
        link.tell(Deletes("pod", ("p2", "p3")), source="prod")
        await user.until(lambda: user.app.fleet.count("pod") == 0)
        assert await exchanged(port, b"") == b""
        (forward,) = user.app.desk.forwards
        assert forward.error == "no ready pod of replicaset api is there"


def _rolled(number: int, hash: str, created: float) -> Pod:
    return msgspec.structs.replace(
        pod(number), owner=Owner("ReplicaSet", f"web-{hash}", f"rs-{hash}"), created=created,
        name=f"web-{hash}-{number}", labels=f"app=web,pod-template-hash={hash}",
    )  # fmt: skip


async def test_a_rollout_replaces_the_pods_and_the_forward_goes_to_the_newest_that_is_ready() -> None:
    async with scene(PORT, link=Ports) as (user, link):
        link.tell(Upserts(tuple(_rolled(number, "1a", 100.0) for number in (1, 2, 3))), source="prod")
        await user.until(lambda: user.deck.current is not None and user.deck.current.name == "web-1a-1")
        await user.press("F")
        await user.until(lambda: user.deck.prompts.open)
        await user.type("0:8080")
        await user.press("enter")
        await user.until(lambda: len(user.app.desk.forwards) == 1)
        (forward,) = user.app.desk.forwards
        assert forward.name == "deployment web"
        assert await exchanged(forward.local, b"") == b"web-1a-1:8080\n"
        another = msgspec.structs.replace(_rolled(4, "1a", 900.0), namespace="other")
        unready = msgspec.structs.replace(_rolled(7, "2b", 300.0), ready=0)
        fresh = (_rolled(5, "2b", 150.0), _rolled(6, "2b", 200.0))
        older = _rolled(2, "1a", 100.0)
        link.tell(Deletes("pod", ("p1", "p3")), Upserts((another, unready, *fresh, older)), source="prod")
        await user.until(lambda: user.app.fleet.count("pod") == 5)
        assert await exchanged(forward.local, b"") == b"web-2b-6:8080\n"
        item = user.app.fleet.item(Ref("prod", "pod", "p6"))
        assert item is not None
        screen = ForwardsScreen(user.app, item)
        assert "port 8080 of deployment web" in screen.text
        assert "now to web-2b-6" in screen.text


async def test_they_are_listed_and_can_be_ended() -> None:
    async with forwarded("0:8080") as (user, link, port):
        link.refuse = "connection refused in the pod"
        assert await exchanged(port, b"x") == b""
        await user.press("f")
        await user.until(lambda: isinstance(user.app.screen, ForwardsScreen))
        text = user.app.screen.text  # type: ignore[attr-defined]
        assert f"127.0.0.1:{port} → port 8080 of replicaset api" in text
        assert "1 so far" in text
        assert "the last that failed: connection refused in the pod" in text
        await user.press("x")
        await user.until(lambda: len(user.app.desk.forwards) == 0)
        with pytest.raises(ConnectionError):
            await asyncio.open_connection(LOOPBACK, port)


async def test_a_port_that_is_taken_says_so_and_at_the_end_none_is_listened_on() -> None:
    async with forwarded("0:8080") as (user, _, port):
        await user.press("F")
        await user.until(lambda: user.deck.prompts.open)
        await user.type(f"{port}:8080")
        await user.press("enter")
        said = f"port {port} is in use on this machine; LOCAL:PORT takes another one"
        assert (user.deck.prompts.line.error, user.deck.prompts.line.text) == (said, f"{port}:8080")
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        assert await reader.readline() == b"api-1:8080\n"
        writer.close()
    with pytest.raises(ConnectionError):
        await asyncio.open_connection(LOOPBACK, port)
