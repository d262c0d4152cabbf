"""The filter language: text → a predicate over the items of one kind.

words must all match        api x2x8k           "two words"
not, regular expression     !worker             /^api-\\d+$/
a field, one of several     status:crash        ns:web,db       name:api-*      node:/-17$/
a label                     label:app=x         label:app       app=x
comparisons                 age>1h  restarts>=3  cpu<8  memory>16Gi  pods>50
yes or no                   cordoned:yes        ready:no
"""

from __future__ import annotations

from collections.abc import Callable

from console.query.compiled import Askable, Query, compile_for
from console.query.error import QueryError
from console.query.field import Field, FieldSort
from providers.model import Kind

__all__ = ["Field", "FieldSort", "Query", "QueryError", "compile_query"]


def compile_query(text: str, kind: Kind | Askable, now: float | Callable[[], float]) -> Query:
    """The query that the text asks of a kind with a view of its own, or of a view; ages are told at `now`.

    Raises QueryError that says what is wrong and where, KeyError for a kind without a view.
    """
    from console.views import VIEWS  # the views declare their fields with this package

    clock = now if callable(now) else lambda: now
    view = VIEWS[kind] if isinstance(kind, str) else kind
    return compile_for(view, text, clock, VIEWS)
