"""From the start to the end of the real command: keys, signals, an engine that dies, a terminal that goes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.pty.real import (
    ALTERNATE,
    CURSOR,
    PATIENCE,
    STILL,
    assert_given_back,
    ended,
    engine_of,
    gone,
    modes,
    opened,
    settled,
    started,
)

pytestmark = pytest.mark.pty
SOON = 3.0
"""A second is promised; machines that run tests are given more."""


def test_it_opens_says_that_the_fleet_is_simulated_and_leaves_the_terminal_as_it_was() -> None:
    with opened(*STILL) as terminal:
        settled(terminal)
        assert "SIMULATED" in terminal.lines[0]
        assert "300" in next(line for line in terminal.lines if "Pods " in line)
        assert modes(terminal)[ALTERNATE]
        assert not modes(terminal)[CURSOR]
        engine = engine_of(terminal)
        begin = time.monotonic()
        terminal.send("\x03")
        assert ended(terminal) == 0
        assert time.monotonic() - begin < SOON
        assert gone(engine)
        assert_given_back(terminal)


def test_the_command_alone_opens_on_the_simulated_fleet_where_no_cluster_is_configured(
    tmp_path: os.PathLike[str],
) -> None:
    with started(environment={"HOME": str(tmp_path)}) as terminal:
        terminal.wait_for("SIMULATED", PATIENCE)
        terminal.wait_for("Running", PATIENCE)


def test_keys_typed_before_and_while_it_loads_are_all_taken_in_their_order() -> None:
    with started(*STILL) as terminal:
        terminal.wait_for("SIMULATED", PATIENCE)
        terminal.send(":nodes\r/prod\rG:pods kube-system\r/aws\r")
        terminal.wait(lambda t: "narrowed: namespace kube-system, /aws" in t.text, PATIENCE)
        settled(terminal)
        assert "/prod" in next(line for line in terminal.lines if " Nodes " in line)


def test_typed_q_leaves_too() -> None:
    with opened(*STILL) as terminal:
        terminal.send(":q\r")
        assert ended(terminal) == 0
        assert_given_back(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_its_engine_and_gives_the_terminal_back(number: signal.Signals) -> None:
    with opened(*STILL) as terminal:
        engine = engine_of(terminal)
        begin = time.monotonic()
        os.kill(terminal.process.pid, number)
        assert ended(terminal) == 128 + number
        assert gone(engine)
        assert time.monotonic() - begin < SOON
        assert_given_back(terminal)


def test_a_terminal_that_is_closed_takes_console_and_engine_with_it() -> None:
    terminal = opened(*STILL)
    engine = engine_of(terminal)
    os.close(terminal.master)
    terminal.process.wait(SOON)
    engine.wait(SOON)
    assert gone(engine)


def test_a_console_that_is_killed_takes_its_engine_with_it() -> None:
    with opened(*STILL) as terminal:
        engine = engine_of(terminal)
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait(SOON)
        engine.wait(SOON)
        assert gone(engine)


def test_ctrl_c_in_the_terminal_is_the_consoles_alone() -> None:
    """The key is read as a key; a SIGINT sent to the whole foreground group must not reach the engine."""
    with opened(*STILL) as terminal:
        engine = engine_of(terminal)
        assert os.getpgid(engine.pid) != os.getpgid(terminal.process.pid)
        terminal.send("/x\x03")
        terminal.wait(lambda t: "narrowed" not in t.text, PATIENCE)
        assert terminal.process.poll() is None, "in a prompt it only closes the prompt"
        assert not gone(engine)


def test_an_engine_that_is_killed_is_told_of_its_rows_are_stale_and_another_one_takes_over() -> None:
    with opened(*STILL) as terminal:
        settled(terminal)
        engine = engine_of(terminal)
        engine.kill()
        terminal.wait(lambda t: "the engine was killed by SIGKILL" in t.text, PATIENCE)
        assert "Running" in terminal.text, "what was there stays"
        terminal.wait(lambda t: " live" in t.lines[0] and "SIGKILL" not in t.lines[0], PATIENCE)
        assert engine_of(terminal).pid != engine.pid
        terminal.send(":nodes\r")
        terminal.wait(lambda t: "Cordon" in t.lines[-1], PATIENCE)
        terminal.send("\x03")
        assert ended(terminal) == 0
        assert_given_back(terminal)


def test_the_wall_turns_its_pages_obeys_no_key_and_leaves(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[wall]\npage_seconds = 0.5\n")
    fleet = ("--demo", "--pods", "60", "--nodes", "6", "--rate", "0", "--config", str(path))
    with started("wall", *fleet) as terminal:
        terminal.wait(lambda t: "read-only" in t.lines[0] and " Nodes " in t.text, PATIENCE)
        for page in (" Pods ", " Instances ", " Nodes "):
            terminal.wait_for(page, PATIENCE)
        terminal.send(":q\rc\x1bj/x\r")
        terminal.run_for(1.0)
        assert terminal.process.poll() is None
        assert "last data" in terminal.lines[-1]
        assert not any(line.startswith("▌") for line in terminal.lines), "it has no cursor"
        terminal.send("\x03")
        assert ended(terminal) == 0
        assert_given_back(terminal)


def test_read_only_is_said_and_the_keys_say_why_they_do_nothing() -> None:
    with started(*STILL, "--read-only") as terminal:
        terminal.wait(lambda t: "read-only" in t.lines[0] and "Running" in t.text, PATIENCE)
        terminal.send(":nodes\r")
        terminal.wait(lambda t: "c Cordon " in t.lines[-1] and "(no: read-only)" in t.lines[-1], PATIENCE)
        terminal.send("c")
        terminal.wait_for("Cordon: read-only", PATIENCE)
