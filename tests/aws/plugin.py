"""A stand-in for the session-manager-plugin of AWS: it says what it is given, and is a shell."""

from __future__ import annotations

from pathlib import Path

_PROGRAM = """#!/bin/sh
if [ "$1" = --version ]; then echo {version}; exit 0; fi
echo "arguments $#: $*"
eval "echo token: \\$$1"
exec env -u "$1" PS1='ssm$ ' sh -i
"""


def install(folder: Path, version: str = "1.2.650.0") -> Path:
    """Put it there, to be found on a PATH."""
    program = folder / "session-manager-plugin"
    program.write_text(_PROGRAM.format(version=version))
    program.chmod(0o755)
    return program
