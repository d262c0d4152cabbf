"""What is said when a host is not reached: which host, what is the matter, what to do."""

from __future__ import annotations

import asyncio
import time

import pytest

from providers.contract import Problem, Refused, Uncertain
from providers.model import Ref, Target
from providers.ssh import channel, login
from tests.ssh.conftest import Reaching
from tests.ssh.farm import USER, Farm, Server
from tests.ssh.person import Person
from tests.ssh.scripted import listening, relays, says
from tests.waiting import until


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for longer than half a second."""
    monkeypatch.setattr(login, "STEP_SECONDS", 0.5)
    monkeypatch.setattr("providers.ssh.dial.STEP_SECONDS", 0.5)
    monkeypatch.setattr(login, "LOGIN_SECONDS", 1.0)
    monkeypatch.setattr("providers.ssh.dial.PAUSE_SECONDS", 0.01)


def at(port: int = 22, **more: object) -> Target:
    words = {"host": "127.0.0.1", "user": "ada", "port": port, **more}
    return Target(ref=Ref("lab", "host", "x"), label="host x", **words)  # type: ignore[arg-type]


async def refusal(reaching: Reaching, target: Target) -> Problem:
    with pytest.raises(Problem) as caught:
        await reaching(Person()).run(target, "true")
    assert "\x1b" not in caught.value.detail
    return caught.value


async def test_a_host_that_refuses(reaching: Reaching) -> None:
    problem = await refusal(reaching, at(1))
    assert problem.detail == "ada@127.0.0.1:1: 127.0.0.1 port 1 refuses the connection"
    assert problem.remedy


async def test_a_name_that_is_not_known(reaching: Reaching) -> None:
    problem = await refusal(reaching, at(22, host="nowhere.invalid"))
    assert "the name nowhere.invalid is not known" in problem.detail


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "is no SSH server; it says: HTTP/1.1 400 Bad Request"),
        (b"\x1b]52;c;aGk=\x07220 mail ESMTP\r\n", "is no SSH server; it says: ␛]52;c;aGk=␇220 mail ESMTP"),
        (b"", "it closed the connection before the login"),
        (b"Exceeded MaxStartups\r\n", "turns logins away for now: Exceeded MaxStartups"),
        (b"SSH-1.5-old\r\n", "Unsupported SSH version"),
        (b"SSH-2.0-x\r\nnonsense" * 99, "it closed the connection before the login"),
    ],
)
async def test_what_speaks_no_ssh(reaching: Reaching, hasty: None, said: bytes, told: str) -> None:
    async with listening(says(said)) as port:
        assert told in (await refusal(reaching, at(port))).detail


@pytest.mark.parametrize(
    ("said", "told"), [(b"", "says nothing"), (b"SSH-2.0-OpenSSH_9.2\r\n", "agrees on no keys")]
)
async def test_what_hangs(reaching: Reaching, hasty: None, said: bytes, told: str) -> None:
    began = time.monotonic()
    async with listening(says(said, hang=True)) as port:
        assert told in (await refusal(reaching, at(port))).detail
    assert time.monotonic() - began < 5


async def test_a_megabyte_of_banner_neither_hangs_nor_is_shown(
    farm: Farm, reaching: Reaching, hasty: None
) -> None:
    async with listening(says(b"\x1b[2J\x1b]0;owned\x07 welcome\r\n" * 40_000, hang=True)) as port:
        problem = await refusal(reaching, at(port))
    assert len(problem.detail) < 400


async def test_a_long_banner_of_a_real_server_is_passed_over(farm: Farm, reaching: Reaching) -> None:
    banner = farm.folder / "banner"
    banner.write_bytes(b"\x1b[2J\x1b]52;c;eA==\x07" * 12_000)
    server = farm.server("talkative", Banner=banner)
    farm.knows(server)
    done = await reaching(Person()).run(farm.target(server), "echo in")
    assert done.stdout == b"in\n"


async def test_what_drops_early_is_tried_again(farm: Farm, server: Server, reaching: Reaching) -> None:
    """As sshd does above MaxStartups."""
    tries = 0

    def spoil(count: int) -> bool:
        nonlocal tries
        tries += 1
        return tries < 3

    farm.knows(server)
    async with listening(relays(server.port, spoil)) as port:
        farm.known_hosts.write_text(farm.known_hosts.read_text().replace(str(server.port), str(port)))
        target = farm.target(server, port=port)
        assert (await reaching(Person()).run(target, "true")).exit_status == 0
    assert tries > 3


async def test_a_connection_that_is_lost_is_opened_again_but_nothing_is_repeated(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    cut = False
    mark = farm.folder / "ran"
    mark.unlink(missing_ok=True)
    farm.knows(server)
    async with listening(relays(server.port, lambda count: cut)) as port:
        farm.known_hosts.write_text(farm.known_hosts.read_text().replace(str(server.port), str(port)))
        target = farm.target(server, port=port)
        reach = reaching(Person())
        running = asyncio.create_task(reach.run(target, f"echo x >> {mark}; sleep 1; echo; sleep 60"))
        await until(mark.exists)
        cut = True
        done = await running
        lost = "the connection was lost: Connection lost, and it may still run there"
        assert (done.exit_status, done.error) == (None, lost)
        cut = False
        assert (await reach.run(target, "true")).exit_status == 0
    assert mark.read_text() == "x\n"


async def test_a_command_without_an_answer_is_uncertain(
    farm: Farm, server: Server, reaching: Reaching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The channel stands, the command goes out, and the connection dies before a word comes back."""
    farm.knows(server)
    reach = reaching(Person())
    assert (await reach.run(farm.target(server), "true")).exit_status == 0
    made = channel.Channel.connection_made

    def made_and_cut(self: channel.Channel, chan: object) -> None:
        made(self, chan)  # type: ignore[arg-type]
        connection = chan.get_connection()  # type: ignore[attr-defined]
        asyncio.get_running_loop().call_soon(connection.abort)

    monkeypatch.setattr(channel.Channel, "connection_made", made_and_cut)
    with pytest.raises(Uncertain, match="the command was sent, and the connection was lost"):
        await reach.run(farm.target(server), "true")


