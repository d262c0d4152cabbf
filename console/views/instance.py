"""Machines of a cloud as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.item import Item
from console.query.field import Field
from console.views.ages import UNKNOWN, age_cell, age_column
from console.views.amounts import counted
from console.views.costs import cost_column, cost_fact
from console.views.disagreement import disagrees_section
from console.views.kinds import KindView, Section, ViewColumn, worst_first
from console.views.machine import COUNTED, impaired, state_cell, trouble
from console.views.members import cluster_words, group_facts
from console.views.notices import notice_cell
from console.views.origin import ACCOUNT, FROM, REGION, SOURCE
from console.views.pods_on import pod_count, pods_cell
from console.views.volumes import volume_sections
from console.views.words import word_cell, word_column
from providers.model import Instance
from widgets.cells import Cell, ColumnSpec

if TYPE_CHECKING:
    from console.fleet import Fleet


def _checks_cell(item: Item, now: float) -> Cell:
    checks = item.obj.checks
    return word_cell(checks, "warn" if impaired(checks) else "")


def _node_name(item: Item) -> str:
    return item.node.obj.name if item.node is not None else ""


def _node_cell(item: Item, now: float) -> Cell:
    node = item.node
    if node is None:
        return UNKNOWN
    guess = " ~" if item.guessed else ""
    if node.obj.ready is False:
        return Cell(f"✕ {node.obj.name}{guess}", "bad")
    return Cell(f"{node.obj.name}{guess}")


def _pod_count(item: Item) -> int | None:
    return pod_count(item.node) if item.node is not None else None


def _pods_cell(item: Item, now: float) -> Cell:
    return pods_cell(item.node) if item.node is not None else UNKNOWN


def _why(item: Item, now: float) -> list[tuple[str, Cell]]:
    instance: Instance = item.obj
    facts = []
    if trouble(item).severity:
        facts.append(("state", state_cell(item, now)))
    if impaired(instance.checks):
        facts.append(("checks", Cell(f"{instance.checks} status checks pass", "warn")))
    if instance.observed:
        facts += [("notice", notice_cell(notice, now)) for notice in instance.notices]
    if item.node is not None and trouble(item).severity == 3:
        pods = counted(len(item.node.pods or ()), "pod")
        facts.append(("takes", Cell(f"node {item.node.obj.name} with {pods}", "bad")))
    return facts


def _node_fact(item: Item, now: float) -> Cell:
    cell = _node_cell(item, now)
    return Cell(f"{cell.text} · a guess by its address", "warn") if item.guessed else cell


def _known(*facts: tuple[str, str]) -> list[tuple[str, Cell]]:
    """Facts that most machines do not have: told only where they are known."""
    return [(label, Cell(text)) for label, text in facts if text]


def _running(item: Item) -> tuple[Item, ...]:
    """What was seen of a machine that this item only declares."""
    return () if item.obj.observed else tuple([twin for twin in item.twins if twin.obj.observed])


def _is_declared(item: Item) -> bool:
    return not all(one.obj.observed for one in (item, *item.twins))


def _declared_facts(item: Item) -> list[tuple[str, Cell]]:
    """Where it is written down: its own address in a file, and those of its twins; how it was seen to be."""
    own = item.obj.resource
    facts = [("declared as", Cell(own))] if own else []
    for twin in item.twins:
        seen = twin.obj.observed
        label, what = ("seen as", twin.obj.state) if seen else ("declared as", twin.obj.resource)
        words = filter(None, (what, f"in {twin.ref.source}"))
        facts.append((label, Cell(" ".join(words))))
    return facts


def details(item: Item, fleet: Fleet, now: float) -> list[Section]:
    """Why it is unwell, what it is, and what it comes with."""
    instance: Instance = item.obj
    why = _why(item, now)
    login = f"{instance.user}@" if instance.user else ""
    facts = [
        ("id", Cell(instance.uid)),
        ("name", word_cell(instance.name)),
        ("state", state_cell(item, now)),
        ("checks", word_cell(instance.checks)),
        ("node", _node_fact(item, now)),
        ("pods", _pods_cell(item, now)),
        ("type", word_cell(instance.type)),
        ("zone", word_cell(instance.zone)),
        ("lifecycle", word_cell(instance.lifecycle)),
        ("cost", cost_fact(item)),
        *group_facts(item, fleet),
        *_known(("node group", instance.nodegroup), ("cluster", cluster_words(item, fleet))),
        ("private ip", word_cell(instance.private_ip)),
        ("public ip", word_cell(instance.public_ip)),
        *_known(("network", instance.network), ("platform", instance.platform)),
        *_known(("login", f"{login}{instance.port or ''}" if login or instance.port else "")),
        ("image", word_cell(instance.image)),
        ("account", word_cell(item.source.info.account)),
        ("region", word_cell(item.source.info.region)),
        *_declared_facts(item),
        ("age", age_cell(item, instance.launched, now)),
    ]
    tags = tuple(
        ("tags" if index == 0 else "", Cell(f"{key}={value}", "dim"))
        for index, (key, value) in enumerate(instance.tags)
    )
    return [
        *([Section("Why", tuple(why))] if why else []),
        *disagrees_section(item, fleet),
        Section("Instance", (*facts, *tags)),
        *volume_sections(item, fleet),
    ]


VIEW = KindView(
    kind="instance",
    title="Instances",
    aliases=("instances", "inst", "vm", "ec2"),
    columns=(
        FROM,
        ACCOUNT,
        REGION,
        # One without a name goes by its id.
        word_column(ColumnSpec("name", "NAME", 18, flexible=True, min_width=14), lambda item: item.name),
        ViewColumn(
            ColumnSpec("state", "STATE", 33),
            state_cell,
            lambda item: worst_first(trouble(item), item.obj.state),
            Field("state", lambda item: item.obj.state, aliases=("status",), word=True, match="begins"),
            ticks=True,
        ),
        ViewColumn(
            ColumnSpec("node", "NODE", 18),
            _node_cell,
            lambda item: _node_name(item) or None,
            Field("node", _node_name, word=True, match="begins"),
            needs="node",
        ),
        ViewColumn(
            ColumnSpec("checks", "CHECKS", 6, priority=3),
            _checks_cell,
            lambda item: item.obj.checks or None,
            Field("checks", lambda item: item.obj.checks),
        ),
        word_column(ColumnSpec("type", "TYPE", 12, priority=3), lambda item: item.obj.type, match="begins"),
        cost_column(3),
        word_column(ColumnSpec("lifecycle", "LIFECYCLE", 9, priority=4), lambda item: item.obj.lifecycle),
        word_column(
            ColumnSpec("zone", "ZONE", 11, priority=4),
            lambda item: item.obj.zone,
            aliases=("az",),
            match="begins",
        ),
        ViewColumn(
            ColumnSpec("pods", "PODS", 6, right=True, priority=4),
            _pods_cell,
            _pod_count,
            Field("pods", _pod_count, "number"),
            needs="node",
        ),
        word_column(ColumnSpec("group", "GROUP", 20, priority=5), lambda item: item.obj.group),
        word_column(ColumnSpec("id", "ID", 19, priority=5), lambda item: item.obj.uid),
        word_column(ColumnSpec("ip", "IP", 15, priority=6), lambda item: item.obj.private_ip, match="begins"),
        age_column(lambda item: item.obj.launched),
    ),
    extra_fields=(
        SOURCE,
        Field("reason", lambda item: item.obj.reason, word=True),
        Field("notice", lambda item: tuple(notice.kind for notice in item.obj.notices)),
        Field("declared", _is_declared, "flag"),
        Field("observed", lambda item: item.obj.observed, "flag"),
        Field("nodegroup", lambda item: item.obj.nodegroup),
        Field("cluster", lambda item: item.obj.cluster, match="whole"),
        Field("image", lambda item: item.obj.image),
        Field(
            "tag",
            lambda item: ",".join([f"{key}={value}" for key, value in item.obj.tags]),
            "pairs",
            ("label", "l"),
        ),
    ),
    trouble=trouble,
    details=details,
    default_sort="state",
    counted=COUNTED,
    told_by=_running,
    leads_to=lambda item: item.node.ref if item.node is not None else None,
)
