"""Machines of a cloud as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.item import Item
from console.query.field import Field
from console.views.ages import UNKNOWN, age_cell, age_column
from console.views.amounts import counted
from console.views.kinds import KindView, Section, Trouble, ViewColumn, worst_first
from console.views.origin import ACCOUNT, REGION, SOURCE
from console.views.words import word_cell, word_column
from providers.model import Instance
from widgets.cells import Cell, ColumnSpec

if TYPE_CHECKING:
    from console.fleet import Fleet

_RUNNING = Trouble(0, "good", "●")
_IMPAIRED = Trouble(2, "warn", "◐", ("impaired",))
_MOVING = Trouble(1, "info", "◐", ("changing",))
_OFF = Trouble(0, "dim", "○", ("stopped",))
_LOST = Trouble(3, "bad", "✕", ("lost under a node",))
_UNKNOWN = Trouble(1, "dim", "?", ("unknown",))

_MOVES = frozenset({"pending", "stopping", "shutting-down", "rebooting"})
_ENDS = frozenset({"stopped", "terminated"})


def trouble(item: Item) -> Trouble:
    """A machine that stopped is trouble only while a node says it runs on it."""
    instance: Instance = item.obj
    if instance.state in _ENDS:
        return _LOST if item.node is not None else _OFF
    if instance.state == "running":
        return _IMPAIRED if impaired(instance.checks) else _RUNNING
    return _MOVING if instance.state in _MOVES else _UNKNOWN


def impaired(checks: str) -> bool:
    """Some of its status checks are known to fail."""
    passed, _, total = checks.partition("/")
    return bool(total) and passed != total


def state_cell(item: Item) -> Cell:
    """Its state with a glyph, and why where the provider says: `✕ stopped · reclaimed`."""
    instance: Instance = item.obj
    how = trouble(item)
    if not instance.state:
        return UNKNOWN
    reason = f" · {instance.reason}" if instance.reason else ""
    return Cell(f"{how.glyph} {instance.state}{reason}", how.tone)


def _checks_cell(item: Item, now: float) -> Cell:
    checks = item.obj.checks
    return word_cell(checks, "warn" if impaired(checks) else "")


def _node_name(item: Item) -> str:
    return item.node.obj.name if item.node is not None else ""


def _node_cell(item: Item, now: float) -> Cell:
    node = item.node
    if node is None:
        return UNKNOWN
    if node.obj.ready is False:
        return Cell(f"✕ {node.obj.name}", "bad")
    return Cell(node.obj.name)


def details(item: Item, fleet: Fleet, now: float) -> list[Section]:
    """Why it is unwell, then what it is."""
    instance: Instance = item.obj
    why = []
    if trouble(item).severity:
        why.append(("state", state_cell(item)))
    if impaired(instance.checks):
        why.append(("checks", Cell(f"{instance.checks} status checks pass", "warn")))
    if item.node is not None and trouble(item).severity == 3:
        pods = counted(len(item.node.pods or ()), "pod")
        why.append(("takes", Cell(f"node {item.node.obj.name} with {pods}", "bad")))
    facts = [
        ("id", Cell(instance.uid)),
        ("name", word_cell(instance.name)),
        ("state", state_cell(item)),
        ("checks", word_cell(instance.checks)),
        ("node", _node_cell(item, now)),
        ("type", word_cell(instance.type)),
        ("zone", word_cell(instance.zone)),
        ("lifecycle", word_cell(instance.lifecycle)),
        ("private ip", word_cell(instance.private_ip)),
        ("public ip", word_cell(instance.public_ip)),
        ("group", word_cell(instance.group)),
        ("image", word_cell(instance.image)),
        ("account", word_cell(item.source.info.account)),
        ("region", word_cell(item.source.info.region)),
        ("age", age_cell(item, instance.launched, now)),
    ]
    tags = tuple(
        ("tags" if index == 0 else "", Cell(f"{key}={value}", "dim"))
        for index, (key, value) in enumerate(instance.tags)
    )
    sections = [Section("Why", tuple(why))] if why else []
    return [*sections, Section("Instance", (*facts, *tags))]


VIEW = KindView(
    kind="instance",
    title="Instances",
    aliases=("instances", "inst", "vm", "ec2"),
    columns=(
        ACCOUNT,
        REGION,
        word_column(ColumnSpec("id", "ID", 19, priority=1), lambda item: item.obj.uid),
        word_column(ColumnSpec("name", "NAME", 18, flexible=True, min_width=8), lambda item: item.obj.name),
        ViewColumn(
            ColumnSpec("state", "STATE", 20),
            lambda item, now: state_cell(item),
            lambda item: worst_first(trouble(item), item.obj.state),
            Field("state", lambda item: item.obj.state, aliases=("status",), word=True, match="begins"),
        ),
        ViewColumn(
            ColumnSpec("checks", "CHECKS", 6, priority=3),
            _checks_cell,
            lambda item: item.obj.checks or None,
            Field("checks", lambda item: item.obj.checks),
        ),
        word_column(ColumnSpec("type", "TYPE", 12, priority=3), lambda item: item.obj.type, match="begins"),
        word_column(
            ColumnSpec("zone", "ZONE", 11, priority=4),
            lambda item: item.obj.zone,
            aliases=("az",),
            match="begins",
        ),
        word_column(ColumnSpec("lifecycle", "LIFECYCLE", 9, priority=4), lambda item: item.obj.lifecycle),
        ViewColumn(
            ColumnSpec("node", "NODE", 18, priority=2),
            _node_cell,
            lambda item: _node_name(item) or None,
            Field("node", _node_name, word=True, match="whole"),
        ),
        word_column(ColumnSpec("ip", "IP", 15, priority=5), lambda item: item.obj.private_ip),
        age_column(lambda item: item.obj.launched),
    ),
    extra_fields=(
        SOURCE,
        Field("group", lambda item: item.obj.group),
        Field("reason", lambda item: item.obj.reason, word=True),
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
    counted=("lost under a node", "impaired", "changing", "stopped", "unknown"),
)
