"""Finds the lab's programs, or builds them once into a cache folder.

Owns where the programs are. Three places are looked at, in this order: the folder named by
KUBEBUILDER_ASSETS (kube-apiserver, etcd and kubectl; the other parts may be absent), the cache folder
(QUARTERDECK_LAB_CACHE, or the platform's own), and, only when `build` is called, the Go sources beside this
file. The cache is keyed by what is built, so a changed version builds anew and an unchanged one never does.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

SOURCES = Path(__file__).parent / "go"
KUBERNETES = "v1.36.3"
KWOK = "v0.8.0"
PARTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "etcd")
STAGES = (
    "kustomize/stage/node/fast/node-initialize.yaml",
    "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "kustomize/stage/pod/fast/pod-ready.yaml",
    "kustomize/stage/pod/fast/pod-complete.yaml",
    "kustomize/stage/pod/fast/pod-delete.yaml",
)


class Missing(Exception):
    """The programs are not here and cannot be made; the text says what would help."""


@dataclass(frozen=True)
class Assets:
    """Paths of the programs; None for a part that is absent (then nothing schedules, or no pod runs)."""

    apiserver: Path
    etcd: Path
    kubectl: Path
    controllers: Path | None
    scheduler: Path | None
    kwok: Path | None
    stages: Path | None

    @property
    def absent(self) -> list[str]:
        """Names of the parts that are not here."""
        parts = {
            "kube-controller-manager": self.controllers,
            "kube-scheduler": self.scheduler,
            "kwok": self.kwok if self.stages else None,
        }
        return [name for name, path in parts.items() if path is None]


def cache() -> Path:
    """The folder that holds this version's programs, whether or not it exists yet."""
    base = os.environ.get("QUARTERDECK_LAB_CACHE")
    root = Path(base) if base else Path(platformdirs.user_cache_dir("quarterdeck")) / "lab"
    key = hashlib.sha256()
    for part in ("go.mod", "main.go"):
        key.update((SOURCES / part).read_bytes())
    key.update(KWOK.encode())
    return root / key.hexdigest()[:16]


def find() -> Assets | None:
    """The programs, if they are here already; builds nothing."""
    named = os.environ.get("KUBEBUILDER_ASSETS")
    if named:
        return _from_folder(Path(named))
    folder = cache()
    return _assets(folder, folder) if (folder / "complete").exists() else None


def build(say: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)) -> Assets:
    """The programs, built if need be: about seven minutes on two cores, once. Raises Missing."""
    found = find()
    if found:
        return found
    if not shutil.which("go"):
        raise Missing(
            "the lab needs a Go toolchain (1.26 or later) to build its control plane, and no `go` is on the "
            "PATH; install Go, or set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl"
        )
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds at once would only slow each other down
        if not (folder / "complete").exists():
            _build(folder, say)
    return _assets(folder, folder)


def _build(folder: Path, say: Callable[[str], None]) -> None:
    begun = time.monotonic()
    say(f"lab: building Kubernetes {KUBERNETES} and kwok {KWOK} into {folder} (about seven minutes, once)")
    component = "k8s.io/component-base/version"
    major, minor, _ = KUBERNETES.removeprefix("v").split(".")
    values = {"gitVersion": KUBERNETES, "gitMajor": major, "gitMinor": minor}
    stamp = " ".join(f"-X {component}.{name}={value}" for name, value in values.items())
    binary = folder / "controlplane"
    _go(
        "build",
        "-mod=readonly",
        "-trimpath",
        "-ldflags",
        f"-s -w {stamp}",
        "-o",
        str(binary),
        ".",
        cwd=SOURCES,
    )
    for part in PARTS:
        link = folder / part
        link.unlink(missing_ok=True)
        link.symlink_to(binary.name)
    say(f"lab: control plane built after {time.monotonic() - begun:.0f} s; kwok next")
    _go("install", "-trimpath", "-ldflags", "-s -w", f"sigs.k8s.io/kwok/cmd/kwok@{KWOK}", cwd=folder)
    module = Path(_go("env", "GOMODCACHE", cwd=folder).strip()) / f"sigs.k8s.io/kwok@{KWOK}"
    (folder / "stages").mkdir(exist_ok=True)
    for stage in STAGES:
        target = folder / "stages" / Path(stage).name
        target.write_bytes((module / stage).read_bytes())  # the module cache is read-only; a copy must not be
    (folder / "complete").write_text(f"{KUBERNETES} {KWOK}\n")
    say(f"lab: ready after {time.monotonic() - begun:.0f} s")


def _go(*arguments: str, cwd: Path) -> str:
    """Run go, return what it printed."""
    environment = {**os.environ, "GOBIN": str(cache()), "GOWORK": "off"}
    done = subprocess.run(
        ["go", *arguments], cwd=cwd, env=environment, input="", capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise Missing(f"`go {arguments[0]}` failed in {cwd}; it needs the Go module proxy. It said:\n{last}")
    return done.stdout


def _from_folder(folder: Path) -> Assets:
    missing = [part for part in ("kube-apiserver", "etcd", "kubectl") if not (folder / part).exists()]
    if missing:
        raise Missing(f"KUBEBUILDER_ASSETS is {folder}, which has no {', '.join(missing)}")
    built = cache()
    return _assets(folder, built if (built / "complete").exists() else folder)


def _assets(folder: Path, simulator: Path) -> Assets:
    def part(name: str, where: Path = folder) -> Path | None:
        path = where / name
        return path if path.exists() else None

    return Assets(
        apiserver=folder / "kube-apiserver",
        etcd=folder / "etcd",
        kubectl=folder / "kubectl",
        controllers=part("kube-controller-manager"),
        scheduler=part("kube-scheduler"),
        kwok=part("kwok", simulator),
        stages=part("stages", simulator),
    )
