"""What the rows of a view come from: kinds of sources, and which of them are not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from console.source import SourceState
from console.views.kinds import KindView
from providers.model import Kind

if TYPE_CHECKING:
    from console.fleet import Fleet

_NAMED = 3
"""So many sources are named; the others are counted."""


def parts(fleet: Fleet, view: KindView) -> list[tuple[SourceState, Kind]]:
    """Each source with a kind that it brings to the view."""
    kinds = view.made_of or (view.kind,)
    return [(s, kind) for s in fleet.sources.values() for kind in kinds if kind in s.info.kinds]


def unjudged(fleet: Fleet, view: KindView) -> str:
    """`2 sources can't be judged: dev, pods of lab`: those of which nothing that is absent can be claimed.

    "" where all can be, and for views whose rows are brought by sources.
    """
    if not view.made_of:
        return ""
    names = [name for state in fleet.sources.values() for name in _unknown(state, view.made_of)]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    number = "1 source" if len(names) == 1 else f"{len(names)} sources"
    return f"{number} can't be judged: {', '.join(names[:_NAMED])}{more}"


def _unknown(state: SourceState, kinds: tuple[Kind, ...]) -> Iterator[str]:
    """Its name, with what is unknown of it where that is only a part."""
    had = [kind for kind in kinds if kind in state.info.kinds]
    unknown = [kind for kind in had if not state.knows(kind)]
    if unknown or not state.info.kinds:
        which = " and ".join(f"{kind}s" for kind in unknown)
        yield f"{which} of {state.name}" if len(unknown) < len(had) else state.name
