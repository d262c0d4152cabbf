"""Why a shell did not come about, in words: what the real ssh says against real servers and bad ones."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from providers.model import Ref, Target
from providers.openssh import endings
from providers.stream import Closed, Open
from tests.lab import impostors
from tests.lab.cluster import free_ports
from tests.lab.ssh_keys import fingerprint, hashed, new_key, public
from tests.sessions.console import Shells
from tests.sessions.hops import LOOPBACK, Hops


@pytest.fixture(scope="module")
def hops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hops]:
    folder = tmp_path_factory.mktemp("endings")
    escapes = b"\x1b]52;c;b3duZWQ=\x07\x1b[?1049h"
    (folder / "banner").write_bytes(escapes * 8_000)  # what fits into a packet
    (folder / "megabyte").write_bytes(escapes * 40_000)
    servers = {
        "goal": {},
        "forced": {"ForceCommand": "echo forced; exit 5"},
        "noisy": {
            "Banner": folder / "banner",
            "ForceCommand": f"cat {folder}/megabyte; exec sh",
        },
        "closed": {"AllowTcpForwarding": "no"},
        "choosy": {"AuthorizedKeysFile": "none", "KbdInteractiveAuthentication": "yes"},
    }
    with Hops(folder, **servers) as made:
        yield made


@pytest.fixture
async def console(tmp_path: Path) -> Shells:
    return Shells("steady", audit_path=tmp_path / "audit.jsonl")


def to(host: str, config: Path, **fields: object) -> Target:
    return Target(
        ref=Ref("steady", "node", "n1"),
        label="node n1",
        host=host,
        options=("-F", str(config), *fields.pop("options", ())),  # type: ignore[misc]
        **fields,  # type: ignore[arg-type]
    )


async def end(console: Shells, target: Target) -> Closed:
    async with console:
        console.say(Open(id=1, target=target, way="ssh"))
        async with console.reading():
            await console.until_so(lambda: 1 in console.ended)
        return console.ended[1]


@pytest.mark.parametrize("hide", [False, True], ids=["plain", "hashed"])
async def test_a_changed_key_is_told_with_both_fingerprints(
    hops: Hops, tmp_path: Path, console: Shells, hide: bool
) -> None:
    other = new_key(tmp_path / "other")
    line = f"{hops.place('goal')} {public(other)}"
    config = hops.configuration(tmp_path / "user", known=[hashed(tmp_path, line) if hide else line])
    closed = await end(console, to("goal", config))
    assert closed.status == 255
    assert fingerprint(hops.servers["goal"].keys[0]) in closed.detail
    assert fingerprint(other) in closed.detail
    assert "known_hosts:1" in closed.detail
    assert "ssh-keygen -f" in closed.remedy
    assert closed.final


async def test_a_revoked_key_is_told(hops: Hops, tmp_path: Path, console: Shells) -> None:
    config = hops.configuration(tmp_path / "user", known=[f"@revoked {hops.known('goal')}"])
    closed = await end(console, to("goal", config))
    assert "is revoked" in closed.detail
    assert closed.final


async def test_a_key_that_is_not_known_where_checking_is_strict(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    config = hops.configuration(tmp_path / "user", first="Host *\n  StrictHostKeyChecking yes", known=[])
    assert "is not known" in (await end(console, to("goal", config))).detail


async def test_a_denied_login_names_the_methods(hops: Hops, tmp_path: Path, console: Shells) -> None:
    config = hops.configuration(tmp_path / "user", first="Host *\n  BatchMode yes")
    closed = await end(console, to("choosy", config))
    assert "permission denied; the server takes publickey" in closed.detail
    assert "ssh-add" in closed.remedy
    assert not closed.final


async def test_a_jump_host_that_lets_nothing_through(hops: Hops, tmp_path: Path, console: Shells) -> None:
    config = hops.configuration(tmp_path / "user", jumps={"goal": "closed"})
    closed = await end(console, to("goal", config))
    assert "does not let connections through" in closed.detail


async def test_a_forced_command_runs_and_its_status_is_told(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    closed = await end(console, to("forced", hops.configuration(tmp_path / "user")))
    assert closed.status == 5
    assert b"forced" in console.said[1]


async def test_a_megabyte_of_banner_passes_and_the_shell_comes(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    target = to("noisy", hops.configuration(tmp_path / "user"))
    async with console:
        await console.opened(1, target)
        console.type(1, "echo in-$((6*7))\n")
        async with console.reading():
            await console.until_so(lambda: b"in-42" in console.said.get(1, b""))
    assert len(console.said[1]) > 1_200_000


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (impostors.silent, "said nothing"),
        (impostors.drops, "before it said a word of SSH"),
        (impostors.web, "before it said a word of SSH"),
        (impostors.long_line, "no SSH server"),
        (impostors.many_lines, "no SSH server"),
        (impostors.leaves_in_the_middle, "connection was lost"),
    ],
)
async def test_what_is_no_ssh_server_is_told(
    hops: Hops, tmp_path: Path, console: Shells, behaviour: impostors.Behaviour, told: str
) -> None:
    config = hops.configuration(tmp_path / "user")
    with impostors.listening(behaviour) as port:
        closed = await end(console, to(LOOPBACK, config, port=port, options=("-o", "ConnectTimeout=1")))
    assert closed.status == 255
    assert told in closed.detail
    assert closed.remedy


async def test_nothing_listens_there_and_a_name_that_nobody_knows(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    config = hops.configuration(tmp_path / "user")
    port = free_ports("none")["none"]
    async with console:
        console.say(Open(id=1, target=to(LOOPBACK, config, port=port)))
        console.say(Open(id=2, target=to("no-such-host.invalid", config)))
        console.say(Open(id=3, target=to("goal", config, jump=(f"{LOOPBACK}:{port}",))))
        async with console.reading():
            await console.until_so(lambda: len(console.ended) == 3)
    assert f"{LOOPBACK}:{port} refused the connection" in console.ended[1].detail
    assert "no-such-host.invalid is not known" in console.ended[2].detail
    assert f"{LOOPBACK}:{port} refused the connection" in console.ended[3].detail


async def test_a_server_that_drops_a_session(hops: Hops, tmp_path: Path, console: Shells) -> None:
    config = hops.configuration(tmp_path / "user")
    async with console:
        await console.opened(1, to("goal", config))
        console.type(1, "kill -9 $PPID\n")
        async with console.reading():
            await console.until_so(lambda: 1 in console.ended)
    assert console.ended[1].status == 255
    assert "connection was lost" in console.ended[1].detail


async def test_a_configuration_that_ssh_refuses_is_told_in_its_words(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    config = hops.configuration(tmp_path / "user", first="NoSuchSetting yes")
    closed = await end(console, to("goal", config))
    assert closed.status is None
    assert "can't read its configuration for goal" in closed.detail


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ssh: connect to host 10.0.0.1 port 22: Connection timed out", "10.0.0.1:22 did not answer"),
        ("ssh: connect to host 10.0.0.1 port 22: No route to host", "can't be reached: No route to host"),
        ("Timeout, server 10.0.0.1 not responding.", "has not answered for 45 s"),
        ("Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures", "too many keys"),
        (
            "Certificate invalid: expired\r\nHost key verification failed.",
            "certificate is not valid: expired",
        ),
        ("Bad owner or permissions on /home/ada/.ssh/config", "others may write it"),
        ("kex_exchange_identification: banner line contains invalid characters", "no SSH server"),
        ("Unable to negotiate with ::1 port 22: no matching host key type found.", "no algorithm in common"),
        ("$ exit 255\r\nlogout\x1b[0m\r\n", "before it was logged in, and not for a known reason"),
        ("", "ended with status 255"),
    ],
)
async def test_what_ssh_says_is_told(said: str, told: str) -> None:
    detail = (await endings.explained(said.encode(), "node n1")).detail
    assert told in detail
    assert "logout" not in detail


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("# export PW=hunter9secret", "without a word why"),
        ("# hunter9secretTimeout, server n1 not responding.\r\n", "has not answered for 45 s"),
        ("# hunter9secretclient_loop: send disconnect: Broken pipe\r\n", "the connection was lost"),
        ("# hunter9secretclient_loop: send disconnect: hunter9secret\r\n", "without a word why"),
        ("ssh: connect to host hunter9secret port 22: Connection refused\r\n# ", "without a word why"),
        ("Certificate invalid: hunter9secret\r\n# ", "without a word why"),
        ("Received disconnect from 10.0.0.1 port 22:2: hunter9secret\r\n", "the host ended it"),
        ("# exit 255\r\nlogout\r\nConnection to n1 closed.\r\n", "what ran there ended with status 255"),
        ("logout\r\nShared connection to n1 closed.\r\n", "what ran there ended with status 255"),
        ("Connection to n1 closed by remote host.\r\nConnection to n1 closed.\r\n", "the host closed it"),
    ],
)
async def test_nothing_that_a_session_showed_is_quoted(said: str, told: str) -> None:
    ending = await endings.explained(said.encode(), "node n1", stood=True)
    assert told in ending.detail
    assert "hunter9secret" not in ending.detail + ending.remedy


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_what_was_typed_is_neither_in_the_audit_nor_in_the_reason(
    hops: Hops, tmp_path: Path, console: Shells, number: signal.Signals
) -> None:
    config = hops.configuration(tmp_path / "user")
    async with console:
        await console.opened(1, to("goal", config))
        console.type(1, "echo in-$((6*7))secret\n")
        await console.shows(1, "in-42secret\r\n")
        console.type(1, "export PW=hunter9secret")
        await console.shows(1, "PW=hunter9secret")
        (ssh,) = (p for p in psutil.Process().children() if p.name() == "ssh")
        ssh.send_signal(number)
        closed = await console.closed(1)
    assert closed.status in (255, 128 + signal.SIGKILL)
    assert "secret" not in closed.detail + closed.remedy
    assert "secret" not in console.audit_path.read_text()


async def test_a_shell_that_ends_with_the_status_of_ssh_is_told_from_ssh(
    hops: Hops, tmp_path: Path, console: Shells
) -> None:
    config = hops.configuration(tmp_path / "user")
    async with console:
        await console.opened(1, to("goal", config))
        console.type(1, "echo in-$((6*7)); exit 255\n")
        assert (await console.closed(1)).detail == "what ran there ended with status 255"


@pytest.mark.parametrize(("marker", "other"), [("@revoked ", False), ("", True)], ids=["revoked", "changed"])
async def test_the_engines_own_way_says_too_that_no_other_one_over_ssh_would_do(
    hops: Hops, tmp_path: Path, console: Shells, marker: str, other: bool
) -> None:
    line = f"{hops.place('goal')} {public(new_key(tmp_path / 'other'))}" if other else hops.known("goal")
    config = hops.configuration(tmp_path / "user", known=[f"{marker}{line}"])
    async with console:
        console.say(Open(id=1, target=to("goal", config), way="asyncssh"))
        assert (await console.closed(1)).final
