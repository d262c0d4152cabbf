"""The text of a filter cut into its terms, each with its place."""

from __future__ import annotations

import re
from typing import NamedTuple

from console.query.error import QueryError

_HEAD = re.compile(r"([A-Za-z][\w./-]*)(!=|>=|<=|[:=<>])")
"""A word and an operator: `status:`, `age>=`, `app.kubernetes.io/name=`."""


class Part(NamedTuple):
    """A value: a word, what stood in quotes, or a regular expression between slashes."""

    text: str
    start: int
    end: int
    quoted: bool = False
    regex: bool = False


class Token(NamedTuple):
    """One term: `!field:value,value`. A plain word or regular expression has no field."""

    negated: bool
    field: str
    operator: str
    """":", "=", "!=", ">", ">=", "<", "<=", or "" without a field."""
    values: tuple[Part, ...]
    start: int
    end: int

    @property
    def field_end(self) -> int:
        """Where the field's name ends."""
        return self.start + self.negated + len(self.field)


def tokens(text: str) -> list[Token]:
    """The terms of a filter. Raises QueryError for a quote or a regular expression that does not end."""
    found = []
    at = _skip_spaces(text, 0)
    while at < len(text):
        token = _token(text, at)
        found.append(token)
        at = _skip_spaces(text, token.end)
    return found


def _skip_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _token(text: str, start: int) -> Token:
    negated = text[start] == "!"
    at = start + negated
    if at >= len(text) or text[at].isspace():
        raise QueryError("! needs a word after it", start, start + 1)
    head = _HEAD.match(text, at)
    if head is None:
        part = _part(text, at, stops="")
        return Token(negated, "", "", (part,), start, part.end)
    values = [_part(text, head.end(), stops=",")]
    while values[-1].end < len(text) and text[values[-1].end] == ",":
        values.append(_part(text, values[-1].end + 1, stops=","))
    return Token(negated, head[1], head[2], tuple(values), start, values[-1].end)


def _part(text: str, start: int, *, stops: str) -> Part:
    """The value that starts there; a bare one ends at a space or at one of `stops`."""
    if start < len(text) and text[start] in "\"'":
        return _quoted(text, start)
    if start < len(text) and text[start] == "/":
        return _regex(text, start)
    end = start
    while end < len(text) and not text[end].isspace() and text[end] not in stops:
        end += 1
    return Part(text[start:end], start, end)


def _quoted(text: str, start: int) -> Part:
    end = text.find(text[start], start + 1)
    if end < 0:
        raise QueryError(f"the quote is not closed: add {text[start]}", start, len(text))
    return Part(text[start + 1 : end], start, end + 1, quoted=True)


def _regex(text: str, start: int) -> Part:
    end = start + 1
    while end < len(text) and text[end] != "/":
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        raise QueryError("the regular expression is not closed: add /", start, len(text))
    return Part(text[start + 1 : end].replace("\\/", "/"), start, end + 1, regex=True)
