"""One running control plane: etcd, the API server, controllers, a scheduler and kwok, on loopback only.

    with Lab() as lab:
        lab.kubectl("get", "nodes")

Owns the parts' order and what they share (their arguments are in `parts`). Everything listens on 127.0.0.1
on ports that were free; certificates and tokens are made anew; nothing survives the end of the process that
started it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from . import parts
from .access import AUDIT_POLICY, NAMESPACE, RBAC, USERS, Access
from .build import Assets, build
from .certificates import Authority
from .parts import LOOPBACK
from .process import Group
from .simulator import configuration


class Lab:
    """A control plane in `folder` (default: a temporary one, removed at the end). Nodes and pods come from
    `load`.

    `lease` is how many seconds a node may stay silent before its lease ends; each node renews every
    lease/4, so many nodes with a short lease keep the API server busy when nothing else happens.
    """

    def __init__(self, folder: Path | None = None, *, assets: Assets | None = None, lease: int = 240) -> None:
        self.assets = assets or build()
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="quarterdeck-lab-"))
        self._tokens = {user: secrets.token_hex(16) for user in USERS}
        self._layout = parts.Layout(self.folder, {}, lease)
        self._group: Group | None = None

    # starting and stopping

    def start(self) -> Lab:
        """Start everything and wait until the API server is ready: 5 to 15 seconds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._group = Group(self.folder / "logs", self.folder if self._temporary else None)
        try:
            ports = free_ports("etcd", "peer", "apiserver", "kwok", "inside")
            self._layout = replace(self._layout, ports=ports)
            self._write_files()
            self._start_etcd()
            self.start_apiserver()
            self._grant()
            self._start_machinery()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End every process; a temporary folder goes too."""
        if self._group:
            self._group.close()
            self._group = None

    def __enter__(self) -> Lab:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    def start_apiserver(self) -> None:
        """Start the API server, on the port it always had, and wait until it is ready."""
        self._start(self.assets.apiserver, parts.apiserver(self._layout, self.audit_log))
        context = ssl.create_default_context(cafile=str(self._pki / "ca.crt"))
        self._wait("kube-apiserver", f"{self.url}/readyz", context, seconds=300)

    def stop_apiserver(self, *, grace: float = 0.0) -> None:
        """Kill the API server (connections are reset), or end it within `grace` seconds (watches end
        politely)."""
        self.group.end("kube-apiserver", grace=grace)

    def restart_apiserver(self, *, grace: float = 0.0) -> None:
        """Stop and start the API server; what etcd holds is kept."""
        self.stop_apiserver(grace=grace)
        self.start_apiserver()

    @contextmanager
    def without_controllers(self) -> Iterator[None]:
        """In this context no controller runs; after it they start anew, on what they then find."""
        self.group.end("kube-controller-manager")
        try:
            yield
        finally:
            self._start_controllers()

    def pause(self, part: str = "kube-apiserver") -> None:
        """Freeze a part: its connections stay open and nothing answers."""
        self.group.send(part, signal.SIGSTOP)

    def resume(self, part: str = "kube-apiserver") -> None:
        """Let a frozen part go on."""
        self.group.send(part, signal.SIGCONT)

    # using it

    @property
    def url(self) -> str:
        """The API server's address."""
        return self._layout.url

    @property
    def etcd_url(self) -> str:
        """Where etcd answers its JSON gateway."""
        return self._layout.etcd_url

    @property
    def inside(self) -> int:
        """The port of this machine that every port of every pod leads to; nobody listens there by itself."""
        return self._layout.ports["inside"]

    @property
    def group(self) -> Group:
        """The running processes."""
        if self._group is None:
            raise RuntimeError("the lab is not running")
        return self._group

    @property
    def audit_log(self) -> Path:
        """The API server's audit log: one JSON event a line, for every request that a person makes."""
        return self.folder / "audit.log"

    def access(self, user: str = "admin") -> Access:
        """How `user` (one of access.USERS, or `certificate`: an administrator without a token) gets in."""
        ca = self._pki / "ca.crt"
        if user == "certificate":
            return Access(
                self.url, ca, user, certificate=(self._pki / f"{user}.crt", self._pki / f"{user}.key")
            )
        return Access(self.url, ca, user, self._tokens[user])

    def kubeconfig(
        self,
        path: Path | None = None,
        user: str = "admin",
        context: str = "lab",
        namespace: str | None = None,
    ) -> Path:
        """Write a kubeconfig (default: USER.kubeconfig in the lab's folder) and return its path."""
        path = path or self.folder / f"{user.replace(':', '-')}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(self.access(user).kubeconfig(context, namespace), sort_keys=False))
        return path

    def kubectl(
        self,
        *arguments: str,
        user: str = "admin",
        stdin: str = "",
        timeout: float = 60,
        check: bool = True,
    ) -> str:
        """What kubectl printed. Raises CalledProcessError, with its words in `stderr`, when it failed and
        `check`."""
        name = self.folder / f"{user.replace(':', '-')}.kubeconfig"
        config = name if name.exists() else self.kubeconfig(user=user)
        done = subprocess.run(
            [str(self.assets.kubectl), "--kubeconfig", str(config), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=check,
        )
        return done.stdout

    def audit_events(self, user: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Audit events, by whom they were caused if `user` is given, from byte `since` of the log on."""
        with self.audit_log.open("rb") as log:
            log.seek(since)
            lines = [line for line in log if line.endswith(b"\n")]
        events = [json.loads(line) for line in lines]
        return [event for event in events if user is None or event["user"]["username"] == user]

    def wait(self, what: str, happened: Callable[[], bool], *, seconds: float = 30.0) -> None:
        """Ask `happened` ten times a second until it says yes; TimeoutError names `what` did not happen."""
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not within {seconds:.0f} s")
            time.sleep(0.1)

    # the parts

    @property
    def _pki(self) -> Path:
        return self._layout.pki

    def _write_files(self) -> None:
        shutil.rmtree(self._pki, ignore_errors=True)
        for stale in self.folder.glob("*.kubeconfig"):
            stale.unlink()
        self.audit_log.unlink(missing_ok=True)
        authority = Authority(self._pki)
        authority.issue("apiserver")
        authority.issue("kwok")
        authority.issue("serviceaccounts")
        authority.issue("certificate", group="system:masters")
        tokens = self._pki / "tokens.csv"
        tokens.touch(mode=0o600)
        tokens.write_text("".join(f'{self._tokens[u]},{u},{u},"{",".join(g)}"\n' for u, g in USERS.items()))
        (self.folder / "audit-policy.yaml").write_text(yaml.safe_dump(AUDIT_POLICY))
        if self.assets.kwok and self.assets.stages:
            (self.folder / "kwok.yaml").write_text(
                configuration(self.assets.stages, self.folder, self.inside)
            )

    def _start_etcd(self) -> None:
        shutil.rmtree(self.folder / "etcd", ignore_errors=True)
        self.group.start("etcd", [str(self.assets.etcd), *parts.etcd(self._layout)])
        self._wait("etcd", f"{self.etcd_url}/health", None, seconds=120)

    def _start_machinery(self) -> None:
        """Controllers, scheduler and kwok, as far as they are here."""
        self._start_controllers()
        if self.assets.scheduler:
            config = self.kubeconfig(user="system:kube-scheduler")
            self._start(self.assets.scheduler, parts.scheduler(config))
        if self.assets.kwok and self.assets.stages:
            config = self.kubeconfig(user="lab-kwok")
            # kwok keeps its own folder under HOME unless told otherwise.
            home = {"KWOK_WORKDIR": str(self.folder / "kwok")}
            self._start(self.assets.kwok, parts.kwok(self._layout, config), home)

    def _start_controllers(self) -> None:
        if self.assets.controllers:
            config = self.kubeconfig(user="system:kube-controller-manager")
            self._start(self.assets.controllers, parts.controllers(self._layout, config))

    def _start(self, program: Path, flags: list[str], environment: dict[str, str] = parts.RELAXED) -> None:
        self.group.start(program.name, [str(program), *flags], environment)

    def _grant(self) -> None:
        """Create the namespace and the rights that the users have."""
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        rights = [{"apiVersion": "rbac.authorization.k8s.io/v1", **item} for item in RBAC]
        items = {"apiVersion": "v1", "kind": "List", "items": [namespace, *rights]}
        self.kubectl("create", "-f", "-", stdin=json.dumps(items))

    def _wait(self, name: str, url: str, context: ssl.SSLContext | None, *, seconds: float) -> None:
        """Wait until `url` answers 200, or say why the program ended."""
        end = time.monotonic() + seconds
        token = self._tokens["admin"] if context else ""
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
        # Proxies of the environment have no business between us and loopback.
        handlers: list[Any] = [urllib.request.ProxyHandler({})]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        opener = urllib.request.build_opener(*handlers)
        while True:
            self.group.check(name)
            try:
                with opener.open(request, timeout=2):
                    return
            except (OSError, urllib.error.URLError) as error:
                if time.monotonic() > end:
                    raise TimeoutError(f"{name} was not ready within {seconds:.0f} s: {error}") from error
            time.sleep(0.05)


def free_ports(*names: str) -> dict[str, int]:
    """A free loopback port for each name: found by binding all of them at once, so no two are the same."""
    sockets = [socket.socket() for _ in names]
    try:
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
    finally:
        for one in sockets:
            one.close()


def path_with(*folders: Path) -> str:
    """PATH with `folders` before it."""
    return os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
