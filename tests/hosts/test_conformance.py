"""The provider held to the contract, with a real server and one that is not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from providers.conformance import ProviderConformance
from providers.contract import Host, Source
from providers.engine.asking import Nobody
from providers.registry import checked_options
from providers.ssh.provider import provider
from providers.ssh.reach import create
from tests.ssh.farm import Farm, Server

from .doubles import Systemd
from .test_source import aliases


class TestHosts(ProviderConformance):
    provider = provider
    options: ClassVar[dict[str, Any]] = {"hosts": ["127.0.0.1:9"]}

    @pytest.fixture(autouse=True)
    def place(self, farm: Farm, home: Path, managed: Server, systemd: Systemd) -> None:
        systemd.put("nginx.service", ActiveState="failed", Result="exit-code")
        aliases(farm, managed=managed)
        farm.knows(managed)
        type(self).options = {"hosts": ["127.0.0.1:9"], "config": str(farm.config), "follow": True}

    async def sources(self, *, read_only: bool = False) -> Sequence[Source]:
        reach = create(Nobody())
        host = Host(read_only=read_only, reach=lambda: reach)
        sources = await provider.sources(checked_options(provider, self.options), host)
        for source in sources:  # the engine's connections outlive its sources; these end with each check
            source.close = reach.close  # type: ignore[attr-defined]
        return sources
