"""A region as a source: moto's own answers, and what moto lacks or a network does by a front before it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import yaml

from providers.aws.push import Change
from providers.aws.source import RegionSource
from providers.contract import Diagnoses, Powers, Prints, Refreshes, Refused, Shows
from providers.model import Instance, Ref
from tests.aws import front as fronts
from tests.aws.cloud import IMAGE, Cloud
from tests.aws.following import ONCE, QUICK, Followed, following, made
from tests.aws.front import Front, Pages
from tests.aws.machinery import reservations, uid_of


@pytest.fixture
def front(cloud: Cloud) -> Iterator[Front]:
    with fronts.before(cloud.url) as front:
        yield front


def launch(cloud: Cloud, count: int = 2, region: str = "eu-west-1", **tags: str) -> list[str]:
    """Instances in moto; their ids."""
    ec2 = cloud.client("ec2", region)
    marked = [{"Key": key, "Value": value} for key, value in {"Name": "web", **tags}.items()]
    ran = ec2.run_instances(
        ImageId=IMAGE,
        MinCount=count,
        MaxCount=count,
        InstanceType="m5.large",
        TagSpecifications=[{"ResourceType": "instance", "Tags": marked}],
    )
    return [each["InstanceId"] for each in ran["Instances"]]


def settled(followed: Followed) -> bool:
    """Every kind has been whole or refused."""
    told = followed.complete | {kind for kind, health in followed.health.items() if health.state == "denied"}
    return set(followed.info.kinds) <= told


# ---- what there is -----------------------------------------------------------------------------------


async def test_instances_are_as_boto3_describes_them(cloud: Cloud) -> None:
    launch(cloud, 3)
    ec2 = cloud.client("ec2")
    async with following(made(cloud.url)) as followed:
        await followed.until(settled)
        described = [each for held in ec2.describe_instances()["Reservations"] for each in held["Instances"]]
        assert set(followed.instances) == {each["InstanceId"] for each in described}
        for each in described:
            shown = followed.instances[each["InstanceId"]]
            zone = each["Placement"]["AvailabilityZone"]
            assert shown.name == "web"
            assert shown.state == each["State"]["Name"]
            assert shown.type == each["InstanceType"]
            assert shown.zone == zone
            assert shown.private_ip == each["PrivateIpAddress"]
            assert shown.public_ip == each["PublicIpAddress"]
            assert shown.launched == each["LaunchTime"].timestamp()
            assert shown.network == each["VpcId"]
            assert shown.image == each["ImageId"]
            assert shown.provider_id == f"aws:///{zone}/{shown.uid}"
            assert shown.lifecycle == "on-demand"
            assert shown.checks == "2/2"


async def test_who_we_are_is_said(cloud: Cloud) -> None:
    cloud.client("iam").create_account_alias(AccountAlias="acme-prod")
    async with following(made(cloud.url)) as followed:
        await followed.until(lambda f: f.info.identity and f.info.address)
        assert followed.info.name == "aws-lab-eu-west-1"
        assert followed.info.account == "lab acme-prod 123456789012"
        assert followed.info.identity == cloud.client("sts").get_caller_identity()["Arn"]
        assert followed.info.address == cloud.url
        assert followed.info.region == "eu-west-1"


async def test_what_is_spent_is_said_when_it_changes(cloud: Cloud) -> None:
    ticks: list[float] = []

    def wall() -> float:
        ticks.append(time.time())
        return ticks[-1]

    timing = msgspec.structs.replace(ONCE, wall=wall)
    async with following(made(cloud.url, timing=timing)) as followed:
        await followed.until(lambda f: settled(f) and f.info.budget and f.info.budget.calls >= 6)
        budget = followed.info.budget
        assert budget
        assert budget.limit == 100_000
        told, looked = len(followed.batches), len(ticks)
        await followed.until(lambda f: len(ticks) >= looked + 8)  # the clock is read twice a tick
        assert len(followed.batches) == told


async def test_volumes_groups_clusters_and_nodegroups(cloud: Cloud) -> None:
    subnet = planted(cloud)
    async with following(made(cloud.url)) as followed:
        await followed.until(lambda f: settled(f) and f.of("nodegroup"))
        [cluster], [nodegroup] = followed.of("cluster"), followed.of("nodegroup")
        assert (cluster.name, cluster.cells[0]) == ("prod", "ACTIVE")
        assert nodegroup.cells[:8] == ("prod", "ACTIVE", "3", "1", "9", "m5.large", "spot", "AL2_x86_64")
        assert nodegroup.owner.uid == cluster.uid
        group = next(each for each in followed.of("group") if each.name == "workers")
        assert group.cells[:5] == ("2", "1", "4", "2", "0")
        members = [each for each in followed.instances.values() if each.group == "workers"]
        await followed.until(
            lambda f: (
                [each.group_state for each in f.instances.values() if each.group == "workers"]
                == ["InService"] * 2
            )
        )
        assert len(members) == 2
        volume = next(each for each in followed.of("volume") if each.owner)
        assert volume.owner.uid in followed.instances
        assert volume.cells[0] == "in-use"
        assert subnet


def planted(cloud: Cloud) -> str:
    """A group of two machines, and a cluster with a nodegroup."""
    ec2, scaling, eks = (cloud.client(name) for name in ("ec2", "autoscaling", "eks"))
    subnet: str = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    scaling.create_launch_configuration(LaunchConfigurationName="lc", ImageId=IMAGE, InstanceType="m5.large")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="workers",
        LaunchConfigurationName="lc",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        VPCZoneIdentifier=subnet,
    )
    role = "arn:aws:iam::123456789012:role/eks"
    eks.create_cluster(name="prod", roleArn=role, resourcesVpcConfig={"subnetIds": [subnet]})
    eks.create_nodegroup(
        clusterName="prod",
        nodegroupName="ng",
        scalingConfig={"minSize": 1, "maxSize": 9, "desiredSize": 3},
        instanceTypes=["m5.large"],
        capacityType="SPOT",
        amiType="AL2_x86_64",
        subnets=[subnet],
        nodeRole=role,
    )
    return subnet


async def test_impaired_machines_and_scheduled_events(cloud: Cloud, front: Front) -> None:
    ill, doomed = launch(cloud)
    well, broken = {"Status": "ok"}, {"Status": "impaired"}
    leaving = {
        "Code": "instance-retirement",
        "Description": "it is on a host that fails",
        "NotBefore": datetime(2026, 12, 1, tzinfo=UTC),
    }
    front.scripts["DescribeInstanceStatus"] = fronts.statuses(
        **{
            ill: {"SystemStatus": well, "InstanceStatus": broken, "AttachedEbsStatus": well},
            doomed: {"SystemStatus": well, "InstanceStatus": well, "Events": [leaving]},
        }
    )
    async with following(made(front.url)) as followed:
        await followed.until(lambda f: len([each for each in f.instances.values() if each.checks]) == 2)
        assert followed.instances[ill].checks == "2/3"
        assert followed.instances[doomed].checks == "2/2"
        [notice] = followed.instances[doomed].notices
        assert notice.kind == "scheduled"
        assert notice.at == datetime(2026, 12, 1, tzinfo=UTC).timestamp()
        assert notice.detail == "instance-retirement: it is on a host that fails"
    assert front.fired["DescribeInstanceStatus"]


# ---- as it comes -------------------------------------------------------------------------------------


async def test_rows_are_shown_before_the_last_page_is_there(front: Front) -> None:
    pages = Pages(reservations("eu-west-1", 5), size=2)
    last = asyncio.Event()

    def script(asked: fronts.Asked) -> fronts.Fate:
        if asked.parameters.get("NextToken") == "4" and not last.is_set():
            return fronts.throttled(asked)
        return pages(asked)

    front.scripts["DescribeInstances"] = script
    async with following(made(front.url)) as followed:
        await followed.until(lambda f: len(f.instances) == 4 and front.count("DescribeInstances") > 5)
        assert "instance" not in followed.complete
        assert followed.health["instance"].state == "loading"
        last.set()
        await followed.until(lambda f: "instance" in f.complete)
        assert len(followed.instances) == 5
        assert followed.health["instance"].state == "live"


async def test_nothing_changed_nothing_is_said(front: Front) -> None:
    front.scripts["DescribeInstances"] = Pages(reservations("eu-west-1", 5))
    async with following(made(front.url)) as followed:
        await followed.until(lambda f: settled(f) and f.health[""].state == "live")
        told, heard = len([b for b in followed.batches if type(b).__name__ == "Upserts"]), followed.heard
        await followed.until(lambda f: f.heard > heard + 10)
        assert len([b for b in followed.batches if type(b).__name__ == "Upserts"]) == told


async def test_changes_come_with_the_next_poll(front: Front) -> None:
    pages = front.scripts["DescribeInstances"] = Pages(reservations("eu-west-1", 5))
    async with following(made(front.url)) as followed:
        await followed.until(settled)
        pages.reservations[2] = reservations("eu-west-1", 3, generation=1)[2]
        await followed.until(lambda f: f.instances[uid_of("eu-west-1", 2)].name == "node-00002-1")


# ---- faults ------------------------------------------------------------------------------------------


async def test_a_page_that_fails_midway_takes_nothing_away(front: Front) -> None:
    pages = front.scripts["DescribeInstances"] = Pages(reservations("eu-west-1", 5), size=2)
    async with following(made(front.url)) as followed:
        await followed.until(settled)
        pages.fails_at = 1
        await followed.until(lambda f: f.health["instance"].state == "lost")
        asked = front.count("DescribeInstances")
        await followed.until(lambda f: front.count("DescribeInstances") > asked + 10)
        assert "token has expired" in followed.health["instance"].detail
        assert len(followed.instances) == 5
        assert not followed.gone
        pages.fails_at = None
        await followed.until(lambda f: f.health["instance"].state == "live")
        assert not followed.gone


async def test_gone_is_what_two_whole_polls_missed(front: Front) -> None:
    held = reservations("eu-west-1", 5)
    missing = held[:4]
    polls: list[int] = []

    def script(asked: fronts.Asked) -> fronts.Fate:
        if asked.parameters.get("Filter.1.Name"):
            return Pages(held)(asked)
        polls.append(len(polls))
        return Pages(missing if polls[-1] in (2, 4, 5) else held)(asked)

    front.scripts["DescribeInstances"] = script
    async with following(made(front.url)) as followed:
        await followed.until(lambda f: len(polls) >= 5)
        assert not followed.gone
        await followed.until(lambda f: f.gone)
        assert followed.gone == [uid_of("eu-west-1", 4)]
        await followed.until(lambda f: len(f.instances) == 5)


async def test_a_stream_that_is_begun_again_loses_nothing(front: Front) -> None:
    pages = front.scripts["DescribeInstances"] = Pages(reservations("eu-west-1", 5))
    source = made(front.url)
    async with following(source) as followed:
        await followed.until(settled)
    pages.reservations = pages.reservations[:4]
    async with following(source) as followed:
        await followed.until(lambda f: len(f.instances) == 5)
        assert not followed.complete
        await followed.until(lambda f: "instance" in f.complete)
        await followed.until(lambda f: f.gone == [uid_of("eu-west-1", 4)])


async def test_a_throttled_region_lags_and_comes_back(front: Front) -> None:
    pages = front.scripts["DescribeInstances"] = Pages(reservations("eu-west-1", 5))
    async with following(made(front.url)) as followed:
        await followed.until(settled)
        front.scripts["DescribeInstances"] = fronts.throttled
        await followed.until(lambda f: f.health["instance"].state == "lagging")
        assert (
            "lab eu-west-1: DescribeInstances: throttled: asked too often"
            in followed.health["instance"].detail
        )
        assert followed.health["instance"].remedy
        assert len(followed.instances) == 5
        await followed.until(lambda f: f.info.budget and f.info.budget.throttled)
        front.scripts["DescribeInstances"] = pages
        await followed.until(lambda f: f.health[""].state == "live")


async def test_one_pair_that_fails_dims_no_other(cloud: Cloud, front: Front) -> None:
    """One region hangs, one throttles, one answers HTML, one is disabled: the fifth is as if alone."""
    fates: dict[str, fronts.Script] = {
        "us-east-1": fronts.always("hang"),
        "us-east-2": fronts.throttled,
        "us-west-1": fronts.always(b"<html><body>log in</body></html>"),
        "us-west-2": fronts.error("OptInRequired", 401, "You are not subscribed to this service."),
    }
    front.scripts["*"] = lambda asked: fates[asked.region](asked) if asked.region in fates else None
    launch(cloud, 3)
    account = Cloud(front.url).account()
    regions = ["eu-west-1", *fates]
    sources = [made_of(account, region) for region in regions]
    async with (
        following(sources[0]) as well,
        following(sources[1]) as hung,
        following(sources[2]) as slow,
        following(sources[3]) as html,
        following(sources[4]) as disabled,
    ):
        await well.until(lambda f: settled(f) and f.health[""].state == "live")
        assert len(well.instances) == 3
        assert well.health[""].detail == ""
        await slow.until(lambda f: "too often" in f.health["instance"].detail)
        await html.until(lambda f: "what the endpoint answered is not AWS's" in f.health["instance"].detail)
        await disabled.until(lambda f: f.health[""].state == "denied")
        assert "us-west-2 is not enabled" in disabled.health["instance"].detail
        assert not any((hung.instances, slow.instances, html.instances, disabled.instances))


def made_of(account: Any, region: str) -> RegionSource:
    from providers.aws.options import Options
    from providers.contract import Host

    return RegionSource(account.used(), region, Options(), Host(), timing=QUICK)


@pytest.mark.parametrize("body", [b"", b"<html/>", b"<DescribeInstancesResponse><reservationSet><item>"])
async def test_an_answer_that_is_no_answer_takes_nothing_away(body: bytes, front: Front) -> None:
    front.scripts["DescribeInstances"] = Pages(reservations("eu-west-1", 5))
    async with following(made(front.url)) as followed:
        await followed.until(settled)
        front.scripts["DescribeInstances"] = fronts.always(body)
        await followed.until(lambda f: f.health["instance"].state in ("lost", "denied"))
        asked = front.count("DescribeInstances")
        await followed.until(lambda f: front.count("DescribeInstances") > asked + 2)
        assert len(followed.instances) == 5
        assert not followed.gone


DETAILS = {
    "DescribeInstanceStatus": ("ec2:DescribeInstanceStatus", "checks unknown"),
    "DescribeAutoScalingInstances": ("autoscaling:DescribeAutoScalingInstances", "group states unknown"),
}


@pytest.mark.parametrize("operation", DETAILS)
async def test_a_detail_that_is_refused_leaves_its_field_unknown(
    operation: str, cloud: Cloud, front: Front
) -> None:
    action, told = DETAILS[operation]
    launch(cloud, 2)
    front.scripts[operation] = fronts.denied(action)
    rarely = msgspec.structs.replace(QUICK, denied=3600)
    async with following(made(front.url, timing=rarely)) as followed:
        await followed.until(lambda f: settled(f) and f.health[""].detail)
        health = followed.health["instance"]
        assert health.state == followed.health[""].state == "live"
        assert health.detail.startswith(told)
        assert action in health.detail
        assert "docs/aws.md" in health.remedy
        assert len(followed.instances) == 2
        asked = front.count(operation)
        other = front.count("DescribeInstances")
        await followed.until(lambda f: front.count("DescribeInstances") > other + 3)
        assert front.count(operation) == asked


KINDS = {
    "DescribeInstances": ("ec2:DescribeInstances", "instance"),
    "DescribeVolumes": ("ec2:DescribeVolumes", "volume"),
    "DescribeAutoScalingGroups": ("autoscaling:DescribeAutoScalingGroups", "group"),
    "ListClusters": ("eks:ListClusters", "cluster"),
}


@pytest.mark.parametrize("operation", KINDS)
async def test_a_kind_that_is_refused_costs_only_itself(operation: str, front: Front) -> None:
    action, kind = KINDS[operation]
    front.scripts[operation] = fronts.denied(action)
    async with following(made(front.url)) as followed:
        await followed.until(settled)
        assert followed.health[kind].state == "denied"
        assert action in followed.health[kind].detail
        refused = {kind} | ({"nodegroup"} if kind == "cluster" else set())
        assert followed.complete == set(followed.info.kinds) - refused
        await followed.until(lambda f: f.health[""].state == "live")


# ---- looked at closely, and pushed -------------------------------------------------------------------


async def test_what_was_acted_on_is_looked_at_until_it_settles(cloud: Cloud, front: Front) -> None:
    """Between polls that are half a minute apart; moto has no states in between, so they come from here."""
    held = reservations("eu-west-1", 3)
    uid = uid_of("eu-west-1", 1)
    states = ["running", "stopping", "stopping", "stopping", "stopped"]
    pages = front.scripts["DescribeInstances"] = Pages(held)

    def closely(asked: fronts.Asked) -> fronts.Fate:
        if asked.parameters.get("Filter.1.Name"):
            held[1]["Instances"][0]["State"]["Name"] = states.pop(0) if len(states) > 1 else states[0]
        return pages(asked)

    source = made(front.url, timing=ONCE)
    async with following(source) as followed:
        await followed.until(settled)
        front.scripts["DescribeInstances"] = closely
        source.look_closely(uid)
        await followed.until(lambda f: f.instances[uid].state == "stopped")
        shown = [
            each.state
            for batch in followed.batches
            for each in getattr(batch, "objects", ())
            if isinstance(each, Instance) and each.uid == uid
        ]
        assert shown[-3:] == ["running", "stopping", "stopped"]


async def test_many_that_are_looked_at_are_one_request(front: Front) -> None:
    front.scripts["DescribeInstances"] = Pages(reservations("eu-west-1", 50))
    source = made(front.url, timing=ONCE)
    async with following(source) as followed:
        await followed.until(settled)
        asked = len(front.asked)
        for number in range(50):
            source.look_closely(uid_of("eu-west-1", number))
        await followed.until(lambda f: len(front.asked) >= asked + 3)
        for look in front.asked[asked : asked + 3]:
            assert {f"Filter.1.Value.{number}" for number in range(1, 51)} <= look.parameters.keys()


async def test_more_than_ec2_filters_for_at_once_are_looked_at_all_the_same(front: Front) -> None:
    held = reservations("eu-west-1", fronts.FILTER_VALUES + 1)
    front.scripts["DescribeInstances"] = Pages(held)
    source = made(front.url, timing=ONCE)
    async with following(source) as followed:
        await followed.until(settled)
        for each in held:
            each["Instances"][0]["State"]["Name"] = "stopped"
            source.look_closely(each["Instances"][0]["InstanceId"])
        await followed.until(lambda f: {each.state for each in f.instances.values()} == {"stopped"})


class Telling:
    """A queue that tells what a test has it tell."""

    works = False
    problem = None
    pushed = ""

    def listen(self, account: Any, region: str, take: Any, turned: Any) -> Any:
        self.take, self.turned = take, turned
        return lambda: None


async def test_a_pushed_change_is_shown_at_once_and_looked_into(front: Front) -> None:
    held = reservations("eu-west-1", 3)
    front.scripts["DescribeInstances"] = Pages(held)
    queue, uid = Telling(), uid_of("eu-west-1", 2)
    async with following(made(front.url, timing=ONCE, queue=queue)) as followed:
        await followed.until(settled)
        held[2]["Instances"][0]["State"]["Name"] = "stopped"
        held[2]["Instances"][0]["StateReason"] = {"Message": "Client.InstanceInitiatedShutdown"}
        at = datetime(2099, 1, 1, tzinfo=UTC).timestamp()
        await queue.take(Change(account="1", region="eu-west-1", instance=uid, at=at, state="stopped"))
        await followed.until(lambda f: f.instances[uid].state == "stopped")
        assert followed.instances[uid].since == at
        await followed.until(lambda f: f.instances[uid].reason == "Client.InstanceInitiatedShutdown")


async def test_an_instance_that_only_an_event_knows_is_found(front: Front) -> None:
    held = reservations("eu-west-1", 3)
    pages = front.scripts["DescribeInstances"] = Pages(held[:2])
    queue, uid = Telling(), uid_of("eu-west-1", 2)
    async with following(made(front.url, timing=ONCE, queue=queue)) as followed:
        await followed.until(settled)
        pages.reservations = held
        await queue.take(Change(account="1", region="eu-west-1", instance=uid, at=1.0, state="pending"))
        await followed.until(lambda f: uid in f.instances)


async def test_while_changes_are_pushed_polls_are_rarer(front: Front) -> None:
    front.scripts["DescribeInstances"] = Pages(reservations("eu-west-1", 3))
    queue = Telling()
    source = made(front.url, queue=queue)
    async with following(source) as followed:
        await followed.until(settled)
        [life] = source._lives
        assert life._every_look() == QUICK.instances
        queue.works = True
        assert life._every_look() == QUICK.instances * 4
        asked = front.count("DescribeInstances")
        queue.turned()
        await followed.until(lambda f: front.count("DescribeInstances") > asked)


# ---- besides -----------------------------------------------------------------------------------------


async def test_it_can_do_what_its_capabilities_say(cloud: Cloud) -> None:
    source = made(cloud.url)
    for capability in (Shows, Diagnoses, Refreshes, Powers, Prints):
        assert isinstance(source, capability)


async def test_a_stop_is_seen_without_waiting_for_a_poll(cloud: Cloud) -> None:
    [uid] = launch(cloud, 1)
    source = made(cloud.url, timing=ONCE)
    async with following(source) as followed:
        await followed.until(settled)
        machine = await source.machine(Ref(followed.info.name, "instance", uid))
        await source.power(machine, "stop", dry_run=False)
        await followed.until(lambda f: f.instances[uid].state == "stopped")
        assert followed.instances[uid].reason
        assert followed.instances[uid].since


async def test_the_manifest_is_what_boto3_describes(cloud: Cloud) -> None:
    [uid] = launch(cloud, 1, note="a: [b]\u202e")
    source = made(cloud.url)
    shown = yaml.safe_load(await source.manifest(Ref(source.info.name, "instance", uid)))
    [held] = cloud.client("ec2").describe_instances(InstanceIds=[uid])["Reservations"]
    described = held["Instances"][0]
    assert set(shown) == set(described)
    assert shown["NetworkInterfaces"][0]["MacAddress"] == described["NetworkInterfaces"][0]["MacAddress"]
    assert shown["LaunchTime"] == described["LaunchTime"].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert {tag["Key"]: tag["Value"] for tag in shown["Tags"]}["note"] == "a: [b]\ufffd"
    with pytest.raises(Refused, match="is gone from lab eu-west-1"):
        await source.manifest(Ref(source.info.name, "instance", "i-0123456789abcdef0"))


async def test_the_diagnosis_names_what_is_lacking(cloud: Cloud, front: Front) -> None:
    launch(cloud, 1)
    front.scripts["DescribeVolumes"] = fronts.denied("ec2:DescribeVolumes")
    front.scripts["DescribeInstanceStatus"] = fronts.denied("ec2:DescribeInstanceStatus")
    source = made(front.url, timing=ONCE)
    async with following(source) as followed:
        await followed.until(settled)
        asked = len(front.asked)
        findings = {each.subject.partition(": ")[2]: each for each in await source.diagnose()}
        assert len(front.asked) <= asked + 2
    assert findings["identity"].level == "ok"
    assert "123456789012" in findings["identity"].detail
    assert findings["instances"].detail == "ec2:DescribeInstances: allowed"
    assert findings["volumes"].level == "error"
    assert "ec2:DescribeVolumes" in findings["volumes"].detail
    assert findings["checks"].level == "warning"
    assert findings["spot prices"].detail == "ec2:DescribeSpotPriceHistory: not needed here so far"
