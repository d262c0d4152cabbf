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
        id="terminated",
        words="terminated yet a node remains",
        kind="node",
        judge=ended("terminated"),
        advice="The cluster has not removed the node: is its cloud controller well? Its pods run nowhere.",
    ),
    Rule(
        id="stopped",
        words="stopped yet a node remains",
        kind="node",
        judge=ended("stopped"),
        advice="Start the instance, or delete the node; its pods do not run meanwhile.",
    ),
    Rule(
        id="no-instance",
        words="node with no instance",
        kind="node",
        judge=no_instance,
        advice="What the node ran on is gone, or is in an account or a region that is not looked at here.",
        siblings=True,
    ),
    Rule(
        id="not-ready",
        words="NotReady though all checks pass",
        kind="node",
        judge=not_ready,
        advice="Machine and network are well: look at the kubelet, the container runtime, its certificate.",
    ),
    Rule(
        id="not-joined",
        words="in the group but not in the cluster",
        kind="instance",
        judge=not_joined,
        advice="It is paid for and takes no pods: look at its boot log, its role, the way to the API server.",
        siblings=True,
    ),
    Rule(
        id="no-node",
        words="running with no node",
        kind="instance",
        judge=no_node,
        advice="It never joined, or was left behind when its node was deleted.",
        siblings=True,
    ),
    Rule(
        id="cordoned",
        words="cordoned with nobody draining",
        kind="node",
        judge=nobody_drains,
        advice="Somebody began and did not go on: drain it, or uncordon it.",
    ),
    Rule(
        id="differs",
        words="type or zone different on the two sides",
        kind="node",
        judge=differs,
        advice="The instance was changed under the node, whose labels stay as they were when it registered.",
    ),
    Rule(
        id="old-image",
        words="old image among new",
        kind="instance",
        judge=old_image,
        advice="An update of the group is under way, or stopped before it was through.",
        siblings=True,
    ),
    Rule(
        id="declared-gone",
        words="declared but gone",
        kind="instance",
        judge=gone,
        advice="The state still has it: the next apply makes it anew.",
        siblings=True,
    ),
    Rule(
        id="declared-type",
        words="declared with another type",
        kind="instance",
        judge=other_type,
        advice="It was changed by hand: the next apply changes it back.",
    ),
    Rule(
        id="declared-tags",
        words="declared with other tags",
        kind="instance",
        judge=other_tags,
        advice="They were changed by hand: the next apply changes them back.",
    ),
)

RULE: Mapping[str, Rule] = {rule.id: rule for rule in RULES}
"""By their ids."""

RULES_OF: Mapping[Kind, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RULES if rule.kind == kind) for kind in dict.fromkeys(r.kind for r in RULES)
}
"""By the kind of the objects that they are asked of."""
