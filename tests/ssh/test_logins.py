"""Logging in: keys, certificates, the agent, and what a person is asked for."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from providers.contract import Problem
from providers.model import Target
from providers.ssh import login
from tests.lab.ssh_keys import keygen, new_key
from tests.ssh.conftest import Reaching
from tests.ssh.farm import USER, Farm, Server
from tests.ssh.person import Person


@pytest.fixture(scope="module")
def locked(farm: Farm) -> Path:
    """A key with a passphrase, which the farm's servers know."""
    key = new_key(farm.folder / "locked", passphrase="open sesame")
    with farm.authorized.open("a") as file:
        file.write(key.with_name("locked.pub").read_text())
    return key


@pytest.fixture
def agent(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty agent, named by the environment."""
    socket = Path(f"/tmp/quarterdeck-agent-{os.getpid()}")
    running = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    while not socket.exists():
        assert running.poll() is None
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield socket
    running.terminate()
    running.wait(5)
    socket.unlink(missing_ok=True)


def add(*arguments: str | Path, passphrase: str = "") -> None:
    """ssh-add, with an answer to what it asks."""
    environment = {**os.environ, "SSH_ASKPASS_REQUIRE": "force", "SSH_ASKPASS": "/bin/echo", "DISPLAY": ":0"}
    if passphrase:
        script = Path(os.environ["HOME"]) / "say"
        script.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
        script.chmod(0o700)
        environment["SSH_ASKPASS"] = str(script)
    subprocess.run(["ssh-add", "-q", *map(str, arguments)], check=True, env=environment, capture_output=True)


def keygen_says(*arguments: str | Path) -> str:
    """What ssh-keygen prints; fails where it does."""
    command = ["ssh-keygen", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def test_a_passphrase_is_asked_for_once(
    farm: Farm, server: Server, reaching: Reaching, locked: Path
) -> None:
    farm.knows(server)
    person = Person(["wrong"], ["open sesame"])
    reach = reaching(person)
    target = farm.target(server, key=str(locked))
    done = await asyncio.gather(*(reach.run(target, "true") for _ in range(3)))
    assert [one.exit_status for one in done] == [0, 0, 0]
    assert (await reach.run(farm.target(server, key=str(locked), jump=[server]), "true")).exit_status == 0
    assert [title for title, *_ in person.asked] == [f"Passphrase of {locked}"] * 2
    assert person.asked[1][1] == ("That was not it.",)


async def test_a_wrong_passphrase_is_told(
    farm: Farm, server: Server, reaching: Reaching, locked: Path
) -> None:
    farm.knows(server)
    person = Person(*[["wrong"]] * 9)
    with pytest.raises(Problem) as caught:
        await reaching(person).run(farm.target(server, key=str(locked)), "true")
    assert len(person.asked) == 3
    assert f"{locked} is locked, and no right passphrase was given" in caught.value.detail


async def test_nobody_is_asked_for_a_passphrase_of_a_key_that_the_server_does_not_take(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    stranger = new_key(farm.folder / "stranger_key", passphrase="x")
    farm.knows(server)
    person = Person()
    with pytest.raises(Problem) as caught:
        await reaching(person).run(farm.target(server, key=str(stranger)), "true")
    assert not person.asked
    assert f"the login is refused. Tried: {stranger}" in caught.value.detail
    assert "It takes: publickey" in caught.value.detail
    assert caught.value.state == "denied"


async def test_a_key_that_is_not_there_is_told(farm: Farm, server: Server, reaching: Reaching) -> None:
    farm.knows(server)
    with pytest.raises(Problem, match=r"/absent can't be read \(No such file"):
        await reaching(Person()).run(farm.target(server, key="/absent"), "true")


async def test_the_agent_opens_a_locked_key(
    farm: Farm, server: Server, reaching: Reaching, agent: Path, locked: Path
) -> None:
    add(locked, passphrase="open sesame")
    farm.knows(server)
    for key in (str(locked), ""):
        person = Person()
        assert (await reaching(person).run(farm.target(server, key=key), "true")).exit_status == 0
        assert not person.asked


async def test_a_locked_agent_is_told_and_files_go_on(
    farm: Farm, server: Server, reaching: Reaching, agent: Path, locked: Path
) -> None:
    add(locked, passphrase="open sesame")
    add("-x", passphrase="secret")
    farm.knows(server)
    assert (await reaching(Person()).run(farm.target(server), "true")).exit_status == 0
    with pytest.raises(Problem, match=r"the agent offers no keys \(none were added, or it is locked\)"):
        await reaching(Person()).run(farm.target(server, key=""), "true")


async def test_a_dead_agent_is_told_and_files_go_on(
    farm: Farm, server: Server, reaching: Reaching, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    farm.knows(server)
    assert (await reaching(Person()).run(farm.target(server), "true")).exit_status == 0
    with pytest.raises(Problem, match=r"the agent at .*/gone can't be asked"):
        await reaching(Person()).run(farm.target(server, key=""), "true")


async def test_many_keys_in_the_agent_do_not_hide_the_one_that_was_asked_for(
    farm: Farm, server: Server, reaching: Reaching, agent: Path
) -> None:
    """A server gives up after six."""
    for number in range(7):
        add(new_key(farm.folder / f"useless-{number}"))
    farm.knows(server)
    assert (await reaching(Person()).run(farm.target(server), "true")).exit_status == 0
    with pytest.raises(Problem, match="It gave up after these"):
        await reaching(Person()).run(farm.target(server, key=""), "true")


async def test_a_certificate_beside_the_key(farm: Farm, reaching: Reaching) -> None:
    authority = new_key(farm.folder / "user_authority")
    key = new_key(farm.folder / "certified")
    keygen("-s", authority, "-I", "me", "-n", USER, "-V", "-1d:+1d", f"{key}.pub")
    server = farm.server("by-certificate", TrustedUserCAKeys=f"{authority}.pub", AuthorizedKeysFile="none")
    farm.knows(server)
    assert (await reaching(Person()).run(farm.target(server, key=str(key)), "true")).exit_status == 0


async def test_an_agent_is_forwarded_only_when_that_is_asked_for(
    farm: Farm, server: Server, reaching: Reaching, agent: Path
) -> None:
    farm.knows(server)
    reach = reaching(Person())
    plain = await reach.run(farm.target(server), "echo $SSH_AUTH_SOCK")
    forwarded = await reach.run(farm.target(server, forward_agent=True), "ssh-add -l; echo $SSH_AUTH_SOCK")
    assert plain.stdout == b"\n"
    assert forwarded.stdout.splitlines()[0] == b"The agent has no identities."


async def test_an_unknown_key_is_accepted_by_a_yes_kept_and_asked_about_once(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    fingerprint = keygen_says("-lf", f"{server.keys[0]}.pub").split()[1]
    person = Person([])
    reach = reaching(person)
    target = farm.target(server)
    done = await asyncio.gather(*(reach.run(target, "true") for _ in range(4)))
    assert [one.exit_status for one in done] == [0] * 4
    assert (await reaching(Person()).run(target, "true")).exit_status == 0
    ((title, lines, fields),) = person.asked
    assert title == f"Is this really {USER}@127.0.0.1:{server.port}?"
    assert fingerprint in lines[0]
    assert not fields
    assert oct(farm.known_hosts.stat().st_mode & 0o777) == "0o600"
    assert farm.known_hosts.read_text().count("\n") == 1
    assert keygen_says("-F", server.place, "-f", farm.known_hosts)


async def test_an_accepted_key_is_kept_under_the_alias_and_hashed_where_that_is_wanted(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    farm.configure("HashKnownHosts yes")
    target = farm.target(server, alias="i-0abc")
    assert (await reaching(Person([])).run(target, "true")).exit_status == 0
    assert farm.known_hosts.read_text().startswith("|1|")
    assert keygen_says("-F", "i-0abc", "-f", farm.known_hosts)
    assert (await reaching(Person()).run(target, "true")).exit_status == 0


async def test_strict_checking_asks_nobody(farm: Farm, server: Server, reaching: Reaching) -> None:
    farm.configure("StrictHostKeyChecking yes")
    person = Person([])
    with pytest.raises(Problem, match="not known"):
        await reaching(person).run(farm.target(server), "true")
    assert not person.asked


# ---- what only a scripted server does ---------------------------------------------------------------


class Odd(asyncssh.SSHServer):
    """Takes a password, or a code by keyboard-interactive, or nothing at all."""

    methods = "password"

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        for _ in range(100 if self.methods == "babble" else 0):
            self._connection.send_auth_banner("\x1b[2J" * 8_000)
        return True

    def password_auth_supported(self) -> bool:
        return self.methods == "password"

    def validate_password(self, username: str, password: str) -> bool:
        return password == "hunter2"

    def kbdint_auth_supported(self) -> bool:
        return self.methods in ("code", "hang")

    async def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> object:
        if self.methods == "hang":
            await asyncio.Event().wait()
        return "Second factor", "\x1b[31mFrom your token", "", [("Password: ", False), ("Code:\x07", True)]

    def validate_kbdint_response(self, username: str, responses: object) -> bool:
        return responses == ["hunter2", "123456"]


@asynccontextmanager
async def odd(farm: Farm, methods: str) -> AsyncIterator[Target]:
    class Wanted(Odd):
        pass

    Wanted.methods = methods
    key = farm.folder / "odd_key"
    if not key.exists():
        new_key(key)

    def handle(process: asyncssh.SSHServerProcess[str]) -> None:
        process.exit(0)

    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Wanted, server_host_keys=[str(key)], process_factory=handle
    )
    port = server.sockets[0].getsockname()[1]
    kept = " ".join(key.with_name("odd_key.pub").read_text().split()[:2])
    farm.known_hosts.write_text(f"[127.0.0.1]:{port} {kept}\n")
    one = Server.__new__(Server)
    one.host, one.port = "odd", port
    yield farm.target(one, key="", user="ada")
    server.close()
    await server.wait_closed()


async def test_a_code_is_asked_for_in_the_servers_words_cleaned(farm: Farm, reaching: Reaching) -> None:
    person = Person(["hunter2", "123456"])
    async with odd(farm, "code") as target:
        assert (await reaching(person).run(target, "true")).exit_status == 0
    ((title, lines, fields),) = person.asked
    assert title.startswith("ada@127.0.0.1:")
    assert lines == ("Second factor", "␛[31mFrom your token")
    assert fields == ("Password:", "Code:␇")


async def test_a_password_is_asked_for_again_and_then_no_more(farm: Farm, reaching: Reaching) -> None:
    async with odd(farm, "password") as target:
        person = Person(["wrong"], ["hunter2"])
        assert (await reaching(person).run(target, "true")).exit_status == 0
        assert person.asked[1][1] == ("That was not it.",)
        for nobody, times in ((Person(*[["wrong"]] * 9), 3), (Person(), 1)):
            with pytest.raises(Problem, match=r"Tried: .*password\. It takes: .*password"):
                await reaching(nobody).run(target, "true")
            assert len(nobody.asked) == times


async def test_a_server_that_hangs_in_the_login(
    farm: Farm, reaching: Reaching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "LOGIN_SECONDS", 0.3)
    async with odd(farm, "hang") as target:
        with pytest.raises(Problem, match="the login does not come to an end within"):
            await reaching(Person()).run(target, "true")


async def test_a_server_that_talks_without_end_is_left(farm: Farm, reaching: Reaching) -> None:
    async with odd(farm, "babble") as target:
        with pytest.raises(Problem, match="says more than 2 MB before it lets anybody in"):
            await reaching(Person()).run(target, "true")


def test_the_programs_of_these_tests_are_here(farm: Farm) -> None:
    assert all(map(shutil.which, ("ssh-agent", "ssh-add", "ssh-keygen")))
