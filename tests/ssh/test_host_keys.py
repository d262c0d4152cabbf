"""No login at a server whose key is not the one that is kept: states of known_hosts × hops × configurations.

What each case must come to stands in the table of STATES. The servers' own logs are the proof: to one that
was not verified, nobody said so much as a user's name.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from providers.model import Target
from providers.sessions import Unverified
from providers.ssh.reach import create
from tests.lab.ssh_keys import keygen, new_key, public
from tests.ssh.farm import LOOPBACK, Farm, Server
from tests.ssh.person import Person


@dataclass(frozen=True)
class Street:
    """The servers of the matrix, and what may be known about one of them."""

    farm: Farm
    plain: Server
    hop: Server
    last: Server
    valid: Server
    """Its certificate is, for 127.0.0.1."""
    expired: Server
    stranger: Server
    """Its certificate is for another name."""
    authority: Path
    other: Path
    """A key that none of them has."""
    other_rsa: Path


@pytest.fixture(scope="module")
def street(farm: Farm) -> Street:
    authority, folder = new_key(farm.folder / "authority"), farm.folder
    debug = {"LogLevel": "DEBUG1"}

    def certified(name: str, principal: str, validity: str) -> Server:
        key = new_key(folder / f"{name}_key")
        keygen("-s", authority, "-I", name, "-h", "-n", principal, "-V", validity, f"{key}.pub")
        return farm.server(name, [key], HostCertificate=folder / f"{name}_key-cert.pub", **debug)

    return Street(
        farm=farm,
        plain=farm.server(
            "plain", [new_key(folder / "p_rsa", kind="rsa"), new_key(folder / "p_ed")], **debug
        ),
        hop=farm.server("hop", **debug),
        last=farm.server("last", **debug),
        valid=certified("valid", LOOPBACK, "-1d:+1d"),
        expired=certified("expired", LOOPBACK, "-2d:-1d"),
        stranger=certified("stranger", "elsewhere", "-1d:+1d"),
        authority=authority,
        other=new_key(folder / "other"),
        other_rsa=new_key(folder / "other_rsa", kind="rsa"),
    )


def _hashed(name: str) -> str:
    salt = os.urandom(20)
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@dataclass(frozen=True)
class State:
    """What is known of the server `subject`, and what must come of it: "" is in, else a refusal's word."""

    name: str
    outcome: str
    lines: str
    subject: str = "plain"

    def text(self, street: Street) -> str:
        server: Server = getattr(street, self.subject)
        return self.lines.format(
            at=server.place,
            at_hashed=_hashed(server.place),
            elsewhere_hashed=_hashed("elsewhere"),
            key=public(server.keys[-1]),
            cut=public(server.keys[-1])[:-9],
            rsa=public(server.keys[0]),
            other=public(street.other),
            other_rsa=public(street.other_rsa),
            authority=public(street.authority),
        )


UNKNOWN, CHANGED, REVOKED, CERTIFICATE = "not known", "NOT the one", "revoked", "certificate"
STATES = [
    State("absent", UNKNOWN, ""),
    State("right", "", "{at} {key}"),
    State("another key of the same type", CHANGED, "{at} {other}"),
    State("revoked", REVOKED, "@revoked {at} {key}\n{at} {key}"),
    State("hashed, another", CHANGED, "{at_hashed} {other}"),
    State("malformed lines alone", UNKNOWN, "{at} ssh-ed25519 AAAA\n{at} {cut}"),
    State("an authority, expired", CERTIFICATE, "@cert-authority {at} {authority}", "expired"),
    State("an authority that is another", UNKNOWN, "@cert-authority {at} {other}", "valid"),
    State("right, of a type that asyncssh would not ask for first", "", "{at} {rsa}"),
    State("another key of another type", CHANGED, "{at} {other_rsa}", "hop"),
    State("two, one of them right", "", "{at} {other}\n{at} {key}"),
    State("revoked for everyone", REVOKED, "{at} {key}\n@revoked * {key}"),
    State("hashed", "", "{at_hashed} {key}"),
    State("hashed, of another host", UNKNOWN, "{elsewhere_hashed} {key}"),
    State("without the port, right", "", "127.0.0.1 {key}"),
    State("without the port, another", UNKNOWN, "127.0.0.1 {other}"),
    State("another port", UNKNOWN, "[127.0.0.1]:1 {key}"),
    State("a wildcard", "", "[127.0.0.?]:* {key}"),
    State("a wildcard that is taken back", UNKNOWN, "*,![127.0.0.1]:*,!127.0.0.1 {key}"),
    State("among malformed lines", "", "{at}\n@what {at} x y\n{at} ssh-ed25519 AAAA\n\0\xff\n{at} {key}"),
    State("a comment", UNKNOWN, "#{at} {key}"),
    State("an authority, the certificate is right", "", "@cert-authority [127.*]:* {authority}", "valid"),
    State("an authority, for another", CERTIFICATE, "@cert-authority {at} {authority}", "stranger"),
    State("another authority, and the key", "", "@cert-authority {at} {other}\n{at} {key}", "valid"),
    State("an authority, revoked", REVOKED, "@cert-authority * {authority}\n@revoked * {authority}", "valid"),
    State("an authority as if it were the key", CHANGED, "{at} {authority}", "valid"),
]  # fmt: skip
TELLING = STATES[:8]
"""What is tried with every configuration; the others with an empty one."""

