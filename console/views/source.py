"""Sources as rows: how each is, in glyph and word, and how much it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.item import Item
from console.query.field import Field
from console.source import SOURCE_KIND, SourceState
from console.views.ages import UNKNOWN, age_cell, duration
from console.views.amounts import counted
from console.views.costs import source_cost
from console.views.kinds import KindView, Section, Trouble, ViewColumn, worst_first
from console.views.origin import cluster_of
from console.views.words import word_cell, word_column
from providers.model import Health, SourceInfo, State
from widgets.cells import Cell, ColumnSpec

if TYPE_CHECKING:
    from console.fleet import Fleet

TROUBLES: dict[State, Trouble] = {
    "live": Trouble(0, "good", "●", ("live",)),
    "connecting": Trouble(1, "info", "◌", ("connecting",)),
    "loading": Trouble(1, "info", "◐", ("loading",)),
    "lagging": Trouble(2, "warn", "◐", ("stale",)),
    "lost": Trouble(3, "bad", "✕", ("lost",)),
    "denied": Trouble(3, "bad", "✕", ("denied",)),
}
"""How each state of health feels, and the word that a header counts it under."""

_RECENT_SECONDS = 15.0
"""Heard from within this is "now": the engine reports every five seconds, and ticking costs bytes."""


def worst_health(source: SourceState) -> Health:
    """The health that a person should see: the source's own, or that of a kind which is worse."""
    healths = [source.health, *source.kinds.values()]
    return max(healths, key=lambda health: TROUBLES[health.state].severity)


def trouble(item: Item) -> Trouble:
    """As bad as the worst of its kinds."""
    return TROUBLES[worst_health(item.source).state]


def health_cell(source: SourceState, now: float) -> Cell:
    """`● live`, `◐ stale 42s`, `✕ denied: pods`."""
    health = worst_health(source)
    how = TROUBLES[health.state]
    words = f"{how.glyph} {how.counted[0]}"
    if health.state in ("lagging", "lost"):
        words = f"{words} {duration(now - health.since)}"
    return Cell(f"{words}: {health.kind}s" if health.kind else words, how.tone)


def counts(source: SourceState) -> str:
    """`9,970 pods · 300 nodes`, the most first; "≥" where a kind is not complete."""
    amounts = sorted(
        ((source.count(kind), kind) for kind in source.items if source.count(kind)), reverse=True
    )
    parts = [f"{'' if kind in source.complete else '≥'}{counted(n, kind)}" for n, kind in amounts]
    return " · ".join(parts)


def _total(item: Item) -> int:
    return sum(len(table) for table in item.source.items.values())


def _counts_cell(item: Item, now: float) -> Cell:
    return word_cell(counts(item.source))


def heard_cell(item: Item, now: float) -> Cell:
    """When it last said something."""
    heard = item.source.heard
    if heard is None:
        return UNKNOWN
    ago = now - heard
    return Cell("now" if ago < _RECENT_SECONDS else f"{duration(ago)} ago", "dim")


def _detail(item: Item) -> str:
    health = worst_health(item.source)
    return health.detail or "; ".join(item.source.info.warnings)


def _detail_cell(item: Item, now: float) -> Cell:
    how = trouble(item)
    text = _detail(item)
    return word_cell(text, how.tone if how.severity else "warn") if text else Cell("")


def _calls(info: SourceInfo) -> int | None:
    return info.budget.calls if info.budget else None


def _throttled(info: SourceInfo) -> int | None:
    return info.budget.throttled if info.budget else None


def _calls_cell(info: SourceInfo) -> Cell:
    """`38 of 120 calls/min`, `account throttled 3 · 38 of 120 calls/min`: by all sources of the account."""
    budget = info.budget
    if budget is None:
        return UNKNOWN
    words = f"{budget.calls} of {budget.limit} calls/min"
    if not budget.throttled:
        return Cell(words)
    return Cell(f"account throttled {budget.throttled} · {words}", "warn")


