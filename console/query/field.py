"""One thing that can be asked of a kind of object, as its view declares it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from console.item import Item

FieldSort = Literal["text", "number", "percent", "dollars", "bytes", "seconds", "flag", "pairs"]
"""What its value is. text: str or a tuple of them. number: float. percent: float, of a hundred.
dollars: US dollars an hour, float. bytes: int. flag: bool.
seconds: when it began, seconds since the epoch, asked for as an age.
pairs: `key=value` words joined by commas.
A number, time or flag that is not known is None: then no condition on it matches, nor its opposite."""

Match = Literal["contains", "begins", "whole"]
"""How a text answers to a value. contains: anywhere in it. begins: one of its words, apart by commas,
begins so (`ready` is not in NotReady). whole: all of it, or all up to the first dot."""


class Field(NamedTuple):
    """What a word before a colon or a comparison means for one kind."""

    name: str
    value: Callable[[Item], Any]
    sort: FieldSort = "text"
    aliases: tuple[str, ...] = ()
    word: bool = False
    """A plain word is looked for in it."""
    match: Match = "contains"
