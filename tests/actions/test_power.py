"""Reboot, start and stop through the pipeline: the word to type, what is refused, what the audit says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from console.query import compile_query
from providers.actions import discover
from providers.contract import Problem, Refused, Subject, Uncertain, Verb
from providers.engine.audit import entries, verify
from providers.engine.pipeline import Limits
from providers.engine.watchers import Watchers
from providers.model import Instance, Ref, SourceInfo
from providers.stream import Outcome

from .console import Console

LAUNCHED = 1_768_443_000.0
_AFTER: dict[Verb, str] = {"reboot": "running", "start": "running", "stop": "stopped"}


class Region:
    """A region in memory whose machines can be powered."""

    def __init__(self, *, account: str = "prod", region: str = "eu-west-1") -> None:
        name = f"aws-{account}-{region}"
        self.info = SourceInfo(
            name=name, provider="memory", kinds=("instance",), account=account, region=region, identity="ada"
        )
        self.watchers = Watchers()
        self.machines: dict[str, Instance] = {}
        self.sent: list[tuple[str, Verb, bool]] = []
        self.fails: Callable[[bool], Problem | None] = lambda dry_run: None
        self.shows = True

    def add(self, uid: str, name: str = "", state: str = "running") -> Ref:
        self.machines[uid] = Instance(uid=uid, name=name, state=state, launched=LAUNCHED)
        return Ref(self.info.name, "instance", uid)

    async def machine(self, ref: Ref) -> Subject:
        found = self.machines.get(ref.uid)
        if found is None:
            raise Refused(f"instance {ref.uid} is gone")
        return Subject(
            ref=ref,
            kind="Instance",
            name=found.name,
            uid=found.uid,
            state=found.state,
            launched=found.launched,
            consequences=(("stop", "its public address 203.0.113.9 is given up"),),
        )

    async def power(self, machine: Subject, verb: Verb, *, dry_run: bool) -> None:
        self.sent.append((machine.uid, verb, dry_run))
        if problem := self.fails(dry_run):
            raise problem
        if not dry_run:
            now = msgspec.structs.replace(self.machines[machine.uid], state=_AFTER[verb])
            self.machines[machine.uid] = now
            if self.shows:
                self.watchers.passed(machine.ref, now)


@pytest.fixture
def region() -> Region:
    return Region()


@pytest.fixture
def console(region: Region, tmp_path: Path) -> Console:
    return Console(tmp_path / "audit.jsonl", region, limits=Limits())  # type: ignore[arg-type]


async def test_one_machine_asks_for_its_name(region: Region, console: Console) -> None:
    ref = region.add("i-0a", "web-1", "stopped")
    plan = await console.propose("start", ref)
    assert plan.typed == "web-1"
    assert plan.sentence == "Start instance web-1 (i-0a) in prod eu-west-1 as ada"
    console.confirm("y")
    assert (await console.failed()).detail == "not confirmed: type web-1"
    assert region.sent == [("i-0a", "start", True)]
    console.confirm("web-1")
    assert [result.state for result in await console.outcome()] == ["done"]
    assert region.sent == [("i-0a", "start", True), ("i-0a", "start", False)]


async def test_a_machine_without_a_name_asks_for_its_id(region: Region, console: Console) -> None:
    assert (await console.propose("reboot", region.add("i-0a", " "))).typed == "i-0a"


async def test_several_machines_ask_for_their_number_and_are_asked_one_by_one(
    region: Region, console: Console
) -> None:
    refs = [region.add(f"i-{number}", "web", "stopped") for number in range(3)]
    plan = await console.propose("start", *refs)
    assert plan.typed == "3"
    console.confirm("3")
    await console.outcome()
    assert sorted(region.sent) == [(f"i-{n}", "start", dry) for n in range(3) for dry in (False, True)]


async def test_the_plan_says_what_a_stop_takes_and_a_reboot_does_not(
    region: Region, console: Console
) -> None:
    ref = region.add("i-0a", "web-1")
    stop = await console.propose("stop", ref)
    assert stop.items[0].consequences == ("its public address 203.0.113.9 is given up",)
    assert (await console.propose("reboot", ref, number=2)).items[0].consequences == ()


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [
        ("start", "running", "it is running"),
        ("start", "stopping", "it is stopping"),
        ("stop", "stopped", "it is stopped"),
        ("stop", "", "it is in an unknown state"),
        ("reboot", "terminated", "it is terminated"),
    ],
)
async def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    region: Region, console: Console, action: str, state: str, reason: str
) -> None:
    plan = await console.propose(action, region.add("i-0a", "web-1", state))
    assert [item.refused for item in plan.items] == [reason]
    assert region.sent == []


async def test_a_denied_dry_run_is_told(region: Region, console: Console) -> None:
    region.fails = lambda dry_run: Refused("ada may not ec2:StopInstances") if dry_run else None
    plan = await console.propose("stop", region.add("i-0a", "web-1"))
    assert plan.items[0].refused == "the server's dry run: ada may not ec2:StopInstances"


async def test_A7_a_lost_answer_is_unknown_and_the_watch_may_tell(region: Region, console: Console) -> None:
    region.fails = lambda dry_run: None if dry_run else Uncertain("no answer came")
    region.shows = False
    await console.propose("stop", region.add("i-0a", "web-1"))
    console.confirm("web-1")
    told = "no answer came; the watch will tell"
    await console.wait(Outcome, 1, lambda frame: any(result.detail == told for result in frame.results))
    region.watchers.passed(Ref(region.info.name, "instance", "i-0a"), Instance(uid="i-0a", state="stopped"))
    (result,) = await console.outcome()
    assert (result.state, result.detail) == ("done", "no answer came, but the watch shows it done")
    assert [sent for sent in region.sent if not sent[2]] == [("i-0a", "stop", False)]


async def test_A7_a_reboot_without_an_answer_stays_unknown(region: Region, console: Console) -> None:
    region.fails = lambda dry_run: None if dry_run else Uncertain("no answer came")
    await console.propose("reboot", region.add("i-0a", "web-1"))
    console.confirm("web-1")
    (result,) = await console.outcome()
    assert (result.state, result.detail) == ("unknown", "no answer came")


async def test_a_reboot_is_done_when_the_server_took_it(region: Region, console: Console) -> None:
    region.shows = False
    await console.propose("reboot", region.add("i-0a", "web-1"))
    console.confirm("web-1")
    assert [result.state for result in await console.outcome()] == ["done"]


async def test_the_audit_has_the_intent_with_its_condition_and_the_outcome(
    region: Region, console: Console, tmp_path: Path
) -> None:
    await console.propose("stop", region.add("i-0a", "web-1"))
    console.confirm("web-1")
    await console.outcome()
    intent, outcome = entries(tmp_path / "audit.jsonl")
    assert (intent.phase, intent.action, intent.identity) == ("intent", "stop", "ada")
    assert (intent.object.kind, intent.object.name, intent.object.uid) == ("Instance", "web-1", "i-0a")
    assert intent.sent == (
        "stop instance i-0a alone, if it is still running and was last launched at 2026-01-15T02:10:00Z"
    )
    assert (outcome.phase, outcome.result) == ("outcome", "done")
    assert verify(tmp_path / "audit.jsonl") is None


def test_every_reason_not_to_is_a_filter_that_the_console_knows() -> None:
    specs = [
        action.spec for action in discover() if "instance" in action.spec.kinds and not action.spec.worded
    ]
    assert [spec.name for spec in specs] == ["reboot", "start", "stop"]
    for spec in specs:
        for text, _ in spec.unless:
            compile_query(text, "instance", 0.0)
