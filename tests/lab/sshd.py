"""Debian's OpenSSH server on a loopback port, with keys of its own and a client that needs no settings.

    with Sshd(folder) as sshd:
        subprocess.run(["ssh", sshd.host, "true"], env=sshd.environment())

Owns the server's and the client's configuration. `environment()` puts an `ssh` before the real one on the
PATH that adds one option, `-F`, and then is the real one: so what is tested runs `ssh HOST` exactly as it
does for a person.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from .cluster import free_ports, path_with
from .parts import LOOPBACK
from .process import Group
from .ssh_keys import needed, new_key, public

PLACES = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd")


def missing() -> str:
    """Why no server can be started here, with the remedy; empty when one can."""
    if not _program():
        return "no sshd on this machine (Debian: apt-get install openssh-server)"
    absent = [name for name in ("ssh", "ssh-keygen") if not shutil.which(name)]
    return (
        f"no {' and no '.join(absent)} on the PATH (Debian: apt-get install openssh-client)" if absent else ""
    )


def _program() -> str | None:
    """sshd's absolute path: it refuses to be started by any other."""
    return shutil.which("sshd") or next((place for place in PLACES if os.access(place, os.X_OK)), None)


def lead_ssh(folder: Path, configuration: Path) -> None:
    """An `ssh` in that folder that goes by that configuration, and else is the real one."""
    folder.mkdir(parents=True, exist_ok=True)
    wrapper = folder / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F "{configuration}" "$@"\n')
    wrapper.chmod(0o755)


class Sshd:
    """One server for the user who runs this, in `folder` (default: a temporary one, removed at the end).

    `host` is the name to give to ssh; `port`, `user`, `key` (the client's private key) and `known_hosts`
    serve clients that read no ssh configuration. `settings` are the server's, beside the usual ones or
    instead of them, a list for several lines; `user_key` is a private key that it takes, where several
    servers are to take the same. `keys` are its host keys; without any it uses or makes `host_key` in its
    folder. `group` is for servers that are to end together.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        host: str = "lab-ssh",
        settings: Mapping[str, object] | None = None,
        user_key: Path | None = None,
        keys: Sequence[Path] = (),
        group: Group | None = None,
    ) -> None:
        self._settings = settings or {}
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="quarterdeck-sshd-"))
        self.host = host
        self.user = getpass.getuser()
        self.port = 0
        self.key = user_key or self.folder / "user_key"
        self.keys = list(keys) or [self.folder / "host_key"]
        self.known_hosts = self.folder / "known_hosts"
        self._shared = group
        self._group: Group | None = None

    def start(self) -> Sshd:
        """Make the keys, start the server and wait until it greets. Skips the test where there is no sshd."""
        needed("ssh", shutil.which("ssh"), "openssh-client")
        program = needed("sshd", _program(), "openssh-server")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_ports("ssh")["ssh"]
        self._write_keys()
        self._write_configuration()
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where a root sshd sheds its rights
        own = self.folder if self._temporary else None
        self._group = self._shared or Group(self.folder / "logs", own)
        self._group.start(self.host, [program, "-D", "-e", "-f", str(self.folder / "sshd_config")])
        self._wait()
        return self

    def stop(self) -> None:
        """End the server and its connections."""
        if self._group and self._shared:
            self._group.end(self.host)
        elif self._group:
            self._group.close()
        self._group = None

    def __enter__(self) -> Sshd:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """This process's environment, with an `ssh` first on the PATH that knows `host`."""
        return {**os.environ, "PATH": path_with(self.folder / "bin")}

    @property
    def log(self) -> Path:
        """What it says of itself."""
        return (self._shared.logs if self._shared else self.folder / "logs") / f"{self.host}.log"

    @property
    def place(self) -> str:
        """What its key is filed under in known_hosts."""
        return f"[{LOOPBACK}]:{self.port}"

    @property
    def logins(self) -> int:
        """How often somebody was let in: the proof that a client went on with this server's key."""
        return self.log.read_text(errors="replace").count("Accepted ")

    def client_settings(self) -> dict[str, object]:
        """The client's settings that lead here, checking the host key by `known_hosts`."""
        return {
            "HostName": LOOPBACK,
            "Port": self.port,
            "User": self.user,
            "IdentityFile": self.key,
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self.known_hosts,
            "GlobalKnownHostsFile": "none",
            "HostKeyAlias": self.host,
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
        }

    def _write_keys(self) -> None:
        for missing_key in (key for key in self.keys if not key.exists()):
            new_key(missing_key)
        if self.key.parent == self.folder:
            new_key(self.key)
        key = public(self.keys[0])
        self.known_hosts.write_text(f"{self.place} {key}\n{self.host} {key}\n")
        (self.folder / "authorized_keys").write_text(f"{public(self.key)}\n")

    def _write_configuration(self) -> None:
        server = {
            "Port": self.port,
            "ListenAddress": LOOPBACK,
            "HostKey": self.keys,
            "AuthorizedKeysFile": self.folder / "authorized_keys",
            "PidFile": "none",
            "UsePAM": "no",
            "StrictModes": "no",  # the folder may be below a temporary one that others may write to
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "AcceptEnv": "LANG TERM COLORTERM",
            # A command run over ssh finds what is installed beside this Python: quarterdeck, for --via. And
            # bash reads ~/.bashrc when sshd starts it, unless it takes itself for a shell inside another.
            "SetEnv": f'"PATH={path_with(Path(sys.executable).parent)}" SHLVL=2',
            "PrintMotd": "no",
            "PrintLastLog": "no",
            "Subsystem": "sftp internal-sftp",
        } | dict(self._settings)
        written = [(k, each) for k, v in server.items() for each in (v if isinstance(v, list) else [v])]
        (self.folder / "sshd_config").write_text("".join(f"{k} {v}\n" for k, v in written))
        lines = "".join(f"  {k} {v}\n" for k, v in self.client_settings().items())
        (self.folder / "ssh_config").write_text(f"Host {self.host} {LOOPBACK}\n{lines}")
        lead_ssh(self.folder / "bin", self.folder / "ssh_config")

    def _wait(self) -> None:
        end = time.monotonic() + 10
        while True:
            if self._group:
                self._group.check(self.host)
            try:
                with socket.create_connection((LOOPBACK, self.port), 1) as connection:
                    if connection.recv(4) == b"SSH-":
                        return
            except OSError:
                pass
            if time.monotonic() > end:
                raise TimeoutError("sshd did not greet within 10 s")
            time.sleep(0.05)
