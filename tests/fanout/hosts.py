"""Several hosts of one real sshd: each has a loopback address of its own, and a name that ssh is told of."""

from __future__ import annotations

import json
from pathlib import Path

from tests.lab.sshd import Sshd

DEAD = "dead1"
"""A host of the inventory where nothing listens."""


class Hosts(Sshd):
    """`web1` … `web5` answer. `inventory` lists them and `dead1`, as groups "web" and "dead"."""

    def __init__(self, folder: Path, number: int = 5) -> None:
        super().__init__(folder)
        self.names = [f"web{each}" for each in range(1, number + 1)]
        self.inventory = folder / "hosts.json"

    def _write_configuration(self) -> None:
        super()._write_configuration()
        addresses = {name: f"127.0.1.{each}" for each, name in enumerate(self.names, 1)}
        with (self.folder / "sshd_config").open("a") as file:
            file.writelines(f"ListenAddress {address}\n" for address in addresses.values())
        told = (self.folder / "ssh_config").read_text().partition("\n")[2].replace("HostName", "#")
        entries = {**addresses, DEAD: "127.0.1.99"}
        (self.folder / "ssh_config").write_text(
            "".join(f"Host {name}\n  HostName {address}\n{told}" for name, address in entries.items())
        )
        listed = [{"name": n, "address": n, "group": n.rstrip("0123456789")} for n in entries]
        self.inventory.write_text(json.dumps(listed))
