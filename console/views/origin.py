"""Columns that say where an object comes from, the same for every kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from console.item import Item
from console.query.field import Field, Match
from console.views.ages import UNKNOWN
from console.views.kinds import ViewColumn
from providers.model import SourceInfo
from widgets.cells import Cell, ColumnSpec

_ID = re.compile(r"\d{12}")


def cluster_of(info: SourceInfo) -> str:
    """The cluster as people call it."""
    return info.cluster or info.name


def account_of(said: str) -> tuple[str, str]:
    """What an account is called, and its id: `prod 123456789012`; one without an id is its own."""
    name, _, account = said.rpartition(" ")
    return (name, account) if _ID.fullmatch(account) else ("", said)


def _column(
    key: str, width: int, word: Callable[[SourceInfo], str], match: Match, aliases: tuple[str, ...] = ()
) -> ViewColumn:
    def cell(item: Item, now: float) -> Cell:
        text = word(item.source.info)
        return Cell(text, "accent") if text else UNKNOWN

    def value(item: Item) -> str:
        return word(item.source.info)

    return ViewColumn(
        spec=ColumnSpec(key, key.upper(), width, priority=2, tail=6),
        cell=cell,
        sort=lambda item: value(item) or None,
        field=Field(key, value, aliases=aliases, word=True, match=match),
        origin=word,
    )


CLUSTER = _column("cluster", 12, cluster_of, "whole", ("ctx", "context"))
ACCOUNT = _column("account", 12, lambda info: info.account, "contains")
REGION = _column("region", 12, lambda info: info.region, "begins")

SOURCE = Field("source", lambda item: item.ref.source, aliases=("src",), match="whole")
"""Asks for the source by its name."""
FROM = ViewColumn(
    ColumnSpec("source", "SOURCE", 14, priority=2),
    lambda item, now: Cell(item.ref.source, "accent"),
    lambda item: item.ref.source,
    SOURCE,
    origin=lambda info: "" if info.account else info.name,
)
"""The source's name, where an account and a region do not tell all sources apart."""
OF_CLUSTER = replace(CLUSTER, origin=lambda info: info.cluster or ("" if info.account else info.name))
"""The cluster for kinds that clouds have too: it is no news where only accounts and regions differ."""
ACCOUNT_FIELD = Field("account", lambda item: item.source.info.account)
REGION_FIELD = Field("region", lambda item: item.source.info.region, match="begins")
