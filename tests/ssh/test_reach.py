"""Commands, shells and files on a real server, straight and through hops."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from providers.contract import Refused
from providers.sessions import Size
from providers.ssh.channel import Channel
from tests.ssh.conftest import Reaching
from tests.ssh.farm import Farm, Server
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


async def test_a_command_that_nobody_waits_for_while_it_is_asked_for_is_ended(
    farm: Farm, server: Server, reaching: Reaching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm.knows(server)
    made = Channel.connection_made

    def cut(self: Channel, chan: object) -> None:
        made(self, chan)  # type: ignore[arg-type]
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    monkeypatch.setattr(Channel, "connection_made", cut)
    mark = tmp_path / "pid"
    command = f"echo $$ > {mark}; while echo; do sleep 0.1; done"
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(reaching(Person()).run(farm.target(server), command))
    await until(lambda: mark.exists() and bool(mark.read_text()))
    await until(lambda: not Path(f"/proc/{mark.read_text().strip()}").exists())


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
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with pytest.raises(Refused, match="larger than 3 bytes"):
        await reach.get(farm.target(place), str(path), limit=3)
    with pytest.raises(Refused, match="No such file"):
        await reach.get(farm.target(place), str(tmp_path / "absent"), limit=10)
    with pytest.raises(Refused, match=r"No such file|nonexistent"):
        await reach.put(farm.target(place), str(tmp_path / "absent" / "file"), b"x")


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