async def test_a_hop_that_can_not_go_on_is_named(farm: Farm, server: Server, reaching: Reaching) -> None:
    farm.knows(server)
    target = at(
        1, jump=(f"{USER}@127.0.0.1:{server.port}",), key=str(farm.key), options=("-F", str(farm.config))
    )
    problem = await refusal(reaching, target)
    assert problem.detail.startswith(
        "ada@127.0.0.1:1 through 127.0.0.1: 127.0.0.1 can't connect to 127.0.0.1 port 1"
    )
    assert "Connection refused" in problem.detail


async def test_a_bastion_that_forbids_to_go_through_it(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    strict = farm.server("strict", AllowTcpForwarding="no")
    farm.knows(server, strict)
    problem = await refusal(reaching, farm.target(server, jump=[strict]))
    assert "forbids connections through it" in problem.detail


@pytest.mark.parametrize(
    "words",
    [
        {"host": "-oProxyCommand=touch X"},
        {"host": "x;touch F"},
        {"host": "$(id)"},
        {"user": "-l"},
        {"jump": ("-oProxyCommand=x",)},
        {"jump": ("ada@-x",)},
        {"alias": "a b"},
        {"port": 70_000},
        {"host": ""},
    ],
)
async def test_words_that_are_no_names_are_refused(reaching: Reaching, words: dict[str, object]) -> None:
    problem = await refusal(reaching, at(**words))
    assert isinstance(problem, Refused)
    assert any(words in problem.detail for words in ("may be given", "no port", "no address"))


@pytest.mark.parametrize(
    "option", [("-oStrictHostKeyChecking=no",), ("-o", "UserKnownHostsFile=none"), ("x",)]
)
async def test_options_that_weaken_a_check_are_refused(reaching: Reaching, option: tuple[str, ...]) -> None:
    problem = await refusal(reaching, at(1, options=option))
    assert "would weaken" in problem.detail or "no option" in problem.detail


async def test_closing_ends_everything_within_a_second(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    farm.knows(server)
    reach = reaching(Person())
    before = server.connections()
    running = asyncio.create_task(reach.run(farm.target(server, jump=[server]), "sleep 60"))
    await until(lambda: server.connections() - before == 2)
    began = time.monotonic()
    await reach.close()
    assert time.monotonic() - began < 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
