"""The hosts that a person's ssh configuration names: each `Host` without wildcards, through its Includes."""

from __future__ import annotations

import glob
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from providers.contract import Problem
from providers.hostname import is_host
from providers.text import clean

USUAL = "~/.ssh/config"
_DEEPEST = 16
"""As deep as OpenSSH follows an Include."""
_LARGEST = 4 << 20


class Aliases:
    """The names in one configuration. How each is reached is for ssh's own rules to say, not for us."""

    def __init__(self, path: str) -> None:
        self._path = Path(os.path.expanduser(path))
        self.path = str(self._path)
        self.address = clean(self.path)

    def names(self) -> list[str]:
        """In the order of the files. Raises Problem where the file itself can't be read."""
        return [name for name in dict.fromkeys(self._of(self._path, 0)) if is_host(name)]

    def _of(self, path: Path, depth: int) -> Iterator[str]:
        for keyword, arguments in self._lines(path, depth):
            if keyword == "host":
                yield from (each for each in arguments if not set(each) & set("*?!"))
            elif keyword == "include" and depth < _DEEPEST:
                for pattern in arguments:
                    for found in sorted(glob.glob(self._absolute(pattern))):
                        yield from self._of(Path(found), depth + 1)

    def _absolute(self, pattern: str) -> str:
        """Names in an Include are below ~/.ssh, wherever the file is that includes them."""
        return os.path.join(os.path.expanduser("~/.ssh"), os.path.expanduser(pattern))

    def _lines(self, path: Path, depth: int) -> Iterator[tuple[str, list[str]]]:
        try:
            with path.open("rb") as file:
                text = file.read(_LARGEST).decode(errors="replace")
        except OSError as error:
            if depth:  # ssh itself passes over an Include that it can't read
                return
            raise Problem(f"{self.address}: {error.strerror}", "it is looked for again and again") from error
        for line in text.splitlines():
            words = _words(line)
            if len(words) > 1:
                yield words[0].lower(), words[1:]


def _words(line: str) -> list[str]:
    """`Host a b`, `Host=a`, `Host = "a"`; comments and what can't be divided are no words."""
    keyword, _, rest = line.strip().replace("\t", " ").partition(" ")
    if "=" in keyword:
        keyword, _, first = keyword.partition("=")
        rest = f"{first} {rest}"
    try:
        return [keyword, *shlex.split(rest.strip().removeprefix("="), comments=True)]
    except ValueError:
        return []
