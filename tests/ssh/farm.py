"""Servers for tests of SSH: OpenSSH's sshd as it is asked for, and a folder that is somebody's home.

Owns keys, configurations, logs and certificates below one folder. A server writes what happens to its log, so
that a test can see whether anybody tried to log in.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from providers.model import Ref, Target
from tests.lab.cluster import free_ports
from tests.lab.process import Group
from tests.lab.sshd import PLACES

LOOPBACK = "127.0.0.1"
USER = getpass.getuser()


def keygen(*arguments: str | Path) -> None:
    """Run ssh-keygen, silently."""
    subprocess.run(
        ["ssh-keygen", "-q", *map(str, arguments)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """A key and its .pub."""
    size = ("-b", "2048") if kind == "rsa" else ()
    keygen("-t", kind, *size, "-N", passphrase, "-C", path.name, "-f", path)
    return path


def public(key: Path) -> str:
    """Its type and its base64, as known_hosts wants it."""
    return " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2])


class Server:
    """One sshd. `settings` go over the usual ones; a value may be a list for several lines."""

    def __init__(self, farm: Farm, name: str, keys: Sequence[Path], settings: dict[str, object]) -> None:
        self.name = name
        self.keys = list(keys)
        self.port = free_ports(name)[name]
        self.log = farm.folder / "logs" / f"{name}.log"
        usual: dict[str, object] = {
            "Port": self.port,
            "ListenAddress": LOOPBACK,
            "HostKey": self.keys,
            "AuthorizedKeysFile": farm.authorized,
            "PidFile": "none",
            "UsePAM": "no",
            "StrictModes": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "yes",
            # bash reads ~/.bashrc when sshd starts it, unless it takes itself for a shell inside another.
            "SetEnv": "SHLVL=2",
            "PrintMotd": "no",
            "PrintLastLog": "no",
            "LogLevel": "VERBOSE",
            "Subsystem": "sftp internal-sftp",
        }
        lines = []
        for key, value in {**usual, **settings}.items():
            lines += [f"{key} {one}\n" for one in (value if isinstance(value, list) else [value])]
        path = farm.folder / f"{name}.sshd"
        path.write_text("".join(lines))
        program = shutil.which("sshd") or next(place for place in PLACES if os.access(place, os.X_OK))
        farm.group.start(name, [program, "-D", "-e", "-f", str(path)])
        _greeted(self.port)

    @property
    def place(self) -> str:
        """As known_hosts has it."""
        return f"[{LOOPBACK}]:{self.port}"

    def logins(self) -> int:
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
        self.key = make_key(folder / "user_key")
        self.authorized = folder / "authorized_keys"
        self.authorized.write_text(self.key.with_suffix(".pub").read_text())
        self.home = folder / "home"
        (self.home / ".ssh").mkdir(parents=True, mode=0o700)
        self.config = self.home / ".ssh" / "config"
        self.known_hosts = self.home / ".ssh" / "known_hosts"
        self.group = Group(folder / "logs")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)

    def server(self, name: str, keys: Sequence[Path] = (), **settings: object) -> Server:
        """Start one; with a key of its own where none are given."""
        return Server(self, name, keys or [make_key(self.folder / f"{name}_key")], settings)

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
            ref=Ref("lab", "host", server.name),
            label=f"host {server.name}",
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


def _greeted(port: int) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection((LOOPBACK, port), 1) as plug:
                if plug.recv(4) == b"SSH-":
                    return
        except OSError:
            pass
        assert time.monotonic() < end, "sshd did not greet within 10 s"
        time.sleep(0.02)
