"""Keys, certificates and lines of known_hosts, made by ssh-keygen."""

from __future__ import annotations

import os
import shutil
import subprocess
import unittest
from pathlib import Path


def needed(program: str, found: str | None, package: str) -> str:
    """Its path. A test that needs a program is skipped where there is none, but not where all must run."""
    if found:
        return found
    why = f"no {program} on this machine (Debian: apt-get install {package})"
    if os.environ.get("QUARTERDECK_LAB") == "require":
        raise RuntimeError(why)
    raise unittest.SkipTest(why)


def keygen(*arguments: str | Path) -> None:
    """Run ssh-keygen, quietly."""
    program = needed("ssh-keygen", shutil.which("ssh-keygen"), "openssh-client")
    command = [program, "-q", *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def new_key(path: Path, *, kind: str = "ed25519", passphrase: str = "") -> Path:
    """A private key, and its public half beside it in PATH.pub."""
    path.unlink(missing_ok=True)
    bits = ("-b", "2048") if kind == "rsa" else ()
    keygen("-t", kind, *bits, "-N", passphrase, "-C", path.name, "-f", path)
    return path


def public(key: Path) -> str:
    """Kind and key, as a line of known_hosts or authorized_keys has them."""
    kind, text, *_ = key.with_name(f"{key.name}.pub").read_text().split()
    return f"{kind} {text}"


def sign_host(authority: Path, key: Path, name: str, validity: str = "-1d:+1d") -> Path:
    """A host certificate of that key for that name, valid as ssh-keygen's -V says."""
    keygen("-s", authority, "-I", name, "-h", "-n", name, "-V", validity, key.with_name(f"{key.name}.pub"))
    return key.with_name(f"{key.name}-cert.pub")


def hashed(folder: Path, line: str) -> str:
    """The line of known_hosts with its name hashed."""
    file = folder / "to_hash"
    file.write_text(f"{line}\n")
    keygen("-H", "-f", file)
    return file.read_text().strip()


def fingerprint(key: Path) -> str:
    """SHA256:… of the key."""
    told = subprocess.run(["ssh-keygen", "-lf", str(key)], check=True, capture_output=True, text=True)
    return told.stdout.split()[1]
