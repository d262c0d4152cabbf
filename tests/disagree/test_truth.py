"""Nothing is claimed of what is not completely known: absence needs a side that is whole and current."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from console.views import VIEWS
from console.views.parts import uncompared, unjudged
from providers.model import About, Complete, Health, Ref, SourceInfo, State
from providers.stream import Gone, Welcome
from tests.disagree.worlds import CLOUD, CLUSTER, NOW, STATE, World, declared, in_step, instance, node, pod

EVERYTHING = {"cordoned", "declared-gone", "differs", "no-instance", "not-joined", "not-ready", "terminated"}
LENS = VIEWS["disagreement"]
GROUP: dict[str, Any] = {"group": "workers", "group_state": "InService"}


def at_odds() -> World:
    """A disagreement of each sort that a source's health decides about."""
    world = in_step(range(1, 6))
    world.source(STATE, declared(1), declared(8))
    world.put("aws", instance(1, **GROUP), instance(2, state="terminated"), instance(3, type="c6i.large"))
    world.put("aws", instance(9, **GROUP))
    world.put("prod", node(4, unschedulable=True), pod("p", 4), node(5, ready=False, status="NotReady"))
    world.put("prod", node(7))
    assert {rule for rule, _, _ in world.told} == EVERYTHING
    return world


def rules(world: World) -> set[str]:
    return {rule for rule, _, _ in world.told}


@pytest.mark.parametrize("state", ["connecting", "loading", "lagging", "lost", "denied"])
def test_a_cluster_that_is_not_current_gives_no_claim(state: State) -> None:
    world = at_odds()
    world.health("prod", state)
    assert rules(world) == {"declared-gone"}
    world.health("prod", "live")
    assert rules(world) == EVERYTHING


@pytest.mark.parametrize("state", ["connecting", "loading", "lagging", "lost", "denied"])
def test_a_cloud_that_is_not_current_gives_no_claim(state: State) -> None:
    world = at_odds()
    world.health("aws", state)
    assert rules(world) == set(), "a cordon may be for what the cloud would announce"
    world.health("aws", "live")
    assert rules(world) == EVERYTHING


@pytest.mark.parametrize("state", ["loading", "lost", "denied"])
def test_without_all_its_pods_no_node_is_left_undrained(state: State) -> None:
    world = at_odds()
    world.health("prod", state, "pod")
    assert rules(world) == EVERYTHING - {"cordoned"}


def test_where_only_some_namespaces_are_listed_others_may_be_drained() -> None:
    world = at_odds()
    world.say("prod", About(replace(CLUSTER, namespaces=("web",))))
    assert rules(world) == EVERYTHING - {"cordoned"}
    world.say("prod", About(CLUSTER))
    assert rules(world) == EVERYTHING


def test_an_engine_that_is_lost_leaves_nothing_to_be_claimed_until_the_next_one_told_all() -> None:
    world = at_odds()
    world.fleet.engine_lost("it ended", "", NOW)
    assert world.rows == []
    world.say("", Welcome(version="0", pid=2, host="here", read_only=False))
    assert world.rows == []
    for name, kinds in (("prod", ("node", "pod")), ("aws", ("instance",)), ("tf", ("instance",))):
        objects = [item.obj for kind in kinds for item in world.fleet.sources[name].items[kind].values()]
        world.say(name, Health(state="loading", since=NOW))
        world.put(name, *objects)
        world.say(name, *(Complete(kind) for kind in kinds))
        world.say(name, Health(state="live", since=NOW))
    assert rules(world) == EVERYTHING


def test_lists_that_are_not_whole_yet_claim_nothing() -> None:
    world = World()
    world.source(CLUSTER, node(1), node(9), known=False)
    world.source(CLOUD, instance(1, **GROUP), instance(8, **GROUP), known=False)
    assert world.rows == []
    world.say("prod", Complete("node"))
    assert world.rows == []
    world.say("aws", Complete("instance"))
    assert rules(world) == {"no-instance", "not-joined"}


def test_the_order_of_arrival_does_not_matter() -> None:
    world = World()
    world.source(CLOUD, instance(1, **GROUP), instance(8, **GROUP))
    assert world.rows == []
    world.source(CLUSTER, node(1), node(9))
    assert rules(world) == {"no-instance", "not-joined"}


