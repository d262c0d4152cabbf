"""No byte goes to a host whose key is not verified: states of known_hosts × hops × lines of a configuration.

The proof is the server's own log: a client that goes on with a key is let in there, with the right user key.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from providers.model import Ref, Target
from providers.stream import Open, Shut
from tests.lab.ssh_keys import hashed, new_key, public
from tests.sessions.console import Shells
from tests.sessions.hops import LOOPBACK, Hops, certified

AT_ONCE = 8
EVERYWHERE = "Host *\n  {}"
LINES = {
    "nothing hostile": "",
    "StrictHostKeyChecking no": EVERYWHERE.format("StrictHostKeyChecking no"),
    "StrictHostKeyChecking off": EVERYWHERE.format("StrictHostKeyChecking off"),
    "StrictHostKeyChecking accept-new": EVERYWHERE.format("StrictHostKeyChecking accept-new"),
    "UserKnownHostsFile none": EVERYWHERE.format("UserKnownHostsFile none"),
    "UserKnownHostsFile /dev/null": EVERYWHERE.format("UserKnownHostsFile /dev/null"),
    "GlobalKnownHostsFile /dev/null": EVERYWHERE.format("GlobalKnownHostsFile /dev/null"),
    "NoHostAuthenticationForLocalhost": EVERYWHERE.format("NoHostAuthenticationForLocalhost yes"),
    "HostKeyAlias other": EVERYWHERE.format("HostKeyAlias other"),
    "VerifyHostKeyDNS yes": EVERYWHERE.format("VerifyHostKeyDNS yes"),
    "UpdateHostKeys yes": EVERYWHERE.format("UpdateHostKeys yes\n  CheckHostIP yes"),
    "KnownHostsCommand": EVERYWHERE.format('KnownHostsCommand /bin/echo "%H %t %K"'),
    "Match exec": 'Match exec "true"\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\nMatch all',
    "all at once": EVERYWHERE.format("StrictHostKeyChecking no\n  UserKnownHostsFile none\n  LogLevel QUIET"),
}
FORGETS = {
    "UserKnownHostsFile none",
    "UserKnownHostsFile /dev/null",
    "HostKeyAlias other",
    "Match exec",
    "all at once",
}
"""Under these no key is known, or only under another name: nothing may be connected to without a question."""
NEAR = ("the goal itself", "its only hop")
FAR = ("the goal behind a hop", "the outer of two hops", "the inner one")
OFTEN = ("nothing hostile", "StrictHostKeyChecking no", "UserKnownHostsFile /dev/null")


@dataclass(frozen=True)
class State:
    """How known_hosts knows the server at issue, and whether that verifies its key."""

    server: str
    verified: bool
    lines: Callable[[Hops, Path], list[str]]


def _line(hops: Hops, key: Path, name: str = "plain") -> str:
    return f"{hops.place(name)} {public(key)}"


def _signer(hops: Hops, authority: str, name: str) -> str:
    return f"@cert-authority {_line(hops, hops.folder / authority, name)}"


STATES = {
    "absent": State("plain", False, lambda hops, folder: []),
    "right": State("plain", True, lambda hops, folder: [hops.known("plain")]),
    "another key": State("plain", False, lambda hops, folder: [_line(hops, hops.folder / "stranger")]),
    "revoked": State("plain", False, lambda hops, folder: [f"@revoked {hops.known('plain')}"]),
    "right and revoked": State(
        "plain", False, lambda hops, folder: [hops.known("plain"), f"@revoked {hops.known('plain')}"]
    ),
    "hashed": State("plain", True, lambda hops, folder: [hashed(folder, hops.known("plain"))]),
    "of another port": State(
        "plain", False, lambda hops, folder: [f"[{LOOPBACK}]:1 {public(hops.servers['plain'].keys[0])}"]
    ),
    "by an authority": State("signed", True, lambda hops, folder: [_signer(hops, "authority", "signed")]),
    "by an expired certificate": State(
        "expired", False, lambda hops, folder: [_signer(hops, "authority", "expired")]
    ),
    "by an unknown authority": State(
        "signed", False, lambda hops, folder: [_signer(hops, "stranger", "signed")]
    ),
}


@dataclass(frozen=True)
class Case:
    """One machine of a way, known in one way, under one configuration."""

    state: str
    place: str
    line: str

    @property
    def verified(self) -> bool:
        return STATES[self.state].verified and self.line not in FORGETS

    def way(self) -> tuple[str, dict[str, str]]:
        """The name to connect to, and the jump hosts to it."""
        at_issue = STATES[self.state].server
        return {
            "the goal itself": (at_issue, {}),
            "its only hop": ("good", {"good": at_issue}),
            "the goal behind a hop": (at_issue, {at_issue: "good"}),
            "the outer of two hops": ("good", {"good": f"{at_issue},better"}),
            "the inner one": ("good", {"good": f"better,{at_issue}"}),
        }[self.place]


CASES = [
    Case(*each) for each in (*itertools.product(STATES, NEAR, LINES), *itertools.product(STATES, FAR, OFTEN))
]


@pytest.fixture(scope="module")
def hops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hops]:
    folder = tmp_path_factory.mktemp("keys")
    authority = new_key(folder / "authority")
    new_key(folder / "stranger")
    signed = certified(folder / "signed", authority, [LOOPBACK], "-1d:+1d")
    expired = certified(folder / "expired", authority, [LOOPBACK], "-2d:-1d")
    with Hops(folder, plain={}, good={}, better={}, signed=signed, expired=expired) as made:
        yield made


async def _tried(console: Shells, hops: Hops, folder: Path, number: int, case: Case) -> bool:
    """Whether it came to a prompt."""
    folder.mkdir()
    goal, jumps = case.way()
    known = [hops.known("good"), hops.known("better"), *STATES[case.state].lines(hops, folder)]
    config = hops.configuration(folder, first=LINES[case.line], jumps=jumps, known=known)
    target = Target(
        ref=Ref("steady", "node", goal), label=f"node {goal}", host=goal, options=("-F", str(config))
    )
    console.say(Open(id=number, target=target, way="ssh"))
    console.type(number, "echo in-$((6*7))\n")

    def decided() -> bool:
        said = console.said.get(number, b"")
        return b"in-42" in said or b"continue connecting" in said or number in console.ended

    await console.until_so(decided)
    console.say(Shut(id=number))
    return b"in-42" in console.said.get(number, b"")


async def _all_tried(hops: Hops, folder: Path, cases: list[Case]) -> list[bool]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, case: Case) -> bool:
        async with slots:
            return await _tried(console, hops, folder / str(number), number, case)

    async with Shells("steady", audit_path=folder / "audit.jsonl") as console, console.reading():
        return await asyncio.gather(*(one(number, case) for number, case in enumerate(cases, 1)))


async def test_nobody_is_connected_to_whose_key_is_not_verified(hops: Hops, tmp_path: Path) -> None:
    cases = [case for case in CASES if not case.verified]
    assert len(cases) >= 200
    at_issue = [hops.servers[name] for name in ("plain", "signed", "expired")]
    before = [server.logins for server in at_issue]
    reached = await _all_tried(hops, tmp_path, cases)
    assert [case for case, came in zip(cases, reached, strict=True) if came] == []
    assert [server.logins for server in at_issue] == before


async def test_who_is_verified_is_connected_to(hops: Hops, tmp_path: Path) -> None:
    cases = [case for case in CASES if case.verified]
    assert len(cases) >= 50
    reached = await _all_tried(hops, tmp_path, cases)
    assert [case for case, came in zip(cases, reached, strict=True) if not came] == []