def _health_facts(source: SourceState, now: float) -> list[tuple[str, Cell]]:
    facts: list[tuple[str, Cell]] = []
    of_kinds = {health.detail for health in source.kinds.values()}
    for health in (source.health, *source.kinds.values()):
        how = TROUBLES[health.state]
        news = health.skipped or (health.detail and (health.kind or health.detail not in of_kinds))
        if how.severity == 0 and not news:
            continue
        words = f"{how.glyph} {how.counted[0]} for {duration(now - health.since)}"
        facts.append((f"{health.kind}s" if health.kind else "source", Cell(words, how.tone)))
        if health.detail:
            facts.append(("", Cell(health.detail, how.tone)))
        if health.remedy:
            facts.append(("remedy", Cell(health.remedy)))
        if health.skipped:
            facts.append(("skipped", Cell(f"{counted(health.skipped, 'message')} could not be read", "warn")))
    return facts


def details(item: Item, fleet: Fleet, now: float) -> list[Section]:
    """What is wrong with it and the remedy, then what it is."""
    source = item.source
    info = source.info
    why = [*_health_facts(source, now), *(("warning", Cell(warning, "warn")) for warning in info.warnings)]
    facts = (
        ("health", health_cell(source, now)),
        ("provider", word_cell(info.provider)),
        ("cluster", word_cell(info.cluster)),
        ("account", word_cell(info.account)),
        ("region", word_cell(info.region)),
        ("address", word_cell(info.address)),
        ("as", word_cell(info.identity)),
        *((("calls", _calls_cell(info)),) if info.budget else ()),
        *((("pushed", word_cell(info.pushed)),) if info.pushed else ()),
        ("objects", _counts_cell(item, now)),
        *((("cost", cost),) if (cost := source_cost(source)) else ()),
        ("heard", age_cell(item, source.heard, now) if source.live else heard_cell(item, now)),
        *((("simulated", Cell("not a real fleet", "warn")),) if info.simulated else ()),
    )
    return [*([Section("Why", tuple(why))] if why else []), Section("Source", facts)]


VIEW = KindView(
    kind=SOURCE_KIND,
    title="Sources",
    aliases=("sources", "src", "ctx", "contexts"),
    columns=(
        word_column(
            ColumnSpec("name", "NAME", 18, flexible=True, min_width=8, tail=12),
            lambda item: item.ref.source,
        ),
        ViewColumn(
            ColumnSpec("health", "HEALTH", 14),
            lambda item, now: health_cell(item.source, now),
            lambda item: worst_first(trouble(item), item.source.health.state),
            Field("health", lambda item: worst_health(item.source).state, aliases=("status",), word=True),
            ticks=True,
        ),
        ViewColumn(
            ColumnSpec("objects", "OBJECTS", 24, priority=2),
            _counts_cell,
            _total,
            Field("objects", _total, "number"),
        ),
        ViewColumn(
            ColumnSpec("heard", "HEARD", 8, right=True, priority=4),
            heard_cell,
            lambda item: None if item.source.heard is None else -item.source.heard,
            Field("heard", lambda item: item.source.heard, "seconds"),
            ticks=True,
        ),
        ViewColumn(
            ColumnSpec("detail", "DETAIL", 30, priority=3),
            _detail_cell,
            lambda item: _detail(item) or None,
            Field("detail", _detail, word=True),
        ),
        word_column(
            ColumnSpec("provider", "PROVIDER", 10, priority=5), lambda item: item.source.info.provider
        ),
        word_column(ColumnSpec("as", "AS", 20, priority=6), lambda item: item.source.info.identity),
        ViewColumn(
            ColumnSpec("budget", "BUDGET", 20, priority=7),
            lambda item, now: _calls_cell(item.source.info),
            lambda item: _calls(item.source.info),
            Field("calls", lambda item: _calls(item.source.info), "number"),
            origin=lambda info: str(info.budget),
        ),
    ),
    extra_fields=(
        Field("source", lambda item: item.ref.source),
        Field("cluster", lambda item: cluster_of(item.source.info), word=True),
        Field("account", lambda item: item.source.info.account, word=True),
        Field("region", lambda item: item.source.info.region, word=True),
        Field("throttled", lambda item: _throttled(item.source.info), "number"),
    ),
    trouble=trouble,
    details=details,
    default_sort="name",
    counted=("live", "loading", "connecting", "stale", "lost", "denied"),
)
