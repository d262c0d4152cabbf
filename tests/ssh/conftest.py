"""What the tests of SSH share: a farm of servers, and a home folder that is nobody's."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from providers.sessions import Asker, Reach
from providers.ssh.reach import create
from tests.lab.sshd import missing
from tests.ssh.farm import Farm, Server


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """An empty farm; skips where there is no sshd."""
    why = missing()
    if why and os.environ.get("QUARTERDECK_LAB") == "require":
        pytest.fail(why)
    if why:
        pytest.skip(why)
    made = Farm(tmp_path_factory.mktemp("farm"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(farm: Farm) -> Server:
    """A server that lets the farm's user in."""
    return farm.server("one")


@pytest.fixture
def home(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The farm's home is this process's, with nothing known. `ssh -G` takes a home from the password file,
    so the known hosts are named in the configuration."""
    monkeypatch.setenv("HOME", str(farm.home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    farm.configure()
    farm.known_hosts.unlink(missing_ok=True)
    return farm.home


Reaching = Callable[[Asker], Reach]


@pytest.fixture
async def reaching(home: Path) -> AsyncIterator[Reaching]:
    """Makes what reaches hosts; everything is closed at the end."""
    made: list[Reach] = []

    def make(asker: Asker) -> Reach:
        made.append(create(asker))
        return made[-1]

    yield make
    for one in made:
        await one.close()
