"""python -m tests.lab: a real cluster to try things on.

up      start it, load it, say how to use it, and stay until ctrl-c
build   build its programs into the cache, and nothing else
churn   change pods in a running one at a given rate
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .access import NAMESPACE, USERS, Access
from .build import Missing, build
from .churn import Churn
from .cluster import Lab
from .load import Say, fill_now
from .sshd import Sshd

PEOPLE = [name for name in USERS if not name.startswith(("system:", "lab-"))]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        status: int = options.run(options)
    except KeyboardInterrupt:
        return 130
    except (Missing, RuntimeError, TimeoutError, OSError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab", description="A real cluster to try things on."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    place = argparse.ArgumentParser(add_help=False)
    default = Path(tempfile.gettempdir()) / f"quarterdeck-lab-{os.getuid()}"
    place.add_argument("--dir", type=Path, default=default, help="the lab's folder (%(default)s)")

    up = commands.add_parser("up", parents=[place], help="start, load, and stay until ctrl-c")
    up.add_argument("--nodes", type=int, default=10, help="how many nodes (%(default)s)")
    up.add_argument("--pods", type=int, default=100, help="how many pods, two containers each (%(default)s)")
    up.add_argument("--no-odd", action="store_true", help="without the namespace of odd statuses")
    up.add_argument("--sshd", action="store_true", help="with an SSH server on loopback, for --via")
    up.set_defaults(run=_up)

    only = commands.add_parser("build", help="build the programs into the cache")
    only.set_defaults(run=_build)

    churn = commands.add_parser("churn", parents=[place], help="change pods at a rate")
    churn.add_argument("--rate", type=float, default=100.0, help="status patches a second (%(default)s)")
    churn.add_argument("--pods", type=int, default=500, help="on how many pods (%(default)s)")
    churn.add_argument("--seconds", type=float, help="for how long (until ctrl-c)")
    churn.add_argument("--log", type=Path, help="write each change there, a JSON line each")
    churn.set_defaults(run=_churn)
    return parser


def _build(options: argparse.Namespace) -> int:
    print(build().apiserver.parent)
    return 0


def _up(options: argparse.Namespace) -> int:
    say = _clock()
    with _claimed(options.dir), ExitStack() as running:
        lab = running.enter_context(Lab(options.dir))
        say(f"control plane at {lab.url}")
        if lab.assets.absent:
            say(f"without {', '.join(lab.assets.absent)}, so no nodes and pods are made")
        else:
            fill_now(lab, options.nodes, options.pods, oddities=not options.no_odd, say=say)
        sshd = running.enter_context(Sshd(options.dir / "sshd")) if options.sshd else None
        for line in _instructions(lab, sshd):
            print(line, flush=True)
        _stay(lab)
    return 0


def _instructions(lab: Lab, sshd: Sshd | None) -> Iterator[str]:
    configs = {user: lab.kubeconfig(user=user, namespace=_namespace(user)) for user in PEOPLE}
    yield f"\n  quarterdeck --kubeconfig {configs['admin']} --context lab"
    yield f"  {lab.assets.kubectl} --kubeconfig {configs['admin']} get pods -A"
    others = ", ".join(f"{user}.kubeconfig" for user in PEOPLE if user != "admin")
    yield f"  {sys.executable} -m tests.lab churn --rate 100 --dir {lab.folder}"
    if sshd:
        path = sshd.folder / "bin"
        remote = f"--via {sshd.host} --kubeconfig {configs['admin']} --context lab"
        yield f"  PATH={path}:$PATH quarterdeck {remote}"
    yield f"\nWith fewer rights, in the same folder: {others}"
    yield f"Logs: {lab.folder / 'logs'}; who asked for what: {lab.audit_log}"
    yield "Ctrl-C ends it and everything in it."


def _namespace(user: str) -> str | None:
    return NAMESPACE if user == "ns-only" else None


def _stay(lab: Lab) -> None:
    """Until interrupted, or until a part ends by itself."""
    try:
        while True:
            time.sleep(2)
            for part in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"):
                lab.group.check(part)
    except KeyboardInterrupt:
        print("\nlab: ended", flush=True)


def _churn(options: argparse.Namespace) -> int:
    kubeconfig = options.dir / "admin.kubeconfig"
    if not kubeconfig.exists():
        raise RuntimeError(
            f"no lab in {options.dir}; start one with `python -m tests.lab up`, or name its --dir"
        )
    with ExitStack() as files:
        log = files.enter_context(options.log.open("w")) if options.log else None
        churn = Churn(Access.read(kubeconfig), rate=options.rate, pods=options.pods, log=log)
        begun = time.monotonic()
        try:
            asyncio.run(churn.run(options.seconds))
        finally:
            took = time.monotonic() - begun
            rate = len(churn.changes) / took
            print(f"lab: {len(churn.changes)} changes in {took:.1f} s, {rate:.0f} a second", flush=True)
    return 0


def _clock() -> Say:
    begun = time.monotonic()
    return lambda line: print(f"lab {time.monotonic() - begun:6.1f} s  {line}", flush=True)


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """The folder is ours as long as this lasts; another lab in it is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(
                f"a lab already runs in {folder}; end it, or give this one another --dir"
            ) from None
        yield


if __name__ == "__main__":
    sys.exit(main())
