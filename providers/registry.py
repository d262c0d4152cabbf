"""Providers by name: found by entry point, listed without importing, loaded when used."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

import msgspec

from providers.contract import Problem, Provider
from providers.model import State

GROUP = "quarterdeck.providers"


def origins() -> dict[str, str]:
    """Every installed provider: its name → where it comes from (`module:attribute`). Imports none."""
    return {point.name: point.value for point in entry_points(group=GROUP)}


def load(name: str) -> Provider:
    """The provider of that name. Raises Problem when there is none or its module fails to import."""
    for point in entry_points(group=GROUP):
        if point.name == name:
            return _load(point)
    known = ", ".join(sorted(origins())) or "none"
    raise Problem(f"no provider is called {name!r}", f"installed providers: {known}", state="denied")


def _load(point: EntryPoint) -> Provider:
    denied: State = "denied"
    try:
        return cast(Provider, point.load())
    except Exception as error:  # a stranger's module may raise anything, and only it should be lost
        raise Problem(
            f"provider {point.name!r} ({point.value}) failed to import: {type(error).__name__}: {error}",
            "reinstall or remove the package that brings it",
            state=denied,
        ) from error


def checked_options(provider: Provider, options: dict[str, Any]) -> Any:
    """The options as the provider's own struct. Raises Problem that names the provider and the key."""
    unknown = sorted(set(options) - {field.encode_name for field in msgspec.structs.fields(provider.options)})
    if unknown:
        raise Problem(
            f"provider {provider.name!r} has no option {unknown[0]!r}",
            "`quarterdeck providers` lists its options",
            state="denied",
        )
    try:
        return msgspec.convert(options, provider.options)
    except msgspec.ValidationError as error:
        raise Problem(
            f"provider {provider.name!r}: {error}",
            "`quarterdeck providers` lists its options",
            state="denied",
        ) from error
