"""Nodes as rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from console.item import Item
from console.query.field import Field
from console.views import instance as machine
from console.views.ages import UNKNOWN, age, age_cell, age_column
from console.views.amounts import cores, memory
from console.views.kinds import KindView, Section, Trouble, ViewColumn, worst_first
from console.views.origin import ACCOUNT_FIELD, CLUSTER, REGION_FIELD, SOURCE
from console.views.pod import trouble as pod_trouble
from console.views.words import labels, word_cell, word_column
from providers.model import Condition, Node
from widgets.cells import Cell, ColumnSpec

if TYPE_CHECKING:
    from console.fleet import Fleet

_READY = Trouble(0, "good", "●")
_CORDONED = Trouble(1, "warn", "⊘", ("cordoned",))
_PRESSED = Trouble(2, "warn", "◐", ("under pressure",))
_PRESSED_CORDONED = Trouble(2, "warn", "◐", ("under pressure", "cordoned"))
_MACHINE_LOST = Trouble(2, "warn", "◐", ("without a machine",))
_NOT_READY = Trouble(3, "bad", "✕", ("not ready",))
_NOT_READY_CORDONED = Trouble(3, "bad", "✕", ("not ready", "cordoned"))
_UNKNOWN = Trouble(3, "bad", "?", ("not ready",))
_UNKNOWN_CORDONED = Trouble(3, "bad", "?", ("not ready", "cordoned"))


def trouble(item: Item) -> Trouble:
    """Not ready is worst, then pressure and a machine that is gone, then a cordon."""
    node: Node = item.obj
    if node.ready is None:
        return _UNKNOWN_CORDONED if node.unschedulable else _UNKNOWN
    if not node.ready:
        return _NOT_READY_CORDONED if node.unschedulable else _NOT_READY
    if any(unwell(condition) for condition in node.conditions):
        return _PRESSED_CORDONED if node.unschedulable else _PRESSED
    if item.instance is not None and machine.trouble(item.instance).severity == 3:
        return _MACHINE_LOST
    return _CORDONED if node.unschedulable else _READY


def unwell(condition: Condition) -> bool:
    """A condition that is not as it should be: Ready must be True, every other one not."""
    return condition.status != "True" if condition.type == "Ready" else condition.status == "True"


def _ready_since(node: Node) -> float | None:
    return next((condition.since for condition in node.conditions if condition.type == "Ready"), None)


def status_cell(item: Item, now: float) -> Cell:
    """`● Ready`, `✕ NotReady 40s`, `● Ready ⊘ cordoned`."""
    node: Node = item.obj
    how = trouble(item)
    words = [f"{how.glyph} {node.status.removesuffix(',SchedulingDisabled') or 'Unknown'}"]
    if not node.ready and (since := age(item, _ready_since(node), now)):
        words.append(since)
    words.extend(c.type for c in node.conditions if c.type != "Ready" and unwell(c))
    if node.unschedulable:
        words.append("cordoned" if how.glyph == "⊘" else "⊘ cordoned")
    return Cell(" ".join(words), how.tone)


def instance_cell(item: Item) -> Cell:
    """The machine it runs on: `● running 2/2`, `✕ stopped · reclaimed`."""
    if item.instance is None:
        return UNKNOWN
    state = machine.state_cell(item.instance)
    checks = item.instance.obj.checks
    return Cell(f"{state.text} {checks}", state.tone) if checks else state


def _instance_state(item: Item) -> str:
    return item.instance.obj.state if item.instance is not None else ""


def pod_count(item: Item) -> int | None:
    """Pods bound to it; None while not all pods of its cluster are known."""
    if item.pods is None or "pod" not in item.source.complete:
        return None
    return len(item.pods)


def pods_cell(item: Item, now: float) -> Cell:
    """The number; `≥31` where more may be, `denied` where pods may not be listed, else unknown."""
    count = pod_count(item)
    if count is not None:
        return Cell(str(count))
    health = item.source.health_of("pod")
    if health.state == "denied":
        return Cell("denied", "warn")
    if item.pods and health.state not in ("connecting", "loading"):
        return Cell(f"≥{len(item.pods)}", "dim")
    return UNKNOWN


def _type_of(item: Item) -> str:
    node: Node = item.obj
    return node.instance_type or (item.instance.obj.type if item.instance is not None else "")


def _why(item: Item, now: float) -> list[tuple[str, Cell]]:
    node: Node = item.obj
    facts: list[tuple[str, Cell]] = []
    for condition in filter(unwell, node.conditions):
        since = age(item, condition.since, now)
        words = [condition.reason or condition.type, condition.message, f"for {since}" if since else ""]
        tone = trouble(item).tone
        facts.append((condition.type, Cell(" · ".join(filter(None, words)), tone)))
    if node.ready is not True and not facts:
        facts.append(("status", Cell(node.status or "the kubelet said nothing", "bad")))
    if item.instance is not None and machine.trouble(item.instance).severity:
        facts.append(("instance", instance_cell(item)))
    if node.unschedulable:
        facts.append(("cordoned", Cell("no new pods are scheduled here", "warn")))
    return facts


def _pods_by_status(item: Item, now: float) -> tuple[tuple[str, Cell], ...]:
    pods = item.pods or ()
    statuses = Counter(pod.obj.status or "unknown" for pod in pods)
    worst = {pod.obj.status or "unknown": pod_trouble(pod) for pod in pods}
    ranked = sorted(statuses.items(), key=lambda entry: (-worst[entry[0]].severity, -entry[1], entry[0]))
    total = pods_cell(item, now)
    if item.obj.pod_limit is not None and pod_count(item) is not None:
        total = Cell(f"{total.text} of {item.obj.pod_limit}", total.tone)
    lines = [(word, Cell(f"{worst[word].glyph} {count}", worst[word].tone)) for word, count in ranked]
    return (("pods", total), *lines)


def details(item: Item, fleet: Fleet, now: float) -> list[Section]:
    """Why it is unwell, its pods by status, then what it is."""
    node: Node = item.obj
    why = _why(item, now)
    facts = (
        ("status", status_cell(item, now)),
        ("cluster", CLUSTER.cell(item, now)),
        ("roles", word_cell(node.roles)),
        ("instance", instance_cell(item)),
        ("instance id", Cell(item.instance.ref.uid) if item.instance is not None else UNKNOWN),
        ("type", word_cell(_type_of(item))),
        ("zone", word_cell(node.zone)),
        ("internal ip", word_cell(node.internal_ip)),
        ("external ip", word_cell(node.external_ip)),
        ("cpu", word_cell(cores(node.cpu))),
        ("memory", word_cell(memory(node.memory))),
        ("version", word_cell(node.version)),
        ("os", word_cell(node.os_image)),
        ("kernel", word_cell(node.kernel)),
        ("runtime", word_cell(node.runtime)),
        ("provider id", word_cell(node.provider_id)),
        ("age", age_cell(item, node.created, now)),
    )
    conditions = tuple(
        (condition.type, _condition_cell(item, condition, now)) for condition in node.conditions
    )
    taints = tuple(("taints" if index == 0 else "", Cell(taint)) for index, taint in enumerate(node.taints))
    return [
        *([Section("Why", tuple(why))] if why else []),
        Section("Pods", _pods_by_status(item, now)),
        Section("Node", (*facts, *taints)),
        *([Section("Conditions", conditions)] if conditions else []),
        *([Section("Labels", labels(node.labels))] if node.labels else []),
    ]


def _condition_cell(item: Item, condition: Condition, now: float) -> Cell:
    since = age(item, condition.since, now)
    words = " · ".join(filter(None, [condition.status, condition.reason, since]))
    return Cell(f"✕ {words}", "bad") if unwell(condition) else Cell(f"● {words}", "dim")


VIEW = KindView(
    kind="node",
    title="Nodes",
    aliases=("nodes", "no"),
    columns=(
        CLUSTER,
        word_column(
            ColumnSpec("name", "NAME", 22, flexible=True, min_width=12), lambda item: str(item.obj.name)
        ),
        ViewColumn(
            ColumnSpec("status", "STATUS", 18),
            status_cell,
            lambda item: worst_first(trouble(item), item.obj.status),
            Field("status", lambda item: item.obj.status, word=True, match="begins"),
            ticks=True,
        ),
        word_column(
            ColumnSpec("roles", "ROLES", 13, priority=5),
            lambda item: item.obj.roles,
            aliases=("role",),
            match="begins",
        ),
        ViewColumn(
            ColumnSpec("instance", "INSTANCE", 20, priority=3),
            lambda item, now: instance_cell(item),
            lambda item: _instance_state(item) or None,
            Field("instance", _instance_state, aliases=("state",), match="begins"),
        ),
        word_column(ColumnSpec("type", "TYPE", 12, priority=4), _type_of, match="begins"),
        word_column(
            ColumnSpec("zone", "ZONE", 11, priority=3),
            lambda item: item.obj.zone,
            aliases=("az",),
            match="begins",
        ),
        ViewColumn(
            ColumnSpec("pods", "PODS", 6, right=True),
            pods_cell,
            pod_count,
            Field("pods", pod_count, "number"),
        ),
        word_column(ColumnSpec("version", "VERSION", 9, priority=4), lambda item: item.obj.version),
        ViewColumn(
            ColumnSpec("cpu", "CPU", 5, right=True, priority=2),
            lambda item, now: word_cell(cores(item.obj.cpu)),
            lambda item: item.obj.cpu,
            Field("cpu", lambda item: item.obj.cpu, "number"),
        ),
        ViewColumn(
            ColumnSpec("memory", "MEM", 6, right=True, priority=2),
            lambda item, now: word_cell(memory(item.obj.memory)),
            lambda item: item.obj.memory,
            Field("memory", lambda item: item.obj.memory, "bytes", ("mem",)),
        ),
        age_column(lambda item: item.obj.created),
    ),
    extra_fields=(
        SOURCE,
        ACCOUNT_FIELD,
        REGION_FIELD,
        Field("ip", lambda item: (item.obj.internal_ip, item.obj.external_ip)),
        Field("label", lambda item: item.obj.labels, "pairs", ("l", "tag")),
        Field("taint", lambda item: item.obj.taints),
        Field("cordoned", lambda item: item.obj.unschedulable, "flag"),
        Field("ready", lambda item: item.obj.ready, "flag"),
        Field("id", lambda item: item.instance.ref.uid if item.instance is not None else "", word=True),
        Field("lifecycle", lambda item: item.instance.obj.lifecycle if item.instance is not None else ""),
        Field("group", lambda item: item.instance.obj.group if item.instance is not None else ""),
    ),
    trouble=trouble,
    details=details,
    default_sort="status",
    counted=("not ready", "under pressure", "without a machine", "cordoned"),
)
