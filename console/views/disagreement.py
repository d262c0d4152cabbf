"""What clusters and clouds say differently, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.disagreements import KIND, RULE, RULES, Disagreement
from console.item import Item
from console.query.field import Field
from console.views.ages import age_cell, age_column
from console.views.kinds import KindView, Section, Trouble, ViewColumn
from console.views.origin import SOURCE
from console.views.words import word_cell, word_column
from providers.model import Ref
from widgets.cells import Cell, ColumnSpec

if TYPE_CHECKING:
    from console.fleet import Fleet

_BY_SEVERITY = (
    Trouble(1, "info", "◌", ("to watch",)),
    Trouble(1, "info", "◌", ("to watch",)),
    Trouble(2, "warn", "◐", ("wrong",)),
    Trouble(3, "bad", "✕", ("broken",)),
)
_GUESS = Trouble(1, "info", "≈", ("to watch", "guessed"))
_PLACE = {rule.id: f"{number:02}" for number, rule in enumerate(RULES)}


def trouble(item: Item) -> Trouble:
    """As bad as its rule says; a guess is only to be watched."""
    return _trouble(item.obj)


def _trouble(row: Disagreement) -> Trouble:
    return _GUESS if row.guessed else _BY_SEVERITY[row.severity]


def what_cell(row: Disagreement) -> Cell:
    """The rule in words: `✕ node with no instance`, `◌ running with no node · new`."""
    how = _trouble(row)
    new = " · new" if row.new else ""
    return Cell(f"{how.glyph} {RULE[row.rule].words}{new}", how.tone)


def about(item: Item, fleet: Fleet) -> list[Disagreement]:
    """What is said of a node or an instance, and of the other side that it is joined to, the worst first."""
    sides = [side for side in (item, item.node, item.instance) if side is not None]
    rows = [row for side in sides for row in fleet.disagreements_of(side)]
    return sorted(
        (row for row in rows if item.ref in (row.subject, row.other)), key=lambda row: -_trouble(row).severity
    )


def disagrees_section(item: Item, fleet: Fleet) -> list[Section]:
    """A part of a node's or an instance's details, none where the sides agree."""
    facts = [
        fact for row in about(item, fleet) for fact in (("", what_cell(row)), ("", Cell(row.detail, "dim")))
    ]
    return [Section("Disagrees", tuple(facts))] if facts else []


def details(item: Item, fleet: Fleet, now: float) -> list[Section]:
    """What differs and what usually is behind it, then where."""
    row: Disagreement = item.obj
    why = (
        ("what", what_cell(row)),
        ("evidence", Cell(row.detail)),
        ("look at", Cell(RULE[row.rule].advice)),
    )
    facts = (
        (row.subject.kind, Cell(row.name)),
        ("id", Cell(row.subject.uid, "dim")),
        ("other side", word_cell(row.other_name)),
        ("cluster", word_cell(row.cluster)),
        ("account", word_cell(row.account)),
        ("region", word_cell(row.region)),
        ("for", age_cell(item, row.since, now)),
    )
    return [Section("Why", why), Section("Disagreement", facts)]


def _leads_to(item: Item) -> Ref | None:
    subject: Ref = item.obj.subject
    return subject


VIEW = KindView(
    kind=KIND,
    title="Disagreements",
    aliases=("disagree", "dis"),
    columns=(
        ViewColumn(
            ColumnSpec("what", "WHAT", 43),
            lambda item, now: what_cell(item.obj),
            lambda item: f"{9 - trouble(item).severity}{_PLACE[item.obj.rule]}",
            Field("what", lambda item: RULE[item.obj.rule].words, aliases=("rule", "status"), word=True),
        ),
        word_column(ColumnSpec("kind", "KIND", 8, priority=7), lambda item: str(item.obj.subject.kind)),
        word_column(
            ColumnSpec("name", "NAME", 32, flexible=True, min_width=24, tail=8),
            lambda item: str(item.obj.name),
        ),
        word_column(ColumnSpec("other", "OTHER SIDE", 19, priority=8), lambda item: str(item.obj.other_name)),
        word_column(
            ColumnSpec("cluster", "CLUSTER", 12, priority=2),
            lambda item: str(item.obj.cluster),
            aliases=("ctx", "context"),
            tone="accent",
        ),
        word_column(
            ColumnSpec("account", "ACCOUNT", 12, priority=6, tail=6),
            lambda item: str(item.obj.account),
            tone="accent",
        ),
        word_column(
            ColumnSpec("region", "REGION", 12, priority=5),
            lambda item: str(item.obj.region),
            match="begins",
            tone="accent",
        ),
        age_column(lambda item: item.obj.since, title="SINCE"),
        word_column(
            ColumnSpec("detail", "DETAIL", 20, priority=3, flexible=True, min_width=12),
            lambda item: str(item.obj.detail),
        ),
    ),
    extra_fields=(
        SOURCE,
        Field("id", lambda item: item.obj.subject.uid, word=True),
        Field("guessed", lambda item: item.obj.guessed, "flag"),
        Field("new", lambda item: item.obj.new, "flag"),
    ),
    trouble=trouble,
    details=details,
    default_sort="what",
    counted=("broken", "wrong", "to watch", "guessed"),
    leads_to=_leads_to,
    made_of=("node", "instance", "pod"),
)
