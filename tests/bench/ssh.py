"""The figures of SSH: 200 hosts through one bastion of default MaxStartups, a command on each, twice.

Measured is a process of its own that does what the engine does: configuration by `ssh -G`, host keys, logins,
commands. The servers are two of OpenSSH's on loopback: a bastion, and one that is 127.0.1.1 to 127.0.1.200.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HOSTS = 200


def report() -> None:
    """Measure and print."""
    print(f"\nSSH: {HOSTS} hosts through one bastion")
    for row, figure in figures().items():
        print(f"{row:<44}{figure:>24}", flush=True)


def figures() -> dict[str, str]:
    """What is measured, in words."""
    from tests.ssh.farm import Farm

    with tempfile.TemporaryDirectory() as folder:
        farm = Farm(Path(folder))
        try:
            bastion = farm.server("bastion")
            street = farm.server("street", ListenAddress="0.0.0.0", MaxStartups="1000")
            farm.configure()
            kept = " ".join((farm.folder / "street_key.pub").read_text().split()[:2])
            farm.knows(bastion)
            with farm.known_hosts.open("a") as file:
                file.write(f"[127.0.1.*]:{street.port} {kept}\n")
            words = [str(farm.folder), str(farm.key), str(bastion.port), str(street.port)]
            command = [sys.executable, "-m", "tests.bench.ssh", *words]
            ran = subprocess.run(command, check=True, capture_output=True, text=True)
            found: dict[str, str] = json.loads(ran.stdout.splitlines()[-1])
            found["connections to the bastion"] = str(bastion.connections())
            return found
        finally:
            farm.close()


class _Nobody:
    async def ask(self, title: str, lines: Sequence[str], fields: Sequence[object] = ()) -> list[str] | None:
        return None


def _usage() -> tuple[float, float]:
    """CPU seconds of this process, and its peak of memory in MB."""
    status = Path("/proc/self/status").read_text()
    return time.process_time(), int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def _measure(folder: Path, key: str, bastion: int, street: int) -> dict[str, str]:
    from providers.model import Ref, Target
    from providers.ssh.reach import create

    targets = [
        Target(
            ref=Ref("bench", "host", str(number)), label=f"host {number}", host=f"127.0.1.{number}",
            port=street, key=key, jump=(f"127.0.0.1:{bastion}",),
            options=("-F", str(folder / "home" / ".ssh" / "config")),
        )
        for number in range(1, HOSTS + 1)
    ]  # fmt: skip
    _, before = _usage()
    reach = create(_Nobody())
    found: dict[str, str] = {}
    spent, peak = 0.0, 0.0
    for words in ("first time", "again, on connections that are kept"):
        began, (used, _) = time.monotonic(), _usage()
        done = await asyncio.gather(
            *(reach.run(target, "uptime") for target in targets), return_exceptions=True
        )
        well = sum(getattr(one, "exit_status", None) == 0 for one in done)
        now, peak = _usage()
        spent += now - used
        found[f"uptime on all, {words}"] = f"{well} of {HOSTS}, {time.monotonic() - began:.1f} s"
        found[f"CPU, {words}"] = f"{now - used:.2f} s"
    found["CPU of both, with the import"] = f"{spent:.2f} s"
    found["memory above what it was before"] = f"{peak - before:.0f} MB"
    await reach.close()
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("key")
    parser.add_argument("bastion", type=int)
    parser.add_argument("street", type=int)
    print(json.dumps(asyncio.run(_measure(**vars(parser.parse_args())))))
