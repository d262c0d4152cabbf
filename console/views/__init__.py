"""Object → row, a file per kind: every module here that has a VIEW is one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from console.views.kinds import KindView
from console.views.record import record_view
from providers.model import Kind, Schema

if TYPE_CHECKING:
    from console.fleet import Fleet

__all__ = ["VIEWS", "KindView", "kind_called", "view_of"]


def _found() -> dict[Kind, KindView]:
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    views: list[KindView] = [module.VIEW for module in modules if hasattr(module, "VIEW")]
    return {view.kind: view for view in views}


VIEWS: Mapping[Kind, KindView] = _found()
"""Kind → its view. Kinds without one have a view made from their schema: ask `view_of`."""


def view_of(kind: Kind, fleet: Fleet) -> KindView:
    """How that kind is shown: its own view, else one with the columns its server gives it."""
    view = VIEWS.get(kind)
    return view or record_view(fleet.schemas.get(kind) or Schema(kind=kind, title=kind, columns=()))


def kind_called(word: str, fleet: Fleet) -> Kind | None:
    """The kind that people mean by a word after `:`, None when no kind is called so."""
    word = word.lower()
    views = [*VIEWS.values(), *(view_of(kind, fleet) for kind in fleet.schemas if kind not in VIEWS)]
    for view in views:
        if word in (view.kind, view.title.lower(), *view.aliases):
            return view.kind
    return None
