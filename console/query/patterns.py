"""Regular expressions that come back in time, and patterns with stars."""

from __future__ import annotations

import re
from fnmatch import translate
from importlib import import_module
from typing import Any

from console.query.error import QueryError
from console.query.tokens import Part

_MOST_CHARACTERS = 200
_MOST_REPEATS = 4
"""Repeats without end in one expression: on a name of 253 characters five can already take minutes."""

_parser: Any = import_module("re._parser")
_REPEATS = frozenset(["MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"])
_UNENDING = 32
"""A repeat of at least so many counts as one without end."""


def regex(part: Part) -> re.Pattern[str]:
    """The expression, case ignored, `^` and `$` at every part. Raises QueryError if wrong or slow."""
    if len(part.text) > _MOST_CHARACTERS:
        raise QueryError(
            f"the regular expression is longer than {_MOST_CHARACTERS} characters", part.start, part.end
        )
    try:
        found = re.compile(part.text, re.IGNORECASE | re.MULTILINE)
        parsed = _parser.parse(part.text)
    except (re.error, OverflowError, RecursionError) as error:
        at = part.start + 1 + (getattr(error, "pos", None) or 0)
        reason = getattr(error, "msg", "") or str(error)
        raise QueryError(f"the regular expression is wrong: {reason}", at, max(at + 1, part.end)) from None
    _refuse_slow(parsed, part)
    return found


def starred(text: str) -> re.Pattern[str]:
    """A word with `*` for anything, case ignored."""
    return re.compile(translate(re.sub(r"\*+", "*", text).replace("[", "[[]")), re.IGNORECASE)


def _refuse_slow(parsed: Any, part: Part) -> None:
    count = _unending(parsed, False, part)
    if count > _MOST_REPEATS:
        raise QueryError(
            f"the regular expression repeats {count} times without end, {_MOST_REPEATS} at most: "
            "it could take for ever",
            part.start,
            part.end,
        )


def _unending(parsed: Any, within: bool, part: Part) -> int:
    """How many repeats without end there are. Raises QueryError for one inside another."""
    count = 0
    for operator, argument in parsed:
        if str(operator) in _REPEATS:
            endless = argument[1] >= _UNENDING
            if endless and within:
                raise QueryError(
                    "the regular expression repeats a repeat, which could take for ever", part.start, part.end
                )
            count += endless + _unending(argument[2], within or endless, part)
        else:
            if str(operator) == "BRANCH" and within:
                raise QueryError(
                    "the regular expression repeats a choice, which could take for ever", part.start, part.end
                )
            count += sum(_unending(inner, within, part) for inner in _inner(argument))
    return count


def _inner(argument: Any) -> list[Any]:
    """The expressions inside an operator's argument, however they are packed."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [inner for value in argument for inner in _inner(value)]
    return []
