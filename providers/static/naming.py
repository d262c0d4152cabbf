"""What the source of an inventory is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

from providers.text import clean


def named(inventories: Iterable[str]) -> dict[str, str]:
    """A name for each inventory → the inventory. One that is there twice counts once.

    A file is called what it is without its ending, with its folder before where two would share that
    (every state is a terraform.tfstate), a command by its program; what is still shared gets a number.
    """
    once = list(dict.fromkeys(inventories))
    shared = Counter(map(_short, once))
    names: dict[str, str] = {}
    for said in once:
        name = _short(said) if shared[_short(said)] == 1 else _wide(said)
        number = 1
        while (free := name if number == 1 else f"{name}-{number}") in names:
            number += 1
        names[free] = said
    return names


def _short(said: str) -> str:
    words = said[1:].split() if said.startswith("!") else [said]
    return clean(PurePath(words[0]).stem if words else "", 60) or "inventory"


def _wide(said: str) -> str:
    folder = "" if said.startswith("!") else clean(PurePath(said).parent.name, 60)
    return "-".join(filter(None, (folder, _short(said))))
