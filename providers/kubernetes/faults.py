"""What goes wrong between us and an API server, in words: the host, the cause, and what to do about it."""

from __future__ import annotations

import errno
import re
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Literal

import aiohttp
import msgspec
from msgspec import Struct

from providers.contract import Problem
from providers.text import clean

Cause = Literal["dns", "refused", "unroutable", "tls", "timeout", "reset", "proxy", "protocol"]
_RETRY_LIMIT_SECONDS = 3600.0


class Unreachable(Problem):
    """No answer came. `cause` says at which step; `sent` whether the request may have arrived."""

    def __init__(self, detail: str, remedy: str, cause: Cause, *, sent: bool = False) -> None:
        super().__init__(clean(detail, 600), remedy)
        self.cause: Cause = cause
        self.sent = sent


class ApiError(Problem):
    """The server answered with an error status.

    `status` is HTTP's, `reason` and `message` are Kubernetes' ("" where the body was none of its own),
    `retry_after` is in seconds.
    """

    def __init__(
        self, detail: str, remedy: str, status: int, *, reason: str, message: str, retry_after: float | None
    ) -> None:
        super().__init__(detail, remedy, state="denied" if status in (401, 403) else "lost")
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after


class _Status(Struct, frozen=True, rename="camel"):
    kind: str = ""
    reason: str = ""
    message: str = ""


# ---- answers -----------------------------------------------------------------------------------------


def answered(host: str, status: int, headers: Mapping[str, str], body: bytes, hint: str = "") -> ApiError:
    """The error that an answer stands for. Kubernetes' own body is quoted, anybody else's is named.

    `hint` is what we know besides of why credentials are not accepted.
    """
    said = _status(body)
    message, reason = clean(said.message, 1000), clean(said.reason, 100)
    if not message and is_page(headers, body):
        message = f"{host} answered {status} with a web page: this may not be a Kubernetes API"
    elif not message and status // 100 == 3:
        to = clean(headers.get("Location", "elsewhere"), 200)
        message = f"{host} redirects to {to}: this is not a Kubernetes API"
    message = message or clean(" ".join(body[:300].decode(errors="replace").split())) or f"status {status}"
    detail, remedy = _told(host, status, message, hint)
    after = _retry_after(headers.get("Retry-After", ""))
    return ApiError(detail, remedy, status, reason=reason, message=message, retry_after=after)


def is_page(headers: Mapping[str, str], body: bytes = b"") -> bool:
    """Whether what came is HTML, which no Kubernetes API speaks."""
    return headers.get("Content-Type", "").startswith("text/html") or body[:64].lstrip()[:5].lower() in (
        b"<html",
        b"<!doc",
    )


def page(host: str) -> Unreachable:
    """The answer was fine and a web page."""
    return Unreachable(
        f"{host} answered with a web page: this is not a Kubernetes API",
        "check `server:` in the kubeconfig, and whether a proxy or a login page is in between",
        "protocol",
    )


def _status(body: bytes) -> _Status:
    try:
        found = msgspec.json.decode(body, type=_Status)
    except msgspec.DecodeError:
        return _Status()
    return found if found.kind == "Status" else _Status()


def _told(host: str, status: int, message: str, hint: str) -> tuple[str, str]:
    if status == 401:
        why = f": {hint}" if hint else ""
        return f"{host} does not accept the credentials (401: {message}){why}", "log in again, then refresh"
    if status == 403:
        return message, "ask for the right, or use a context that has it; `quarterdeck doctor` lists them"
    if status == 429:
        return f"{host} asks to slow down (429: {message})", "it is tried again by itself"
    if status >= 500:
        return f"{host} answered {status}: {message}", "it is tried again by itself; see the server's log"
    if status // 100 == 3:
        return message, "check `server:` in the kubeconfig"
    return message, ""


def _retry_after(value: str) -> float | None:
    """Seconds from a number or a date, at most an hour."""
    if not value:
        return None
    try:
        seconds = float(value) if value.isdigit() else parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _RETRY_LIMIT_SECONDS)


# ---- no answers --------------------------------------------------------------------------------------


