"""The simulated fleet passes the kit, standing still and alive."""

from __future__ import annotations

from providers.conformance import ProviderConformance
from providers.demo.clock import FrozenClock
from providers.demo.provider import Demo

SMALL = {"clusters": 2, "nodes": 6, "pods": 60, "instances": 8, "seed": 7}


class TestFrozen(ProviderConformance):
    provider = Demo(FrozenClock())
    options = {**SMALL, "frozen": True}  # noqa: RUF012
    follow = 0.05
    writes = True


class TestAlive(ProviderConformance):
    provider = Demo()
    options = {**SMALL, "rate": 50}  # noqa: RUF012
    still = False
    follow = 0.15
    writes = True
