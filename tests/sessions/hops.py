"""Servers that all take the same key, and configurations of a user who knows them in different ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tests.lab.ssh_keys import new_key, public, sign_host
from tests.lab.sshd import Sshd, lead_ssh

LOOPBACK = "127.0.0.1"


class Hops:
    """One server for each name, on loopback; each may serve as a jump host for the others."""

    def __init__(self, folder: Path, **servers: Mapping[str, object]) -> None:
        """Names of servers, with their settings."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.key = new_key(folder / "user_key")
        self.servers = {
            name: Sshd(folder / name, host=name, settings=settings, user_key=self.key)
            for name, settings in servers.items()
        }

    def __enter__(self) -> Hops:
        for server in self.servers.values():
            server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for server in self.servers.values():
            server.stop()

    def known(self, name: str) -> str:
        """The server's line of known_hosts."""
        return f"{self.place(name)} {public(self.servers[name].keys[0])}"

    def place(self, name: str) -> str:
        """What the server's key is filed under."""
        return self.servers[name].place

    def configuration(
        self,
        folder: Path,
        *,
        first: str = "",
        jumps: Mapping[str, str] | None = None,
        known: Iterable[str] | None = None,
    ) -> Path:
        """A user's configuration that knows every server by its name, and the lines given of known_hosts.

        `first` are lines before all others; `jumps` has values of ProxyJump.
        """
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "known_hosts"
        lines = [self.known(name) for name in self.servers] if known is None else known
        file.write_text("".join(f"{line}\n" for line in lines))
        parts = [f"{first}\n" if first else "", *(self._host(name, jumps or {}) for name in self.servers)]
        parts.append(f"Host *\n  UserKnownHostsFile {file}\n  GlobalKnownHostsFile {folder}/system\n")
        config = folder / "config"
        config.write_text("".join(parts))
        return config

    def lead(self, folder: Path, configuration: Path) -> str:
        """A folder for the PATH, with an `ssh` that goes by that configuration."""
        lead_ssh(folder / "bin", configuration)
        return str(folder / "bin")

    def _host(self, name: str, jumps: Mapping[str, str]) -> str:
        server = self.servers[name]
        settings: dict[str, object] = {
            "HostName": LOOPBACK,
            "Port": server.port,
            "User": server.user,
            "IdentityFile": self.key,
            "IdentitiesOnly": "yes",
            "ControlMaster": "no",
        }
        if name in jumps:
            settings["ProxyJump"] = jumps[name]
        return f"Host {name}\n" + "".join(f"  {word} {value}\n" for word, value in settings.items())


def certified(folder: Path, authority: Path, names: Sequence[str], validity: str) -> Mapping[str, object]:
    """Settings of a server with a certificate of that authority; its folder must be this one."""
    folder.mkdir(parents=True, exist_ok=True)
    key = new_key(folder / "host_key")
    return {"HostCertificate": sign_host(authority, key, ",".join(names), validity)}
