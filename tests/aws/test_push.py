"""A queue that EventBridge fills, on moto: who hears what, once, in order, and what is said when it fails."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from providers.aws.account import Account, Identity
from providers.aws.events import Change
from providers.aws.options import Options
from providers.aws.push import Queue, Queues
from providers.aws.source import RegionSource
from providers.aws.timing import Timing
from providers.aws.troubles import Answered, Throttled
from providers.contract import Host, Problem
from providers.model import Instance, Upserts
from tests.aws import envelopes
from tests.aws.cloud import Cloud
from tests.aws.envelopes import REGION, UID
from tests.waiting import until

ELSEWHERE = "us-east-1"
"""Where the queue is in most tests: not where the instances are."""


class Ear:
    """A region that listens."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.turns: list[bool] = []
        self.queue: Queue | None = None
        self.room = asyncio.Event()
        self.room.set()
        self.leave: Callable[[], None] = lambda: None

    def at(self, queue: Queue, account: Account, region: str = REGION) -> Ear:
        self.queue = queue
        self.leave = queue.listen(account, region, self.take, self._turned)
        return self

    async def take(self, change: Change) -> None:
        await self.room.wait()
        self.changes.append(change)

    def _turned(self) -> None:
        assert self.queue is not None
        self.turns.append(self.queue.works)

    @property
    def states(self) -> list[str | None]:
        return [change.state for change in self.changes]


