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
    """What nothing can be claimed of: `can't judge dev, pods of lab`, `no cloud is looked at`.

    "" where all can be judged, and for views whose rows are brought by sources.
    """
    if not view.made_of:
        return ""
    nothing = uncompared(fleet, view)
    names = [name for state in fleet.sources.values() for name in _unknown(state, view, nothing, fleet)]
    if not names:
        return nothing
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    words = f"can't judge {', '.join(names[:_NAMED])}{more}"
    return f"{nothing}, {words}" if nothing else words


def uncompared(fleet: Fleet, view: KindView) -> str:
    """Why nothing is compared at all, "" where something is: `no source of instances is looked at`."""
    if not view.made_of or fleet.gaps is None:
        return ""
    return fleet.gaps.everywhere(fleet.sources.values())


def _unknown(state: SourceState, view: KindView, nothing: str, fleet: Fleet) -> Iterator[str]:
    """Its name, with what is unknown of it where that is only a part."""
    had = [kind for kind in view.made_of if kind in state.info.kinds]
    unknown = [kind for kind in had if not state.knows(kind)]
    if len(unknown) == len(had) and (unknown or not state.info.kinds):
        yield state.name
        return
    gaps = fleet.gaps.of(state) if fleet.gaps is not None and not nothing else []
    if words := dict.fromkeys([*(f"{kind}s" for kind in unknown), *gaps]):
        yield f"{' and '.join(words)} of {state.name}"
