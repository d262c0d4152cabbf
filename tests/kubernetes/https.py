"""A real HTTP(S) server whose answers a test writes, and the certificates that it and its clients use."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.kubernetes.target import Cluster, Target, User

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Authority:
    """A certificate authority of a test's own."""

    def __init__(self, name: str = "test-ca") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        built = _builder(self._name, self._name, self._key, timedelta(days=1)).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.pem = built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def issue(self, name: str, *hosts: str, lasts: timedelta = timedelta(days=1)) -> tuple[bytes, bytes]:
        """A certificate and its key, both PEM. A negative `lasts` makes one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = _builder(_named(name), self._name, key, lasts)
        if hosts:
            names = [_general(host) for host in hosts]
            built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = built.sign(self._key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM), private(key)

    def server_context(
        self, folder: Path, *hosts: str, lasts: timedelta = timedelta(days=1)
    ) -> ssl.SSLContext:
        """For a server of those names, which asks for client certificates of this authority."""
        certificate, key = self.issue("server", *(hosts or ("127.0.0.1", "localhost")), lasts=lasts)
        file = folder / "server.pem"
        file.write_bytes(certificate + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(file))
        context.load_verify_locations(cadata=self.pem.decode())
        context.verify_mode = ssl.CERT_OPTIONAL
        return context


def private(key: ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    """The key as PEM, with a passphrase where one is given."""
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    start, end = (
        (now - timedelta(hours=1), now + lasts) if lasts > timedelta() else (now + 2 * lasts, now + lasts)
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: list[tuple[str, str]]
    body: bytes
    peer: tuple[Any, ...]
    certificate: str

    def header(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Server:
    """A running server: where it is and what it was asked."""

    url: str
    seen: list[Seen] = field(default_factory=list)


@asynccontextmanager
async def serving(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server on a free loopback port until the end of the block."""
    server = Server("")

    async def noted(request: web.BaseRequest) -> web.StreamResponse:
        server.seen.append(await _seen(request))
        return await handler(cast(web.Request, request))

    runner = web.ServerRunner(web.Server(noted, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"{'https' if context else 'http'}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


async def _seen(request: web.BaseRequest) -> Seen:
    transport = request.transport
    certificate = transport.get_extra_info("peercert") if transport else None
    subject = dict(part[0] for part in certificate["subject"]) if certificate else {}
    return Seen(
        request.method,
        request.path,
        dict(request.query),
        list(request.headers.items()),
        await request.read(),
        transport.get_extra_info("peername") if transport else (),
        subject.get("commonName", ""),
    )


def target(server: str, user: User | None = None, **cluster: Any) -> Target:
    """A context "prod" for the server; what else is said is said of its cluster."""
    return Target(
        name="prod",
        cluster=Cluster(server=server, **cluster),
        user=user or User(),
        cluster_name="prod-cluster",
        user_name="admin",
        origin="/home/me/.kube/config",
    )


def status(code: int, reason: str, message: str, **headers: str) -> web.Response:
    """An error as a Kubernetes API server words it."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}
    return web.json_response({**body, "code": code}, status=code, headers=headers)
