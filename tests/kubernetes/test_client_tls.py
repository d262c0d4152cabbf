"""TLS as it goes wrong: each fault by a real handshake, named with its cause and its remedy."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from providers.contract import Problem
from providers.kubernetes.client import ApiError, Client, Unreachable
from providers.kubernetes.target import Target, User
from tests.kubernetes.https import Authority, private, serving, status, target

AUTHORITY = Authority()
OTHER = Authority("other-ca")
DAY = timedelta(days=1)


async def ok(_: web.Request) -> web.StreamResponse:
    return web.json_response({})


async def asked(one: Target) -> None:
    client = Client(one)
    try:
        await client.get("/version")
    finally:
        await client.close()


async def fault(one: Target) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        await asked(one)
    assert "127.0.0.1:" in caught.value.detail
    assert caught.value.remedy
    return caught.value


async def test_a_server_is_trusted_by_the_clusters_authority(tmp_path: Path) -> None:
    file = tmp_path / "ca.crt"
    file.write_bytes(b"# a comment with \xc3\xa4\n" + AUTHORITY.pem)
    async with serving(ok, AUTHORITY.server_context(tmp_path)) as server:
        await asked(target(server.url, certificate_authority_data=AUTHORITY.pem))
        await asked(target(server.url, certificate_authority=str(file)))
        await asked(target(server.url, certificate_authority_data=OTHER.pem + AUTHORITY.pem))
    assert len(server.seen) == 3


@pytest.mark.parametrize("authority", [OTHER.pem, b""], ids=["other", "system"])
async def test_an_unknown_authority(tmp_path: Path, authority: bytes) -> None:
    async with serving(ok, AUTHORITY.server_context(tmp_path)) as server:
        error = await fault(target(server.url, certificate_authority_data=authority))
    assert error.cause == "tls"
    assert "not signed by the authority that the kubeconfig trusts" in error.detail
    assert "certificate-authority" in error.remedy
    assert server.seen == []


async def test_a_server_certificate_that_has_expired(tmp_path: Path) -> None:
    async with serving(ok, AUTHORITY.server_context(tmp_path, lasts=-DAY)) as server:
        error = await fault(target(server.url, certificate_authority_data=AUTHORITY.pem))
    assert "its certificate has expired" in error.detail


@pytest.mark.parametrize("name", ["kubernetes.default", "10.0.0.1"])
async def test_a_server_of_another_name(tmp_path: Path, name: str) -> None:
    async with serving(ok, AUTHORITY.server_context(tmp_path, name)) as server:
        error = await fault(target(server.url, certificate_authority_data=AUTHORITY.pem))
        assert "its certificate is for another" in error.detail
        assert "tls-server-name" in error.remedy
        await asked(target(server.url, certificate_authority_data=AUTHORITY.pem, tls_server_name=name))
    assert len(server.seen) == 1


async def test_insecure_skip_tls_verify_works_and_is_seen(tmp_path: Path) -> None:
    async with serving(ok, OTHER.server_context(tmp_path, "nobody", lasts=-DAY)) as server:
        one = target(server.url, insecure_skip_tls_verify=True)
        await asked(one)
    assert Client(one).info.warnings == ("TLS not verified",)


async def test_an_authority_and_skipping_verification_contradict_each_other() -> None:
    one = target("https://h", insecure_skip_tls_verify=True, certificate_authority_data=AUTHORITY.pem)
    with pytest.raises(Problem, match="'prod-cluster' has both a certificate authority and insecure"):
        await asked(one)


async def test_https_to_a_server_that_speaks_http_and_the_other_way_round(tmp_path: Path) -> None:
    async with serving(ok) as plain:
        error = await fault(target(plain.url.replace("http:", "https:"), insecure_skip_tls_verify=True))
        assert "does not speak TLS" in error.detail
    async with serving(ok, AUTHORITY.server_context(tmp_path)) as secure:
        error = await fault(target(secure.url.replace("https:", "http:")))
        assert error.cause in ("reset", "protocol")


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"no pem", "holds no certificate"), (b"", "holds no certificate")],
)
async def test_an_authority_file_that_is_none(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "ca.crt"
    file.write_bytes(data)
    with pytest.raises(Problem, match=said) as caught:
        await asked(target("https://h", certificate_authority=str(file)))
    assert str(file) in caught.value.detail
    with pytest.raises(Problem, match=r"gone\.crt cannot be read: No such file"):
        await asked(target("https://h", certificate_authority=str(tmp_path / "gone.crt")))


# ---- client certificates -----------------------------------------------------------------------------


async def test_a_client_certificate_is_shown_from_data_and_from_files(tmp_path: Path) -> None:
    certificate, key = AUTHORITY.issue("jane")
    (tmp_path / "me.crt").write_bytes(certificate)
    (tmp_path / "me.key").write_bytes(key)
    users = [
        User(client_certificate_data=certificate, client_key_data=key),
        User(client_certificate=str(tmp_path / "me.crt"), client_key=str(tmp_path / "me.key")),
        User(client_certificate_data=certificate, client_key=str(tmp_path / "me.key")),
    ]
    before = files(tmp_path)
    async with serving(ok, AUTHORITY.server_context(tmp_path)) as server:
        for user in users:
            await asked(target(server.url, user, certificate_authority_data=AUTHORITY.pem))
    assert [seen.certificate for seen in server.seen] == ["jane"] * 3
    assert files(tmp_path) - before == {"server.pem"}


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def alert(context: ssl.SSLContext, connection: socket.socket) -> None:
    """Shake hands, say what is wrong, and read on to the end: what is left unread would be a reset."""
    wrapped = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
    with contextlib.suppress(ssl.SSLError):
        wrapped.do_handshake()
    with socket.socket(fileno=wrapped.detach()) as plain, contextlib.suppress(OSError):
        plain.settimeout(1)
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(1 << 16):
            pass


@contextmanager
def alerting(context: ssl.SSLContext) -> Iterator[str]:
    """A server that tells a client by a TLS alert what is wrong with its certificate, as Go's do.

    (asyncio's hang up without a word.)
    """
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):  # closed from outside: the end
            while True:
                connection, _ = listening.accept()
                alert(context, connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


async def test_a_client_certificate_that_has_expired_is_told_with_its_date(tmp_path: Path) -> None:
    certificate, key = AUTHORITY.issue("jane", lasts=-DAY)
    user = User(client_certificate_data=certificate, client_key_data=key)
    with alerting(AUTHORITY.server_context(tmp_path)) as url:
        error = await fault(target(url, user, certificate_authority_data=AUTHORITY.pem))
    assert error.cause == "tls"
    assert (
        "our client certificate has expired: client certificate of user 'admin' expired on 20" in error.detail
    )
    assert not error.sent
    async with serving(ok, AUTHORITY.server_context(tmp_path)) as server:
        error = await fault(target(server.url, user, certificate_authority_data=AUTHORITY.pem))
    assert "client certificate of user 'admin' expired on 20" in error.detail


async def test_a_401_to_an_expired_client_certificate_tells_its_date_too(tmp_path: Path) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return status(401, "Unauthorized", "Unauthorized")

    certificate, key = AUTHORITY.issue("jane", lasts=-DAY)
    context = AUTHORITY.server_context(tmp_path)
    context.verify_mode = ssl.CERT_NONE  # as kube-apiserver: looked at after the handshake
    user = User(client_certificate_data=certificate, client_key_data=key)
    async with serving(refuse, context) as server:
        client = Client(target(server.url, user, certificate_authority_data=AUTHORITY.pem))
        with pytest.raises(ApiError, match=r"\(401: Unauthorized\): .* expired on 20"):
            await client.get("/version")
        await client.close()


async def test_a_server_that_demands_a_client_certificate(tmp_path: Path) -> None:
    context = AUTHORITY.server_context(tmp_path)
    context.verify_mode = ssl.CERT_REQUIRED
    with alerting(context) as url:
        error = await fault(target(url, certificate_authority_data=AUTHORITY.pem))
    assert "asks for a client certificate, and the user has none" in error.detail


async def test_a_client_certificate_of_a_stranger(tmp_path: Path) -> None:
    certificate, key = OTHER.issue("jane")
    user = User(client_certificate_data=certificate, client_key_data=key)
    with alerting(AUTHORITY.server_context(tmp_path)) as url:
        error = await fault(target(url, user, certificate_authority_data=AUTHORITY.pem))
    assert "does not know who signed our client certificate" in error.detail


async def test_pairs_that_do_not_belong_together_or_are_none() -> None:
    certificate, key = AUTHORITY.issue("jane")
    _, other = AUTHORITY.issue("joe")
    secret = private(ec.generate_private_key(ec.SECP256R1()), b"passphrase")
    for user, said in (
        (User(client_certificate_data=certificate, client_key_data=other), "do not belong together"),
        (User(client_certificate_data=certificate, client_key_data=b"junk"), "are not valid PEM"),
        (User(client_certificate_data=certificate, client_key_data=secret), "has a passphrase"),
        (User(client_certificate_data=certificate), "has no client-key"),
        (User(client_key_data=key), "has no client-certificate"),
        (User(client_certificate="/none/me.crt", client_key="/none/me.key"), "/none/me.crt cannot be read"),
    ):
        with pytest.raises(Problem, match=said) as caught:
            await asked(target("https://127.0.0.1:1", user))
        assert caught.value.state == "denied"


async def test_a_renewed_client_certificate_is_used_on_new_connections(tmp_path: Path) -> None:
    async def picky(request: web.Request) -> web.StreamResponse:
        transport = request.transport
        assert transport
        subject = dict(part[0] for part in transport.get_extra_info("peercert")["subject"])
        return await ok(request) if subject["commonName"] == "new" else status(401, "Unauthorized", "no")

    crt, pem = tmp_path / "me.crt", tmp_path / "me.key"
    for path, data in zip((crt, pem), AUTHORITY.issue("old"), strict=True):
        path.write_bytes(data)
    async with serving(picky, AUTHORITY.server_context(tmp_path)) as server:
        user = User(client_certificate=str(crt), client_key=str(pem))
        client = Client(target(server.url, user, certificate_authority_data=AUTHORITY.pem))
        with pytest.raises(ApiError):
            await client.get("/version")
        for path, data in zip((crt, pem), AUTHORITY.issue("new"), strict=True):
            path.write_bytes(data)
        assert await client.get("/version") == b"{}"
        await client.close()
    assert [seen.certificate for seen in server.seen] == ["old", "old", "new"]


# ---- no TLS, no HTTP ---------------------------------------------------------------------------------


@asynccontextmanager
async def talking(answer: bytes) -> AsyncIterator[str]:
    """A server that says the same to everybody, and hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_server_that_does_not_speak_http() -> None:
    async with talking(b"SSH-2.0-OpenSSH_9.2\r\n") as url:
        error = await fault(target(url))
    assert error.cause == "protocol"
    assert "does not speak HTTP" in error.detail


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{half",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{half",
    ],
)
async def test_a_server_that_hangs_up_in_the_middle(answer: bytes) -> None:
    async with talking(answer) as url:
        error = await fault(target(url))
        assert error.sent
        assert error.cause in ("reset", "protocol")
        client = Client(target(url))
        with pytest.raises(Unreachable):
            await drained(client)
        await client.close()


async def drained(client: Client) -> None:
    async with client.stream("/api/v1/pods") as chunks:
        async for _ in chunks:
            pass


async def test_a_name_that_does_not_resolve() -> None:
    with pytest.raises(
        Unreachable, match=r"no-such-host\.invalid:6443: the name cannot be resolved"
    ) as caught:
        await asked(target("https://no-such-host.invalid:6443"))
    assert caught.value.cause == "dns"
    assert "VPN" in caught.value.remedy


async def test_a_server_that_refuses_connections() -> None:
    async with talking(b"") as url:
        pass
    error = await fault(target(url))
    assert (error.cause, error.sent) == ("refused", False)
    assert "refuses connections" in error.detail
