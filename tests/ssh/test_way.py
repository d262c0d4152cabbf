"""The way by the engine's own connections: when it is open, and the shell that it opens."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from providers.contract import Problem
from providers.model import Target
from providers.sessions import Reach, Size, Unverified
from providers.ways import Where, discover
from providers.ways.ssh_asyncssh import ways
from tests.lab.ssh_keys import new_key, public
from tests.ssh.conftest import Reaching
from tests.ssh.farm import LOOPBACK, Farm, Server
from tests.ssh.person import Person

(way,) = ways


def where(target: Target, reach: Reach, sent: list[str] | None = None) -> Where:
    async def sends(what: str, identity: str = "") -> None:
        if sent is None:
            raise Problem("the audit log is full")
        sent.append(f"{what} ({identity})")

    return Where(target=target, source=None, machine=None, asker=Person(), reach=reach, sends=sends)


def test_it_comes_after_the_systems_ssh() -> None:
    names = [one.name for one in discover() if one.purpose == "shell"]
    assert names.index("ssh") < names.index("asyncssh")


async def test_it_is_closed_without_an_address_and_for_words_that_are_options(reaching: Reaching) -> None:
    from providers.model import Ref

    target = Target(ref=Ref("x", "host", "1"), label="host x")
    reach = reaching(Person())
    for words in (
        {},
        {"why_not": "it has no address"},
        {"host": "-oProxyCommand=x"},
        {"host": "a", "user": "-l"},
    ):
        (offer,) = await way.offers(where(replace(target, **words), reach))
        assert offer.refused, words


async def test_the_banner_is_shown_cleaned_and_bounded_before_each_shell(
    farm: Farm, reaching: Reaching
) -> None:
    banner = farm.folder / "words"
    banner.write_bytes(b"Authorised\tuse only\x1b]0;owned\x07\n\n" + b"\x1b[2Jmore and more\n" * 9000)
    server = farm.server("wordy", Banner=banner)
    farm.knows(server)
    reach = reaching(Person())
    for _ in range(2):  # the second on the same connection
        shell = await way.open(where(farm.target(server), reach, []), "", Size(80, 24), ())
        await shell.write(b"exit\n")
        said = b""
        while piece := await shell.read():
            said += piece
        assert said.decode().startswith("Authorised      use only␛]0;owned␇\r\n\r\n␛[2Jmore and more\r\n")
        assert said.count(b"more and more") == 38


@pytest.mark.parametrize("marker", ["@revoked ", ""], ids=["revoked", "changed"])
async def test_of_a_key_that_is_refused_no_fingerprint_is_told_twice(
    farm: Farm, server: Server, reaching: Reaching, marker: str
) -> None:
    key = server.keys[0] if marker else new_key(farm.folder / f"other{marker}")
    names = (server.place, LOOPBACK, server.place)
    farm.known_hosts.write_text("".join(f"{marker}{name} {public(key)}\n" for name in names))
    with pytest.raises(Unverified) as caught:
        await way.open(where(farm.target(server), reaching(Person()), []), "", Size(80, 24), ())
    told = re.findall("SHA256:[^ ]+", caught.value.detail)
    assert len(told) == len(set(told)) == (1 if marker else 2)
    assert "SHA256" not in caught.value.remedy != ""


async def test_a_shell_is_opened_once_it_is_in_the_audit(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    farm.knows(server)
    reach = reaching(Person())
    target = farm.target(server)
    (offer,) = await way.offers(where(target, reach))
    assert not offer.refused
    before = server.connections()
    with pytest.raises(Problem, match="audit log is full"):
        await way.open(where(target, reach), "", Size(80, 24), ())
    assert server.connections() == before
    sent: list[str] = []
    shell = await way.open(where(target, reach, sent), "", Size(80, 24), ())
    assert sent == [f"SSH shell as {target.user}@{target.host}:{target.port} ({target.user})"]
    await shell.write(b"exit 4\n")
    while await shell.read():
        pass
    assert (await shell.ended()).status == 4
