"""Sessions over WebSockets against servers that do as a test says: both protocols, and all that breaks.

What a working server does is held against the real one in tests/lab/test_sessions.py.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from providers.contract import Problem, Refused
from providers.kubernetes.channels import V4, V5, dial
from providers.kubernetes.client import Client
from providers.kubernetes.containers import ContainerSpec, Pod, PodSpec
from providers.kubernetes.exec import ERROR, RESIZE, STDERR, STDIN, STDOUT, Execution, attach, execute
from providers.kubernetes.forward import Connection
from providers.kubernetes.lookup import Metadata
from providers.kubernetes.target import User
from providers.sessions import Ending, Size
from tests.kubernetes.https import Authority, Handler, Server, serving, status, target

Script = Callable[[web.WebSocketResponse], Awaitable[None]]
SHOP = Pod(Metadata(name="api-0", namespace="shop"), PodSpec((ContainerSpec("web"),)))
PATH = "/api/v1/namespaces/shop/pods/api-0/exec"
OCI = (
    "error executing command in container: failed to exec in container: failed to start exec: OCI runtime "
    'exec failed: exec failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such '
    "file or directory: unknown"
)
CUT = Ending(detail="the connection broke off", remedy="open it again")


def speaking(script: Script, *protocols: str) -> Handler:
    """A server that knows these protocols and follows the script."""

    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=protocols or (V5, V4), autoping=False)
        await socket.prepare(request)
        await script(socket)
        await socket.close()
        return socket

    return answer


@asynccontextmanager
async def client_of(server: Server, user: User | None = None, **options: bool) -> AsyncIterator[Client]:
    client = Client(target(server.url, user), environ={}, **options)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def executing(
    script: Script, *protocols: str, size: Size | None = None, command: tuple[str, ...] = ("/bin/sh",)
) -> AsyncIterator[Execution]:
    async with serving(speaking(script, *protocols)) as server, client_of(server) as client:
        execution = await execute(client, SHOP, ContainerSpec("web"), command, size)
        yield execution
        begun = time.monotonic()
        await execution.close()
        assert time.monotonic() - begun < 1


async def over(session: Execution | Connection) -> tuple[bytes, Ending]:
    said = bytearray()
    async with asyncio.timeout(10):
        while piece := await session.read():
            said += piece
        return bytes(said), await session.ended()


def ending(code: int | None = None, message: str = "") -> bytes:
    """The v1.Status that a server sends at the end."""
    if code == 0:
        return bytes([ERROR]) + json.dumps({"metadata": {}, "status": "Success"}).encode()
    failed = {"metadata": {}, "status": "Failure", "reason": "InternalError", "message": message, "code": 500}
    if code is not None:
        causes = [{"reason": "ExitCode", "message": str(code)}]
        failed |= {"reason": "NonZeroExitCode", "details": {"causes": causes}}
    return bytes([ERROR]) + json.dumps(failed).encode()


# ---- the two protocols -------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [V5, V4])
async def test_a_server_of_either_protocol_is_spoken_to_in_it(protocol: str) -> None:
    heard: list[bytes] = []

    async def script(socket: web.WebSocketResponse) -> None:
        assert socket.ws_protocol == protocol
        await socket.send_bytes(bytes([STDOUT]))  # how a server says that it has begun
        await socket.send_bytes(b"")
        heard.extend([await socket.receive_bytes() for _ in range(3 if protocol == V5 else 2)])
        await socket.send_bytes(bytes([9]) + b"of no known channel")
        await socket.send_bytes(bytes([STDOUT]) + b"hi")
        await socket.send_bytes(ending(0))

    async with executing(script, protocol, size=Size(80, 24)) as shell:
        await asyncio.sleep(0)
        await shell.write(b"ls\n")
        await shell.end()
        assert await over(shell) == (b"hi", Ending(0))
        assert shell.halves == (protocol == V5)
    said = {RESIZE: b'{"Width":80,"Height":24}', STDIN: b"ls\n", 255: bytes([STDIN])}
    assert {each[0]: each[1:] for each in heard} == (
        said if protocol == V5 else {0: b"ls\n", 4: said[RESIZE]}
    )


async def test_both_protocols_are_offered_and_what_is_wanted_is_asked_for() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(ending(0))

    async with (
        serving(speaking(script)) as server,
        client_of(server, User(token="t", as_user="jane")) as client,
    ):
        shell = await execute(client, SHOP, ContainerSpec("web"), ("a b",), Size(1, 1))
        await over(shell)
        await shell.close()
        plain = await execute(client, SHOP, ContainerSpec("web"), ("ls",), None)
        await plain.close()
        joined = await attach(client, SHOP, ContainerSpec("web", stdin=True, tty=True), Size(1, 1))
        await joined.close()
    first, second, third = server.seen
    assert first.header("Sec-WebSocket-Protocol") == [f"{V5},{V4}"]
    assert first.header("Authorization") == ["Bearer t"]
    assert first.header("Impersonate-User") == ["jane"]
    assert (first.method, first.path) == ("GET", PATH)
    assert first.query == {
        "container": "web",
        "command": "a b",
        "stdin": "true",
        "stdout": "true",
        "tty": "true",
    }
    assert second.query == {
        "container": "web", "command": "ls", "stdin": "true", "stdout": "true", "stderr": "true",
    }  # fmt: skip
    assert third.path.endswith("/attach")
    assert third.query == {"container": "web", "stdin": "true", "stdout": "true", "tty": "true"}


async def test_a_server_that_agrees_on_nothing_is_not_spoken_to() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.receive()

    async with serving(speaking(script, "v9.channel.k8s.io")) as server, client_of(server) as client:
        with pytest.raises(Problem, match="without saying how it is to be spoken"):
            await dial(client, PATH, [])


@pytest.mark.parametrize(
    ("output", "status", "expected"),
    [
        (b"x", ending(0), Ending(0)),
        (b"x", ending(7), Ending(7)),
        (b"x", ending(127), Ending(127)),  # of the last command that was typed
        (b"x", ending(None, "container is \x1b[31mnot\x1b[0m running"),
         Ending(None, "container is ␛[31mnot␛[0m running")),
        (b"x", bytes([ERROR]) + b"no JSON at all", Ending(None, "no JSON at all")),
        (b"x", bytes([ERROR]) + b"{}", Ending(None, "the server gave no reason")),
        (b"x", b"", CUT),
    ],
)  # fmt: skip
async def test_the_ending_is_what_the_server_says(output: bytes, status: bytes, expected: Ending) -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(bytes([STDOUT]) + output)
        if status:
            await socket.send_bytes(status)

    async with executing(script, size=Size(80, 24)) as shell:
        assert await over(shell) == (output, expected)
        assert await shell.read() == b""
        await shell.write(b"dropped")
        shell.resize(Size(1, 1))


@pytest.mark.parametrize(
    "status",
    [
        ending(None, OCI),
        ending(None, 'exec: "/bin/sh": executable file not found in $PATH'),
        ending(126, "command terminated with non-zero exit code"),
        ending(127, "command terminated with non-zero exit code"),
    ],
)  # fmt: skip
async def test_a_container_without_a_shell_is_told_as_such(status: bytes) -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(status)

    async with executing(script, size=Size(80, 24)) as shell:
        said, ended = await over(shell)
        assert (said, ended.detail) == (b"", "the container has no /bin/sh")
        assert "debug" in ended.remedy


async def test_complaints_are_kept_apart_and_the_last_of_them_told() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(bytes([STDOUT]) + b"data")
        await socket.send_bytes(bytes([STDERR]) + b"x" * 9000 + b" cat: no such file\n")
        await socket.send_bytes(ending(1))

    async with executing(script) as command:
        said, ended = await over(command)
        assert (said, ended.status) == (b"data", 1)
        assert len(ended.detail) <= 500


async def test_what_has_no_terminal_is_shown_with_its_lines_ended() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(bytes([STDOUT]) + b"a\nb")
        await socket.send_bytes(bytes([STDERR]) + b"c\n")
        await socket.send_bytes(ending(0))

    async with serving(speaking(script)) as server, client_of(server) as client:
        joined = await attach(client, SHOP, ContainerSpec("web"), Size(80, 24))
        assert await over(joined) == (b"a\r\nbc\r\n", Ending(0))
        await joined.close()


# ---- what breaks -------------------------------------------------------------------------------------


async def test_a_connection_that_drops_ends_the_session() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(bytes([STDOUT]) + b"working")
        transport = socket._writer.transport if socket._writer else None  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()

    async with executing(script, size=Size(80, 24)) as shell:
        assert await over(shell) == (b"working", CUT)


@pytest.mark.parametrize("bad", ["text", "a frame of 2 MB"])
async def test_what_is_no_message_ends_the_session(bad: str) -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        if bad == "text":
            await socket.send_str("hello")
        else:
            await socket.send_bytes(bytes(2 << 20))
        await socket.receive()

    async with executing(script, size=Size(80, 24)) as shell:
        said, ended = await over(shell)
        assert (said, ended.status) == (b"", None)
        assert "the server sent" in ended.detail


async def test_pings_are_answered() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.ping(b"there?")
        message = await socket.receive()
        while message.type is not WSMsgType.PONG:
            message = await socket.receive()
        await socket.send_bytes(ending(0 if message.data == b"there?" else 1))

    async with executing(script) as command:
        assert await over(command) == (b"", Ending(0))


async def _silent(socket: web.WebSocketResponse) -> None:
    """Takes what comes and answers nothing, not even pings."""
    while not socket.closed:
        await socket.receive()


async def _awake(socket: web.WebSocketResponse) -> None:
    """Answers pings and says nothing."""
    for _ in range(8):
        message = await socket.receive()
        if message.type is WSMsgType.PING:
            await socket.pong(message.data)
    await socket.send_bytes(ending(0))


@pytest.mark.parametrize(
    ("script", "typed", "expected"),
    [
        (_silent, b"", Ending(None, "nothing came for 0 s", "open it again")),
        (_silent, b"some keys", Ending(None, "nothing came for 0 s", "open it again")),
        (_awake, b"", Ending(0)),
        # Whoever takes no input answers no ping either: a program that is busy is not gone.
        (_silent, bytes(4096), None),
    ],
)
async def test_a_peer_that_is_gone_is_noticed_and_one_that_is_silent_is_left_alone(
    script: Script, typed: bytes, expected: Ending | None
) -> None:
    async with serving(speaking(script)) as server, client_of(server) as client:
        shell = Execution(await dial(client, PATH, [], quiet=0.05), "")
        await shell.write(typed)
        if expected is None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await shell.read()
        else:
            assert await over(shell) == (b"", expected)
        await shell.close()


async def test_who_does_not_read_holds_the_server_back_and_is_not_thought_dead() -> None:
    sent = 0

    async def script(socket: web.WebSocketResponse) -> None:
        nonlocal sent
        for _ in range(1024):
            await socket.send_bytes(bytes([STDOUT]) + bytes(1 << 15))
            sent += 1
        await socket.send_bytes(ending(0))

    async with serving(speaking(script)) as server, client_of(server) as client:
        flood = Execution(await dial(client, PATH, [], quiet=0.05), "")
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.3)
        assert sent < 512
        said, ended = await over(flood)
        assert (len(said), ended) == (1024 << 15, Ending(0))
        await flood.close()


async def test_closing_while_the_server_floods_takes_no_second() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            await socket.send_bytes(bytes([STDOUT]) + bytes(1 << 15))

    async with executing(script) as flood:
        assert await flood.read()
        waiting = asyncio.create_task(flood.ended())
        await flood.close()
        assert (await waiting).detail == "closed"


async def test_closing_the_client_ends_its_sessions() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.receive()

    async with serving(speaking(script)) as server, client_of(server) as client:
        shell = await execute(client, SHOP, ContainerSpec("web"), ("/bin/sh",), None)
        reading = asyncio.create_task(over(shell))
        await asyncio.sleep(0)
        await client.close()
        assert (await reading)[1] == CUT


# ---- the way there -----------------------------------------------------------------------------------


async def test_a_renewed_token_is_used_after_a_401_and_nothing_is_asked_three_times(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")

    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(ending(0))

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers["Authorization"] == "Bearer new":
            return await speaking(script)(request)
        token.write_text("new" if request.path == PATH else "newer")
        return status(401, "Unauthorized", "Unauthorized")

    async with serving(answer) as server, client_of(server, User(token_file=str(token))) as client:
        shell = await execute(client, SHOP, ContainerSpec("web"), ("/bin/sh",), None)
        assert await over(shell) == (b"", Ending(0))
        await shell.close()
        assert len(server.seen) == 2
        token.write_text("other")
        client.credentials._until = 0
        with pytest.raises(Problem, match="does not accept the credentials"):
            await dial(client, "/elsewhere", [])
        assert len(server.seen) == 4


@pytest.mark.parametrize(
    ("answer", "said", "remedy"),
    [
        (status(400, "BadRequest", "Upgrade request required"), "carries no WebSocket", "a proxy in between"),
        (web.Response(status=404, text="404 page not found"), "carries no WebSocket", "Kubernetes 1.30"),
        (web.Response(text="ok"), "carries no WebSocket", "a proxy in between"),
        (status(404, "NotFound", 'pods "api-0" not found'), 'pods "api-0" not found', ""),
        (
            status(403, "Forbidden", "ada cannot create pods/exec"),
            "ada cannot create pods/exec",
            "ask for the",
        ),
        (status(400, "BadRequest", "container x is not valid"), "container x is not valid", ""),
        (status(503, "ServiceUnavailable", "etcd is away"), "answered 503: etcd is away", "open it again"),
    ],
)
async def test_an_upgrade_that_is_refused_says_why(answer: web.Response, said: str, remedy: str) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async with serving(refuse) as server, client_of(server) as client:
        with pytest.raises(Problem) as refused:
            await dial(client, PATH, [])
    assert said in refused.value.detail
    assert remedy in refused.value.remedy
    assert len(server.seen) == 1


async def test_a_session_is_asked_for_once_even_when_the_connection_breaks() -> None:
    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with serving(hang_up) as server, client_of(server) as client:
        with pytest.raises(Problem, match="broke the connection off") as broken:
            await dial(client, PATH, [])
        assert broken.value.remedy == "open it again"
    assert len(server.seen) == 1


async def test_R1_a_read_only_client_opens_no_session() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        raise AssertionError("it was opened")

    async with serving(speaking(script)) as server, client_of(server, read_only=True) as client:
        for path in (PATH, "/api/v1/namespaces/shop/pods/api-0/log", "/version"):
            with pytest.raises(Refused, match="read-only: GET"):
                await dial(client, path, [])
    assert server.seen == []


async def test_the_server_is_checked_as_for_every_request(tmp_path: Path) -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(ending(0))

    authority = Authority()
    context = authority.server_context(tmp_path, "api.example")
    async with serving(speaking(script), context) as server:
        for trusted, name, fine in (
            (authority, "api.example", True),
            (authority, "", False),
            (Authority("other"), "api.example", False),
        ):
            client = Client(
                target(server.url, certificate_authority_data=trusted.pem, tls_server_name=name), environ={}
            )
            try:
                if fine:
                    channels = await dial(client, PATH, [])
                    assert await channels.receive() == (ERROR, ending(0)[1:])
                    await channels.close()
                else:
                    with pytest.raises(Problem, match="its certificate"):
                        await dial(client, PATH, [])
            finally:
                await client.close()
    assert len(server.seen) == 1


# ---- ports -------------------------------------------------------------------------------------------


async def _connected(client: Client, patience: float = 30) -> Connection:
    return Connection(await dial(client, PATH, [("ports", "80")], (V4,)), "", patience)


async def test_a_port_carries_bytes_without_the_number_that_comes_first() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(b"\0\x50\0")
        await socket.send_bytes(b"\1\x50\0")
        await socket.send_bytes(b"\0P\0" + await socket.receive_bytes())

    async with serving(speaking(script, V4)) as server, client_of(server) as client:
        connection = await _connected(client)
        await connection.write(b"ping")
        assert await over(connection) == (b"P\0\0ping", Ending(0))
        await connection.close()


async def test_a_port_that_is_closed_says_so() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(b"\0\x50\0")
        await socket.send_bytes(b"\1\x50\0")
        await socket.send_bytes(b"\1error forwarding port 80: connection refused\x1b")

    async with serving(speaking(script, V4)) as server, client_of(server) as client:
        connection = await _connected(client)
        assert await over(connection) == (
            b"", Ending(None, "error forwarding port 80: connection refused␛"),
        )  # fmt: skip
        await connection.close()


async def test_after_its_last_word_a_connection_ends_when_the_other_end_is_silent() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(b"\0\x50\0")
        await socket.receive()
        await socket.send_bytes(b"\0answer")
        await socket.receive()

    async with serving(speaking(script, V4)) as server, client_of(server) as client:
        connection = await _connected(client, patience=0.2)
        await connection.write(b"question")
        await connection.end()
        assert await over(connection) == (b"answer", Ending(0))
        await connection.close()


@pytest.mark.parametrize("last", [ending(message="exec [/bin/sh -c the whole script] failed"), b""])
async def test_what_a_program_complained_of_is_why_it_ended(last: bytes) -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(bytes([STDERR]) + b"cat: /nope: No such file\n")
        if last:
            await socket.send_bytes(last)

    async with serving(speaking(script)) as server, client_of(server) as client:
        execution = Execution(await dial(client, PATH, []), "", terminal=False)
        said, how = await over(execution)
        assert (said, how.status, how.detail) == (b"", None, "cat: /nope: No such file")
        await execution.close()


async def test_the_last_word_counts_for_who_waits_already() -> None:
    async def script(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(b"\0\x50\0answer")
        await socket.receive()

    async with serving(speaking(script, V4)) as server, client_of(server) as client:
        connection = await _connected(client, patience=0.2)
        assert await connection.read() == b"answer"
        reading = asyncio.create_task(over(connection))
        await asyncio.sleep(0)  # it waits by now, without a limit
        await connection.end()
        assert await reading == (b"", Ending(0))
        await connection.close()
