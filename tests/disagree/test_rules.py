"""Worlds that differ in one place, and exactly the rows of that; what is no disagreement gives none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.disagreements import RULES
from console.views.disagreement import VIEW, what_cell
from providers.model import Condition, Notice, Owner
from tests.disagree.worlds import CLUSTER, NOW, OLD, STATE, World, declared, in_step, instance, node, pod
from widgets.columns import lay_out

GROUP: dict[str, Any] = {"group": "workers", "group_state": "InService"}
UNREADY = Condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting", NOW - 40)

Change = Callable[[World], None]


def nodes(*changed: Any) -> Change:
    return lambda world: world.put("prod", *changed)


def machines(*changed: Any) -> Change:
    return lambda world: world.put("aws", *changed)


def both(*changes: Change) -> Change:
    def change(world: World) -> None:
        for each in changes:
            each(world)

    return change


def forget(kind: str, *uids: str) -> Change:
    return lambda world: world.drop({"node": "prod", "instance": "aws"}[kind], kind, *uids)


def lives(*pods: Any, **facts: Any) -> Change:
    """A cordoned node with those pods."""
    return nodes(node(1, unschedulable=True, **facts), *pods)


RUNS = pod("p1", 1)
DAEMON = pod("d1", 1, owner=Owner("DaemonSet", "logs", "ds1"))
MIRROR = pod("m1", 1, owner=Owner("Node", "n1", "u1"))
NOTICE = Notice(kind="spot interruption", at=NOW + 120)

TABLE: dict[str, tuple[Change, list[tuple[str, str, int]]]] = {
    "nothing differs": (both(), []),
    # running with no node
    "with the image of nodes, in their network": (
        machines(instance(1, network="vpc-1"), instance(9, network="vpc-1")),
        [("no-node", "m9", 1)],
    ),
    "in a network of nodes, with another image: a bastion": (
        machines(instance(1, network="vpc-1"), instance(9, network="vpc-1", image="ami-nat")),
        [],
    ),
    "in a network of nodes, image unknown": (
        machines(instance(1, network="vpc-1", image=""), instance(9, network="vpc-1", image="")),
        [],
    ),
    "with the image of nodes, in another network": (
        machines(instance(1, network="vpc-1"), instance(9, network="vpc-2")),
        [],
    ),
    "with the image of what is no node either": (
        machines(
            instance(1, network="vpc-1", image="ami-2"),
            instance(8, network="vpc-1"),
            instance(9, network="vpc-1"),
        ),
        [],
    ),
    "tagged for the cluster of nodes": (
        machines(instance(1, cluster="prod"), instance(9, cluster="prod")),
        [("no-node", "m9", 2)],
    ),
    "tagged for a cluster that is not here": (
        machines(instance(1, cluster="prod", network="v"), instance(9, cluster="other", network="v")),
        [],
    ),
    "tagged, just launched": (
        machines(instance(1, cluster="prod"), instance(9, cluster="prod", launched=NOW - 10)),
        [("no-node", "m9", 1)],
    ),
    "not up yet": (
        machines(instance(1, cluster="prod"), instance(9, cluster="prod", state="pending")),
        [],
    ),
    "going": (
        machines(instance(1, cluster="prod"), instance(9, cluster="prod", state="shutting-down")),
        [],
    ),
    "its node was deleted": (
        both(machines(instance(1, **GROUP), instance(2, **GROUP)), forget("node", "u2")),
        [("not-joined", "m2", 2)],
    ),
    # in the group but not in the cluster
    "in a group of nodes": (
        machines(instance(1, **GROUP), instance(9, **GROUP)),
        [("not-joined", "m9", 2)],
    ),
    "in a node group of nodes": (
        machines(instance(1, cluster="prod", nodegroup="a"), instance(9, cluster="prod", nodegroup="a")),
        [("not-joined", "m9", 2)],
    ),
    "in a node group without nodes, of a cluster with some": (
        machines(instance(1, cluster="prod", nodegroup="a"), instance(9, cluster="prod", nodegroup="b")),
        [("no-node", "m9", 2)],
    ),
    "in a group without nodes": (
        machines(instance(1, **GROUP), instance(9, group="web", group_state="InService")),
        [],
    ),
    "waiting for its group's hook": (
        machines(instance(1, **GROUP), instance(9, group="workers", group_state="Pending:Wait")),
        [("not-joined", "m9", 1)],
    ),
    "kept warm": (
        machines(instance(1, **GROUP), instance(9, group="workers", group_state="Warmed:Running")),
        [],
    ),
    "leaving its group": (
        machines(instance(1, **GROUP), instance(9, group="workers", group_state="Terminating:Wait")),
        [],
    ),
    # node with no instance
    "its machine is gone": (forget("instance", "i-00000002"), [("no-instance", "n2", 3)]),
    "a new node whose machine is not listed yet": (
        nodes(node(9, created=NOW - 5)),
        [("no-instance", "n9", 1)],
    ),
    "a node without a provider id": (nodes(node(9, provider_id="")), []),
    "a node that only repeats its name": (nodes(node(9, provider_id="kind://docker/kind/n9")), []),
    "a node on Fargate": (
        nodes(node(9, provider_id="aws:///eu-west-1a/0123abc-fargate/fargate-ip-10-0-0-9.compute.internal")),
        [],
    ),
    "a hybrid node": (nodes(node(9, provider_id="eks-hybrid:///eu-west-1/prod/mi-0123456789abcdef0")), []),
    "a node of another cloud": (nodes(node(9, provider_id="gce://shop/eu-west-1a/n9")), []),
    "a node in another region": (
        nodes(node(9, provider_id="aws:///us-east-1a/i-00000009", zone="us-east-1a")),
        [],
    ),
    # NotReady though all checks pass
    "silent on a well machine": (
        nodes(node(1, ready=False, status="NotReady", conditions=(UNREADY,))),
        [("not-ready", "n1", 3)],
    ),
    "silent on an impaired machine": (
        both(nodes(node(1, ready=False, status="NotReady")), machines(instance(1, checks="1/2"))),
        [],
    ),
    "silent, checks unknown": (
        both(nodes(node(1, ready=False, status="NotReady")), machines(instance(1, checks=""))),
        [],
    ),
    "not ready yet": (
        nodes(node(1, ready=False, status="NotReady", created=NOW - 20)),
        [("not-ready", "n1", 1)],
    ),
    # terminated or stopped yet a node remains
    "terminated": (machines(instance(2, state="terminated", checks="")), [("terminated", "n2", 3)]),
    "stopped": (machines(instance(2, state="stopped", checks="")), [("stopped", "n2", 3)]),
    "about to be terminated": (machines(instance(2, state="shutting-down", checks="")), []),
    "stopping": (machines(instance(2, state="stopping", checks="")), []),
    # cordoned with nobody draining
    "cordoned, pods stay": (lives(RUNS, DAEMON), [("cordoned", "n1", 2)]),
    "cordoned and empty": (lives(DAEMON, MIRROR), []),
    "cordoned, only what is over": (lives(pod("p1", 1, phase="Succeeded", status="Completed")), []),
    "drained just now": (lives(RUNS, pod("p2", 1, deleting=True)), []),
    "cordoned by the autoscaler": (lives(RUNS, taints=("ToBeDeletedByClusterAutoscaler=1:NoSchedule",)), []),
    "cordoned by karpenter": (lives(RUNS, taints=("karpenter.sh/disrupted:NoSchedule",)), []),
    "cordoned for a reclaim": (both(lives(RUNS), machines(instance(1, notices=(NOTICE,)))), []),
    "cordoned by its group's hook": (
        both(lives(RUNS), machines(instance(1, group="workers", group_state="Terminating:Wait"))),
        [],
    ),
    "cordoned while its machine stops": (both(lives(RUNS), machines(instance(1, state="stopping"))), []),
    # type or zone
    "another type": (machines(instance(3, type="c6i.large")), [("differs", "n3", 2)]),
    "another zone": (nodes(node(3, zone="eu-west-1b")), [("differs", "n3", 2)]),
    "type unknown to the node": (nodes(node(3, instance_type="", zone="")), []),
    # old image among new
    "one is newer": (
        machines(instance(1, **GROUP), instance(2, **GROUP, image="ami-2", launched=OLD + 60)),
        [("old-image", "m1", 1)],
    ),
    "both images are launched by turns": (
        machines(
            instance(1, **GROUP),
            instance(2, **GROUP, image="ami-2", launched=OLD + 60),
            instance(3, **GROUP, launched=OLD + 120),
        ),
        [],
    ),
    "the old one is going": (
        machines(
            instance(1, **GROUP, image="ami-2", launched=OLD + 60),
            instance(2, **GROUP),
            instance(9, **{**GROUP, "group_state": "Terminating"}, state="shutting-down"),
        ),
        [("old-image", "m2", 1)],
    ),
    "images of node groups of one name in two clusters": (
        machines(
            instance(1, nodegroup="ng", cluster="blue"),
            instance(2, nodegroup="ng", cluster="green", image="ami-2", launched=OLD + 60),
        ),
        [],
    ),
    "images of a group and of a node group of that name": (
        machines(
            instance(1, nodegroup="workers"),
            instance(2, group="workers", image="ami-2", launched=OLD + 60),
        ),
        [],
    ),
    "images of different groups": (
        machines(instance(1, **GROUP), instance(2, group="others", image="ami-2", launched=OLD + 60)),
        [],
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_each_world_gives_exactly_its_rows(case: str) -> None:
    change, expected = TABLE[case]
    world = in_step()
    assert world.told == []
    change(world)
    assert world.told == expected


def test_a_machine_that_joins_at_last_is_no_row_any_more() -> None:
    world = in_step()
    machines(instance(1, **GROUP), instance(9, **GROUP, launched=NOW - 10))(world)
    assert world.told == [("not-joined", "m9", 1)]
    world.clock.now += 400
    assert world.told == [("not-joined", "m9", 2)]
    world.put("prod", node(9))
    assert world.told == []


def test_what_is_new_is_judged_again_once_it_is_not_and_nothing_else_is() -> None:
    world = in_step()
    world.put("prod", node(8, created=NOW - 5), node(1, ready=False, status="NotReady", created=NOW - 5))
    assert world.told == [("no-instance", "n8", 1), ("not-ready", "n1", 1)]
    world.clock.now += 294
    assert world.told == [("no-instance", "n8", 1), ("not-ready", "n1", 1)]
    world.clock.now += 1
    assert world.told == [("no-instance", "n8", 3), ("not-ready", "n1", 3)]


def test_what_is_new_is_called_so_in_the_row_itself() -> None:
    world = in_step()
    young = instance(6, **GROUP, launched=NOW - 10)
    world.put("aws", instance(1, **GROUP), young, instance(7, group="workers", group_state="Pending:Wait"))
    world.put("prod", node(8, created=NOW - 5), node(9))
    assert [what_cell(row).text for row in world.rows] == [
        "◌ node with no instance · new",
        "✕ node with no instance",
        "◌ in the group but not in the cluster · new",
        "◌ in the group but not in the cluster · new",
    ]
    world.clock.now += 400
    assert [row.name for row in world.rows if row.new] == ["m7"]


def test_a_row_says_where_who_and_how_it_is_known() -> None:
    world = in_step()
    machines(instance(2, state="terminated", reason="Spot reclaimed", since=NOW - 40))(world)
    row = world.row("terminated")
    assert (row.subject.kind, row.name, row.other_name) == ("node", "n2", "i-00000002")
    assert (row.cluster, row.account, row.region) == ("prod", "shop 111122223333", "eu-west-1")
    assert (row.since, row.guessed) == (NOW - 40, False)
    assert row.detail == "Spot reclaimed · the node says Ready"


def test_what_runs_the_image_of_nodes_says_whose() -> None:
    world = in_step(network="vpc-1")
    world.put("aws", instance(9, network="vpc-1"))
    assert world.row("no-node").detail == "it runs ami-1, the image of prod's nodes, in their network vpc-1"
    assert world.row("no-node").cluster == "prod"


def test_a_cloud_s_code_for_why_a_machine_ended_is_told_in_words() -> None:
    world = in_step()
    code = "Server.SpotInstanceTermination: Spot instance termination"
    machines(instance(2, state="terminated", reason=code))(world)
    assert world.row("terminated").detail == "spot reclaimed · the node says Ready"
    world.source(STATE, declared(2))
    assert world.row("declared-gone").detail == "aws_instance.m[2]: spot reclaimed"


def test_a_guess_is_marked_and_is_only_to_be_watched() -> None:
    facts = {"private_ip": "10.0.0.9", "network": "vpc-1"}
    world = in_step(network="vpc-1")
    world.put("aws", instance(9, **facts, type="c6i.large"))
    world.put("prod", node(9, provider_id="", internal_ip="10.0.0.9"))
    row = world.row("differs")
    assert (row.name, row.severity, row.guessed) == ("n9", 1, True)
    assert "a guess" in row.detail
    assert len(world.rows) == 1


# ---- what a state declares ---------------------------------------------------------------------------

TAGS = (("Env", "prod"), ("Owner", "ada"))

DECLARED: dict[str, tuple[Change, Change, list[tuple[str, str, int]]]] = {
    "as it runs": (both(), both(), []),
    "gone": (both(), forget("instance", "i-00000002"), [("declared-gone", "m2", 3)]),
    "terminated": (
        both(),
        machines(instance(2, state="terminated")),
        [("declared-gone", "m2", 3), ("terminated", "n2", 3)],
    ),
    "stopped": (both(), machines(instance(2, state="stopped")), [("stopped", "n2", 3)]),
    "another type": (
        lambda world: world.put("tf", declared(2, type="m6i.xlarge")),
        both(),
        [("declared-type", "m2", 2)],
    ),
    "another tag": (
        lambda world: world.put("tf", declared(2, tags=TAGS)),
        machines(instance(2, tags=(("Env", "test"), ("Temp", "1"), ("aws:x", "y")))),
        [("declared-tags", "m2", 1)],
    ),
    "only the cloud's own tags": (
        lambda world: world.put("tf", declared(2, tags=TAGS)),
        machines(instance(2, tags=(*TAGS, ("aws:autoscaling:groupName", "workers")))),
        [],
    ),
    "no tags declared": (both(), machines(instance(2, tags=TAGS)), []),
    "in a region that nobody asks": (
        lambda world: world.put(
            "tf", declared(9, zone="us-east-1a", provider_id="aws:///us-east-1a/i-00000009")
        ),
        both(),
        [],
    ),
    "a host of a list, which nobody promised": (
        lambda world: world.put("tf", declared(9, resource="")),
        both(),
        [],
    ),
}


@pytest.mark.parametrize("case", DECLARED)
def test_what_a_state_declares_is_held_against_what_runs(case: str) -> None:
    from tests.disagree.worlds import STATE

    declare, change, expected = DECLARED[case]
    world = in_step()
    world.source(STATE, declared(1), declared(2))
    assert world.told == []
    declare(world)
    change(world)
    if case == "gone":
        world.drop("prod", "node", "u2")
    assert world.told == expected


def test_the_difference_of_tags_is_said_tag_by_tag() -> None:
    from console.disagreements.declared import tag_differences

    now = (("Env", "test"), ("Temp", "1"), ("aws:x", "y"))
    assert tag_differences(TAGS, now) == ["Env: prod → test", "Owner missing", "Temp added"]


def test_a_cluster_alone_has_its_cordons_judged() -> None:
    world = World()
    world.source(CLUSTER, node(1, unschedulable=True), RUNS)
    assert world.told == [("cordoned", "n1", 2)]


def test_at_80_columns_a_row_has_its_words_its_name_and_since_when() -> None:
    columns = [column.spec for column in VIEW.columns]
    places = {columns[place.column].key: place.width for place in lay_out(columns, 80).places}
    assert list(places) == ["what", "name", "age"]
    longest = max(len(f"✕ {rule.words}") for rule in RULES)
    joining = len("◌ in the group but not in the cluster · new")
    assert places["what"] >= max(longest, joining)
    assert places["name"] >= 24
    name = next(column for column in columns if column.key == "name")
    assert name.tail
    assert [columns[place.column].key for place in lay_out(columns, 120).places][:2] == ["what", "name"]