def unreachable(host: str, error: BaseException, proxy: str = "") -> Unreachable:
    """What an exception of aiohttp, ssl or the system means."""
    if isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)):
        return _by_proxy(host, error, proxy)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _dns(host, error)
    if found := _ssl_error(error):
        return _tls(host, found, sent=not isinstance(error, aiohttp.ClientConnectorError))
    if isinstance(error, TimeoutError):
        return _timeout(host, error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _not_connected(host, error)
    if isinstance(error, aiohttp.ClientResponseError):
        remedy = "check `server:` and its port in the kubeconfig"
        return Unreachable(f"{host} does not speak HTTP: {error.message}", remedy, "protocol", sent=True)
    if isinstance(error, aiohttp.InvalidURL):
        return Unreachable(f"{host} is no address", "check `server:` in the kubeconfig", "protocol")
    # Of an answer that is cut short the library says how HTTP marks its end.
    payload = isinstance(error, aiohttp.ClientPayloadError)
    reason = "in the middle of an answer" if payload else f"({_words(error)})"
    return Unreachable(
        f"{host} broke the connection off {reason}", "it is tried again by itself", "reset", sent=True
    )


def _by_proxy(host: str, error: Exception, proxy: str) -> Unreachable:
    why = f"answered {error.status}" if isinstance(error, aiohttp.ClientHttpProxyError) else _words(error)
    remedy = "check proxy-url in the kubeconfig, or HTTPS_PROXY and NO_PROXY in the environment"
    return Unreachable(f"proxy {proxy or 'in between'} does not lead to {host}: {why}", remedy, "proxy")


def _dns(host: str, error: aiohttp.ClientConnectorDNSError) -> Unreachable:
    return Unreachable(
        f"{host}: the name cannot be resolved ({_words(error.os_error)})",
        "check `server:` in the kubeconfig, the network, and whether a VPN is needed",
        "dns",
    )


def _timeout(host: str, error: TimeoutError) -> Unreachable:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        remedy = "check the network, a firewall in between, and whether a VPN is needed"
        return Unreachable(f"{host} cannot be connected to: no answer in time", remedy, "timeout")
    return Unreachable(
        f"{host} stopped answering",
        "it is tried again by itself; see the server's load",
        "timeout",
        sent=True,
    )


def _not_connected(host: str, error: aiohttp.ClientConnectorError) -> Unreachable:
    code = error.os_error.errno
    if code == errno.ECONNREFUSED or "[Errno 111]" in str(error.os_error):
        remedy = "check that the API server runs, and `server:` with its port in the kubeconfig"
        return Unreachable(f"{host} refuses connections", remedy, "refused")
    cause: Cause = "timeout" if code == errno.ETIMEDOUT else "unroutable"
    remedy = "check the network, a firewall in between, and whether a VPN is needed"
    return Unreachable(f"{host} cannot be connected to: {_words(error.os_error)}", remedy, cause)


def _words(error: BaseException) -> str:
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return clean(words, 200)


# ---- TLS ---------------------------------------------------------------------------------------------

_VERIFY = {
    9: ("is not valid yet", "check the clock of this machine"),
    10: ("has expired", "have it renewed, and check the clock of this machine"),
    62: ("is for another name", "check `server:`, or set tls-server-name in the kubeconfig"),
    64: ("is for another address", "check `server:`, or set tls-server-name in the kubeconfig"),
}
_UNTRUSTED = (
    "is not signed by the authority that the kubeconfig trusts",
    "check certificate-authority in the kubeconfig; the cluster may have been made anew",
)
_ALERTS = {
    "CERTIFICATE_EXPIRED": "says that our client certificate has expired",
    "UNKNOWN_CA": "does not know who signed our client certificate",
    "BAD_CERTIFICATE": "does not accept our client certificate",
    "CERTIFICATE_REQUIRED": "asks for a client certificate, and the user has none",
    "CERTIFICATE_UNKNOWN": "does not accept our client certificate",
    "HANDSHAKE_FAILURE": "and we have no common form of TLS",
    "PROTOCOL_VERSION": "and we have no common version of TLS",
}
_PLAIN = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
)


def _ssl_error(error: BaseException | None) -> ssl.SSLError | None:
    """The TLS error that another one carries, if any; aiohttp's own are named so, and say nothing."""
    for _ in range(6):
        if error is None:
            return None
        inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
        if isinstance(error, ssl.SSLError) and inner is None:
            return error
        error = inner or error.__cause__ or error.__context__
    return None


def _tls(host: str, error: ssl.SSLError, *, sent: bool) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        what, remedy = _VERIFY.get(error.verify_code, _UNTRUSTED)
        why = f" ({error.verify_message})" if error.verify_message else ""
        return Unreachable(f"{host}: its certificate {what}{why}", remedy, "tls")
    reason = str(error.reason or "")
    if any(name in reason for name in _PLAIN):
        remedy = "check the scheme and the port of `server:` in the kubeconfig"
        return Unreachable(f"{host} does not speak TLS", remedy, "tls")
    for name, what in _ALERTS.items():
        if name in reason:
            # In TLS 1.3 the refusal of a client certificate comes after the request went out; the server
            # has not read it, so nothing was done.
            return Unreachable(f"{host} {what}", "log in again, or check the user's certificate", "tls")
    words = re.sub(r"\s*\(_ssl\.c:\d+\)", "", str(error))
    remedy = "check the server's address, and what is in between"
    return Unreachable(f"{host}: TLS failed ({clean(words, 200)})", remedy, "tls", sent=sent)
