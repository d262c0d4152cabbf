"""Commands, shells and files on a real server, straight and through hops."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
from pathlib import Path

import asyncssh
import pytest

from providers.contract import Refused, Uncertain
from providers.model import Ref, Target
from providers.sessions import Completed, Size
from providers.ssh.channel import Channel
from providers.ssh.commands import Command
from providers.ssh.leash import Leash
from tests.ssh.conftest import Reaching
from tests.ssh.farm import LOOPBACK, USER, Farm, Server
from tests.ssh.person import Person
from tests.waiting import until


@pytest.fixture(scope="module")
def bastion(farm: Farm) -> Server:
    return farm.server("bastion")


async def test_a_command_has_its_exact_status_and_both_outputs(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    farm.knows(server)
    done = await reaching(Person()).run(farm.target(server), "echo out; echo err >&2; exit 3")
    assert (done.exit_status, done.stdout, done.stderr, done.error) == (3, b"out\n", b"err\n", "")


async def test_a_command_that_a_signal_ended_has_no_status(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    farm.knows(server)
    done = await reaching(Person()).run(farm.target(server), "kill -TERM $$")
    assert done.exit_status is None
    assert done.error == "killed by signal TERM"


async def test_input_arrives_whole(farm: Farm, server: Server, reaching: Reaching) -> None:
    farm.knows(server)
    done = await reaching(Person()).run(farm.target(server), "cksum", stdin=b"\x00\xff" * 2_000_000)
    assert done.stdout.split()[1] == b"4000000"


async def test_of_a_flood_so_much_is_kept_and_the_status_is_right(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    farm.knows(server)
    done = await reaching(Person()).run(farm.target(server), "head -c 20000000 /dev/zero; exit 5", limit=100)
    assert (done.exit_status, len(done.stdout), done.cut) == (5, 100, True)


async def test_a_command_that_takes_too_long_is_ended(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path
) -> None:
    farm.knows(server)
    reach = reaching(Person())
    mark = tmp_path / "pid"
    done = await reach.run(
        farm.target(server), f"echo $$ > {mark}; echo began; while echo; do sleep 0.1; done", timeout=0.5
    )
    assert (done.exit_status, done.stdout[:6]) == (None, b"began\n")
    assert "0.5 s" in done.error
    await until(lambda: not Path(f"/proc/{mark.read_text().strip()}").exists())


SILENT = "echo $$ > {mark}; cat; sleep 60 & sleep 60; echo never"
"""Says nothing that its end could be noticed by, and has a child; its input has ended."""


def ended(mark: Path) -> bool:
    return mark.exists() and bool(mark.read_text()) and not Path("/proc", mark.read_text().strip()).exists()


def sleepers(mark: Path) -> list[str]:
    """Processes of that command's group that are more than zombies."""
    stats = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat") if path.exists()]
    fields = [stat.rpartition(")")[2].split() for stat in stats]
    return [each[0] for each in fields if each[2] == mark.read_text().strip() and each[0] != "Z"]


async def test_a_silent_command_that_takes_too_long_is_ended_with_all_it_started(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path
) -> None:
    farm.knows(server)
    mark = tmp_path / "pid"
    done = await reaching(Person()).run(
        farm.target(server), SILENT.format(mark=mark), stdin=b"given", timeout=0.5
    )
    assert (done.exit_status, done.stdout, done.stderr) == (None, b"given", b"")
    assert done.error == "not done within 0.5 s: it was sent TERM, and has ended"
    assert ended(mark)
    await until(lambda: not sleepers(mark))


async def test_a_command_that_does_not_end_may_still_run_and_that_is_said(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path
) -> None:
    farm.knows(server)
    mark = tmp_path / "pid"
    command = f"trap '' TERM; echo $$ > {mark}; while [ -e {mark} ]; do sleep 0.1; done"
    done = await reaching(Person()).run(farm.target(server), command, timeout=0.2)
    assert done.error.endswith("it was sent TERM, and may still run there")
    mark.unlink()


