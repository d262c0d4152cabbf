"""Where an API server is, and what follows from that alone: encryption, and whether gzip pays."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from providers.contract import Problem
from providers.kubernetes.target import Target
from providers.text import clean


def server_address(target: Target) -> str:
    """The server's URL. Without a scheme it is https where anything about TLS is said, as for kubectl.

    Raises Problem for what is no address.
    """
    server = target.cluster.server.strip()
    if "://" not in server:
        server = f"{'https' if _secure(target) else 'http'}://{server}"
    if "@" in server:
        raise Problem(
            f"cluster {target.cluster_name!r} has a user name in its server's address",
            f"move it to the user in {target.origin}, as username and password",
            state="denied",
        )
    try:
        parts = urlsplit(server)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise Problem(
            f"cluster {target.cluster_name!r} has a server that is no address: {clean(server, 200)!r}",
            f"correct `server:` in {target.origin}, in the form https://host:6443",
            state="denied",
        )
    return server.rstrip("/")


def _secure(target: Target) -> bool:
    cluster, user = target.cluster, target.user
    return bool(
        cluster.certificate_authority
        or cluster.certificate_authority_data
        or cluster.insecure_skip_tls_verify
        or user.client_certificate
        or user.client_certificate_data
    )


def warnings(server: str, target: Target) -> tuple[str, ...]:
    """What a person must see of how we connect there."""
    if server.startswith("http:"):
        return ("not encrypted",)
    return ("TLS not verified",) if target.cluster.insecure_skip_tls_verify else ()


def is_far(server: str) -> bool:
    """Whether it is neither on this machine nor on a private network, as far as its name tells."""
    host = urlsplit(server).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".lan", ".svc", ".localhost"))
