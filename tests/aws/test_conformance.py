"""The conformance kit on the real provider: profiles, sessions and polls, with moto behind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

import pytest

from providers.aws.provider import provider
from providers.aws.source import RegionSource
from providers.conformance import ProviderConformance
from providers.contract import Source
from tests.aws import front as fronts
from tests.aws.cloud import Cloud, running
from tests.aws.following import QUICK
from tests.aws.front import Front
from tests.aws.test_source import launch, planted


class Over(ProviderConformance):
    """Two regions of one account, polled without much of a pause."""

    provider = provider
    options: ClassVar[dict[str, Any]] = {"regions": ["eu-west-1", "us-east-1"]}
    follow = 0.4

    @pytest.fixture(scope="class")
    def front(self) -> Iterator[Front]:
        """One cloud for all checks: to plant takes seconds."""
        with running() as cloud, fronts.before(cloud.url) as front:
            self.plant(cloud, front)
            yield front

    @pytest.fixture(autouse=True)
    def _behind(self, front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("providers.aws.provider.RegionSource", partial(RegionSource, timing=QUICK))
        self.cloud = Cloud(front.url)
        for name, value in self.cloud.environment.items():
            monkeypatch.setenv(name, value)

    def plant(self, cloud: Cloud, front: Front) -> None:
        planted(cloud)
        launch(cloud, 3)
        launch(cloud, 2, "us-east-1", hostile="[@click='app.quit']x[/]\u202e\x7f")


class TestCloud(Over):
    """As it is."""

    still = False

    async def stir(self, source: Source) -> None:
        launch(self.cloud, 1, source.info.region)


class TestDenied(Over):
    """What is not essential is refused, and so are volumes and clusters."""

    def plant(self, cloud: Cloud, front: Front) -> None:
        super().plant(cloud, front)
        for operation in ("DescribeVolumes", "DescribeInstanceStatus", "ListClusters"):
            front.scripts[operation] = fronts.denied(f"x:{operation}")


class TestEmpty(Over):
    """Nothing is there."""

    def plant(self, cloud: Cloud, front: Front) -> None:
        pass
