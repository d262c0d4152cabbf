"""Pods as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.item import Item
from console.query.field import Field
from console.views.ages import age, age_cell, age_column
from console.views.kinds import KindView, Section, Trouble, ViewColumn, worst_first
from console.views.origin import ACCOUNT_FIELD, CLUSTER, REGION_FIELD, SOURCE
from console.views.under import instance_cell, instance_facts, instance_order, status_sentence, zone_of
from console.views.volumes import bound_to, claim_sections
from console.views.words import labels, word_cell, word_column
from providers.model import Pod
from widgets.cells import Cell, ColumnSpec, Tone

if TYPE_CHECKING:
    from console.fleet import Fleet

_RUNNING = Trouble(0, "good", "●")
_DONE = Trouble(0, "dim", "✓")
_STARTING = Trouble(1, "info", "◐", ("starting",))
_ENDING = Trouble(1, "info", "◐", ("terminating",))
_GATED = Trouble(1, "info", "◌", ("pending",))
_PENDING = Trouble(2, "warn", "◌", ("pending",))
_NOT_READY = Trouble(2, "warn", "◐", ("not ready",))
_UNKNOWN = Trouble(3, "bad", "?", ("unknown",))
_FAILING = Trouble(3, "bad", "✕", ("failing",))

_BY_STATUS = {
    "Completed": _DONE,
    "Succeeded": _DONE,
    "ContainerCreating": _STARTING,
    "PodInitializing": _STARTING,
    "Terminating": _ENDING,
    "SchedulingGated": _GATED,
    "NotReady": _NOT_READY,
    "Unknown": _UNKNOWN,
    "NodeLost": _UNKNOWN,
    "": _UNKNOWN,
}


def trouble(item: Item) -> Trouble:
    """How it is, by its STATUS and by whether all its containers are ready."""
    pod: Pod = item.obj
    status = pod.status
    if status == "Running":
        return _RUNNING if pod.ready >= pod.containers else _NOT_READY
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    if status == "Pending":
        return _STARTING if pod.node else _PENDING
    # Init:1/3 counts containers that are done; any other Init: names what went wrong.
    if status.startswith("Init:") and status[5:6].isdigit():
        return _STARTING
    return _FAILING


def status_cell(item: Item) -> Cell:
    """kubectl's STATUS with a glyph."""
    how = trouble(item)
    return Cell(f"{how.glyph} {item.obj.status or 'unknown'}", how.tone)


def _ready_cell(item: Item, now: float) -> Cell:
    pod: Pod = item.obj
    short = pod.ready < pod.containers and trouble(item).severity
    return Cell(f"{pod.ready}/{pod.containers}", "warn" if short else "")


def restarts_cell(item: Item, now: float) -> Cell:
    """As kubectl, for details: `3 (5m12s ago)`."""
    return _restarts(item, now, " ago")


def _restarts_cell(item: Item, now: float) -> Cell:
    """`3 (5m12s)`: in a terminal of 80 columns there is no room for "ago"."""
    return _restarts(item, now, "")


def _restarts(item: Item, now: float, word: str) -> Cell:
    pod: Pod = item.obj
    if not pod.restarts:
        return Cell("0", "dim")
    since = age(item, pod.last_restart, now)
    return Cell(f"{pod.restarts} ({since}{word})" if since else str(pod.restarts))


def owner_words(item: Item) -> str:
    """`ReplicaSet api-7f9c9d5b7b`, "" for a bare pod."""
    owner = item.obj.owner
    return f"{owner.kind} {owner.name}" if owner is not None else ""


def _zone(item: Item) -> str:
    return zone_of(item.node) if item.node is not None else ""


def _instance_words(item: Item) -> tuple[str, ...]:
    instance = item.node.instance if item.node is not None else None
    return () if instance is None else (instance.obj.state, instance.ref.uid)


def _node_cell(item: Item) -> Cell:
    pod: Pod = item.obj
    if not pod.node:
        return Cell("none yet", "dim")
    if item.node is None:
        return Cell(f"{pod.node} · not known", "dim")
    node = item.node.obj
    tone: Tone = "bad" if not node.ready else "warn" if node.unschedulable else ""
    return Cell(f"{pod.node} · {node.status or 'Unknown'}", tone)