class Post:
    """A queue of moto's and who writes into it."""

    def __init__(self, cloud: Cloud, region: str = ELSEWHERE) -> None:
        self.cloud = cloud
        self.sqs = cloud.client("sqs", region)
        self.url: str = self.sqs.create_queue(QueueName="fleet")["QueueUrl"]

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    @property
    def left(self) -> int:
        """Messages that are there, seen or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)


@pytest.fixture
def post(cloud: Cloud) -> Post:
    return Post(cloud)


@pytest.fixture
async def opened(cloud: Cloud) -> AsyncIterator[Callable[..., tuple[Queue, Ear]]]:
    ears: list[Ear] = []

    def open_queue(address: str = "fleet", region: str = ELSEWHERE, **more: Any) -> tuple[Queue, Ear]:
        queue = Queue(cloud.account("prod"), address, region, poll_seconds=1, **more)
        ears.append(Ear().at(queue, cloud.account("prod")))
        return queue, ears[-1]

    yield open_queue
    for ear in ears:
        ear.leave()


Opened = Callable[..., tuple[Queue, Ear]]


async def test_a_change_is_told_and_its_message_deleted(post: Post, opened: Opened) -> None:
    post.send(envelopes.state("stopping"), envelopes.interruption())
    queue, ear = opened()
    await until(lambda: len(ear.changes) == 2 and queue.works)
    assert {change.instance for change in ear.changes} == {UID}
    assert post.left == 0
    assert ear.turns == [True]
    post.send(envelopes.state("stopped", time="2026-01-15T02:14:40Z"))
    await until(lambda: "stopped" in ear.states)


async def test_by_url_and_through_a_rule_of_eventbridge(cloud: Cloud, opened: Opened) -> None:
    post = Post(cloud, REGION)
    arn = post.sqs.get_queue_attributes(QueueUrl=post.url, AttributeNames=["QueueArn"])["Attributes"]
    events = cloud.client("events", REGION)
    events.put_rule(Name="fleet", EventPattern=json.dumps({"source": ["aws.ec2"]}))
    events.put_targets(Rule="fleet", Targets=[{"Id": "1", "Arn": arn["QueueArn"]}])
    _, ear = opened(post.url, REGION)
    events.put_events(
        Entries=[
            {
                "Source": "aws.ec2",
                "DetailType": "EC2 Instance State-change Notification",
                "Detail": json.dumps({"instance-id": UID, "state": "running"}),
            }
        ]
    )
    await until(lambda: ear.changes)
    assert (ear.changes[0].state, ear.changes[0].region) == ("running", REGION)


async def test_what_is_no_event_is_counted_and_taken_off_the_queue(post: Post, opened: Opened) -> None:
    other = envelopes.envelope("aws.s3", "Object Created", {})
    post.send("{", other, envelopes.state("running", uid="i-x"), envelopes.state("running"))
    queue, ear = opened()
    await until(lambda: ear.changes and sum(queue.skipped.values()) == 3)
    assert queue.skipped == {"unreadable": 2, "unknown": 1}
    await until(lambda: queue.works)
    assert queue.pushed == "queue fleet · 1 taken, 3 skipped"
    finding = queue.finding("aws-prod-eu-west-1")
    assert (finding.subject, finding.level) == ("aws-prod-eu-west-1: queue", "ok")
    assert finding.detail == "fleet: 1 changes told; not told: 1 unknown, 2 unreadable"
    await until(lambda: post.left == 0)


async def test_what_is_delivered_twice_is_told_once(post: Post, opened: Opened) -> None:
    twice = envelopes.rebalance()
    post.send(twice, twice)
    queue, ear = opened()
    await until(lambda: queue.skipped["again"] == 1 and queue.works)
    assert len(ear.changes) == 1


async def test_an_older_state_is_not_told_after_a_newer_one(post: Post, opened: Opened) -> None:
    queue, ear = opened()
    post.send(envelopes.state("stopped", time="2026-01-15T02:14:40Z"))
    await until(lambda: ear.changes)
    post.send(
        envelopes.state("stopping", time="2026-01-15T02:14:39Z"),
        envelopes.state("stopping", time="2026-01-15T02:14:40Z"),
        envelopes.state("running", uid="i-0b", time="2026-01-15T02:14:00Z"),
        envelopes.interruption(time="2026-01-15T02:14:00Z"),
    )
    await until(lambda: len(ear.changes) == 3 and queue.skipped["late"] == 2)
    assert [state for state in ear.states if state] == ["stopped", "running"]


async def test_others_accounts_and_regions_are_not_told(post: Post, opened: Opened) -> None:
    post.send(
        envelopes.state("running", account="210987654321"),
        envelopes.state("running", region="ap-south-1"),
        envelopes.state("pending"),
    )
    queue, ear = opened()
    await until(lambda: ear.changes and queue.skipped["elsewhere"] == 2)
    assert ear.states == ["pending"]


async def test_several_regions_share_one_reader(cloud: Cloud, post: Post, opened: Opened) -> None:
    queue, ear = opened()
    other = Ear().at(queue, cloud.account("prod"), "eu-central-1")
    post.send(envelopes.state("running", region="eu-central-1"), envelopes.state("stopped"))
    await until(lambda: ear.changes and other.changes)
    assert (ear.states, other.states) == (["stopped"], ["running"])
    assert len([task for task in asyncio.all_tasks() if task.get_name() == "queue fleet"]) == 1
    other.leave()


async def test_with_the_last_who_listens_the_reading_ends_and_begins_again(
    cloud: Cloud, post: Post, opened: Opened
) -> None:
    post.sqs.set_queue_attributes(QueueUrl=post.url, Attributes={"VisibilityTimeout": "1"})
    queue, ear = opened()
    await until(lambda: queue.works)
    ear.leave()
    ear.leave = lambda: None
    await until(lambda: not [task for task in asyncio.all_tasks() if task.get_name() == "queue fleet"])
    assert not queue.works
    again = Ear().at(queue, cloud.account("prod"))
    post.send(envelopes.state("running"))
    await until(lambda: again.changes)
    again.leave()


async def test_what_a_request_brings_after_the_last_has_left_comes_again(cloud: Cloud, post: Post) -> None:
    """Its thread stays in the request, whose answer nobody takes."""
    asked: list[Any] = []
    brought: list[Any] = []

    def watch(client: Any) -> None:
        client.meta.events.register("before-send.sqs.ReceiveMessage", lambda **_: asked.append(None))
        client.meta.events.register(
            "after-call.sqs.ReceiveMessage", lambda parsed, **_: brought.append(parsed)
        )

    post.sqs.set_queue_attributes(QueueUrl=post.url, Attributes={"VisibilityTimeout": "1"})
    account = cloud.account("prod", prepare=watch)
    queue = Queue(account, "fleet", ELSEWHERE, poll_seconds=5)
    first = Ear().at(queue, account)
    await until(lambda: queue.works and len(asked) == 2)
    first.leave()
    post.send(envelopes.state("running"))
    await until(lambda: len(brought) == 2)
    assert brought[1]["Messages"]
    second = Ear().at(queue, account)
    await until(lambda: second.changes and post.left == 0)
    assert (first.states, second.states) == ([], ["running"])
    second.leave()


async def test_a_queue_that_is_missing_is_told_and_found_when_it_is_there(
    cloud: Cloud, opened: Opened
) -> None:
    waits: list[float] = []
    go_on = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await go_on.wait()

    queue, ear = opened("fleet", sleep=sleep)
    await until(lambda: waits)
    assert queue.problem is not None
    assert queue.problem.detail == "there is no queue fleet in us-east-1"
    assert queue.pushed == "queue fleet is not read: there is no queue fleet in us-east-1"
    assert queue.finding("prod").level == "warning"
    assert (queue.works, ear.turns) == (False, [])
    post = Post(cloud)
    post.send(envelopes.state("running"))
    go_on.set()
    await until(lambda: ear.changes)
    await until(lambda: ear.turns == [True])
    assert queue.problem is None
    post.sqs.delete_queue(QueueUrl=post.url)
    await until(lambda: ear.turns == [True, False])


# ---- in a region's rows ------------------------------------------------------------------------------


async def test_what_is_pushed_is_seen_long_before_the_next_poll(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2", REGION)
    uid = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    post = Post(cloud)
    queue = Queue(cloud.account("prod"), "fleet", ELSEWHERE, poll_seconds=1)
    slow = Timing(instances=3600, tick=0.1)
    source = RegionSource(cloud.account("prod").used(), REGION, Options(), Host(), queue=queue, timing=slow)
    shown: dict[str, Instance] = {}

    async def follow() -> None:
        async for batch in source.stream():
            if isinstance(batch, Upserts):
                shown.update({obj.uid: obj for obj in batch.objects if isinstance(obj, Instance)})

    following = asyncio.create_task(follow())
    try:
        await until(lambda: queue.works and uid in shown and shown[uid].state == "running")
        at = int(time.time())
        detail = {"instance-id": uid, "instance-action": "stop"}
        warning = "EC2 Spot Instance Interruption Warning"
        post.send(envelopes.envelope("aws.ec2", warning, detail, time=moment(at)))
        await until(lambda: shown[uid].notices)
        assert [(told.kind, told.at) for told in shown[uid].notices] == [("spot interruption", at + 120)]
        ec2.stop_instances(InstanceIds=[uid])
        post.send(envelopes.state("stopped", uid, time=moment(at + 1)))
        await until(lambda: shown[uid].state == "stopped")
        await until(lambda: source.info.pushed == "queue fleet · 2 taken, 0 skipped")
    finally:
        following.cancel()
        await asyncio.wait({following})
    assert not queue.works


def moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


# ---- what moto does not do ---------------------------------------------------------------------------


class Scripted:
    """An account whose queue answers from a script, and then not at all."""

    name, home = "prod", REGION

    def __init__(self, *answers: Exception | list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.known = asyncio.Event()
        """It is known whether the token service answers."""
        self.known.set()

    async def identity(self) -> Identity:
        self.asked.append("identity")
        await self.known.wait()
        raise Problem("the token service does not answer")

    async def at_once(self, region: str, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append(operation)
        if operation != "receive_message":
            return {}
        if not self.answers:
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"Messages": [{"Body": body, "ReceiptHandle": str(n)} for n, body in enumerate(answer)]}


def scripted(account: Scripted, **more: Any) -> Queue:
    return Queue(account, f"https://sqs.{REGION}.amazonaws.com/1/fleet", "", **more)  # type: ignore[arg-type]


async def heard(account: Scripted, seen: Callable[[Queue, Ear], object]) -> tuple[Queue, Ear, list[float]]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    queue = scripted(account, sleep=sleep)
    ear = Ear().at(queue, account)  # type: ignore[arg-type]
    await until(lambda: seen(queue, ear))
    ear.leave()
    return queue, ear, waits


async def test_denied_and_throttled_it_waits_longer_each_time_and_goes_on() -> None:
    denied = Answered(
        "not allowed sqs:ReceiveMessage", "have it allowed", code="AccessDenied", state="denied"
    )
    account = Scripted(
        denied, Throttled("too often"), RuntimeError("a bug"), TimeoutError(), [envelopes.state("running")]
    )
    _, ear, waits = await heard(account, lambda queue, ear: queue.works)
    assert ear.states == ["running"]
    assert len(waits) == 4
    assert all(low <= wait <= 2 * low for low, wait in zip((2.5, 5.0, 10.0, 20.0), waits, strict=True))
    asked = [operation for operation in account.asked if operation != "identity"]
    assert asked == ["receive_message"] * 5 + ["delete_message_batch", "receive_message"]


async def test_a_queue_that_breaks_says_so_in_words_and_to_who_listens() -> None:
    denied = Answered(
        "not allowed sqs:ReceiveMessage", "have it allowed", code="AccessDenied", state="denied"
    )
    queue, _, _ = await heard(
        Scripted([], denied), lambda queue, ear: ear.turns == [True, False] and queue.problem
    )
    assert queue.problem is not None
    assert queue.problem.detail.endswith("/1/fleet: not allowed sqs:ReceiveMessage")
    assert (queue.problem.remedy, queue.problem.state) == ("have it allowed", "denied")


async def test_nothing_is_deleted_before_it_is_taken_and_who_leaves_holds_nobody_up() -> None:
    """One that has no room for a change keeps the message where it is; the rest goes on when it leaves."""
    account = Scripted([envelopes.state("running"), envelopes.state("running", region="eu-central-1")])
    queue = scripted(account)
    full, other = Ear(), Ear()
    full.room.clear()
    full.at(queue, account)  # type: ignore[arg-type]
    other.at(queue, account, "eu-central-1")  # type: ignore[arg-type]
    await until(lambda: queue.taken == 1)
    await asyncio.sleep(0)
    assert "delete_message_batch" not in account.asked
    full.leave()
    await until(lambda: other.changes and "delete_message_batch" in account.asked)
    assert not full.changes
    other.leave()


async def test_what_nobody_was_told_is_told_to_the_next_who_listens() -> None:
    """The last one leaves while it is asked whose the events are: they come again, and are new."""
    event = envelopes.state("running")
    account = Scripted([event], [event])
    account.known.clear()
    queue = scripted(account)
    first = Ear().at(queue, account)  # type: ignore[arg-type]
    await until(lambda: "identity" in account.asked)
    first.leave()
    account.known.set()
    second = Ear().at(queue, account)  # type: ignore[arg-type]
    await until(lambda: "delete_message_batch" in account.asked)
    assert (first.states, second.states, queue.skipped) == ([], ["running"], {})
    second.leave()


async def test_one_that_leaves_meanwhile_costs_the_others_nothing() -> None:
    regions = ("eu-central-1", "eu-north-1", "eu-south-1")
    account = Scripted([envelopes.state("running", region=region) for region in regions])
    account.known.clear()
    queue = scripted(account)
    ears = [Ear().at(queue, account, region) for region in regions]  # type: ignore[arg-type]
    await until(lambda: "identity" in account.asked)
    ears[0].leave()
    account.known.set()
    await until(lambda: "delete_message_batch" in account.asked)
    assert [ear.states for ear in ears] == [[], ["running"], ["running"]]
    for ear in ears[1:]:
        ear.leave()


async def test_all_accounts_are_asked_at_once_who_they_are_and_each_once() -> None:
    reading, other = Scripted([envelopes.state("running")]), Scripted()
    for account in (reading, other):
        account.known.clear()
    queue = scripted(reading)
    ears = [Ear().at(queue, account, region) for account in (reading, other) for region in (REGION, "x")]  # type: ignore[arg-type]
    await until(lambda: "identity" in reading.asked and "identity" in other.asked)
    assert (reading.asked.count("identity"), other.asked.count("identity")) == (1, 1)
    for ear in ears:
        ear.leave()


async def test_an_endpoint_that_answers_at_once_with_nothing_is_not_asked_without_pause() -> None:
    account = Scripted([], [], [])
    _, _, waits = await heard(account, lambda queue, ear: account.asked == ["receive_message"] * 4)
    assert waits == [0.2] * 3


async def test_an_account_that_does_not_say_who_it_is_hears_of_its_region() -> None:
    account = Scripted([envelopes.state("running", account="210987654321")])
    _, ear, _ = await heard(account, lambda queue, ear: ear.changes)
    assert ear.states == ["running"]


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("https://sqs.ap-south-1.amazonaws.com/123456789012/fleet", "ap-south-1"),
        ("https://vpce-1-2.sqs.ap-south-1.vpce.amazonaws.com/123456789012/fleet", "ap-south-1"),
        ("https://ap-south-1.queue.amazonaws.com/123456789012/fleet", "ap-south-1"),
        ("http://127.0.0.1:5000/123456789012/fleet", "eu-west-1"),
        ("fleet", "eu-west-1"),
    ],
)
def test_where_a_queue_is_its_url_says(address: str, region: str) -> None:
    assert Queue(Scripted(), address, "eu-west-1").region == region  # type: ignore[arg-type]


def test_one_queue_for_all_regions_of_a_profile_or_one_for_each(cloud: Cloud) -> None:
    account, other = cloud.account("prod"), cloud.account("lab")
    url = "https://sqs.eu-west-1.amazonaws.com/1/all"
    queues = Queues({"prod": "fleet", "prod/us-east-1": "fleet", "lab": url, "prod/ap-south-1": url})
    shared = queues.of(account, "eu-west-1")
    assert shared is not None
    assert shared is queues.of(account, "eu-central-1")
    own = queues.of(account, "us-east-1")
    assert own is not None
    assert own is not shared
    assert (shared.region, own.region) == ("eu-west-1", "us-east-1")
    assert queues.of(other, "eu-west-1") is queues.of(account, "ap-south-1")
    assert Queues({}).of(account, "eu-west-1") is None
