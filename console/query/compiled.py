"""From the text of a filter to what it asks of an item."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol

from console.item import Item
from console.query.error import QueryError
from console.query.field import Field
from console.query.patterns import regex
from console.query.terms import Clock, Test, asked, labelled
from console.query.tokens import Token, tokens

_MOST_CHARACTERS = 1000


class Askable(Protocol):
    """What a query needs of a view."""

    @property
    def title(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, Field]: ...
    def text(self, item: Item) -> str: ...


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was understood. Two are equal when they ask the same of the same kind."""

    text: str
    title: str
    """The kind it asks about, in the plural."""
    terms: tuple[str, ...]
    """Its terms as they were typed."""
    timed: bool
    """The answer can change as time passes."""
    _tests: tuple[Test, ...] = field(compare=False, repr=False)
    _words: tuple[tuple[str, bool], ...] = field(compare=False, repr=False)
    _regexes: tuple[tuple[re.Pattern[str], bool], ...] = field(compare=False, repr=False)
    _text: Callable[[Item], str] = field(compare=False, repr=False)

    def matches(self, item: Item) -> bool:
        """Whether every term holds for that item."""
        for test in self._tests:
            if not test(item):
                return False
        if not self._words and not self._regexes:
            return True
        text = self._text(item)
        for word, negated in self._words:
            if (word in text) == negated:
                return False
        return all((found.search(text) is None) == negated for found, negated in self._regexes)

    def refines(self, other: Query) -> bool:
        """Whether it certainly matches nothing that the other does not: what typing on mostly makes."""
        if self.title != other.title or self.timed or other.timed:
            return False
        mine = [word for word, negated in self._words if not negated]
        looser = {word for word, negated in other._words if not negated and any(word in w for w in mine)}
        strict = [term for term in other.terms if term.strip("\"'").lower() not in looser]
        return all(term in self.terms for term in strict)


def compile_for(view: Askable, text: str, now: Clock, others: Mapping[str, Askable]) -> Query:
    """The query for rows of that view. `others` are the views whose fields a message may point to.

    Raises QueryError that says what is wrong and where.
    """
    if len(text) > _MOST_CHARACTERS:
        raise QueryError(f"a filter has {_MOST_CHARACTERS} characters at most", _MOST_CHARACTERS, len(text))
    tests: list[Test] = []
    words: list[tuple[str, bool]] = []
    regexes: list[tuple[re.Pattern[str], bool]] = []
    timed = False
    found = tokens(text)
    for token in found:
        if token.field:
            asked_of = _field(token, view, others)
            timed = timed or asked_of.sort == "seconds"
            tests.append(_test(token, asked_of, now))
        elif token.values[0].regex:
            regexes.append((regex(token.values[0]), token.negated))
        else:
            words.append((token.values[0].text.lower(), token.negated))
    terms = tuple(text[token.start : token.end] for token in found)
    return Query(text, view.title, terms, timed, tuple(tests), tuple(words), tuple(regexes), view.text)


def _field(token: Token, view: Askable, others: Mapping[str, Askable]) -> Field:
    known = view.fields.get(token.field.lower())
    if token.operator not in ("=", "!="):
        return known or _unknown(token, view, others)
    # As in kubectl, `app=x` asks for a label; but a number can be nothing else than equal.
    if known is not None and known.sort not in ("text", "pairs"):
        return known
    return view.fields.get("label") or known or _unknown(token, view, others)


def _test(token: Token, field: Field, now: Clock) -> Test:
    if field.sort == "pairs" and token.operator in ("=", "!="):
        return labelled(token, field)
    return asked(token, field, now)


def _unknown(token: Token, view: Askable, others: Mapping[str, Askable]) -> Field:
    """Raises QueryError: the kind has no such field; which has, what is near, and what there is."""
    name = token.field.lower()
    start = token.start + token.negated
    title = view.title.lower()
    elsewhere = [other.title.lower() for other in others.values() if name in other.fields]
    if elsewhere:
        message = f"{title} have no {token.field!r}; {' and '.join(elsewhere)} have"
    else:
        near = get_close_matches(name, view.fields, n=1)
        message = f"{title} have no {token.field!r}" + (f": did you mean {near[0]!r}?" if near else "")
    names = ", ".join(dict.fromkeys(field.name for field in view.fields.values()))
    message = f"{message.removesuffix('?')}{'?' if message.endswith('?') else '.'}"
    raise QueryError(f"{message} There are {names}. Quotes look for it as text.", start, token.field_end)
