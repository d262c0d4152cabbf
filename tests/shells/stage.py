"""A console whose only machines are hosts of a list, reached over a real sshd."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from console.app import Quarterdeck
from console.config import Config, Ssh
from console.launch import Arguments, choose
from console.link import connect
from tests.lab.sshd import LOOPBACK, Sshd
from tests.stories.stage import Session, loaded


class Person(Session):
    """As patient as a machine needs that others keep busy: ssh is five processes."""

    async def until(self, seen: Callable[[], bool], timeout: float = 90.0) -> None:
        await super().until(seen, timeout)


def inventory(folder: Path, sshd: Sshd, *names: str, port: int = 0) -> Path:
    """A list of hosts, all of them that server (or that port)."""
    entries = [
        {"name": name, "address": LOOPBACK, "port": port or sshd.port, "user": sshd.user} for name in names
    ]
    path = folder / "hosts.json"
    path.write_text(json.dumps(entries))
    return path


@asynccontextmanager
async def hosts(
    folder: Path,
    sshd: Sshd,
    *names: str,
    size: tuple[int, int] = (160, 45),
    config: Config | None = None,
    read_only: bool = False,
    port: int = 0,
) -> AsyncIterator[Session]:
    """A console that shows these hosts, with the cursor on the first."""
    arguments = Arguments(inventories=(str(inventory(folder, sshd, *names, port=port)),), read_only=read_only)
    launch = choose(arguments, config or Config(ssh=Ssh(prefer=("ssh",))), {})
    app = Quarterdeck(connect(launch.hello), launch)
    async with app.run_test(size=size, notifications=True) as pilot:
        user = Person(app, pilot)
        await user.until(lambda: loaded(app))
        app.tick()
        await pilot.pause()
        await user.until(lambda: user.deck.current is not None)
        yield user


def screen(user: Session) -> str:
    """What the shown shell's screen says."""
    tab = user.deck.dock.tab
    assert tab is not None
    return tab.text()
