"""Names that are no names: refused in words, and nothing of them runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.contract import Refused
from providers.model import Ref, Target
from providers.openssh import options
from providers.stream import Offered, Open, Ways
from tests.lab.cluster import path_with
from tests.sessions.console import Shells

HOSTILE = [
    "-oProxyCommand=touch {file}",
    "x;touch {file}",
    "$(touch {file})",
    "`touch {file}`",
    "x|touch {file}",
    "x\ntouch {file}",
    "x touch {file}",
    "ssh://x;touch${{IFS}}{file}",
    "user@-oProxyCommand=touch {file}",
    "'x",
    "%h",
    "../x",
    "-F/dev/null",
]
WORDS: dict[str, Any] = {
    "host": lambda word: {"host": word},
    "user": lambda word: {"host": "h", "user": word},
    "alias": lambda word: {"host": "h", "alias": word},
    "jump": lambda word: {"host": "h", "jump": ("fine", word)},
}


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What the `ssh` on the PATH was called with."""
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "ssh"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\nexit 1\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin"))
    return tmp_path / "calls"


@pytest.mark.parametrize(("place", "name"), [*itertools.product(WORDS, HOSTILE), ("host", ""), ("jump", "")])
async def test_a_name_that_is_none_is_refused_and_nothing_runs(
    calls: Path, tmp_path: Path, place: str, name: str
) -> None:
    word = name.format(file=tmp_path / "ran")
    target = Target(ref=Ref("lab", "node", "n"), label="node n", **WORDS[place](word))
    async with Shells("steady", audit_path=tmp_path / "audit.jsonl") as console:
        console.say(Ways(id=1, target=target))
        offer = next(o for o in (await console.until_said(Offered)).offers if o.way == "ssh")
        assert offer.refused
        console.say(Open(id=2, target=target, way="ssh"))
        closed = await console.closed(2)
        assert closed.status is None
        assert closed.detail
        assert f"`{'address' if place == 'host' else place}`" in closed.remedy or place == "alias"
        assert closed.remedy == offer.remedy != ""
        assert console.entries() == []
    assert not (tmp_path / "ran").exists()
    assert not calls.exists()


@pytest.mark.parametrize(
    "given",
    [
        ["-o", "StrictHostKeyChecking=no"],
        ["-oStrictHostKeyChecking no"],
        ["-o", 'stricthostkeychecking "accept-new"'],
        ["-vo", " StrictHostKeyChecking=off"],
        ["-o", "UserKnownHostsFile=/dev/null"],
        ["-o", "UserKnownHostsFile=none"],
        ["-o", "UserKnownHostsFile ~/.ssh/known_hosts /dev/null"],
        ["-o", "GlobalKnownHostsFile=/dev/zero"],
        ["-o", "KnownHostsCommand=/bin/true"],
        ["-o", "NoHostAuthenticationForLocalhost=yes"],
        ["-o", "VerifyHostKeyDNS=yes"],
        ["-o", "UpdateHostKeys=yes"],
        ["-o", "CheckHostIP=no"],
        ["-o", "RevokedHostKeys=none"],
        ["-o", '"StrictHostKeyChecking"=no'],
        ["-o", "=x"],
        ["evil.example.org"],
        ["-4", "evil.example.org"],
        ["--", "evil.example.org"],
        ["-Z"],
        ["-o"],
    ],
)
def test_options_that_weaken_the_checks_or_are_none_are_refused(given: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        options.checked(given)
    assert "configuration" in caught.value.remedy


def test_other_options_are_kept_and_a_configuration_is_taken_apart() -> None:
    given = ["-4", "-vC", "-o", "StrictHostKeyChecking=yes", "-oUser=ada", "-F", "/x/config", "-i", "~/key"]
    kept = options.checked(given)
    assert kept.file == "/x/config"
    told = ("-4", "-v", "-C", "-o", "StrictHostKeyChecking=yes", "-o", "User=ada", "-i", "~/key")
    assert kept.arguments == told


async def test_an_ssh_that_insists_on_not_checking_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "ssh"
    wrapper.write_text('#!/bin/sh\nexec /usr/bin/ssh -o StrictHostKeyChecking=no "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", path_with(tmp_path / "bin"))
    target = Target(ref=Ref("lab", "node", "n"), label="node n", host="127.0.0.1")
    async with Shells("steady", audit_path=tmp_path / "audit.jsonl") as console:
        console.say(Open(id=1, target=target, way="ssh"))
        closed = await console.closed(1)
        assert "insists on stricthostkeychecking" in closed.detail
        assert "wrapper" in closed.remedy


async def test_without_an_ssh_the_offer_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    target = Target(ref=Ref("lab", "node", "n"), label="node n", host="127.0.0.1")
    async with Shells("steady", audit_path=tmp_path / "audit.jsonl") as console:
        console.say(Ways(id=1, target=target))
        offer = next(o for o in (await console.until_said(Offered)).offers if o.way == "ssh")
        assert "no ssh" in offer.refused
        assert "install" in offer.remedy
