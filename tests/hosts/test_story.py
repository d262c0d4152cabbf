"""A server in trouble, from the command line to the restart: real command, engine, connection and sshd."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from console.app import Quarterdeck
from console.config import Config
from console.launch import Arguments, choose
from console.link import connect
from tests.ssh.farm import Farm, Server
from tests.stories.stage import Session
from tests.waiting import until

from .doubles import Systemd
from .test_source import aliases


@pytest.fixture
def known(farm: Farm, home: Path, managed: Server, systemd: Systemd) -> str:
    """The ssh configuration that leads to a server with a failed unit."""
    systemd.put("nginx.service", ActiveState="failed", Result="exit-code", ExecMainStatus="1")
    systemd.may(True)
    systemd.fails(False)
    systemd.restarts()
    aliases(farm, managed=managed, away=9)
    farm.knows(managed)
    return str(farm.config)


def test_a_snapshot_names_every_host_that_is_said(known: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[providers.ssh]\nconfig = "{known}"\n')
    program = [str(Path(sys.executable).with_name("quarterdeck")), "snapshot", "--config", str(config)]
    done = subprocess.run(
        [*program, "--host", "127.0.0.[1-2]:9", "-o", "json"],
        capture_output=True,
        env={**os.environ, "KUBECONFIG": ""},
        timeout=60,
        check=False,
    )
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert {host["name"]: (host["source"], host["state"]) for host in found["hosts"]} == {
        "127.0.0.1": ("ssh", "unreachable"),
        "127.0.0.2": ("ssh", "unreachable"),
        "managed": ("ssh-config", "up"),
        "away": ("ssh-config", "unreachable"),
    }
    managed = next(host for host in found["hosts"] if host["name"] == "managed")
    assert managed["failed_units"] == ["nginx.service"]
    assert managed["memory"] > managed["memory_available"] > 0


async def test_from_the_fault_to_the_restart(known: str, systemd: Systemd, tmp_path: Path) -> None:
    config = Config(providers={"ssh": {"config": known}})
    launch = choose(Arguments(providers=("ssh",)), config, {"HOME": str(tmp_path)})
    app = Quarterdeck(connect(launch.hello), launch)
    async with app.run_test(size=(160, 50)) as pilot:
        session = Session(app, pilot)
        await _shown(
            pilot,
            lambda: "managed" in session.rows("host") and "1 with failed units" in session.title("host"),
        )
        assert session.deck.scene.focus == "host"
        assert "1 unreachable" in session.title("host")
        await session.type(":unit")
        await session.press("enter")
        await _shown(pilot, lambda: session.under_cursor == "nginx.service")
        await session.press("r")
        await _shown(pilot, lambda: len(app.screen_stack) > 1)
        await session.press("y")
        await _shown(pilot, lambda: not session.rows("unit"))
        assert systemd.restarts() == ["restart nginx.service"]
        await session.type(":hosts")
        await session.press("enter")
        await _shown(pilot, lambda: "with failed units" not in session.title("host"))


async def _shown(pilot: Pilot[None], so: Callable[[], bool]) -> None:
    await until(so)
    await pilot.pause()
