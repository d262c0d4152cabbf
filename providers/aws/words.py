"""Single fields as AWS describes them, as they enter the model: names, times and tags, cleaned."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from sys import intern
from typing import Any

from providers.text import clean

Described = Mapping[str, Any]
"""A thing as boto3 gives it, or those of its fields that are read."""


def word(value: object) -> str:
    """A name or a constant, cleaned and kept once; "" for what is no text."""
    return intern(clean(value, 253)) if isinstance(value, str) else ""


def moment(value: object) -> float | None:
    """Seconds since the epoch of a time as EC2 writes it or as boto3 reads it, None for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def tags(described: Described) -> tuple[tuple[str, str], ...]:
    """Keys and values, in their order."""
    listed: Iterable[Described] = described.get("Tags") or ()
    return tuple(_tag(tag.get("Key") or "", tag.get("Value") or "") for tag in listed)


@functools.lru_cache(4096)
def _tag(key: str, value: str) -> tuple[str, str]:
    """Kept once: most tags are on very many instances."""
    return intern(clean(key, 253)), clean(value, 512)