def test_with_the_cluster_goes_what_was_said_of_it_and_comes_again_with_it() -> None:
    world = at_odds()
    objects = [item.obj for item in (*world.fleet.items("node"), *world.fleet.items("pod"))]
    world.say("prod", Gone())
    assert rules(world) == {"declared-gone"}
    world.source(CLUSTER, *objects)
    assert rules(world) == EVERYTHING
    world.say("prod", Gone())
    world.source(CLUSTER, *objects)  # within one round
    assert rules(world) == EVERYTHING
    assert {item.source for item in world.fleet.items("disagreement")} <= set(world.fleet.sources.values())


# ---- which source would have the machine -------------------------------------------------------------

OTHER = replace(CLOUD, name="aws-other", account="lab 444455556666")


def alone(*clouds: tuple[SourceInfo, State], state: SourceInfo = STATE) -> World:
    """A declared machine that is not in any of the clouds that are here."""
    world = World()
    world.source(state, declared(1))
    for info, health in clouds:
        world.source(info, instance(77), state=health)
    return world


Made = Callable[[], World]

CASES: dict[str, tuple[Made, int]] = {
    "no cloud is here": (alone, 0),
    "a cloud of that region is whole": (lambda: alone((CLOUD, "live")), 1),
    "it is of another region": (lambda: alone((replace(CLOUD, region="us-east-1"), "live")), 0),
    "its name only begins like the region": (lambda: alone((replace(CLOUD, region="eu-west-12"), "live")), 0),
    "one of two is not current": (lambda: alone((CLOUD, "live"), (OTHER, "lost")), 0),
    "both are": (lambda: alone((CLOUD, "live"), (OTHER, "live")), 1),
    "it is of another account than the state": (
        lambda: alone((OTHER, "live"), state=replace(STATE, account=CLOUD.account)),
        0,
    ),
    "an account was refused before its regions were known": (
        lambda: alone((CLOUD, "live"), (SourceInfo(name="aws-x", provider="aws"), "denied")),
        0,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_declared_machine_is_gone_only_where_who_would_list_it_is_whole(case: str) -> None:
    make, severity = CASES[case]
    assert make().told == ([("declared-gone", "m1", severity)] if severity else [])


def test_where_the_missing_would_be_is_told_where_one_source_would_have_it() -> None:
    row = alone((CLOUD, "live")).row("declared-gone")
    assert (row.account, row.region) == (CLOUD.account, CLOUD.region)
    assert alone((CLOUD, "live"), (OTHER, "live")).row("declared-gone").account == ""


def test_a_cluster_whose_account_is_not_looked_at_is_named_once_and_not_node_by_node() -> None:
    world = World()
    world.source(CLUSTER, node(1, created=NOW - 5), *(node(number) for number in range(2, 30)))
    world.source(CLOUD, instance(77))
    assert world.told == []
    assert unjudged(world.fleet, LENS) == "can't judge machines of prod"
    world.put("aws", instance(1))
    assert [severity for _, _, severity in world.told] == [3] * 28
    assert unjudged(world.fleet, LENS) == ""


def test_nodes_in_a_region_that_nobody_looks_at_are_named_beside_those_that_are_judged() -> None:
    world = in_step()
    world.put("prod", node(9, zone="us-east-1a", provider_id="aws:///us-east-1a/i-00000009"))
    assert world.told == []
    assert unjudged(world.fleet, LENS) == "can't judge machines of prod"
    world.drop("prod", "node", "u9")
    assert world.told == []
    assert unjudged(world.fleet, LENS) == ""


def test_siblings_say_which_cloud_counts_and_the_others_need_not_be_current() -> None:
    world = in_step()
    world.source(OTHER, instance(77), state="lost")
    world.put("prod", node(9))
    assert world.told == [("no-instance", "n9", 3)]
    assert "aws-other" not in world.row("no-instance").detail


def test_a_machine_may_be_the_node_of_any_cluster_in_its_network() -> None:
    world = in_step(network="vpc-1")
    west = replace(CLUSTER, name="west", cluster="west")
    world.source(west, node(5))
    world.put("aws", instance(5, network="vpc-1"), instance(9, network="vpc-1"))
    assert world.told == [("no-node", "m9", 1)]
    world.health("west", "lagging")
    assert world.told == []


def test_a_machine_that_two_sources_list_is_told_of_once() -> None:
    world = in_step()
    again = replace(CLOUD, name="aws-again")
    world.source(again, *(instance(number, **GROUP) for number in (1, 9)))
    world.put("aws", *(instance(number, **GROUP) for number in (1, 9)))
    assert world.told == [("not-joined", "m9", 2)]


def test_a_machine_that_is_only_declared_is_no_instance_of_a_node() -> None:
    world = in_step()
    world.source(STATE, declared(1), declared(9))
    world.put("prod", node(9))
    assert world.told == [("declared-gone", "m9", 3), ("no-instance", "n9", 3)]


def test_what_a_source_is_called_is_told_anew() -> None:
    world = at_odds()
    world.say("aws", About(replace(CLOUD, account="renamed 111122223333")))
    assert world.row("terminated").account == "renamed 111122223333"


# ---- what can't be judged ----------------------------------------------------------------------------


def test_the_view_says_who_can_not_be_judged() -> None:
    world = in_step()
    assert unjudged(world.fleet, LENS) == ""
    world.health("prod", "denied", "pod")
    assert unjudged(world.fleet, LENS) == "can't judge pods of prod"
    world.health("aws", "lost")
    assert unjudged(world.fleet, LENS) == "can't judge pods of prod, aws"
    assert unjudged(world.fleet, VIEWS["node"]) == ""


def test_pods_of_namespaces_that_are_not_looked_into_can_not_be_judged() -> None:
    world = in_step()
    world.say("prod", About(replace(CLUSTER, namespaces=("web",))))
    assert world.told == []
    assert unjudged(world.fleet, LENS) == "can't judge pods of prod"


def test_declarations_of_a_region_that_nobody_looks_at_can_not_be_judged() -> None:
    world = in_step()
    world.source(STATE, declared(1), declared(9, zone="us-east-1a"))
    assert world.told == []
    assert unjudged(world.fleet, LENS) == "can't judge declarations of tf"


SIDES: dict[str, tuple[list[tuple[SourceInfo, Any]], str]] = {
    "nothing is here yet": ([], ""),
    "a cluster": ([(CLUSTER, node(1))], "no source of instances is looked at"),
    "a cluster on no cloud": (
        [(CLUSTER, node(1, provider_id="kind://docker/kind/n1"))],
        "no source of instances is looked at",
    ),
    "a cluster and a state": (
        [(CLUSTER, node(1)), (STATE, declared(1))],
        "no cloud is looked at, 1 declaration can't be judged",
    ),
    "a state": ([(STATE, declared(1))], "no cloud is looked at, 1 declaration can't be judged"),
    "a cloud": ([(CLOUD, instance(1))], "no cluster is looked at"),
    "a cloud and a state": ([(CLOUD, instance(1)), (STATE, declared(1))], ""),
    "a cluster and a cloud without machines": ([(CLUSTER, node(1, provider_id="")), (CLOUD, None)], ""),
}


@pytest.mark.parametrize("case", SIDES)
def test_where_one_side_is_not_looked_at_that_is_said_and_not_that_all_agree(case: str) -> None:
    sources, words = SIDES[case]
    world = World()
    for info, thing in sources:
        world.source(info, *([] if thing is None else [thing]))
    assert world.told == []
    assert uncompared(world.fleet, LENS) == words
    assert unjudged(world.fleet, LENS) == words
    assert uncompared(world.fleet, VIEWS["node"]) == ""


def test_a_declaration_tells_how_its_machine_was_seen() -> None:
    world = in_step()
    world.source(STATE, declared(2))
    world.put("aws", instance(2, state="stopped"))
    item = world.fleet.item(Ref("tf", "instance", "i-00000002"))
    assert item is not None
    facts = [fact for each in VIEWS["instance"].details(item, world.fleet, NOW) for fact in each.facts]
    assert ("seen as", "stopped in aws") in [(label, cell.text) for label, cell in facts]
