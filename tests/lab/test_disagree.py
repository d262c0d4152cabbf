"""Nodes of a real cluster on the machines of a cloud, each rule broken once: this is listed, no more."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.aws import cloud as clouds
from tests.aws.cloud import Cloud

from .build import find
from .cluster import Lab
from .person import Person
from .simulator import STILL
from .stage import PLACE, place, running
from .test_snapshot import run
from .workloads import node as node_manifest

Json = dict[str, Any]
REGION, ZONE, TYPE = "eu-west-1", "eu-west-1a", "m6i.large"
GROUP = "workers"
TAGGED = [{"Key": "kubernetes.io/cluster/lab", "Value": "owned"}]
READY: Json = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}
NOT_READY: Json = {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "no network"}


@dataclass
class Planted:
    """A cluster and a cloud, and what each is expected to be listed with: rule and name."""

    lab: Lab
    cloud: Cloud
    expected: set[tuple[str, str]] = field(default_factory=set)

    @property
    def ec2(self) -> Any:
        return self.cloud.client("ec2", REGION)

    @property
    def groups(self) -> Any:
        return self.cloud.client("autoscaling", REGION)

    def flags(self) -> list[str]:
        """The command line that looks at both."""
        cluster = ["--provider", "kubernetes", "--kubeconfig", str(self.lab.kubeconfig()), "--context", "lab"]
        return [*cluster, "--provider", "aws", "--region", REGION]

    # ---- machines --------------------------------------------------------------------------------

    def image(self, number: int) -> str:
        """One of the images that there are."""
        return str(self.ec2.describe_images(Owners=["amazon"])["Images"][number]["ImageId"])

    def machine(self, name: str, *tags: Json, subnet: str = "", **more: Any) -> str:
        """A running instance; its id."""
        named = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}, *tags]}
        where = {"SubnetId": subnet} if subnet else {"Placement": {"AvailabilityZone": ZONE}}
        facts = {"ImageId": self.image(0), "InstanceType": TYPE, "MinCount": 1, "MaxCount": 1, **where}
        made = self.ec2.run_instances(TagSpecifications=[named], **{**facts, **more})
        return str(made["Instances"][0]["InstanceId"])

    def elsewhere(self) -> str:
        """A subnet of a network in which no node runs."""
        network = self.ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
        made = self.ec2.create_subnet(VpcId=network, CidrBlock="10.99.0.0/24", AvailabilityZone=ZONE)
        return str(made["Subnet"]["SubnetId"])

    def group(self, name: str, number: int) -> list[str]:
        """A group of that many machines; their ids."""
        self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=self._template(0))
        self.groups.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"},
            MinSize=0,
            MaxSize=9,
            DesiredCapacity=number,
            AvailabilityZones=[ZONE],
        )
        return self._members(name)

    def grow(self, name: str) -> str:
        """One machine more, with the next image; its id."""
        before = set(self._members(name))
        self.ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=self._template(1))
        self.groups.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=len(before) + 1)
        (new,) = set(self._members(name)) - before
        return new

    def _template(self, image: int) -> Json:
        return {"ImageId": self.image(image), "InstanceType": TYPE}

    def _members(self, name: str) -> list[str]:
        (found,) = self.groups.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return [member["InstanceId"] for member in found["Instances"]]

    # ---- nodes -----------------------------------------------------------------------------------

    def node(self, name: str, machine: str, *, type: str = TYPE, ready: bool = True) -> None:
        """A node on that machine. Its conditions are what is said here, for as long as it is there."""
        body = node_manifest(0)
        labels = {
            **body["metadata"]["labels"],
            "kubernetes.io/hostname": name,
            "node.kubernetes.io/instance-type": type,
            "topology.kubernetes.io/region": REGION,
            "topology.kubernetes.io/zone": ZONE,
        }
        still = {} if ready else {STILL: "true"}
        body["metadata"] = {"name": name, "labels": {**labels, **still}}
        body["spec"]["providerID"] = f"aws:///{ZONE}/{machine}"
        self.lab.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Node", **body}))
        if not ready:
            status = json.dumps({"status": {"conditions": [NOT_READY]}})
            self.lab.kubectl("patch", "node", name, "--subresource=status", "--type=merge", "-p", status)

    def pod_on(self, node: str) -> None:
        """A bare pod that runs there."""
        there = json.dumps({"spec": {"nodeName": node}})
        self.lab.kubectl("run", "worker", "-n", PLACE, "--image=app:1", f"--overrides={there}")
        running(self.lab, "worker")


@pytest.fixture(scope="module")
def planted() -> Iterator[Planted]:
    """Nodes and machines of which each rule applies to one."""
    assets = find()
    assert assets is not None
    with Lab(assets=assets) as lab, clouds.running() as cloud, place(lab):
        world = Planted(lab, cloud)
        _in_step(world)
        _out_of_step(world)
        yield world


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No account of anybody's is named by the environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


def _in_step(world: Planted) -> None:
    """What is no disagreement: a node on its machine, one that is long gone, and what was never meant to be a
    node: a machine of another network, and one beside the nodes with an image of its own."""
    world.node("fine", world.machine("fine", *TAGGED))
    world.machine("bastion", subnet=world.elsewhere())
    world.machine("builds", ImageId=world.image(2))
    gone = world.machine("gone")
    world.ec2.terminate_instances(InstanceIds=[gone])


def _out_of_step(world: Planted) -> None:
    world.machine("left-behind", *TAGGED)
    world.node("without", "i-0123456789abcdef0")
    world.node("silent", world.machine("silent"), ready=False)
    ended = world.machine("ended")
    world.node("ended", ended)
    world.ec2.terminate_instances(InstanceIds=[ended])
    world.node("cordoned", world.machine("cordoned"))
    world.pod_on("cordoned")
    world.lab.kubectl("cordon", "cordoned")
    world.node("resized", world.machine("resized", InstanceType="c6i.large"))
    joined, stray = world.group(GROUP, 2)
    world.node("member", joined)
    world.ec2.create_tags(Resources=[stray], Tags=[{"Key": "Name", "Value": "stray"}])
    (old,) = world.group("renewed", 1)
    world.node("old", old)
    world.ec2.create_tags(Resources=[old], Tags=[{"Key": "Name", "Value": "old"}])
    world.node("new", world.grow("renewed"))
    world.expected = {
        ("running with no node", "left-behind"),
        ("node with no instance", "without"),
        ("NotReady though all checks pass", "silent"),
        ("terminated yet a node remains", "ended"),
        ("cordoned with nobody draining", "cordoned"),
        ("type or zone different on the two sides", "resized"),
        ("in the group but not in the cluster", "stray"),
        ("old image among new", "old"),
    }


def test_a_snapshot_lists_exactly_what_was_planted(planted: Planted, tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "snapshot",
        *planted.flags(),
        "--output",
        "json",
        environment=planted.cloud.environment,
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    rows = [(row["what"], row["name"]) for row in shown["disagreements"]]
    assert sorted(rows) == sorted(planted.expected), shown["disagreements"]
    assert {row["cluster"] for row in shown["disagreements"]} == {"lab"}
    assert {node["name"] for node in shown["nodes"]} >= {"fine", "without"}


def test_the_console_lists_exactly_what_was_planted(planted: Planted, tmp_path: Path) -> None:
    with Person(tmp_path, *planted.flags(), environment=planted.cloud.environment) as person:
        person.open()
        person.until(lambda: person.count("Instances") >= 10)
        person.command("disagree")
        person.see("Disagreements ")
        person.send("W")
        shown = f"[Disagreements] {len(planted.expected)} "
        person.until(lambda: shown in person.text and _found(person.lines) == planted.expected)
        assert person.leave() == 0


def _found(lines: list[str]) -> set[tuple[str, str]]:
    """Rule and name of each row of the lens, which is alone on the screen."""
    rows = (re.match(r".{1,3}[◌◐✕≈] (.+?)(?: · new)? {2,}(?:node|instance) +(\S+)", line) for line in lines)
    return {(row[1], row[2]) for row in rows if row is not None}
