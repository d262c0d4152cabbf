"""How long a change takes from the API server to the emulated screen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.subject import Subject

_ROW = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.-]{7,})(?P<cut>…?)\s+(?:PF\s+)?\d+/\d+\s+\S*\s?\w+\s+(?P<restarts>\d+)"
)
Row = tuple[str, bool, int]
"""A pod's name as far as it is shown, whether it is cut off there, and its restarts."""


def watch(
    subject: Subject, folder: Path, seconds: float, rate: float
) -> tuple[float, int, list[float], list[float]]:
    """CPU seconds and bytes while `rate` changes a second are made, and each seen change's delay in seconds.

    Delays count from the moment a patch was sent, and only for rows in sight. Last comes how long the server
    took to answer each patch: on a busy machine most of a late change is that.
    """
    log = folder / "churn.jsonl"
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.lab", "churn", "--rate", str(rate), "--dir", str(folder)]
    churn = subprocess.Popen([*command, "--seconds", str(seconds + 6), "--log", str(log)])
    subject.terminal.run_for(3.0)
    cpu, sent = subject.tree.cpu, subject.terminal.bytes
    begin = time.monotonic()
    seen = _follow(subject, seconds)
    cpu, sent = subject.tree.cpu - cpu, subject.terminal.bytes - sent
    churn.wait()
    return cpu, sent, _delays(log, seen, begin), _answers(log, begin)


def _follow(subject: Subject, seconds: float) -> dict[Row, float]:
    seen: dict[Row, float] = {}
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if subject.terminal.read(left):
            now = subject.terminal.read_at
            for line in subject.terminal.lines:
                if match := _ROW.search(line):
                    seen.setdefault((match["name"], bool(match["cut"]), int(match["restarts"])), now)
    return seen


def _delays(log: Path, seen: dict[Row, float], begin: float) -> list[float]:
    delays = []
    for line in log.read_text("utf-8").splitlines():
        change = json.loads(line)
        if change["sent"] < begin:
            continue  # made before anybody looked
        for (name, cut, restarts), at in seen.items():
            same = change["name"].startswith(name) if cut else change["name"] == name
            if same and restarts == change["restarts"] and at >= change["sent"]:
                delays.append(at - change["sent"])
                break
    return delays


def _answers(log: Path, begin: float) -> list[float]:
    changes = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    return [change["answered"] - change["sent"] for change in changes if change["sent"] >= begin]
