"""Exec credential plug-ins: programs that print a credential (`aws eks get-token`, `gke-gcloud-auth-plugin`).

A plug-in gets no terminal: its stdin is closed, it runs in a session of its own, and 30 s are its limit.
What it prints is read to the end whatever its size, and only the last of its stderr is kept.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from providers.contract import Problem
from providers.kubernetes.target import Cluster, Exec, Hidden, Target
from providers.text import clean

TIMEOUT = 30.0
_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_CONFIG_EXTENSION = "client.authentication.k8s.io/exec"
_OUTPUT_LIMIT = 1 << 20
_STDERR_KEPT = 2000
_GRACE = 0.5
"""Seconds for the last output after the plug-in ended: a child that it left behind may hold the pipe."""


class Status(Hidden, frozen=True, rename="camel"):
    """What a plug-in printed."""

    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: datetime | None = None


class _Credential(Hidden, frozen=True, rename="camel"):
    api_version: str = ""
    kind: str = ""
    status: Status | None = None


class _Ended(Struct, frozen=True):
    code: int
    stdout: bytes
    stderr: str


async def run(target: Target, plugin: Exec, *, timeout: float = TIMEOUT) -> Status:
    """Run the plug-in once. Raises Problem naming the command, what went wrong and what to do."""
    _check(target, plugin)
    ended = await _run(_found(plugin), plugin, _environment(target, plugin), timeout)
    if ended.code:
        said = f": {ended.stderr}" if ended.stderr else ""
        raise _failed(plugin, f"failed with status {ended.code}{said}")
    return _status(plugin, ended)


def _check(target: Target, plugin: Exec) -> None:
    if not plugin.command:
        raise _problem(
            f"user {target.user_name!r} has an exec plug-in without a command", f"edit {target.origin}"
        )
    if plugin.api_version not in _VERSIONS:
        raise _problem(
            f"exec plug-in {plugin.command} speaks {plugin.api_version or 'no version'}: not supported",
            f"set its apiVersion in {target.origin} to {_VERSIONS[1]}, with a plug-in that speaks it",
        )
    if plugin.interactive_mode == "Always":
        raise _problem(
            f"exec plug-in {plugin.command} insists on a terminal, and gets none here",
            "set its interactiveMode to IfAvailable, or use a plug-in that needs no answer",
        )


def _found(plugin: Exec) -> str:
    """The program: a path was resolved against its kubeconfig, a bare name is looked up in PATH only."""
    found = shutil.which(plugin.command)
    if found is None or not os.path.isabs(found):
        hint = clean(" ".join(plugin.install_hint.split()), 600)
        where = "" if os.path.isabs(plugin.command) else " in PATH"
        raise _problem(
            f"exec plug-in {plugin.command!r} was not found{where}, or may not be run",
            hint or f"install {os.path.basename(plugin.command)}, or correct the kubeconfig's user",
        )
    return found


def _problem(detail: str, remedy: str) -> Problem:
    return Problem(clean(detail), remedy, state="denied")


def called(plugin: Exec) -> str:
    """The command as people know it: without its folder, with its first words."""
    return clean(" ".join([os.path.basename(plugin.command), *plugin.args[:3]]), 200)


def _failed(plugin: Exec, what: str) -> Problem:
    remedy = f"run `{called(plugin)}` in a terminal, log in there if it asks, then refresh"
    return Problem(clean(f"exec plug-in {os.path.basename(plugin.command)} {what}"), remedy)


# ---- what it is told ---------------------------------------------------------------------------------


def _environment(target: Target, plugin: Exec) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.provide_cluster_info:
        spec["cluster"] = _cluster_info(target.cluster)
    info = {"kind": "ExecCredential", "apiVersion": plugin.api_version, "spec": spec}
    own = {variable.name: variable.value for variable in plugin.env}
    return {**os.environ, **own, "KUBERNETES_EXEC_INFO": msgspec.json.encode(info).decode()}


def _cluster_info(cluster: Cluster) -> dict[str, Any]:
    authority = cluster.certificate_authority_data or _bytes(cluster.certificate_authority)
    config = [one.extension for one in cluster.extensions if one.name == _CONFIG_EXTENSION]
    told = {
        "server": cluster.server,
        "tls-server-name": cluster.tls_server_name,
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "certificate-authority-data": base64.b64encode(authority).decode(),
        "proxy-url": cluster.proxy_url,
        "disable-compression": cluster.disable_compression,
        "config": config[0] if config else None,
    }
    return {key: value for key, value in told.items() if value}


def _bytes(path: str) -> bytes:
    if not path:
        return b""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _problem(
            f"certificate authority {path} cannot be read: {error.strerror}", "correct the path"
        ) from None


# ---- running it --------------------------------------------------------------------------------------


class _Collector(asyncio.SubprocessProtocol):
    """Takes all that the plug-in prints, so that no pipe fills up, and keeps the end of it."""

    def __init__(self) -> None:
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()
        self.output = {1: bytearray(), 2: bytearray()}

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.output[fd]
        kept += data
        del kept[: -(_OUTPUT_LIMIT if fd == 1 else _STDERR_KEPT)]

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


async def _run(program: str, plugin: Exec, environment: dict[str, str], timeout: float) -> _Ended:
    try:
        transport, collector = await asyncio.get_running_loop().subprocess_exec(
            _Collector, program, *plugin.args, env=environment, stdin=DEVNULL, start_new_session=True
        )
    except OSError as error:
        raise _failed(plugin, f"cannot be started: {error.strerror}") from None
    try:
        await asyncio.wait_for(collector.exited.wait(), timeout)
        await _rest(collector)
    except TimeoutError:
        raise _failed(plugin, f"gave no answer in {timeout:.0f} s and was stopped") from None
    finally:
        if transport.get_returncode() is None:
            _kill(transport.get_pid())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(collector.exited.wait(), _GRACE)
        transport.close()
    stdout, stderr = bytes(collector.output[1]), collector.output[2].decode(errors="replace")
    if len(stdout) >= _OUTPUT_LIMIT:
        raise _failed(plugin, "printed more than 1 MB")
    return _Ended(transport.get_returncode() or 0, stdout, clean(" ".join(stderr.split())[-500:]))


async def _rest(collector: _Collector) -> None:
    """What is still in the pipes once the plug-in has ended; not what a child of its goes on to print."""
    try:
        await asyncio.wait_for(collector.closed.wait(), _GRACE)
    except TimeoutError:
        pass  # such a child holds them open


def _kill(pid: int) -> None:
    """End the plug-in and whatever it started in its session."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # it and its children have ended by themselves


def _status(plugin: Exec, ended: _Ended) -> Status:
    try:
        credential = msgspec.json.decode(ended.stdout, type=_Credential)
    except msgspec.DecodeError as error:
        raise _failed(plugin, f"printed no credential ({error})") from None
    status = credential.status
    if credential.kind != "ExecCredential" or status is None:
        raise _failed(plugin, "printed no ExecCredential with a status")
    if credential.api_version != plugin.api_version:
        raise _failed(plugin, f"answered as {credential.api_version}, asked as {plugin.api_version}")
    if bool(status.client_certificate_data) != bool(status.client_key_data):
        raise _failed(plugin, "printed a certificate without its key, or a key without its certificate")
    if not (status.token or status.client_certificate_data):
        raise _failed(plugin, "printed neither a token nor a certificate")
    return status
