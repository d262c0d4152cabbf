"""What the detail pane says of a node: why it is unwell, its pods, its machine, what it is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from console.item import Item
from console.views import machine
from console.views.ages import age, age_cell
from console.views.amounts import cores, memory
from console.views.costs import cost_fact
from console.views.disagreement import disagrees_section
from console.views.kinds import Section
from console.views.members import group_facts
from console.views.notices import notice_cell
from console.views.origin import CLUSTER
from console.views.pod import trouble as pod_trouble
from console.views.pods_on import pod_count, pods_cell
from console.views.readiness import status_cell, trouble, unwell
from console.views.under import instance_cell, instance_facts, status_sentence, type_of, zone_of
from console.views.volumes import volume_sections
from console.views.words import labels, word_cell
from providers.model import Condition, Node
from widgets.cells import Cell

if TYPE_CHECKING:
    from console.fleet import Fleet


def _why(item: Item, now: float) -> list[tuple[str, Cell]]:
    node: Node = item.obj
    facts: list[tuple[str, Cell]] = []
    lame = item.instance if item.instance is not None and machine.trouble(item.instance).severity else None
    conditions = [condition for condition in node.conditions if unwell(condition)]
    if not node.ready and (lame is not None or not conditions):
        facts.append(("status", Cell(status_sentence(item, now), "bad")))
    elif lame is not None:
        facts.append(("instance", instance_cell(item, now)))
    if item.instance is not None and item.instance.obj.observed:
        facts += [("notice", notice_cell(notice, now)) for notice in item.instance.obj.notices]
    for condition in conditions:
        since = age(item, condition.since, now)
        words = [condition.reason or condition.type, condition.message, f"for {since}" if since else ""]
        facts.append((condition.type, Cell(" · ".join(filter(None, words)), trouble(item).tone)))
    if node.unschedulable:
        facts.append(("cordoned", Cell("no new pods are scheduled here", "warn")))
    return facts


def _pods_by_status(item: Item, now: float) -> tuple[tuple[str, Cell], ...]:
    pods = item.pods or ()
    statuses = Counter(pod.obj.status or "unknown" for pod in pods)
    worst = {pod.obj.status or "unknown": pod_trouble(pod) for pod in pods}
    ranked = sorted(statuses.items(), key=lambda entry: (-worst[entry[0]].severity, -entry[1], entry[0]))
    total = pods_cell(item)
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
        *_machine_facts(item, fleet, now),
        ("type", word_cell(type_of(item))),
        ("zone", word_cell(zone_of(item))),
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
        *disagrees_section(item, fleet),
        Section("Pods", _pods_by_status(item, now)),
        Section("Node", (*facts, *taints)),
        *(volume_sections(item.instance, fleet) if item.instance is not None else []),
        *([Section("Conditions", conditions)] if conditions else []),
        *([Section("Labels", labels(node.labels))] if node.labels else []),
    ]


def _machine_facts(item: Item, fleet: Fleet, now: float) -> list[tuple[str, Cell]]:
    instance = item.instance
    if instance is None:
        return [*instance_facts(item, now), ("cost", Cell("unknown", "dim"))]
    return [
        *instance_facts(item, now),
        ("account", word_cell(instance.source.info.account)),
        ("lifecycle", word_cell(instance.obj.lifecycle)),
        ("cost", cost_fact(instance)),
        *group_facts(instance, fleet),
    ]


def _condition_cell(item: Item, condition: Condition, now: float) -> Cell:
    since = age(item, condition.since, now)
    words = " · ".join(filter(None, [condition.status, condition.reason, since]))
    return Cell(f"✕ {words}", "bad") if unwell(condition) else Cell(f"● {words}", "dim")
