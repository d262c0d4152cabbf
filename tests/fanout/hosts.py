"""Several hosts of one real sshd: each has a loopback address of its own, and a name that ssh is told of."""

from __future__ import annotations

import json
from pathlib import Path

from tests.lab.sshd import LOOPBACK, Sshd

DEAD = "dead1"
"""A host of the inventory where nothing listens."""


class Hosts(Sshd):
    """`web1` … `web5` answer. `inventory` lists them and `dead1`, as groups "web" and "dead"."""

    def __init__(self, folder: Path, number: int = 5) -> None:
        self.addresses = {f"web{each}": f"127.0.1.{each}" for each in range(1, number + 1)}
        super().__init__(folder, settings={"ListenAddress": [LOOPBACK, *self.addresses.values()]})
        self.names = list(self.addresses)
        self.inventory = folder / "hosts.json"

    def _write_configuration(self) -> None:
        super()._write_configuration()
        told = (self.folder / "ssh_config").read_text().partition("\n")[2].replace("HostName", "#")
        entries = {**self.addresses, DEAD: "127.0.1.99"}
        (self.folder / "ssh_config").write_text(
            "".join(f"Host {name}\n  HostName {address}\n{told}" for name, address in entries.items())
        )
        listed = [{"name": n, "address": n, "group": n.rstrip("0123456789")} for n in entries]
        self.inventory.write_text(json.dumps(listed))
