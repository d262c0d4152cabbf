"""T3: whatever a provider says, only what the console itself means reaches the terminal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.pty.real import PATIENCE, assert_given_back, ended, run, settled, started
from tests.widgets.corpus import FORBIDDEN
from tests.widgets.test_terminal import ALLOWED

pytestmark = pytest.mark.pty
ROOT = Path(__file__).parents[2]


def installed(folder: Path, name: str, target: str) -> str:
    """A package beside the installed ones that brings that provider; what PYTHONPATH has to be."""
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[quarterdeck.providers]\n{name} = {target}\n")
    return os.pathsep.join([str(folder), str(ROOT)])


def test_T3_hostile_text_is_seen_as_text_and_drives_nothing(tmp_path: Path) -> None:
    path = installed(tmp_path, "hostile", "tests.pty.hostile:provider")
    with started("--provider", "hostile", environment={"PYTHONPATH": path}) as terminal:
        terminal.wait(lambda t: "evil" in t.text, PATIENCE)
        settled(terminal)
        for keys in ("G", "W", "W", ":nodes\r", "j", "y", "\x1b", "/evil\r"):
            terminal.send(keys)
            terminal.run_for(0.4)
        assert "[bold]markup[/bold]" in terminal.text
        terminal.send("\x03")
        assert ended(terminal) == 0
        rest = ALLOWED.sub("", bytes(terminal.log).decode())
        assert not FORBIDDEN & set(rest)
        assert_given_back(terminal)


def test_a_provider_that_fails_to_import_is_listed_with_why(tmp_path: Path) -> None:
    path = installed(tmp_path, "broken", "tests.pty.nowhere:provider")
    shown = run("providers", environment={"PYTHONPATH": path})
    assert shown.returncode == 0
    assert "✕ provider 'broken' (tests.pty.nowhere:provider) failed to import" in shown.stdout
    assert "pods = 1200" in shown.stdout


def test_a_provider_that_fails_to_import_is_told_and_the_rest_works_on(tmp_path: Path) -> None:
    path = installed(tmp_path, "broken", "tests.pty.nowhere:provider")
    providers = ("--provider", "broken", "--provider", "demo")
    with started(*providers, environment={"PYTHONPATH": path}) as terminal:
        terminal.wait_for("Running", PATIENCE)
        terminal.send(":sources\r/broken\r")
        terminal.wait_for("failed to import", PATIENCE)
        assert "ModuleNotFoundError" in terminal.text
