"""The audit log: its chain, its file, and what never gets into it."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import pytest

from providers.contract import Problem
from providers.engine import audit
from providers.engine.audit import Audit, Entry, Target


def entry(number: int = 0, **more: str) -> Entry:
    target = Target(kind="Node", name=f"n{number}", uid=f"u{number}", source="prod-eu", cluster="prod-eu")
    fields: dict[str, str] = {"identity": "alice", "sent": "set unschedulable=true", **more}
    return Entry(id=str(number), phase="intent", action="cordon", object=target, **fields)


def written(path: Path, count: int, *, rotate_bytes: int = audit.ROTATE_BYTES) -> None:
    for number in range(count):
        Audit(path, rotate_bytes=rotate_bytes).write(entry(number))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quarterdeck" / "audit.jsonl"


def test_A8_a_line_has_everything_and_the_file_is_private(path: Path) -> None:
    old = os.umask(0)
    try:
        Audit(path).write(entry())
    finally:
        os.umask(old)
    line = json.loads(path.read_text())
    assert line["time"].endswith("Z")
    assert "T" in line["time"]
    assert line["object"] == {
        "kind": "Node", "name": "n0", "namespace": "", "uid": "u0", "source": "prod-eu", "cluster": "prod-eu",
    }  # fmt: skip
    assert (line["phase"], line["action"], line["identity"]) == ("intent", "cordon", "alice")
    assert "@" in line["by"]
    assert line["prev"] == "0" * 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_A8_a_file_that_others_may_read_is_closed_to_them(path: Path) -> None:
    written(path, 1)
    path.chmod(0o644)
    written(path, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def drop(lines: list[bytes]) -> None:
    del lines[2]


def change(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b"alice", b"mallory")


def swap(lines: list[bytes]) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def insert(lines: list[bytes]) -> None:
    lines.insert(2, lines[2].replace(b"n2", b"nX"))


def garble(lines: list[bytes]) -> None:
    lines[2] = b"\xff\xfe\n"


def behead(lines: list[bytes]) -> None:
    del lines[0]


@pytest.mark.parametrize(
    ("tamper", "line"), [(drop, 3), (change, 3), (swap, 3), (insert, 4), (garble, 3), (behead, 1)]
)
def test_A8_tampering_is_found_at_its_line(
    path: Path, tamper: Callable[[list[bytes]], None], line: int
) -> None:
    written(path, 6)
    assert audit.verify(path) is None
    lines = path.read_bytes().splitlines(keepends=True)
    tamper(lines)
    path.write_bytes(b"".join(lines))
    broken = audit.verify(path)
    assert broken is not None
    assert (broken.path, broken.line) == (path, line)


def test_A8_the_chain_goes_on_over_files_set_aside(path: Path) -> None:
    written(path, 20, rotate_bytes=1000)
    parts = sorted(path.parent.iterdir())
    assert len(parts) > 3
    assert all(stat.S_IMODE(part.stat().st_mode) == 0o600 for part in parts)
    assert [each.id for each in audit.entries(path)] == [str(number) for number in range(20)]
    assert audit.verify(path) is None

    parts[1 if parts[0] == path else 0].unlink()
    broken = audit.verify(path)
    assert broken is not None
    assert broken.reason == "what came before it is missing"


def test_A8_a_line_cut_off_by_a_crash_shows_and_the_next_ones_chain_on(path: Path) -> None:
    written(path, 2)
    with path.open("ab") as file:
        file.write(b'{"time":"2026')
    written(path, 2)
    broken = list(audit.breaks(path))
    assert [(each.line, each.reason[:12]) for each in broken] == [(3, "not an entry")]
    assert len(list(audit.entries(path))) == 4


APPEND = """
import sys
from tests.actions.test_audit import written
from pathlib import Path
print("ready", flush=True)
sys.stdin.readline()
written(Path(sys.argv[1]), 40, rotate_bytes=4000)
"""


def test_A8_two_engines_append_at_once(path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n", timeout=60)
        assert writer.returncode == 0
    assert audit.verify(path) is None
    assert len(list(audit.entries(path))) == 80
    assert len(list(path.parent.iterdir())) > 4


def test_A8_an_engine_that_waited_while_the_file_was_set_aside_writes_to_the_new_one(path: Path) -> None:
    written(path, 1)
    tried = threading.Event()
    with path.open("rb") as held, ThreadPoolExecutor() as pool:
        fcntl.flock(held, fcntl.LOCK_EX)

        def trace(frame: FrameType, event: str, argument: object) -> None:
            if frame.f_code.co_name == "_lock":
                tried.set()

        def wait_and_write() -> None:
            sys.setprofile(trace)
            written(path, 1)

        writing = pool.submit(wait_and_write)
        assert tried.wait(10)
        path.rename(path.with_name("audit.jsonl.000001"))
        fcntl.flock(held, fcntl.LOCK_UN)
        writing.result(10)
    assert len(path.read_text().splitlines()) == 1
    assert audit.verify(path) is None
    assert len(list(audit.entries(path))) == 2


FILL = """
import resource, sys
from tests.actions.test_audit import entry
from providers.contract import Problem
from providers.engine.audit import Audit
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    Audit(sys.argv[1]).write(entry(9))
except Problem as problem:
    print(problem.detail)
