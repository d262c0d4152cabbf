"""What several calls say of an instance is put together; nothing goes that was not missed twice."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.aws.details import Membership, Spot, Status
from providers.aws.machines import NOTICE_SECONDS, Machines, Round
from providers.aws.push import Change
from providers.model import Instance, Notice


def one(uid: str, **more: Any) -> Instance:
    return Instance(uid=uid, **{"state": "running", "type": "m5.large", "zone": "a", **more})


def poll(machines: Machines, *instances: Instance, at: float) -> tuple[list[Instance], list[str]]:
    """A whole poll, which began at that time."""
    begun = Round(at)
    changed = machines.take(begun, instances, wall=at)
    return changed, machines.end(begun)


def change(uid: str, at: float, **more: Any) -> Change:
    return Change(account="1", region="r", instance=uid, at=at, **more)


# ---- gone --------------------------------------------------------------------------------------------


def test_gone_is_what_two_whole_polls_in_a_row_were_without() -> None:
    machines = Machines()
    poll(machines, one("a"), one("b"), at=1)
    assert poll(machines, one("a"), at=2) == ([], [])
    assert "b" in machines.shown
    assert poll(machines, one("a"), at=3) == ([], ["b"])
    assert poll(machines, one("a"), at=4) == ([], [])


def test_a_poll_that_finds_it_again_starts_the_count_anew() -> None:
    machines = Machines()
    poll(machines, one("a"), at=1)
    poll(machines, at=2)
    poll(machines, one("a"), at=3)
    assert poll(machines, at=4) == ([], [])
    assert poll(machines, at=5) == ([], ["a"])


def test_a_poll_that_is_not_whole_misses_nothing() -> None:
    machines = Machines()
    poll(machines, one("a"), one("b"), at=1)
    for at in range(2, 9):
        machines.take(Round(at), [one("a")], wall=at)  # and never ends
    assert set(machines.shown) == {"a", "b"}


def test_what_was_looked_at_during_a_poll_is_not_missed_by_it() -> None:
    machines = Machines()
    early = Round(1.0)
    machines.look(one("new", state="pending"), asked=2.0, wall=2.0)
    assert machines.end(early) == []
    late = Round(3.0)
    assert machines.end(late) == []
    assert machines.end(Round(4.0)) == ["new"]


def test_terminated_instances_stay_until_they_are_no_longer_told() -> None:
    machines = Machines()
    poll(machines, one("a"), at=1)
    changed, gone = poll(machines, one("a", state="terminated"), at=2)
    assert [each.state for each in changed] == ["terminated"]
    assert not gone


@given(st.lists(st.tuples(st.sets(st.sampled_from("abcd")), st.booleans()), max_size=30))
@settings(max_examples=200, deadline=None)
def test_whatever_the_polls_bring(polls: list[tuple[set[str], bool]]) -> None:
    """Shown is all that any of the last two whole polls had, or any poll since."""
    machines, whole, expected = Machines(), [set[str](), set[str]()], set[str]()
    for at, (uids, ends) in enumerate(polls, 1):
        begun = Round(at)
        machines.take(begun, [one(uid) for uid in sorted(uids)], wall=at)
        expected |= uids
        if ends:
            gone = machines.end(begun)
            whole = [whole[1], uids]
            assert not set(gone) & (whole[0] | whole[1])
            expected -= set(gone)
        assert set(machines.shown) == expected
        assert whole[1] <= expected


# ---- older answers -----------------------------------------------------------------------------------


def test_an_answer_that_was_asked_for_before_does_not_take_back_a_look() -> None:
    machines = Machines()
    poll(machines, one("a"), at=1)
    slow = Round(2.0)
    machines.look(one("a", state="stopping"), asked=3.0, wall=3.0)
    assert machines.take(slow, [one("a")], wall=4.0) == []
    assert machines.shown["a"].state == "stopping"
    poll(machines, one("a", state="stopped"), at=5.0)
    assert machines.shown["a"].state == "stopped"


def test_nor_a_push() -> None:
    machines = Machines()
    poll(machines, one("a"), at=1)
    slow = Round(2.0)
    [pushed] = machines.push(change("a", at=1000.0, state="stopped"), now=3.0)
    assert (pushed.state, pushed.since) == ("stopped", 1000.0)
    assert machines.take(slow, [one("a")], wall=4.0) == []
    assert machines.look(one("a"), asked=2.5, wall=4.0) == []


def test_an_event_that_is_older_than_the_state_is_late() -> None:
    machines = Machines()
    poll(machines, one("a", state="stopped", since=1000.0), at=1)
    assert machines.push(change("a", at=900.0, state="stopping"), now=2) == []


def test_since_when_is_kept_where_ec2_does_not_say() -> None:
    machines = Machines()
    poll(machines, one("a", since=None), at=1)
    poll(machines, one("a", state="shutting-down"), at=50)
    assert machines.shown["a"].since == 50
    poll(machines, one("a", state="shutting-down", reason="x"), at=60)
    assert machines.shown["a"].since == 50
    poll(machines, one("a", state="terminated", since=70.0), at=80)
    assert machines.shown["a"].since == 70.0


# ---- details -----------------------------------------------------------------------------------------


def test_details_join_whichever_comes_first() -> None:
    checks = {"a": Status("2/2")}
    member = {"a": Membership("asg", "InService")}
    one_way, other_way = Machines(), Machines()
    poll(one_way, one("a"), at=1)
    one_way.learn_statuses(checks)
    one_way.learn_memberships(member)
    other_way.learn_memberships(member)
    other_way.learn_statuses(checks)
    poll(other_way, one("a"), at=1)
    assert one_way.shown == other_way.shown
    shown = one_way.shown["a"]
    assert (shown.checks, shown.group, shown.group_state) == ("2/2", "asg", "InService")


def test_only_what_differs_is_told() -> None:
    machines = Machines()
    poll(machines, one("a"), one("b"), at=1)
    assert [each.uid for each in machines.learn_statuses({"a": Status("2/2"), "b": Status("2/2")})] == [
        "a",
        "b",
    ]
    assert [each.uid for each in machines.learn_statuses({"a": Status("1/2"), "b": Status("2/2")})] == ["a"]
    assert machines.learn_statuses({"a": Status("1/2"), "b": Status("2/2")}) == []
    assert [each.checks for each in machines.learn_statuses({"b": Status("2/2")})] == [""]


def test_checks_are_of_a_machine_that_runs() -> None:
    machines = Machines()
    poll(machines, one("a"), at=1)
    machines.learn_statuses({"a": Status("2/2")})
    poll(machines, one("a", state="stopped"), at=2)
    assert machines.shown["a"].checks == ""


def test_a_spot_machine_costs_what_its_request_is_for() -> None:
    machines = Machines()
    poll(machines, one("a", lifecycle="spot"), one("b", lifecycle="spot"), at=1)
    machines.learn_prices({("m5.large", "a", "Linux/UNIX"): 0.04, ("m5.large", "a", "Windows"): 0.13})
    machines.learn_spots({"a": Spot(product="Windows")})
    assert machines.shown["a"].hourly == 0.13
    assert machines.shown["b"].hourly is None
    poll(machines, one("a", lifecycle="spot", state="terminated"), at=2)
    assert machines.shown["a"].hourly is None


def test_why_a_spot_machine_was_taken_is_told_once_it_is() -> None:
    machines = Machines()
    poll(machines, one("a", lifecycle="spot"), at=1)
    machines.learn_spots({"a": Spot(reason="spot reclaimed: no capacity")})
    assert machines.shown["a"].reason == ""
    poll(
        machines,
        one("a", lifecycle="spot", state="terminated", reason="Server.SpotInstanceTermination"),
        at=2,
    )
    assert machines.shown["a"].reason == "spot reclaimed: no capacity"


def test_notices_are_of_everyone_who_has_one() -> None:
    machines = Machines()
    poll(machines, one("a"), at=1)
    scheduled = Notice(kind="scheduled", at=9e9, detail="reboot")
    machines.learn_statuses({"a": Status("2/2", (scheduled,))})
    warned = Notice(kind="spot interruption", at=130.0, told=10.0)
    machines.push(change("a", at=10.0, notice=warned), now=2)
    assert set(machines.shown["a"].notices) == {scheduled, warned}
    machines.learn_spots({"a": Spot(notice=msgspec.structs.replace(warned, detail="marked"))})
    assert set(machines.shown["a"].notices) == {scheduled, warned}
    assert machines.expire(130.0 + NOTICE_SECONDS) == []
    machines.learn_spots({})
    [later] = machines.expire(131.0 + NOTICE_SECONDS)
    assert later.notices == (scheduled,)


def test_a_notice_may_come_before_its_machine() -> None:
    machines = Machines()
    notice = Notice(kind="rebalance", told=5.0)
    assert machines.push(change("a", at=5.0, notice=notice), now=1) == []
    poll(machines, one("a"), at=2)
    assert machines.shown["a"].notices == (notice,)
