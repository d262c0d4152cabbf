from pathlib import Path

from providers.conformance import ProviderConformance
from tests.example_provider.inventory import provider


class TestInventory(ProviderConformance):
    provider = provider
    options = {"path": str(Path(__file__).with_name("hosts.jsonl"))}  # noqa: RUF012
