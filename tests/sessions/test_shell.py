"""A shell by the system's ssh through the engine, against OpenSSH's server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.model import Ref, Target
from providers.stream import Resize
from tests.lab.sshd import Sshd
from tests.sessions.console import Shells


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with Sshd() as server:
        yield server


@pytest.fixture
def target(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setenv("PATH", sshd.environment()["PATH"])
    return Target(ref=Ref("steady", "node", "n1"), label="node n1", name="n1", host=sshd.host)


async def test_a_shell_opens_echoes_resizes_and_tells_its_status(target: Target, tmp_path: Path) -> None:
    async with Shells("steady", audit_path=tmp_path / "audit.jsonl") as console:
        opened = await console.opened(1, target, columns=100, rows=30)
        assert opened.way == "ssh"
        console.type(1, "stty size; echo $TERM-\n")
        said = await console.shows(1, "xterm-256color-\r")
        assert "30 100" in said
        console.say(Resize(id=1, columns=91, rows=17))
        console.type(1, "stty size; exit 7\n")
        assert (await console.closed(1)).status == 7
        assert "17 91" in (await console.shows(1, "17 91"))
        intent, outcome = console.entries()
        assert (intent.action, intent.phase, intent.sent) == ("shell", "intent", opened.sent)
        assert (outcome.id, outcome.phase, outcome.result) == (intent.id, "outcome", "exit status 7")
