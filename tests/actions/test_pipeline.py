"""Propose, confirm, carry out: against a cluster that has uids, preconditions and a watch."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from providers.actions.cordon import actions as cordon
from providers.actions.restart import actions as restart
from providers.engine import audit
from providers.engine.pipeline import Limits
from providers.model import Pod, Ref, Result
from providers.stream import Outcome, Propose

from .cluster import Cluster
from .console import Console


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "audit.jsonl"


def states(results: Sequence[Result]) -> list[str]:
    return [result.state for result in results]


async def test_A2_a_node_is_cordoned_and_every_step_is_told(path: Path) -> None:
    cluster = Cluster()
    ref = cluster.add_node("ip-10-0-3-17")
    console = Console(path, cluster)

    plan = await console.propose("cordon", ref)
    assert plan.sentence == "Cordon node ip-10-0-3-17 in prod-eu as alice"
    assert plan.typed == ""
    assert plan.items[0].effect == "no new pods are scheduled on it"
    assert cluster.writes == []

    console.confirm()
    (result,) = await console.outcome()
    assert (result.ref, result.state, result.detail) == (ref, "done", "")
    assert cluster.writes == ["cordon ip-10-0-3-17 True"]

    intent, outcome = audit.entries(path)
    assert (intent.phase, intent.result, intent.identity) == ("intent", "", "alice")
    assert (outcome.phase, outcome.result, outcome.id) == ("outcome", "done", intent.id)
    assert intent.object.uid == ref.uid
    assert ref.uid in intent.sent


async def test_A2_the_intent_is_on_disk_before_anything_is_sent(path: Path) -> None:
    cluster = Cluster()
    cluster.faults.hang = asyncio.Event()
    console = Console(path, cluster)
    await console.propose("cordon", cluster.add_node("a"))
    console.confirm()
    await console.wait(Outcome, 1, lambda frame: states(frame.results) == ["running"])
    assert [entry.phase for entry in audit.entries(path)] == ["intent"]
    cluster.faults.hang.set()
    assert states(await console.outcome()) == ["done"]


async def test_A8_the_intent_is_flushed_to_the_disk_before_and_the_outcome_after(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Cluster()
    real = os.fsync

    def fsync(file: int) -> None:
        real(file)
        if stat.S_ISREG(os.fstat(file).st_mode):
            cluster.writes.append(f"on disk: {os.fstat(file).st_size > 0}")

    monkeypatch.setattr(os, "fsync", fsync)
    console = Console(path, cluster)
    await console.propose("cordon", cluster.add_node("a"))
    console.confirm()
    await console.outcome()
    assert cluster.writes == ["on disk: True", "cordon a True", "on disk: True"]


async def test_A1_another_node_of_the_same_name_is_refused_in_the_plan(path: Path) -> None:
    cluster = Cluster()
    ref = cluster.add_node("a")
    cluster.replace_node(ref)
    console = Console(path, cluster)
    plan = await console.propose("cordon", ref)
    assert "another one of the same name" in plan.items[0].refused
    assert plan.sentence == "Cordon: nothing can be done"
    console.confirm()
    assert "nothing" in (await console.failed()).detail
    assert cluster.writes == []


async def test_A3_another_node_of_the_same_name_after_the_plan_is_refused_by_the_precondition(
    path: Path,
) -> None:
    cluster = Cluster()
    ref = cluster.add_node("a")
    console = Console(path, cluster)
    await console.propose("cordon", ref)
    successor = cluster.replace_node(ref)
    console.confirm()
    (result,) = await console.outcome()
    assert result.state == "refused"
    assert "another one by now" in result.detail
    assert not cluster.watchers, "nobody waits for what was refused"
    assert cluster.objects[successor.uid].unschedulable is False  # type: ignore[union-attr]
    assert [entry.result for entry in audit.entries(path)] == ["", "refused"]


async def test_a_node_that_is_so_already_is_refused_by_name(path: Path) -> None:
    cluster = Cluster()
    done, other = cluster.add_node("a"), cluster.add_node("b")
    console = Console(path, cluster)
    await console.propose("cordon", done)
    console.confirm()
    await console.outcome()

    plan = await console.propose("cordon", done, other, number=2)
    assert [(item.label, item.refused) for item in plan.items] == [
        ("node a", "already cordoned"),
        ("node b", ""),
    ]
    assert plan.sentence == "Cordon node b in prod-eu as alice; 1 is refused"
    plan = await console.propose("uncordon", other, number=3)
    assert plan.items[0].refused == "not cordoned"


async def test_A2_a_denied_review_is_refused_before_anything_is_read(path: Path) -> None:
    cluster = Cluster()
    cluster.faults.denied = {"cordon"}
    console = Console(path, cluster, label=lambda ref: "node a")
    plan = await console.propose("cordon", cluster.add_node("a"))
    assert (plan.items[0].label, plan.items[0].refused) == ("node a", "alice may not cordon nodes")


async def test_A2_a_failing_dry_run_is_refused_with_the_server_s_words(path: Path) -> None:
    cluster = Cluster()
    cluster.faults.dry_run = 'admission webhook "freeze" denied the request\x1b[2J'
    console = Console(path, cluster)
    plan = await console.propose("cordon", cluster.add_node("a"))
    assert plan.items[0].label == "node a"
    assert plan.items[0].refused == 'the server\'s dry run: admission webhook "freeze" denied the request␛[2J'


async def test_A5_a_paused_rollout_is_refused_and_the_others_go_on(path: Path) -> None:
    cluster = Cluster()
    (paused,) = cluster.add_workload("Deployment", "web", pods=1)
    (fine,) = cluster.add_workload("Deployment", "api", pods=1)
    cluster.pause("web")
    console = Console(path, cluster)
    plan = await console.propose("restart", paused, fine)
    assert plan.items[0].refused == "deployment web is paused"
    console.confirm()
    assert sorted(states(await console.outcome())) == ["done", "refused"]
    assert cluster.writes == ["restart api"]


async def test_marked_pods_of_one_workload_are_one_restart(path: Path) -> None:
    cluster = Cluster()
    refs = cluster.add_workload("StatefulSet", "db", pods=3)
    console = Console(path, cluster)
    plan = await console.propose("restart", *refs)
    assert plan.sentence == "Restart statefulset db in prod-eu, namespace shop as alice"
    assert plan.typed == ""
    (item,) = plan.items
    assert "3 of the marked objects" in item.consequences[0]
    assert "3 pods" in item.effect
    console.confirm()
    assert states(await console.outcome()) == ["done"]
    assert cluster.writes == ["restart db"]


async def test_A5_a_bare_pod_is_deleted_said_so_and_confirmed_by_its_name(path: Path) -> None:
    cluster = Cluster()
    ref = cluster.add_pod("debug")
    console = Console(path, cluster)
    plan = await console.propose("restart", ref)
    assert plan.sentence == "Delete pod debug in prod-eu, namespace shop as alice"
    assert "nothing brings it back" in plan.items[0].effect
    assert plan.typed == "debug"

    for wrong in ("y", "", "Debug"):
        console.confirm(wrong)
        assert "type debug" in (await console.failed()).detail
    assert ref.uid in cluster.objects
    console.confirm("debug")
    assert states(await console.outcome()) == ["done"]
    assert ref.uid not in cluster.objects
    intent = next(audit.entries(path))
    assert intent.sent == f"delete pod shop/debug if its uid is {ref.uid}"


async def test_T1_a_plan_and_its_outcome_hold_nothing_that_drives_a_terminal(path: Path) -> None:
    cluster = Cluster()
    cluster.info = msgspec.structs.replace(cluster.info, cluster="prod\u202e", identity="alice\x9b31m")
    node, pod = cluster.add_node("n\x1b]0;owned\x07"), cluster.add_pod("p\x1b[2J")
    console = Console(path, cluster)

    plan = await console.propose("cordon", node, Ref("prod-eu", "node", "x\x1b"))
    console.confirm()
    results = await console.outcome()
    other = await console.propose("restart", pod, number=2)
    words = [
        plan.sentence,
        other.sentence,
        other.typed,
        *(word for r in results for word in (r.label, r.detail)),
    ]
    for item in (*plan.items, *other.items):
        words += [item.label, item.where, item.identity, item.effect, item.refused, *item.consequences]
    assert [word for word in words if not word.isprintable()] == []
    assert "n␛]0;owned␇ in prod\ufffd" in plan.sentence
    assert other.typed == "p␛[2J"
    assert sorted(result.state for result in results) == ["done", "refused"]


async def test_y_is_needed_where_no_word_is(path: Path) -> None:
    cluster = Cluster()
    console = Console(path, cluster)
    await console.propose("cordon", cluster.add_node("a"))
    console.confirm("")
    assert "type y" in (await console.failed()).detail
    console.confirm("Y")
    assert states(await console.outcome()) == ["done"]


async def test_forty_nodes_are_counted_bounded_and_all_done(path: Path) -> None:
    cluster = Cluster()
    cluster.faults.hang = asyncio.Event()
    refs = [cluster.add_node(f"n{number}") for number in range(40)]
    console = Console(path, cluster)
    plan = await console.propose("cordon", *refs)
    assert plan.typed == "40"
    assert plan.sentence == "Cordon 40 nodes in prod-eu as alice"
    console.confirm("40")
    await console.wait(Outcome, 1, lambda frame: states(frame.results) == ["running"] * 4)
    cluster.faults.hang.set()
    assert states(await console.outcome()) == ["done"] * 40
    assert cluster.most_at_once == 4
    assert len(cluster.writes) == len(set(cluster.writes)) == 40
    assert audit.verify(path) is None
    assert len(list(audit.entries(path))) == 80


async def test_many_in_one_of_several_clusters_are_confirmed_by_its_name(path: Path) -> None:
    here, there = Cluster("prod-eu"), Cluster("prod-us")
    refs = [here.add_node(f"n{number}") for number in range(6)]
    console = Console(path, here, there)
    assert (await console.propose("cordon", *refs)).typed == "prod-eu"
    both = await console.propose("cordon", *refs, there.add_node("x"), number=2)
    assert both.typed == "7"
    assert both.sentence == "Cordon 7 nodes in 2 clusters (prod-eu, prod-us) as alice"


async def test_two_restarts_are_typed_though_each_alone_is_not(path: Path) -> None:
    cluster = Cluster()
    (web,) = cluster.add_workload("Deployment", "web", pods=1)
    (api,) = cluster.add_workload("DaemonSet", "api", pods=1)
    console = Console(path, cluster)
    plan = await console.propose("restart", web, api)
    assert plan.typed == "2"
    assert plan.sentence.startswith("Restart deployment web and restart daemonset api in prod-eu")


async def test_cancel_half_way_begins_nothing_more(path: Path) -> None:
    cluster = Cluster()
    cluster.faults.hang = asyncio.Event()
    refs = [cluster.add_node(f"n{number}") for number in range(10)]
    console = Console(path, cluster)
    await console.propose("cordon", *refs)
    console.confirm("10")
    await console.wait(Outcome, 1, lambda frame: states(frame.results) == ["running"] * 4)
    console.cancel()
    cluster.faults.hang.set()
    results = await console.outcome()
    assert sorted(states(results)) == ["done"] * 4 + ["refused"] * 6
    assert {r.detail for r in results if r.state == "refused"} == {
        "stopped before it began: nothing was sent"
    }
    assert len(cluster.writes) == 4


async def test_a_cancelled_plan_can_t_be_confirmed(path: Path) -> None:
    cluster = Cluster()
    console = Console(path, cluster)
    await console.propose("cordon", cluster.add_node("a"))
    console.cancel()
    console.confirm()
    assert "not known" in (await console.failed()).detail
    assert cluster.writes == []


async def test_A7_a_lost_answer_is_unknown_until_the_watch_shows_it_and_never_repeated(path: Path) -> None:
    cluster = Cluster()
    cluster.faults.lost_answer = True
    cluster.shown = False
    console = Console(path, cluster)
    await console.propose("cordon", cluster.add_node("a"))
    console.confirm()
    await console.wait(Outcome, 1, lambda frame: states(frame.results) == ["unknown"])
    cluster.show()
    (result,) = await console.outcome()
    assert result.state == "done"
    assert result.detail == "no answer from the server, but the watch shows it done"
    assert cluster.writes == ["cordon a True"]
    assert [entry.result for entry in audit.entries(path)] == ["", "done"]


async def test_A7_a_request_that_hangs_stays_unknown_when_the_watch_shows_nothing(path: Path) -> None:
    cluster = Cluster()
    cluster.faults.hang = asyncio.Event()
    console = Console(path, cluster, limits=Limits(execute_seconds=0.05), actions=impatient())
    await console.propose("cordon", cluster.add_node("a"))
    console.confirm()
    (result,) = await console.outcome()
    assert result.state == "unknown"
    assert "look before doing it again" in result.detail
    assert [entry.result for entry in audit.entries(path)] == ["", "unknown"]


async def test_accepted_but_never_shown_is_not_called_done(path: Path) -> None:
    cluster = Cluster()
    cluster.shown = False
    console = Console(path, cluster, actions=impatient())
    await console.propose("cordon", cluster.add_node("a"))
    console.confirm()
    (result,) = await console.outcome()
    assert result.state == "unknown"
    assert result.detail.startswith("the server accepted it; the watch has not shown it")


async def test_a_provider_s_own_mistake_stays_with_its_object(path: Path) -> None:
    broken, fine = Cluster("prod-eu"), Cluster("prod-us")
    broken.faults.bug = True
    console = Console(path, broken, fine, actions=impatient())
    await console.propose("cordon", broken.add_node("a"), fine.add_node("b"))
    console.confirm()
    results = await console.outcome()
    assert states(results) == ["unknown", "done"]
    assert "ZeroDivisionError" in results[0].detail


async def test_A8_an_audit_that_can_t_be_written_refuses_and_says_so(path: Path) -> None:
    path.mkdir(parents=True)
    cluster = Cluster()
    console = Console(path, cluster)
    await console.propose("cordon", cluster.add_node("a"))
    console.confirm()
    (result,) = await console.outcome()
    assert result.state == "refused"
    assert str(path) in result.detail
    assert "nothing was sent" in result.detail
    assert cluster.writes == []


async def test_A8_the_chain_goes_on_after_a_restart(path: Path) -> None:
    cluster = Cluster()
    refs = [cluster.add_node("a"), cluster.add_node("b")]
    for ref in refs:
        console = Console(path, cluster)
        await console.propose("cordon", ref)
        console.confirm()
        await console.outcome()
    lines = list(audit.entries(path))
    assert len(lines) == 4
    assert lines[0].prev == audit.ZERO
    assert audit.verify(path) is None


async def test_two_proposals_at_once_keep_apart(path: Path) -> None:
    cluster = Cluster()
    a, b = cluster.add_node("a"), cluster.add_node("b")
    console = Console(path, cluster)
    one, two = await asyncio.gather(
        console.propose("cordon", a, number=1), console.propose("cordon", b, number=2)
    )
    assert (one.items[0].ref, two.items[0].ref) == (a, b)
    console.confirm(number=2)
    (result,) = await console.outcome(2)
    assert result.ref == b
    assert cluster.writes == ["cordon b True"]
    console.confirm(number=1)
    console.confirm(number=1)
    assert "under way" in (await console.failed(1)).detail
    await console.outcome(1)
    assert cluster.writes == ["cordon b True", "cordon a True"]


async def test_an_id_in_use_is_refused(path: Path) -> None:
    cluster = Cluster()
    ref = cluster.add_node("a")
    console = Console(path, cluster)
    await console.propose("cordon", ref)
    console.pipeline.propose(Propose(id=1, action="cordon", refs=(ref,)))
    assert "already" in (await console.failed()).detail


async def test_a_plan_older_than_five_minutes_is_not_carried_out(path: Path) -> None:
    cluster = Cluster()
    now = [0.0]
    console = Console(path, cluster, clock=lambda: now[0])
    await console.propose("cordon", cluster.add_node("a"))
    now[0] = 301.0
    console.confirm()
    assert "older than 5 minutes" in (await console.failed()).detail
    assert cluster.writes == []


async def test_read_only_refuses_proposals_and_confirmations(path: Path) -> None:
    cluster = Cluster()
    ref = cluster.add_node("a")
    console = Console(path, cluster, read_only=True)
    console.pipeline.propose(Propose(id=1, action="cordon", refs=(ref,)))
    failed = await console.failed()
    assert "read-only" in failed.detail
    assert failed.remedy
    assert list(path.parent.parent.iterdir()) == []


async def test_an_unknown_plan_and_an_unknown_action_fail(path: Path) -> None:
    console = Console(path, Cluster())
    console.confirm(number=7)
    assert "plan 7 is not known" in (await console.failed(7)).detail
    console.pipeline.propose(Propose(id=8, action="explode", refs=()))
    assert "'explode'" in (await console.failed(8)).detail


async def test_a_source_that_left_or_never_was_is_refused(path: Path) -> None:
    cluster = Cluster()
    ref = cluster.add_node("a")
    console = Console(path, cluster)
    plan = await console.propose("cordon", Ref("nowhere", "node", "x"), number=2)
    assert plan.items[0].refused == "nowhere is not part of the fleet"
    await console.propose("cordon", ref)
    del console.sources["prod-eu"]
    console.confirm()
    (result,) = await console.outcome()
    assert result.detail == "prod-eu is no longer part of the fleet: nothing was sent"
    assert cluster.writes == []


async def test_a_source_without_the_capability_says_which_provider_lacks_it(path: Path) -> None:
    class Bare:
        info = Cluster().info

    console = Console(path, Cluster())
    console.sources["prod-eu"] = Bare()  # type: ignore[assignment]
    plan = await console.propose("cordon", Ref("prod-eu", "node", "x"))
    assert plan.items[0].refused == "nodes can't be cordoned from here: provider memory does not offer it"
    plan = await console.propose("restart", Ref("prod-eu", "pod", "x"), number=2)
    assert plan.items[0].refused == "pods can't be restarted from here: provider memory does not offer it"
    plan = await console.propose("restart", Ref("prod-eu", "node", "x"), number=3)
    assert plan.items[0].refused == "restart is not for a node"


async def test_a_read_that_hangs_is_refused_and_the_rest_is_planned(path: Path) -> None:
    slow, fine = Cluster("prod-eu"), Cluster("prod-us")

    async def hang(action: str, ref: Ref) -> str:
        await asyncio.Event().wait()
        return ""

    slow.review = hang  # type: ignore[method-assign]
    console = Console(path, slow, fine, limits=Limits(read_seconds=0.05))
    plan = await console.propose("cordon", slow.add_node("a"), fine.add_node("b"))
    assert [item.refused for item in plan.items] == ["no answer came in time", ""]


async def test_closing_while_a_request_is_out_writes_that_it_is_unknown(path: Path) -> None:
    cluster = Cluster()
    cluster.faults.hang = asyncio.Event()
    console = Console(path, cluster)
    await console.propose("cordon", cluster.add_node("a"))
    console.confirm()
    await console.wait(Outcome, 1, lambda frame: states(frame.results) == ["running"])
    await asyncio.wait_for(console.pipeline.close(), 1)
    assert [entry.result for entry in audit.entries(path)] == ["", "unknown"]
    assert states(await console.outcome()) == ["unknown"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_rolled_pod_may_still_be_leaving_and_a_deleted_one_must_be_gone() -> None:
    cluster = Cluster()
    (rolled,) = cluster.add_workload("Deployment", "web", pods=1)
    bare = cluster.add_pod("debug")
    leaving = Pod(uid="x", namespace="shop", name="x", deleting=True)
    staying = Pod(uid="x", namespace="shop", name="x")
    seen = {ref: (await restart[0].prepare(cluster, ref)).seen for ref in (rolled, bare)}
    assert [seen[rolled](obj) for obj in (staying, leaving, None)] == [False, True, True]
    assert [seen[bare](obj) for obj in (staying, leaving, None)] == [False, False, True]


def impatient() -> list[object]:
    """The cordon action with a watch that may take 50 ms."""

    class Hasty:
        spec = cordon[0].spec

        async def prepare(self, source: object, ref: Ref) -> object:
            step = await cordon[0].prepare(source, ref)  # type: ignore[arg-type]
            return dataclasses.replace(step, settle_seconds=0.05)

    return [Hasty()]
