"""Nodes as rows."""

from __future__ import annotations

from dataclasses import replace

from console.item import Item
from console.query.field import Field
from console.views.ages import age_column
from console.views.amounts import cores, memory
from console.views.costs import cost_column
from console.views.kinds import KindView, ViewColumn, worst_first
from console.views.node_details import details
from console.views.origin import ACCOUNT_FIELD, CLUSTER, REGION_FIELD, SOURCE
from console.views.pods_on import pod_count, pods_cell
from console.views.readiness import status_cell, trouble
from console.views.under import instance_cell, instance_order, of_machine, type_of, zone_of
from console.views.words import word_cell, word_column
from widgets.cells import ColumnSpec


def _group_of(item: Item) -> str:
    """What people call its group: the managed node group, else the one that scales it."""
    return of_machine("nodegroup")(item) or of_machine("group")(item)


VIEW = KindView(
    kind="node",
    title="Nodes",
    aliases=("nodes", "no"),
    columns=(
        CLUSTER,
        word_column(
            ColumnSpec("name", "NAME", 22, flexible=True, min_width=14), lambda item: str(item.obj.name)
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
            ColumnSpec("instance", "INSTANCE", 32, priority=2, flexible=True, min_width=22),
            instance_cell,
            instance_order,
            Field("instance", of_machine("state"), aliases=("state",), match="begins"),
            ticks=True,
            needs="instance",
        ),
        word_column(ColumnSpec("type", "TYPE", 12, priority=4), type_of, match="begins"),
        word_column(
            ColumnSpec("zone", "ZONE", 11, priority=4),
            zone_of,
            aliases=("az",),
            match="begins",
        ),
        ViewColumn(
            ColumnSpec("pods", "PODS", 6, right=True, priority=2),
            lambda item, now: pods_cell(item),
            pod_count,
            Field("pods", pod_count, "number"),
        ),
        word_column(ColumnSpec("version", "VERSION", 9, priority=4), lambda item: item.obj.version),
        ViewColumn(
            ColumnSpec("cpu", "CPU", 5, right=True, priority=3),
            lambda item, now: word_cell(cores(item.obj.cpu)),
            lambda item: item.obj.cpu,
            Field("cpu", lambda item: item.obj.cpu, "number"),
        ),
        ViewColumn(
            ColumnSpec("memory", "MEM", 6, right=True, priority=3),
            lambda item, now: word_cell(memory(item.obj.memory)),
            lambda item: item.obj.memory,
            Field("memory", lambda item: item.obj.memory, "bytes", ("mem",)),
        ),
        cost_column(4),
        replace(
            word_column(ColumnSpec("lifecycle", "LIFECYCLE", 9, priority=5), of_machine("lifecycle")),
            needs="instance",
        ),
        replace(
            word_column(ColumnSpec("group", "GROUP", 20, priority=6), _group_of, aliases=("nodegroup",)),
            needs="instance",
        ),
        age_column(lambda item: item.obj.created),
    ),
    extra_fields=(
        SOURCE,
        ACCOUNT_FIELD,
        REGION_FIELD,
        Field("ip", lambda item: (item.obj.internal_ip, item.obj.external_ip), match="begins"),
        Field("label", lambda item: item.obj.labels, "pairs", ("l", "tag")),
        Field("taint", lambda item: item.obj.taints),
        Field("cordoned", lambda item: item.obj.unschedulable, "flag"),
        Field("ready", lambda item: item.obj.ready, "flag"),
        Field("id", of_machine("uid"), word=True),
    ),
    trouble=trouble,
    details=details,
    default_sort="status",
    counted=("not ready", "under pressure", "on a lost machine", "losing its machine", "cordoned"),
)
