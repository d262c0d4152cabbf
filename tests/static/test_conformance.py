from pathlib import Path

from providers.conformance import ProviderConformance
from providers.static.provider import provider


class TestStatic(ProviderConformance):
    provider = provider
    options = {  # noqa: RUF012
        "inventories": [
            str(Path(__file__).parent / "files" / name) for name in ("hosts.json", "terraform.tfstate")
        ]
    }