def _why(item: Item, fleet: Fleet, now: float) -> list[tuple[str, Cell]]:
    pod: Pod = item.obj
    how = trouble(item)
    facts = []
    if how.severity:
        facts.append(("status", Cell(f"{how.glyph} {pod.status or 'unknown'}", how.tone)))
    if pod.message:
        facts.append(("message", Cell(pod.message, how.tone if how.severity else "")))
    if how.severity:
        facts += bound_to(item, fleet)
    if item.node is not None and not item.node.obj.ready:
        sentence = status_sentence(item.node, now)
        facts.append(("node", Cell(f"{pod.node} · {sentence}", _node_cell(item).tone)))
    return facts


def details(item: Item, fleet: Fleet, now: float) -> list[Section]:
    """Why it is unwell, then what it is."""
    pod: Pod = item.obj
    why = _why(item, fleet, now)
    facts = (
        ("namespace", word_cell(pod.namespace)),
        ("cluster", CLUSTER.cell(item, now)),
        ("status", status_cell(item)),
        ("ready", _ready_cell(item, now)),
        ("restarts", restarts_cell(item, now)),
        ("owner", word_cell(owner_words(item)) if pod.owner else Cell("none: a bare pod", "warn")),
        ("node", _node_cell(item)),
        *instance_facts(item.node, now),
        ("zone", word_cell(_zone(item))),
        ("ip", word_cell(pod.ip)),
        ("age", age_cell(item, pod.created, now)),
        ("uid", Cell(pod.uid, "dim")),
    )
    return [
        *([Section("Why", tuple(why))] if why else []),
        Section("Pod", facts),
        *claim_sections(item, fleet),
        *([Section("Labels", labels(pod.labels))] if pod.labels else []),
    ]


VIEW = KindView(
    kind="pod",
    title="Pods",
    aliases=("pods", "po"),
    namespaced=True,
    columns=(
        CLUSTER,
        word_column(
            ColumnSpec("namespace", "NAMESPACE", 12),
            lambda item: str(item.obj.namespace),
            aliases=("ns",),
            match="whole",
        ),
        word_column(
            ColumnSpec("name", "NAME", 27, flexible=True, min_width=16, tail=6),
            lambda item: str(item.obj.name),
        ),
        ViewColumn(
            ColumnSpec("ready", "READY", 5, right=True),
            _ready_cell,
            lambda item: item.obj.ready / item.obj.containers if item.obj.containers else None,
            Field("ready", lambda item: item.obj.ready >= item.obj.containers, "flag"),
        ),
        ViewColumn(
            ColumnSpec("status", "STATUS", 18),
            lambda item, now: status_cell(item),
            lambda item: worst_first(trouble(item), item.obj.status),
            Field("status", lambda item: item.obj.status, word=True, match="begins"),
        ),
        ViewColumn(
            ColumnSpec("restarts", "RESTARTS", 11, right=True),
            _restarts_cell,
            lambda item: item.obj.restarts,
            Field("restarts", lambda item: item.obj.restarts, "number"),
            ticks=True,
        ),
        age_column(lambda item: item.obj.created),
        word_column(ColumnSpec("node", "NODE", 18, priority=3), lambda item: item.obj.node, match="begins"),
        word_column(ColumnSpec("ip", "IP", 15, priority=6), lambda item: item.obj.ip, match="begins"),
        word_column(ColumnSpec("owner", "OWNER", 24, priority=4), owner_words),
        word_column(ColumnSpec("zone", "ZONE", 11, priority=5), _zone, aliases=("az",), match="begins"),
        ViewColumn(
            ColumnSpec("instance", "INSTANCE", 24, priority=6),
            lambda item, now: instance_cell(item.node, now),
            lambda item: instance_order(item.node),
            Field("instance", _instance_words, match="begins"),
            ticks=True,
            needs="instance",
        ),
    ),
    extra_fields=(
        SOURCE,
        ACCOUNT_FIELD,
        REGION_FIELD,
        Field("label", lambda item: item.obj.labels, "pairs", ("l", "tag")),
        Field("phase", lambda item: item.obj.phase, match="begins"),
        Field("message", lambda item: item.obj.message),
        Field("deleting", lambda item: item.obj.deleting, "flag"),
    ),
    trouble=trouble,
    details=details,
    default_sort="namespace",
    counted=("failing", "unknown", "not ready", "pending", "starting", "terminating"),
)
