"""The conformance kit on odd fleets: a denied kind, nothing at all, much at once."""

from __future__ import annotations

from typing import ClassVar

from providers.conformance import ProviderConformance
from providers.demo.provider import Demo


class TestDenied(ProviderConformance):
    """The fourth cluster's pods may not be listed."""

    provider = Demo()
    options: ClassVar[dict[str, object]] = {"clusters": 4, "nodes": 24, "pods": 120, "frozen": True}
    follow = 0.05
    writes = True


class TestEmpty(ProviderConformance):
    """Clusters without a pod, most without a node."""

    provider = Demo()
    options: ClassVar[dict[str, object]] = {"clusters": 3, "nodes": 1, "pods": 0, "frozen": True}
    follow = 0.05


class TestBusy(ProviderConformance):
    """A thousand changes a second, after a minute and a half of life."""

    provider = Demo()
    options: ClassVar[dict[str, object]] = {"clusters": 1, "pods": 600, "rate": 1000, "steps": 900}
    still = False
    follow = 0.2
    writes = True