"""


def test_A8_a_full_disk_is_a_refusal_and_leaves_no_half_a_line(path: Path) -> None:
    assert resource.RLIMIT_FSIZE is not None
    written(path, 2)
    before = path.read_bytes()
    command = [sys.executable, "-c", FILL, str(path), str(len(before) + 50)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert str(path) in told
    assert "can't be written" in told
    assert path.read_bytes() == before
    written(path, 1)
    assert audit.verify(path) is None


def test_a_link_or_a_pipe_is_not_written_to(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("")
    path.symlink_to(elsewhere)
    with pytest.raises(Problem):
        Audit(path).write(entry())
    assert elsewhere.read_text() == ""
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Problem, match="not an ordinary file"):
        Audit(path).write(entry())


@pytest.mark.parametrize(
    "text",
    [
        "401: Authorization: Bearer S3CRET was refused",
        "password=S3CRET&x=1",
        '{"token": "S3CRET"}',
        "proxy http://bob:S3CRET@proxy:3128 refused",
        "eyJhbGciOiJSUzI1.eyJzdWIiOiJS3CRET.c2lnbmF0dXJlS3CRET",
    ],
)
def test_T4_no_credential_is_written(path: Path, text: str) -> None:
    Audit(path).write(entry(detail=text, sent=text))
    assert "S3CRET" not in path.read_text()
    assert "[withheld]" in path.read_text()


def test_what_was_sent_is_otherwise_written_as_it_is(path: Path) -> None:
    Audit(path).write(entry(sent="delete pod shop/token-minter if its uid is 0f2c"))
    assert next(audit.entries(path)).sent == "delete pod shop/token-minter if its uid is 0f2c"


def test_the_log_is_printed_and_its_chain_judged(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.print_log(path) == 2
    assert "can't be read" in capsys.readouterr().err
    written(path, 3)
    assert audit.print_log(path) == 0
    Audit(path).write(entry(sent=f"run '{'x' * 9000}\x1b[2J' on ada@web"))
    assert audit.print_log(path) == 0
    assert f"  intent: run '{'x' * 9000}␛[2J' on ada@web\n" in capsys.readouterr().out, "exactly, and clean"
    assert audit.print_log(path) == 0
    assert "as alice  cordon node n1 in prod-eu  intent: " in capsys.readouterr().out
    assert audit.print_log(path, verify=True) == 0
    path.write_text(path.read_text().replace("n1", "nX"))
    assert audit.print_log(path, verify=True) == 1
    assert f"{path}:3: the line before it was changed" in capsys.readouterr().out


def test_the_default_place_is_the_platform_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert Audit().path.is_relative_to(tmp_path) or sys.platform == "darwin"
    assert Audit().path.name == "audit.jsonl"
