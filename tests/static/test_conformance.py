from pathlib import Path

from providers.conformance import ProviderConformance
from providers.static.provider import provider


class TestStatic(ProviderConformance):
    provider = provider
    options = {"inventories": [str(Path(__file__).parent / "files" / "terraform.tfstate")]}  # noqa: RUF012
