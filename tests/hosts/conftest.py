"""What the tests of plain hosts share: real servers, and a source of them over real connections."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from providers.contract import Host, Source
from providers.engine.asking import Nobody
from providers.ssh.provider import Options, provider
from providers.ssh.reach import create
from tests.ssh.conftest import farm, home, server
from tests.ssh.farm import Farm, Server

from .doubles import Systemd

__all__ = ["farm", "home", "server"]


@pytest.fixture(scope="module")
def systemd(farm: Farm) -> Systemd:
    """A double of systemd and of sudo; see doubles.py."""
    return Systemd(farm.folder / "systemd")


@pytest.fixture(scope="module")
def managed(farm: Farm, systemd: Systemd) -> Server:
    """A server whose sessions find the doubles first on their PATH."""
    return farm.server("managed", SetEnv=f'SHLVL=2 "PATH={systemd.folder}:/usr/bin:/bin"')


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., object]]:
    """Makes the sources of some options; their connections are closed at the end."""
    reach = create(Nobody())

    async def make(*, read_only: bool = False, **options: object) -> list[Source]:
        given = Options(**options)  # type: ignore[arg-type]
        return list(await provider.sources(given, Host(read_only=read_only, reach=lambda: reach)))

    yield make
    await reach.close()
