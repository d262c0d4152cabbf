"""The kit that any provider must pass, ours or a stranger's, with one pytest file:

    from my_package import provider
    from providers.conformance import ProviderConformance

    class TestMine(ProviderConformance):
        provider = provider
        options = {"path": "tests/hosts.json"}

Needs pytest and nothing else. What it asks of the place that the provider looks at is in kit.py.
"""

from __future__ import annotations

from providers.conformance.capabilities import CapabilityChecks
from providers.conformance.identity import IdentityChecks
from providers.conformance.life import LifeChecks
from providers.conformance.streams import StreamChecks


class ProviderConformance(IdentityChecks, StreamChecks, LifeChecks, CapabilityChecks):
    """Every check there is."""


__all__ = ["ProviderConformance"]
