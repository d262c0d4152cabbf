"""What went wrong on the way to a host, in words: which host, which hop, and what to do about it."""

from __future__ import annotations

import errno
import socket

import asyncssh

from providers.contract import Problem
from providers.ssh.endpoint import Endpoint
from providers.ssh.login import LOGIN_SECONDS, STEP_SECONDS, Login
from providers.text import clean

_NETWORK = {
    errno.ECONNREFUSED: ("refuses the connection", "is an SSH server running there, on that port?"),
    errno.EHOSTUNREACH: ("can't be reached: no route to it", "is it on, and is this the right network?"),
    errno.ENETUNREACH: ("can't be reached: no route to its network", "is the VPN up?"),
    errno.ETIMEDOUT: ("does not answer", "is it on? A firewall may drop what is sent to it"),
    errno.ECONNRESET: ("closed the connection at once", "it may have too many logins under way; try again"),
}
_TURNED_AWAY = (b"Exceeded MaxStartups", b"Not allowed at this time")
"""What OpenSSH says in place of its greeting."""


def of_connection(error: Exception, end: Endpoint, login: Login | None) -> Problem:
    """The problem for what was raised while connecting to `end`."""
    if login is not None and login.problem is not None:
        return login.problem
    if isinstance(error, Problem):
        return error
    if isinstance(error, TimeoutError):
        return _late(end, login)
    if isinstance(error, socket.gaierror):
        return _problem(end, f"the name {end.address} is not known", "check the name, or give its address")
    if isinstance(error, OSError):
        words, remedy = _NETWORK.get(error.errno or 0, (f"can't be reached: {error.strerror or error}", ""))
        return _problem(end, f"{_where(end)} {words}", remedy)
    if isinstance(error, asyncssh.ChannelOpenError):
        return _behind(error, end)
    if isinstance(error, asyncssh.PermissionDenied):
        return _denied(end, login)
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return _problem(
            end, f"no way of encrypting is known to both: {_said(error)}", "its SSH server is too old"
        )
    return _broken(error, end, login)


def of_session(error: asyncssh.ChannelOpenError, end: Endpoint) -> Problem:
    """The problem for a session that a server which is logged in to would not open."""
    words = f"it opens no session: {clean(error.reason, 200) or 'it does not say why'}"
    return _problem(end, words, "look at MaxSessions and the server's log")


def dropped_early(error: Exception, login: Login | None) -> bool:
    """Whether the server let go before anything was said: too many logins at once look like this."""
    early = login is None or (login.stage == "greeting" and b"SSH-" not in login.greeting)
    said = login.greeting if login is not None else b""
    lost = isinstance(error, ConnectionResetError | BrokenPipeError | asyncssh.ConnectionLost)
    return lost and early and (not said or said.startswith(b"Exceeded MaxStartups"))


def _where(end: Endpoint) -> str:
    return f"{end.address} port {end.port}"


def _problem(end: Endpoint, words: str, remedy: str = "") -> Problem:
    return Problem(f"{end.label}: {words}", remedy)


def _said(error: BaseException) -> str:
    return clean(str(error), 200)


def _late(end: Endpoint, login: Login | None) -> Problem:
    stage = login.stage if login is not None else "connect"
    if stage == "connect":
        return _problem(
            end, f"{_where(end)} does not answer within {STEP_SECONDS:.0f} s",
            "is it on? A firewall may drop what is sent to it",
        )  # fmt: skip
    if stage == "greeting":
        silent = "takes the connection, but says nothing"
        what = "speaks, but agrees on no keys" if login and login.greeting else silent
        words = f"{_where(end)} {what} within {STEP_SECONDS:.0f} s"
        return _problem(end, words, "its SSH server hangs, or it is none")
    words = f"the login does not come to an end within {LOGIN_SECONDS:.0f} s"
    return _problem(end, words, "its SSH server hangs after its banner")


def _behind(error: asyncssh.ChannelOpenError, end: Endpoint) -> Problem:
    """The hop could not connect to it."""
    hop = end.via.name if end.via else end.name
    reason = clean(error.reason, 200) or "it does not say why"
    if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
        return _problem(
            end, f"{hop} forbids connections through it: {reason}", "AllowTcpForwarding on the bastion"
        )
    return _problem(
        end, f"{hop} can't connect to {_where(end)}: {reason}", f"is it on, and reachable from {hop}?"
    )


def _denied(end: Endpoint, login: Login | None) -> Problem:
    tried = "; ".join(login.tried) if login and login.tried else "nothing: there are no keys"
    offered = ", ".join(login.offered) if login and login.offered else "none that is known here"
    return Problem(
        f"{end.label}: the login is refused. Tried: {clean(tried, 500)}. It takes: {offered}",
        "is the user right, and does the server know one of these keys?",
        state="denied",
    )


def _broken(error: Exception, end: Endpoint, login: Login | None) -> Problem:
    greeting = login.greeting if login is not None else b""
    if greeting.startswith(_TURNED_AWAY):
        said = clean(greeting.split(b"\n")[0].strip().decode("utf-8", "replace"), 120)
        return _problem(end, f"its SSH server turns logins away for now: {said}", "try again later")
    if login is not None and login.stage == "greeting" and greeting and not greeting.startswith(b"SSH-"):
        line = clean(greeting.split(b"\n")[0].strip().decode("utf-8", "replace"), 120)
        return _problem(end, f"{_where(end)} is no SSH server; it says: {line}", "is that the right port?")
    if "Too many authentication failures" in str(error):
        denied = _denied(end, login)
        return Problem(f"{denied.detail}. It gave up after these", "name the right key", state="denied")
    if login is not None and login.stage == "login" and login.asked:
        return _problem(end, "it closed the connection while it waited for an answer", "try again")
    stage = {"login": "during the login"}.get(login.stage if login else "", "before the login")
    said = _said(error)
    why = "" if said in ("", "Connection lost") else f" ({said})"
    return _problem(end, f"it closed the connection {stage}{why}", "look into the server's log")