PLACES = ["straight", "behind a hop", "the hop", "behind two", "the second of two"]
CONFIGURATIONS = {
    "nothing": [],
    "StrictHostKeyChecking no": ["StrictHostKeyChecking no"],
    "accept-new": ["StrictHostKeyChecking accept-new"],
    "UserKnownHostsFile none": ["UserKnownHostsFile none"],
    "UserKnownHostsFile /dev/null": ["UserKnownHostsFile /dev/null", "StrictHostKeyChecking no"],
    "Match version": ["Match version OpenSSH_*", "  StrictHostKeyChecking no", "Match all"],
    "SessionType": ["SessionType none", "RemoteCommand touch {mark}", "LocalCommand touch {mark}"],
    "Match exec": ['Match exec "touch {mark}"', "  UserKnownHostsFile none", "Host *"],
    "NoHostAuthenticationForLocalhost": ["NoHostAuthenticationForLocalhost yes"],
    "KnownHostsCommand": ["KnownHostsCommand /bin/touch {mark}"],
    "VerifyHostKeyDNS": ["VerifyHostKeyDNS yes", "CheckHostIP no", "UpdateHostKeys yes"],
}  # fmt: skip

CASES = [
    *((state, place, "nothing") for state in STATES for place in PLACES),
    *((state, "straight", lines) for state in TELLING for lines in list(CONFIGURATIONS)[1:]),
]
GROUPS = list(dict.fromkeys((place, lines) for _, place, lines in CASES))


def _way(street: Street, state: State, place: str) -> tuple[Server, Server, tuple[Server, ...], list[Server]]:
    """The server that the state is about, the target, its hops, and who is known rightly."""
    subject: Server = getattr(street, state.subject)
    hop = street.plain if subject is street.hop else street.hop
    last = street.last
    return {
        "straight": (subject, subject, (), []),
        "behind a hop": (subject, subject, (hop,), [hop]),
        "the hop": (subject, last, (subject,), [last]),
        "behind two": (subject, subject, (hop, last), [hop, last]),
        "the second of two": (subject, last, (hop, subject), [hop, last]),
    }[place]


@pytest.mark.parametrize(("place", "lines"), GROUPS)
async def test_nobody_logs_in_where_the_key_is_not_verified(
    street: Street, home: Path, tmp_path: Path, place: str, lines: str
) -> None:
    mark = tmp_path / "ran"
    street.farm.configure(*(line.format(mark=mark) for line in CONFIGURATIONS[lines]))
    for state in [state for state, *rest in CASES if rest == [place, lines]]:
        subject, target, jump, known = _way(street, state, place)
        street.farm.knows(*known)
        with street.farm.known_hosts.open("a", encoding="latin-1") as file:
            file.write(state.text(street) + "\n")
        before = subject.attempts()
        person = Person()
        outcome = await _outcome(person, street.farm.target(target, jump=jump))
        case = f"{state.name}: {outcome}"
        assert (state.outcome in outcome) if state.outcome else not outcome, case
        assert (subject.attempts() > before) == (not state.outcome), case
        assert bool(person.asked) == (state.outcome == UNKNOWN), case
        assert not mark.exists(), case


async def _outcome(person: Person, target: Target) -> str:
    """ "" when the command ran there."""
    reach = create(person)
    try:
        done = await reach.run(target, "exit 3")
        return "" if done.exit_status == 3 else done.error or "another status"
    except Unverified as problem:
        return problem.detail
    finally:
        await reach.close()


def test_the_matrix_is_as_large_as_it_should_be() -> None:
    assert len({(state.name, *rest) for state, *rest in CASES}) == len(CASES) >= 200
