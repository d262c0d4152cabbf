"""Servers for tests of SSH: OpenSSH's sshd as it is asked for, and a folder that is somebody's home.

Owns keys, configurations, logs and certificates below one folder. A server writes what happens to its log, so
that a test can see whether anybody tried to log in.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from pathlib import Path

from providers.model import Ref, Target
from tests.lab.parts import LOOPBACK
from tests.lab.process import Group
from tests.lab.ssh_keys import new_key, public
from tests.lab.sshd import Sshd

USER = getpass.getuser()


class Server(Sshd):
    """One sshd of a farm, which lets the farm's user in. `settings` go over the usual ones."""

    def __init__(self, farm: Farm, name: str, keys: Sequence[Path], settings: dict[str, object]) -> None:
        usual = {"AuthorizedKeysFile": farm.authorized, "PermitRootLogin": "yes", "LogLevel": "VERBOSE"}
        super().__init__(
            farm.folder / "servers" / name,
            host=name,
            settings={**usual, **settings},
            user_key=farm.key,
            keys=keys,
            group=farm.group,
        )
        self.start()

    def attempts(self) -> int:
        """How often somebody said a user's name to it, as LogLevel DEBUG1 has it: nobody may to a server that
        is not verified."""
        return self.log.read_text(errors="replace").count("userauth-request for user")

    def connections(self) -> int:
        """How often it was connected to, but for the test's own look at it."""
        return self.log.read_text(errors="replace").count("Connection from ") - 1


class Farm:
    """A folder with a user's key, a home, and the servers that let that user in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = new_key(folder / "user_key")
        self.authorized = folder / "authorized_keys"
        self.authorized.write_text(self.key.with_suffix(".pub").read_text())
        self.home = folder / "home"
        (self.home / ".ssh").mkdir(parents=True, mode=0o700)
        self.config = self.home / ".ssh" / "config"
        self.known_hosts = self.home / ".ssh" / "known_hosts"
        self.group = Group(folder / "logs")

    def server(self, name: str, keys: Sequence[Path] = (), **settings: object) -> Server:
        """Start one; with a key of its own where none are given."""
        return Server(self, name, keys or [new_key(self.folder / f"{name}_key")], settings)

    def close(self) -> None:
        """End every server."""
        self.group.close()

    def target(
        self, server: Server, *, host: str = LOOPBACK, jump: Sequence[Server] = (), **more: object
    ) -> Target:
        """The target of a server, by its port, with the user's key."""
        hops = tuple(f"{USER}@{LOOPBACK}:{hop.port}" for hop in jump)
        words = {"user": USER, "port": server.port, "key": str(self.key), "jump": hops, **more}
        options = ("-F", str(self.config))
        return Target(
            ref=Ref("lab", "host", server.host),
            label=f"host {server.host}",
            host=host,
            options=options,
            **words,
        )

    def configure(self, *lines: str, known_hosts: bool = True) -> None:
        """Write the ssh configuration of the home."""
        kept = [f"UserKnownHostsFile {self.known_hosts}"] if known_hosts else []
        self.config.write_text("".join(f"{line}\n" for line in [*lines, *kept]))

    def knows(self, *servers: Server) -> None:
        """Write the known_hosts of the home: the first key of each of these."""
        self.known_hosts.write_text(
            "".join(f"{server.place} {public(server.keys[0])}\n" for server in servers)
        )