async def test_a_silent_command_that_nobody_waits_for_is_ended_and_what_it_said_is_told(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path
) -> None:
    farm.knows(server)
    mark, told = tmp_path / "pid", list[Completed]()
    command = f"echo so far; echo bad >&2; {SILENT.format(mark=mark)}"
    run = reaching(Person()).run(farm.target(server), command, cut=told.append)
    task = asyncio.create_task(run)
    await until(lambda: mark.exists() and bool(mark.read_text()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended(mark)
    (done,) = told
    assert (done.exit_status, done.stdout, done.stderr) == (None, b"so far\n", b"bad\n")
    assert done.error == "cancelled: it was sent TERM, and has ended"


async def test_where_signals_are_passed_on_the_command_goes_as_it_is_and_is_sent_one(
    farm: Farm, reaching: Reaching, home: Path
) -> None:
    asked: list[str | None] = []
    ends: list[str] = []

    async def serve(process: asyncssh.SSHServerProcess[str]) -> None:
        asked.append(process.command)
        try:
            while True:
                await process.stdin.read()
                await asyncio.sleep(0.01)
        except asyncssh.SignalReceived as signal:
            ends.append(signal.signal)
            process.exit_with_signal(signal.signal)

    key = asyncssh.generate_private_key("ssh-ed25519")
    listener = await asyncssh.listen(
        LOOPBACK,
        0,
        server_host_keys=[key],
        authorized_client_keys=str(farm.authorized),
        process_factory=serve,
    )
    async with listener:
        port = listener.get_port()
        farm.known_hosts.write_text(f"[{LOOPBACK}]:{port} {key.export_public_key().decode()}")
        target = Target(
            ref=Ref("lab", "host", "scripted"),
            label="host scripted",
            host=LOOPBACK,
            port=port,
            user=USER,
            key=str(farm.key),
            options=("-F", str(farm.config)),
        )
        done = await reaching(Person()).run(target, "sleep 60", timeout=0.3)
    assert (asked, ends) == (["sleep 60"], ["TERM"])
    assert done.error.endswith("it was sent TERM, and has ended")


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_the_line_of_the_group_is_all_that_is_added(shell: str) -> None:
    if not shutil.which(shell.split(maxsplit=1)[0]):
        pytest.skip(f"no {shell}")
    command = "echo 'it''s'; echo bad >&2; # and\nexit 7"
    held = Leash()
    done = subprocess.run(
        [*shell.split(), "-c", held.on(command)], capture_output=True, check=False, start_new_session=True
    )
    assert (done.returncode, done.stdout, held.without(done.stderr)) == (7, b"its\n", b"bad\n")
    assert held.group(done.stderr)
    assert Leash().group(done.stderr) is None


async def test_a_command_that_nobody_waits_for_while_it_is_asked_for_is_ended(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm.knows(server)
    made = Channel.connection_made

    def cut(self: Channel, chan: object) -> None:
        made(self, chan)  # type: ignore[arg-type]
        if isinstance(self, Command) and asyncio.current_task() is asked:
            asked.cancel()

    monkeypatch.setattr(Channel, "connection_made", cut)
    reach = reaching(Person())
    mark = tmp_path / "pid"
    command = f"echo $$ > {mark}; sleep 60; true"
    asked = asyncio.create_task(reach.run(farm.target(server), command))
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert (await reach.run(farm.target(server), "true")).exit_status == 0
    await until(lambda: not mark.exists() or ended(mark))


async def test_a_shell_has_a_terminal_of_that_size_and_ends_with_its_status(
    farm: Farm, server: Server, reaching: Reaching
) -> None:
    farm.knows(server)
    shell = await reaching(Person()).shell(farm.target(server), Size(91, 17))
    shell.resize(Size(92, 18))
    await shell.write(b"stty size; exit 7\n")
    said = b""
    while data := await shell.read():
        said += data
    assert b"18 92" in said
    assert (await shell.ended()).status == 7
    assert shell.sent.startswith("ssh ")


async def test_closing_a_shell_ends_it_there(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path
) -> None:
    farm.knows(server)
    shell = await reaching(Person()).shell(farm.target(server), Size(80, 24))
    await shell.write(f"echo $$ > {tmp_path}/pid; echo re''ady\n".encode())
    said = b""
    while b"ready" not in said:
        said += await shell.read()
    await shell.close()
    process = Path("/proc", (tmp_path / "pid").read_text().strip())
    await until(lambda: not process.exists())


@pytest.mark.parametrize("sftp", [True, False])
async def test_a_file_is_put_whole_and_read_back(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path, sftp: bool
) -> None:
    place = server if sftp else farm.server("no-sftp", Subsystem="none /bin/false")
    farm.knows(place)
    reach = reaching(Person())
    path = tmp_path / "it's a name; touch X"
    data = bytes(range(256)) * 5000
    await reach.put(farm.target(place), str(path), data, mode=0o640)
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    await reach.put(farm.target(place), str(path), b"anew")
    assert await reach.get(farm.target(place), str(path), limit=4) == b"anew"
    path.chmod(0o4751)
    await reach.put(farm.target(place), str(path), b"anew", mode=0o600, keep=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o4751
    await reach.put(farm.target(place), f"{path}.new", b"new", mode=0o604, keep=True)
    assert stat.S_IMODE(Path(f"{path}.new").stat().st_mode) == 0o604
    Path(f"{path}.new").unlink()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with pytest.raises(Refused, match="larger than 3 bytes"):
        await reach.get(farm.target(place), str(path), limit=3)
    with pytest.raises(Refused, match="No such file"):
        await reach.get(farm.target(place), str(tmp_path / "absent"), limit=10)
    with pytest.raises(Refused, match=r"No such file|nonexistent"):
        await reach.put(farm.target(place), str(tmp_path / "absent" / "file"), b"x")


@pytest.mark.parametrize("sftp", [True, False])
async def test_a_file_that_does_not_get_across_in_time_may_be_there_and_the_host_was_reached(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path, sftp: bool
) -> None:
    place = server if sftp else farm.server("slow-no-sftp", Subsystem="none /bin/false")
    farm.knows(place)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(Uncertain, match=r"within 0\.3 s"):
        await reaching(Person()).get(farm.target(place), str(tmp_path / "fifo"), limit=9, timeout=0.3)


async def test_two_hops_each_checked_and_each_shared(
    farm: Farm, server: Server, bastion: Server, reaching: Reaching
) -> None:
    farm.knows(server, bastion)
    reach = reaching(Person())
    before = bastion.connections(), server.connections()
    target = farm.target(server, jump=[bastion, server])
    for _ in range(2):
        assert (await reach.run(target, "echo $SSH_CONNECTION")).exit_status == 0
    assert bastion.connections() - before[0] == 1
    assert server.connections() - before[1] == 2
