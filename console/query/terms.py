"""What each term asks, as a test of one item."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from console.item import Item
from console.query import amounts
from console.query.error import QueryError
from console.query.field import Field, Match
from console.query.patterns import regex, starred
from console.query.tokens import Part, Token

Test = Callable[[Item], bool]
Answer = Callable[[Any], bool]
Clock = Callable[[], float]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    ":": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
}
_EXAMPLES = {"number": "3", "percent": "90%", "dollars": "0.5", "bytes": "16Gi", "seconds": "1h"}
_AMOUNTS: dict[str, tuple[Callable[[str], float | None], str]] = {
    "number": (amounts.number, "number"),
    "percent": (amounts.percent, "percentage"),
    "dollars": (amounts.number, "number of dollars"),
    "bytes": (amounts.size, "amount of memory"),
    "seconds": (amounts.seconds, "duration"),
}
"""How an amount of each sort is read, and what it is called."""
_FLAGS = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}


def asked(token: Token, field: Field, now: Clock) -> Test:
    """The test of a term with a field. Raises QueryError when the value is none for it."""
    if token.operator == ":" and not token.values[0].quoted and token.values[0].text[:1] in ("<", ">"):
        token = _with_inner_operator(token)
    if field.sort in _EXAMPLES:
        return _compared(token, field, now)
    if token.operator not in (":", "=", "!="):
        raise QueryError(
            f"{field.name} can't be compared: use {field.name}:value", token.field_end, token.values[0].end
        )
    for part in token.values:
        if not part.text and not part.quoted:
            raise QueryError(f"{field.name}: needs a value", token.start, token.end)
    if field.sort == "flag":
        return _flagged(token, field)
    answers = [_pair(part) if field.sort == "pairs" else _text(part, field.match) for part in token.values]
    negated = token.negated != (token.operator == "!=")
    value = field.value

    def test(item: Item) -> bool:
        found = value(item)
        return any(answer(found) for answer in answers) != negated

    return test


def labelled(token: Token, field: Field) -> Test:
    """The test of `app=x,tier!=y`: every pair must hold."""
    pairs = [(token.field, token.operator, token.values[0]), *map(_further_pair, token.values[1:])]
    wanted = [(f",{key.lower()}={part.text.lower()},", sign == "!=") for key, sign, part in pairs]
    value = field.value

    def test(item: Item) -> bool:
        found = f",{value(item).lower()},"
        return all((pair in found) != absent for pair, absent in wanted) != token.negated

    return test


def _further_pair(part: Part) -> tuple[str, str, Part]:
    key, sign, value = re.split(r"(!=|==?)", part.text, maxsplit=1) if "=" in part.text else ("", "", "")
    if not key:
        # Nothing after a comma has no place of its own: the comma has.
        raise QueryError("a label is asked for as key=value", min(part.start, part.end - 1), part.end)
    return key, "!=" if sign == "!=" else "=", part._replace(text=value)


def _with_inner_operator(token: Token) -> Token:
    first = token.values[0]
    sign = first.text[:2] if first.text[1:2] == "=" else first.text[:1]
    rest = first._replace(text=first.text[len(sign) :], start=first.start + len(sign))
    return token._replace(operator=sign, values=(rest, *token.values[1:]))


# ---- amounts -----------------------------------------------------------------------------------------


def _compared(token: Token, field: Field, now: Clock) -> Test:
    if field.sort == "seconds" and token.operator in (":", "=", "!="):
        raise QueryError(
            f"{field.name} needs < or >, such as {field.name}>1h", token.start, token.values[-1].end
        )
    if token.operator not in (":", "=") and len(token.values) > 1:
        raise QueryError("a comparison takes one value", token.values[1].start - 1, token.values[-1].end)
    limits = [_limit(part, field) for part in token.values]
    holds = _COMPARE[token.operator]
    value, negated, timed = field.value, token.negated, field.sort == "seconds"

    def test(item: Item) -> bool:
        found = value(item)
        if found is None:
            return False
        if timed:
            found = max(0.0, _clock(item, now) - found)
        return any(holds(found, limit) for limit in limits) != negated

    return test


def _clock(item: Item, now: Clock) -> float:
    stale = item.stale_since
    return now() if stale is None else min(now(), stale)


def _limit(part: Part, field: Field) -> float:
    read, what = _AMOUNTS[field.sort]
    limit = read(part.text)
    if limit is None:
        given = f"{part.text!r} is no {what}" if part.text else f"{field.name} needs a {what}"
        raise QueryError(f"{given}, such as {_EXAMPLES[field.sort]}", part.start - (not part.text), part.end)
    return limit


def _flagged(token: Token, field: Field) -> Test:
    wanted = set()
    for part in token.values:
        if part.text.lower() not in _FLAGS:
            raise QueryError(f"{field.name} is yes or no, not {part.text!r}", part.start, part.end)
        wanted.add(_FLAGS[part.text.lower()])
    negated = token.negated != (token.operator == "!=")
    value = field.value

    def test(item: Item) -> bool:
        found = value(item)
        return found is not None and (found in wanted) != negated

    return test


# ---- texts -------------------------------------------------------------------------------------------


def _text(part: Part, match: Match) -> Answer:
    answer = _one_text(part, match)

    def of_any(found: Any) -> bool:
        if isinstance(found, tuple):
            return any(answer(one) for one in found)
        return answer(found or "")

    return of_any


def _one_text(part: Part, match: Match) -> Callable[[str], bool]:
    wanted = part.text.lower()
    if part.regex:
        search = regex(part).search
        return lambda text: search(text) is not None
    if not wanted:
        return lambda text: not text
    if "*" in wanted and not part.quoted:
        whole = starred(wanted).match
        return lambda text: whole(text) is not None
    if match == "contains":
        return lambda text: wanted in text.lower()
    if match == "begins":
        return lambda text: any(word.startswith(wanted) for word in text.lower().split(","))
    return lambda text: text.lower() == wanted or text.lower().startswith(wanted + ".")


def _pair(part: Part) -> Answer:
    """`app=x`: that pair. `app`: any value of that key."""
    if part.regex:
        search = regex(part).search
        return lambda text: any(search(pair) for pair in text.split(","))
    wanted = part.text.lower()
    if "*" in wanted:
        whole = starred(wanted if "=" in wanted else f"{wanted}=*").match
        return lambda text: any(whole(pair) for pair in text.split(","))
    if "=" in wanted:
        return lambda text: f",{wanted}," in f",{text.lower()},"
    return lambda text: f",{wanted}=" in f",{text.lower()}"
