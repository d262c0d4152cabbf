"""What objects of a kind can be grouped by, and the group that each of them is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any, NamedTuple

from console.item import Item
from console.prices.cost import dollars
from console.query.error import QueryError
from console.query.field import Field, FieldSort
from console.views.amounts import memory
from console.views.kinds import KindView

_SAMPLE = 2000
"""So many objects are asked for the labels that there are: 3 ms."""
_APART = frozenset({"id", "name", "ip"})
"""What tells objects apart can be asked for, but is not offered: it groups nothing."""
_NOUNS = frozenset(
    {
        *(
            "account",
            "cluster",
            "group",
            "image",
            "instance",
            "kind",
            "lifecycle",
            "name",
            "namespace",
            "node",
        ),
        *("nodegroup", "owner", "phase", "provider", "reason", "region", "source", "state", "status", "type"),
        *("version", "zone"),
    }
)
"""Names of fields that are what one of its values is called; no one says two checkses, or three whats."""
_USUAL = ("namespace", "zone", "type", "group", "account", "region", "cluster", "tag", "label")
"""What is offered first, where a kind has it."""


class Group(NamedTuple):
    """The objects of a kind that have one value in something."""

    by: str
    """The name of what they are grouped by: "zone", "tag:team"."""
    value: str | None
    """None for those of which it is not known."""

    def words(self) -> str:
        """`zone eu-west-1a`, `zone not known`, `tag:team not set`."""
        if self.value is None:
            return f"{self.by} {'not set' if ':' in self.by else 'not known'}"
        return f"{self.by} {self.value or EMPTY}"


def missing(by: str) -> str:
    """What is said in place of a value that is not there."""
    return "not set" if ":" in by else "unknown"


EMPTY = '""'
"""How a value without characters is shown: that of a tag, or of a list with nothing in it."""


class Dimension(NamedTuple):
    """Something that objects of a kind can be grouped by."""

    name: str
    value: Callable[[Item], str | None]
    """None where it is not known."""
    word: str
    """What one of its values is called: "zone"; "value" where its name is no such word."""

    def counted(self, number: int, absent: bool) -> str:
        """`1 zone`, `3 zones and unknown`, `no zone known`, `2 statuses`; `absent` where some have none."""
        unset = "set" if ":" in self.name else "known"
        if absent and not number:
            return f"no {self.word} {unset}"
        plural = "" if number == 1 else "es" if self.word.endswith("s") else "s"
        return f"{number:,} {self.word}{plural}{f' and {missing(self.name)}' if absent else ''}"

    def group(self, item: Item) -> Group:
        """The group that it is in."""
        return Group(self.name, self.value(item))


def dimension(view: KindView, name: str) -> Dimension:
    """What `zone` or `tag:team` means for that kind.

    Raises QueryError that says what there is: no such field, or one that groups nothing.
    """
    head, colon, key = name.partition(":")
    field = view.fields.get(head.lower())
    if field is None:
        near = get_close_matches(head.lower(), view.fields, n=1)
        meant = f": did you mean {near[0]!r}?" if near else "."
        raise _error(f"{view.title.lower()} have no {head!r}{meant}", view, name)
    if field.sort == "pairs":
        if not key:
            raise _error(f"{field.name} needs a name, such as {field.name}:team.", view, name)
        return Dimension(f"{field.name}:{key}", _pair(field, key), "value")
    words = _WORDS.get(field.sort)
    if words is None or colon:
        raise _error(f"{view.title.lower()} can't be grouped by {name!r}.", view, name)
    value = field.value
    word = field.name if field.name in _NOUNS and field.sort == "text" else "value"
    return Dimension(field.name, lambda item: words(value(item)), word)


def offers(view: KindView, items: Iterable[Item], begun: str) -> list[str]:
    """The names that `begun` could become; those of labels and tags once their colon is typed."""
    head, colon, _ = begun.partition(":")
    field = view.fields.get(head) if colon else None
    if field is not None and field.sort == "pairs":
        keys = Counter(key for item in islice(items, _SAMPLE) for key, _ in _pairs(field, item))
        return [name for key, _ in keys.most_common() if (name := f"{head}:{key}").startswith(begun)]
    return [name for name in _names(view) if name.startswith(begun)]


def _names(view: KindView) -> list[str]:
    fields = {field.name: field for field in view.fields.values() if field.name not in _APART}
    names = sorted(fields, key=lambda name: _USUAL.index(name) if name in _USUAL else len(_USUAL))
    offered = [name for name in names if fields[name].sort in ("text", "flag", "pairs")]
    return [f"{name}:" if fields[name].sort == "pairs" else name for name in offered]


def _error(what: str, view: KindView, name: str) -> QueryError:
    return QueryError(f"{what} There are {', '.join(_names(view))}", 0, len(name))


# ---- values as words ---------------------------------------------------------------------------------


def _text(found: Any) -> str | None:
    if isinstance(found, tuple):
        return ", ".join(filter(None, found)) if any(found) else None if found else ""
    return found or None


def _flag(found: Any) -> str | None:
    return None if found is None else "yes" if found else "no"


def _number(found: Any) -> str | None:
    return None if found is None else f"{found:g}"


_WORDS: dict[FieldSort, Callable[[Any], str | None]] = {
    "text": _text,
    "flag": _flag,
    "number": _number,
    "dollars": lambda found: None if found is None else f"{dollars(round(found * 1_000_000))}/h",
    "bytes": lambda found: memory(found) or None,
}


def _pair(field: Field, key: str) -> Callable[[Item], str | None]:
    return lambda item: next((value for name, value in _pairs(field, item) if name == key), None)


def _pairs(field: Field, item: Item) -> Iterable[tuple[str, str]]:
    tags: Iterable[tuple[str, str]] | None = getattr(item.obj, "tags", None)
    if tags is not None:
        return tags  # a tag's value may have a comma in it, which the words of the field are joined by
    found = [pair.partition("=") for pair in field.value(item).split(",") if pair]
    return [(name, value) for name, _, value in found]
