"""TLS to an API server: whom to trust, the client's own certificate, and until when it is valid.

Keys that a kubeconfig holds as data never become a file that another process could open by name.
"""

from __future__ import annotations

import os
import re
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from providers.contract import Problem
from providers.kubernetes.target import Hidden, Target, User

_CERTIFICATE = re.compile(
    r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----.+?-----END (?:TRUSTED )?CERTIFICATE-----", re.S
)


class Pair(Hidden, frozen=True):
    """A client certificate with its key, both PEM. `name` is what errors call it."""

    certificate: bytes
    key: bytes
    name: str = "client certificate"


def pair_of(user: User, user_name: str) -> Pair | None:
    """The user's own client certificate, read now. Raises Problem naming the file or the user."""
    certificate = user.client_certificate_data or _read(user.client_certificate, "client certificate")
    key = user.client_key_data or _read(user.client_key, "client key")
    if not (certificate or key):
        return None
    if not (certificate and key):
        lacking = "client-key" if certificate else "client-certificate"
        raise _problem(f"user {user_name!r} has no {lacking} to go with its pair", "add it to the kubeconfig")
    from_file = user.client_certificate if not user.client_certificate_data else ""
    return Pair(certificate, key, f"client certificate {from_file or f'of user {user_name!r}'}")


def context(target: Target, pair: Pair | None) -> ssl.SSLContext:
    """The context for the target's server. Raises Problem naming what cannot be used."""
    made = trusting(*_authority(target)) if not target.cluster.insecure_skip_tls_verify else _blind(target)
    if pair is not None:
        _add(made, pair)
    return made


def trusting(authority: bytes, name: str) -> ssl.SSLContext:
    """A context that trusts the PEM certificates given, or those of the system when there are none.

    As Go's does, it takes an intermediate for an anchor, and does without the key identifiers that
    Python 3.13 insists on by default and many clusters' certificates lack.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.set_alpn_protocols(["http/1.1"])
    if not name:
        made.load_default_certs()
        return made
    try:
        made.load_verify_locations(cadata="\n".join(_CERTIFICATE.findall(authority.decode("latin-1"))))
    except (ssl.SSLError, ValueError):
        raise _problem(f"{name} holds no certificate in PEM form", "correct it in the kubeconfig") from None
    return made


def expiry(pair: Pair) -> datetime | None:
    """When the client certificate ends (UTC), None when it cannot be read.

    cryptography is loaded only where somebody asks for the date.
    """
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pair.certificate).not_valid_after_utc
    except ValueError:
        return None


def _authority(target: Target) -> tuple[bytes, str]:
    if target.cluster.certificate_authority_data:
        return target.cluster.certificate_authority_data, f"certificate authority of {target.cluster_name!r}"
    path = target.cluster.certificate_authority
    return (_read(path, "certificate authority"), f"certificate authority {path}") if path else (b"", "")


def _blind(target: Target) -> ssl.SSLContext:
    if target.cluster.certificate_authority or target.cluster.certificate_authority_data:
        raise _problem(
            f"cluster {target.cluster_name!r} has both a certificate authority and insecure-skip-tls-verify",
            f"remove one of the two from {target.origin}",
        )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def _add(made: ssl.SSLContext, pair: Pair) -> None:
    if b"ENCRYPTED" in pair.key:
        raise _problem(
            f"the key of {pair.name} has a passphrase", "use a key without one, or an exec plug-in"
        )
    try:
        with _path(pair.certificate.rstrip() + b"\n" + pair.key) as path:
            # The callback keeps OpenSSL from asking on the terminal, whatever form the key has.
            made.load_cert_chain(path, password=lambda: b"")
    except ssl.SSLError as error:
        what = "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "are not valid PEM"
        raise _problem(f"{pair.name} and its key {what}", "correct the kubeconfig, or log in again") from None


@contextmanager
def _path(data: bytes) -> Iterator[str]:
    """A path to load the data from: of memory where there is such a thing, else of a file for a moment."""
    if sys.platform == "linux":
        handle = os.memfd_create("key")
        path = f"/proc/self/fd/{handle}"
    else:
        handle, path = tempfile.mkstemp()
    try:
        os.write(handle, data)
        yield path
    finally:
        os.close(handle)
        if sys.platform != "linux":
            os.unlink(path)


def _read(path: str, what: str) -> bytes:
    if not path:
        return b""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _problem(f"{what} {path} cannot be read: {error.strerror}", "correct the kubeconfig") from None


def _problem(detail: str, remedy: str) -> Problem:
    return Problem(detail, remedy, state="denied")
