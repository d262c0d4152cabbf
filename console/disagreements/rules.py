"""Every rule, in the order in which equally bad ones are listed."""

from __future__ import annotations

from collections.abc import Mapping

from console.disagreements.absences import no_instance, no_node, not_joined
from console.disagreements.claim import Rule
from console.disagreements.cordons import nobody_drains
from console.disagreements.declared import gone, other_tags, other_type
from console.disagreements.images import old_image
from console.disagreements.pairs import differs, ended, not_ready
from providers.model import Kind

RULES: tuple[Rule, ...] = (
    Rule(
        "terminated",
        "terminated yet a node remains",
        "node",
        ended("terminated"),
        "The cluster has not removed the node: is its cloud controller well? The pods on it run nowhere.",
    ),
    Rule(
        "stopped",
        "stopped yet a node remains",
        "node",
        ended("stopped"),
        "Start the instance, or delete the node; its pods do not run meanwhile.",
    ),
    Rule(
        "no-instance",
        "node with no instance",
        "node",
        no_instance,
        "What the node ran on is gone, or is in an account or a region that is not among the sources here.",
    ),
    Rule(
        "not-ready",
        "NotReady though all checks pass",
        "node",
        not_ready,
        "The machine and its network are well: look at the kubelet, the container runtime, its certificate.",
    ),
    Rule(
        "not-joined",
        "in the group but not in the cluster",
        "instance",
        not_joined,
        "It is paid for and takes no pods: look at its boot log, its role, the way to the API server.",
    ),
    Rule(
        "no-node",
        "running with no node",
        "instance",
        no_node,
        "It never joined, or was left behind when its node was deleted.",
    ),
    Rule(
        "cordoned",
        "cordoned with nobody draining",
        "node",
        nobody_drains,
        "Somebody began and did not go on: drain it, or uncordon it.",
    ),
    Rule(
        "differs",
        "type or zone different on the two sides",
        "node",
        differs,
        "The instance was changed under the node, whose labels stay as they were when it registered.",
    ),
    Rule(
        "old-image",
        "old image among new",
        "instance",
        old_image,
        "An update of the group is under way, or stopped before it was through.",
    ),
    Rule(
        "declared-gone",
        "declared but gone",
        "instance",
        gone,
        "The state still has it: the next apply makes it anew.",
    ),
    Rule(
        "declared-type",
        "declared with another type",
        "instance",
        other_type,
        "It was changed by hand: the next apply changes it back.",
    ),
    Rule(
        "declared-tags",
        "declared with other tags",
        "instance",
        other_tags,
        "They were changed by hand: the next apply changes them back.",
    ),
)

RULE: Mapping[str, Rule] = {rule.id: rule for rule in RULES}
"""By their ids."""

RULES_OF: Mapping[Kind, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RULES if rule.kind == kind) for kind in dict.fromkeys(r.kind for r in RULES)
}
"""By the kind of the objects that they are asked of."""
