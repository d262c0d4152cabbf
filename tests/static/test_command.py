"""Inventories that commands print: no shell, no input, bounds, and nothing left behind."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import time
from pathlib import Path

import pytest

from providers.contract import Problem
from providers.static.command import Command
from tests.waiting import until


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


async def told(command: Command) -> str:
    with pytest.raises(Problem) as problem:
        await command.read()
    assert problem.value.remedy
    return problem.value.detail


async def test_what_it_prints_is_read_and_the_same_again_is_known() -> None:
    command = Command(python("print('[]')"), 60)
    first = await command.read()
    assert first
    stamp, text = first
    assert text == b"[]\n"
    assert await command.read(stamp) is None
    assert await command.read() == first


async def test_there_is_no_shell_and_no_input() -> None:
    shown = await Command(
        python("import sys; print(sys.argv[1:], sys.stdin.read())") + " '$HOME' ; *", 60
    ).read()
    assert shown
    assert shown[1] == b"['$HOME', ';', '*'] \n"


async def test_a_failure_is_told_with_the_first_line_of_its_errors() -> None:
    code = "import sys; sys.exit('Error: no state file\\nTry again with \\x1b[2J')"
    detail = await told(Command(python(code), 60))
    assert detail.endswith("failed with status 1: Error: no state file")


async def test_credentials_in_the_command_and_its_errors_are_withheld() -> None:
    detail = await told(
        Command(python("import sys; sys.exit('bad token=hunter2')") + " --password=hunter3", 60)
    )
    assert "hunter" not in detail
    assert "hunter3" not in Command("curl --token=hunter3", 60).address


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("nothing-of-that-name-here", "can't be started: No such file"),
        ("'unbalanced", "can't be divided into words"),
        ("", "a ! without a command"),
        ("ls \0", "can't be started"),
    ],
)
async def test_what_cannot_run_is_told(command: str, what: str) -> None:
    assert what in await told(Command(command, 60))


async def test_too_much_is_not_taken() -> None:
    code = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    detail = await told(Command(python(code), 60, limit=1 << 20))
    assert "printed more than 1 MB and was stopped" in detail


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def until_gone(pid: int) -> None:
    await until(lambda: gone(pid))


CHILD = (
    "import os, subprocess, sys; c = subprocess.Popen(['sleep', '60']); f = open(sys.argv[1] + '~', 'w'); "
)
CHILD += "f.write(str(c.pid)); f.close(); os.rename(sys.argv[1] + '~', sys.argv[1]); "


async def written(path: Path) -> int:
    await until(path.exists)
    return int(path.read_text())


async def test_one_that_takes_too_long_is_stopped_with_its_children(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    command = Command(f"{python(CHILD + 'c.wait()')} {path}", 60, timeout=1.0)
    assert "gave no answer in 1 s and was stopped" in await told(command)
    await until_gone(await written(path))


async def test_one_that_leaves_a_child_holding_its_output_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    command = Command(f"{python(CHILD)} {path}", 60, timeout=1.0)
    assert "gave no answer" in await told(command)
    await until_gone(await written(path))


async def test_a_child_that_holds_only_stderr_is_not_waited_for() -> None:
    code = "import subprocess; subprocess.Popen(['sleep', '3'], stdout=subprocess.DEVNULL); print('[]')"
    began = time.monotonic()
    assert await Command(python(code), 60).read()
    assert time.monotonic() - began < 3


async def test_closing_stops_it_with_its_children(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    task = asyncio.create_task(Command(f"{python(CHILD + 'c.wait()')} {path}", 60).read())
    pid = await written(path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_gone(pid)


async def test_it_never_runs_twice_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    code = f"import os, time; os.mkdir({str(lock)!r}); time.sleep(0.1); os.rmdir({str(lock)!r}); print('[]')"
    command = Command(python(code), 60)
    answers = await asyncio.gather(*(command.read() for _ in range(3)))
    assert [answer and answer[1] for answer in answers] == [b"[]\n"] * 3


async def test_no_file_stays_open() -> None:
    command = Command(python("print('[]')"), 60)
    await command.read()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        await command.read()
    assert len(os.listdir("/proc/self/fd")) == before
