"""STATUS and ROLES of a node, exactly as the API server's own table printer computes them.

Follows printNode and findNodeRoles in k8s.io/kubernetes pkg/printers/internalversion/printers.go (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping

from providers.kubernetes.shapes import NodeCondition, NodeShape

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


def status(node: NodeShape) -> str:
    """ "Ready", "NotReady" (the condition is False or Unknown) or "Unknown" (there is none), and whether
    scheduling is disabled."""
    ready = ready_condition(node)
    word = "Unknown" if ready is None else "Ready" if ready.status == "True" else "NotReady"
    return word + ",SchedulingDisabled" if node.spec.unschedulable else word


def ready_condition(node: NodeShape) -> NodeCondition | None:
    """The Ready condition; the last one where a server gives several, as the printer takes it."""
    found = None
    for condition in node.status.conditions or ():
        if condition.type == "Ready":
            found = condition
    return found


def roles(labels: Mapping[str, str]) -> str:
    """Roles by label, sorted and joined by commas, "<none>" without any."""
    found = {key[len(_ROLE_PREFIX) :] for key in labels if key.startswith(_ROLE_PREFIX)}
    found.add(labels.get(_ROLE_LABEL, ""))
    return ",".join(sorted(found - {""})) or "<none>"
