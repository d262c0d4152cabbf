"""An order on scripted hosts: the plan, the stages, the policy, cancel, and what the audit says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from providers.contract import Problem
from providers.engine.pace import Pace
from providers.errand import HELD
from providers.model import Ref
from providers.sessions import Completed
from providers.stream import WINDOW, Failed, Input, Propose
from tests.actions.cluster import Cluster
from tests.waiting import until

from .person import Person
from .reach import ScriptedReach

FAILED = Completed(exit_status=1, stderr=b"no\n")


@pytest.fixture
def reach() -> ScriptedReach:
    return ScriptedReach()


@pytest.fixture
def me(tmp_path: Path, reach: ScriptedReach) -> Person:
    return Person(tmp_path / "audit.jsonl", reach, Cluster())


def hosts(number: int) -> list[str]:
    return [f"web-{each}" for each in range(1, number + 1)]


async def test_the_plan_says_what_where_as_whom_and_that_nothing_was_tried(
    me: Person, reach: ScriptedReach
) -> None:
    plan = await me.plan(me.target("web-1", jump=("ops@bastion",), port=2222))
    (item,) = plan.items
    assert plan.sentence == "Run `uptime` on node web-1 in prod-eu as ada@web-1:2222 via ops@bastion"
    assert (item.where, item.identity) == ("prod-eu", "ada@web-1:2222 via ops@bastion")
    assert item.effect == "it runs as ada@web-1:2222 via ops@bastion"
    assert plan.pace == "60 s at most; there is no dry run over SSH"
    assert plan.typed == "", "one host is confirmed by y"
    assert reach.commands == [], "nothing is sent for a plan"


async def test_many_are_confirmed_by_a_typed_word_and_the_plan_says_its_pace(me: Person) -> None:
    plan = await me.plan(*map(me.target, hosts(40)))
    assert plan.typed == "40"
    assert plan.sentence == "Run `uptime` on 40 nodes in prod-eu as ada@web-1 and 39 others"
    assert plan.pace == (
        "first 1, then 5, then 34; at most 32 at once; begins no further one after the first failure; "
        "60 s at most for each; there is no dry run over SSH"
    )
    me.confirm("y")
    assert "type 40" in (await me.failed()).detail


async def test_stages_follow_one_another(me: Person, reach: ScriptedReach) -> None:
    names = hosts(30)
    reach.hang = {"web-1", "web-4"}
    plan = await me.plan(*map(me.target, names))
    me.confirm(plan.typed)
    await until(lambda: reach.begun == ["web-1"])
    reach.hang.discard("web-1")
    reach.go_on.set()
    reach.go_on = asyncio.Event()
    await until(lambda: len(reach.begun) == 6 and len(reach.ended) == 5)
    assert set(reach.begun) == set(names[:6]), "the second stage waits for web-4"
    reach.go_on.set()
    results = await me.outcome()
    assert [result.state for result in results] == ["done"] * 30
    assert sorted(reach.begun) == sorted(names)


async def test_no_more_run_at_once_than_may(me: Person, reach: ScriptedReach) -> None:
    reach.hang = set(hosts(30))
    plan = await me.plan(*map(me.target, hosts(30)), stages=(), at_once=4)
    me.confirm(plan.typed)
    await until(lambda: len(reach.begun) == 4)
    reach.go_on.set()
    assert {result.state for result in await me.outcome()} == {"done"}
    assert len(reach.begun) == 30
    assert reach.most_at_once == 4


@pytest.mark.parametrize(
    ("failing", "allowed", "last"),
    [
        (["web-1"], 0, 1),
        (["web-3"], 0, 6),
        (["web-3"], 1, 20),
        (["web-2", "web-3"], 1, 6),
        (["web-1", "web-2", "web-3"], -1, 20),
    ],
)
async def test_failures_stop_what_was_not_begun(
    me: Person, reach: ScriptedReach, failing: list[str], allowed: int, last: int
) -> None:
    reach.answers = dict.fromkeys(failing, FAILED)
    results = await me.carry_out(await me.plan(*map(me.target, hosts(20)), failures=allowed))
    assert set(failing) <= set(reach.begun) <= set(hosts(last)), "of the stage of the failure, or before"
    left = [result for result in results.values() if result.state == "refused"]
    assert len(left) == 20 - len(reach.begun)
    assert left or allowed < 0 or len(failing) <= allowed
    assert all("not begun" in result.detail for result in left)
    assert [r.label for r in results.values() if r.state == "failed"] == [f"node {name}" for name in failing]


async def test_within_a_stage_too_no_further_one_is_begun(me: Person, reach: ScriptedReach) -> None:
    reach.answers = {"web-1": FAILED}
    await me.carry_out(await me.plan(*map(me.target, hosts(20)), stages=(), at_once=1))
    assert reach.begun == ["web-1"]


async def test_a_host_that_is_not_reached_is_a_failure_of_its_own(me: Person, reach: ScriptedReach) -> None:
    reach.answers = {"web-1": Problem("web-1: no route\x1b[2J", "look at the network")}
    results = await me.carry_out(await me.plan(*map(me.target, hosts(2))))
    assert results["node web-1"].state == "failed"
    assert results["node web-2"].state == "refused"
    told = me.ran["uid-web-1"]
    assert told.exit_status is None
    assert told.error == "web-1: no route␛[2J; look at the network"


@pytest.mark.parametrize(
    ("completed", "state", "words"),
    [
        (Completed(exit_status=0), "done", ""),
        (Completed(exit_status=3), "failed", "exit status 3"),
        (Completed(exit_status=127), "failed", "exit status 127: there is no such command there"),
        (Completed(exit_status=None, error="60 s went by"), "unknown", "it was begun: 60 s went by"),
        (Completed(exit_status=None), "unknown", "it was begun: it ended without an exit status"),
    ],
)
async def test_how_it_ended_is_told_in_words(
    me: Person, reach: ScriptedReach, completed: Completed, state: str, words: str
) -> None:
    reach.answers = {"a": completed}
    result = (await me.carry_out(await me.plan(me.target("a"))))["node a"]
    assert (result.state, result.detail) == (state, words)
    assert me.ran["uid-a"].exit_status == completed.exit_status


async def test_cancel_ends_what_runs_and_begins_nothing_more(me: Person, reach: ScriptedReach) -> None:
    reach.hang = set(hosts(20))
    plan = await me.plan(*map(me.target, hosts(20)), stages=(), at_once=3)
    me.confirm(plan.typed)
    await until(lambda: len(reach.begun) == 3)
    me.cancel()
    results = await me.outcome()
    assert sorted(reach.ended) == sorted(reach.begun)
    assert len(reach.begun) == 3
    states = [result.state for result in results]
    assert (states.count("unknown"), states.count("refused")) == (3, 17)
    assert all("cancelled while it ran" in r.detail for r in results if r.state == "unknown")
    assert [ran.stdout for ran in me.ran.values()] == [b"so far\n"] * 3, "what was said before is kept"
    outcomes = [entry for entry in me.audited if entry.phase == "outcome"]
    assert [entry.result for entry in outcomes] == ["unknown"] * 3


async def test_the_engine_closing_ends_what_runs_and_the_audit_says_so(
    me: Person, reach: ScriptedReach
) -> None:
    reach.hang = {"a"}
    await me.plan(me.target("a"))
    me.confirm()
    await until(lambda: reach.begun == ["a"])
    await me.pipeline.close()
    assert reach.ended == ["a"]
    assert [entry.result for entry in me.audited] == ["", "unknown"]


async def test_the_audit_has_the_exact_command_before_and_the_outcome_after(
    me: Person, reach: ScriptedReach
) -> None:
    command = "systemctl restart 'web'\nid"
    reach.answers = {"b": FAILED}
    await me.carry_out(await me.plan(*map(me.target, "ab"), command=command, failures=-1))
    lines = [(entry.phase, entry.object.name, entry.result, entry.detail) for entry in me.audited]
    assert lines == [
        ("intent", "a", "", ""),
        ("outcome", "a", "done", ""),
        ("intent", "b", "", ""),
        ("outcome", "b", "failed", "exit status 1"),
    ]
    assert me.audited[0].sent == f"run {command!r} on ada@a"
    assert me.audited[0].object.uid == "uid-a"
    assert [each[1] for each in reach.commands] == [command, command]


async def test_a_read_only_engine_refuses_every_order(tmp_path: Path, reach: ScriptedReach) -> None:
    me = Person(tmp_path / "audit.jsonl", reach, Cluster(), read_only=True)
    for action in ("run", "put", "get"):
        assert "read-only" in await me.refusal(me.target("a"), action=action, path="/etc/motd")
    assert reach.created == 0
    assert not me.path.exists()


async def test_what_is_simulated_or_has_no_address_is_refused_by_name(
    me: Person, reach: ScriptedReach
) -> None:
    targets = [
        me.target("a", why_not="a: nothing is known for {tag:Name}"),
        me.target("b", ""),
        me.target("c", "-oProxyCommand=touch F"),
        me.target("d", "$(id)"),
        me.target("e", user="x;touch F"),
        me.target("f", jump=("bastion", "-W")),
        me.target("g"),
    ]
    plan = await me.plan(*targets)
    reasons = [item.refused for item in plan.items]
    assert reasons[0].startswith("a: nothing is known for {tag:Name}")
    assert reasons[1].startswith("there is no address to connect to")
    assert all("is not a" in reason for reason in reasons[2:6]), reasons
    assert reasons[6] == ""
    assert plan.sentence.endswith("6 are refused")
    await me.carry_out(plan)
    assert reach.begun == ["g"]


async def test_the_same_login_twice_runs_once(me: Person, reach: ScriptedReach) -> None:
    twin = me.target("b", "a")
    plan = await me.plan(me.target("a"), twin, me.target("c", "a", user="root"))
    assert len(plan.items) == 2
    assert "it is done once" in plan.items[0].consequences[-1]
    await me.carry_out(plan)
    assert reach.begun == ["a", "a"], "as ada, and as root"


async def test_an_order_is_bound_to_its_objects(me: Person) -> None:
    target = me.target("a")
    other = Ref("prod-eu", "node", "uid-other")
    me.pipeline.propose(Propose(id=1, action="run", refs=(other,), order=_order(target)))
    assert "not those of the objects" in (await me.failed()).detail
    me.pipeline.propose(Propose(id=2, action="run", refs=(target.ref,)))
    assert "nothing says what" in (await me.failed(2)).detail


async def test_an_order_without_a_command_or_a_path_is_none(me: Person) -> None:
    assert "no command" in await me.refusal(me.target("a"), command="  ")
    assert "at most" in await me.refusal(me.target("a"), command="x" * 70_000, number=2)
    assert "path" in await me.refusal(me.target("a"), action="put", number=3)


async def test_content_comes_in_pieces_each_taken_and_reaches_every_host(
    me: Person, reach: ScriptedReach
) -> None:
    asked = asyncio.create_task(me.plan(*map(me.target, "ab"), command="cat", stdin=9))
    await asyncio.sleep(0)  # the Propose is out, and the content is behind it
    me.feed(9, b"x" * WINDOW, b"yz")
    plan = await asked
    assert me.taken == WINDOW + 2
    assert f"with {WINDOW + 2:,} bytes (sha256 " in plan.sentence
    await me.carry_out(plan)
    assert [each[2] for each in reach.commands] == [b"x" * WINDOW + b"yz"] * 2
    assert me.pipeline.take(Input(id=9, data=b"more")) is False


async def test_content_that_is_too_much_is_refused_with_what_to_use_instead(me: Person) -> None:
    asked = asyncio.create_task(me.order(me.target("a"), command="cat", stdin=9))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    piece = bytes(16 << 20)
    me.feed(9, *[piece] * (HELD // len(piece)), b"1")
    failed = await asked
    assert isinstance(failed, Failed)
    assert "64 MB" in failed.detail
    assert "rsync" in failed.remedy


async def test_what_hosts_may_say_is_bounded_for_all_of_them_together(
    me: Person, reach: ScriptedReach
) -> None:
    await me.carry_out(await me.plan(*map(me.target, hosts(200))))
    limits = {each[4] for each in reach.commands}
    assert len(limits) == 1
    assert max(limits) * 2 * 200 <= HELD


async def test_a_file_is_put_and_fetched_and_a_refusal_there_is_no_missing_host(
    me: Person, reach: ScriptedReach
) -> None:
    asked = asyncio.create_task(
        me.plan(*map(me.target, "ab"), action="put", path="/srv/app.conf", stdin=4, mode=0o100640, keep=True)
    )
    await asyncio.sleep(0)  # the Propose is out, and the content is behind it
    me.feed(4, b"port = 80\n")
    plan = await asked
    assert plan.sentence.startswith("Put 10 bytes (sha256 ")
    assert plan.items[0].effect == (
        "written in place of one that is there with its mode, or else with mode 640, as ada@a"
    )
    results = await me.carry_out(plan)
    assert {result.state for result in results.values()} == {"done"}
    assert reach.files == {(host, "/srv/app.conf"): (b"port = 80\n", 0o10640) for host in "ab"}

    plan = await me.plan(*map(me.target, "ab"), action="get", path="/srv/app.conf", number=2)
    await me.carry_out(plan)
    assert {me.ran[f"uid-{host}"].stdout for host in "ab"} == {b"port = 80\n"}


def _order(*targets: object) -> object:
    from providers.stream import Order

    return Order(targets=targets, command="true")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stages", "jobs", "sizes"),
    [
        ((1, 5), 40, [1, 5, 34]),
        ((1, 5), 6, [1, 5]),
        ((1, 5), 4, [1, 3]),
        ((1, 5), 1, [1]),
        ((), 7, [7]),
        ((10,), 3, [3]),
        ((1, 5), 0, []),
    ],
)
def test_jobs_are_taken_in_stages(stages: tuple[int, ...], jobs: int, sizes: list[int]) -> None:
    pace = Pace(stages=stages, at_once=4)
    staged = list(pace.staged(range(jobs)))
    assert [len(stage) for stage in staged] == sizes
    assert [job for stage in staged for job in stage] == list(range(jobs))
