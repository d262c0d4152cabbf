"""Regular expressions that come back in time, and patterns with stars."""

from __future__ import annotations

import re
from fnmatch import translate
from importlib import import_module
from math import prod
from typing import Any

from console.query.error import QueryError
from console.query.tokens import Part

_MOST_CHARACTERS = 200
_LONGEST = 253
"""Characters of the longest name."""
_MOST_WAYS = (_LONGEST + 1) ** 3
"""Ways in which an expression may be laid on such a name, the place where it begins being one choice:
two repeats without end, or three after `^`. `.*.*[xy]` fails there in 40 ms,
with one repeat more it takes 80 times that."""

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
    _refuse_nested(parsed, False, part)
    begins = bool(parsed) and str(parsed[0][0]) == "AT" and str(parsed[0][1]).startswith("AT_BEGINNING")
    if _ways(parsed) * (1 if begins else _LONGEST + 1) > _MOST_WAYS:
        raise QueryError(
            "the regular expression could take for ever: write at most two repeats such as .* "
            "(three after ^), or one term for each part: /web/ /eu/",
            part.start,
            part.end,
        )


def _ways(parsed: Any) -> int:
    """In how many ways the expression may be laid on a name that begins at one place: an upper bound."""
    return prod(_ways_of(str(operator), argument) for operator, argument in parsed)


def _ways_of(operator: str, argument: Any) -> int:
    if operator in _REPEATS:
        least, most, repeated = argument
        inner = _ways(repeated)
        if inner == 1:
            return int(min(most, _LONGEST) - min(least, _LONGEST)) + 1
        return int(inner ** min(most, _UNENDING))  # a longer one has been refused
    inner_ways = [_ways(inner) for inner in _inner(argument)]
    return sum(inner_ways) if operator == "BRANCH" else prod(inner_ways)


def _refuse_nested(parsed: Any, within: bool, part: Part) -> None:
    """Raises QueryError for a repeat without end, or a choice, inside of one."""
    for operator, argument in parsed:
        name = str(operator)
        endless = name in _REPEATS and argument[1] >= _UNENDING
        if within and (endless or name == "BRANCH"):
            told = "choice" if name == "BRANCH" else "repeat"
            raise QueryError(
                f"the regular expression repeats a {told}, which could take for ever", part.start, part.end
            )
        for inner in _inner(argument):
            _refuse_nested(inner, within or endless, part)


def _inner(argument: Any) -> list[Any]:
    """The expressions inside an operator's argument, however they are packed."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [inner for value in argument for inner in _inner(value)]
    return []
