"""Bytes over an SSH link: a real sshd on loopback, with every encrypted byte counted on its way."""

from __future__ import annotations

import asyncio
import shlex
import sys
import time
from pathlib import Path

from console.fleet import Fleet
from console.gather import all_settled, until
from console.link import Link
from providers.stream import VERSION, Hello, ProviderChoice
from providers.transport import connect
from tests.lab.sshd import Sshd

_RELAY = """
import os, select, socket, sys
sock = socket.create_connection((sys.argv[1], int(sys.argv[2]))); count = 0
while True:
    ready, _, _ = select.select([0, sock], [], [])
    if 0 in ready:
        data = os.read(0, 65536)
        if not data: break
        sock.sendall(data); count += len(data)
    if sock in ready:
        data = sock.recv(65536)
        if not data: break
        os.write(1, data); count += len(data)
    open(sys.argv[3], "w").write(str(count))
"""
"""ssh's ProxyCommand: passes both directions on and keeps the count of both in a file."""


def bytes_over_ssh(
    folder: Path, pods: int, *, rate: float = 20.0, seconds: float = 15.0
) -> tuple[int, float]:
    """Bytes until every pod is there, and bytes for each of the changes made afterwards."""
    count = folder / "link-bytes"
    hello = Hello(
        version=VERSION,
        providers=(ProviderChoice("kubernetes", {"kubeconfig": str(folder / "admin.kubeconfig")}),),
    )
    with Sshd() as sshd:
        relay = shlex.join([sys.executable, "-c", _RELAY, "127.0.0.1", str(sshd.port), str(count)])
        command = ["ssh", "-T", "-i", str(sshd.key), "-p", str(sshd.port), "-l", sshd.user]
        command += ["-o", f"UserKnownHostsFile={sshd.known_hosts}", "-o", f"ProxyCommand={relay}"]
        engine = [str(Path(sys.executable).with_name("quarterdeck")), "engine", "--stdio"]
        link = Link(connect([*command, "-o", f"HostKeyAlias={sshd.host}", "--", "127.0.0.1", *engine], hello))
        return asyncio.run(_measure(link, folder, count, rate, seconds))


async def _measure(link: Link, folder: Path, count: Path, rate: float, seconds: float) -> tuple[int, float]:
    fleet = Fleet()
    try:
        await until(link, fleet, lambda _: all_settled(fleet, {"kubernetes"}), 60.0)
        complete = int(count.read_text())
        command = [sys.executable, "-m", "tests.lab", "churn", "--rate", str(rate), "--dir", str(folder)]
        churn = await asyncio.create_subprocess_exec(*command, "--seconds", str(seconds))
        end = time.monotonic() + seconds + 3
        await until(link, fleet, lambda _: time.monotonic() > end, seconds + 6)
        await churn.wait()
        return complete, (int(count.read_text()) - complete) / (rate * seconds)
    finally:
        await link.close()
