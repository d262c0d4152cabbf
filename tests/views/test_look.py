"""The snapshot's JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.fleet import Fleet
from console.look import as_json
from providers.model import About, Complete, Health, Instance, LinuxHost, Node, Pod, SourceInfo
from providers.stream import Frame
from tests.disagree.worlds import CLOUD, in_step, node
from tests.fleet.worlds import upsert


def _fleet() -> Fleet:
    fleet = Fleet()
    fleet.apply(Frame(1.0, "k", About(SourceInfo(name="k", provider="kubernetes", cluster="prod"))))
    info = SourceInfo(name="aws", provider="aws", account="123", region="eu-west-1")
    fleet.apply(Frame(1.0, "aws", About(info)))
    fleet.apply(
        upsert(
            "k",
            Node(uid="n", name="n1", status="Ready", cpu=8.0, memory=1024, provider_id="aws:///z/i-1"),
            Pod(
                uid="p2",
                namespace="web",
                name="b",
                ready=1,
                containers=2,
                node="n1",
                created=40.5,
                claims=("data-b",),
            ),
            Pod(uid="p1", namespace="web", name="a"),
        )
    )
    fleet.apply(
        upsert(
            "aws",
            Instance(
                uid="i-1", provider_id="aws:///z/i-1", name="m", state="running", launched=5.0, checks="2/2"
            ),
        )
    )
    return fleet


def test_its_shape_is_what_scripts_rely_on() -> None:
    fleet = _fleet()
    fleet.apply(Frame(1.0, "k", Complete("pod")))
    found = json.loads(json.dumps(as_json(fleet, 100.0)))
    assert [pod["name"] for pod in found["pods"]] == ["a", "b"]
    assert found["pods"][1] == {
        "cluster": "prod",
        "namespace": "web",
        "name": "b",
        "uid": "p2",
        "status": "",
        "ready": "1/2",
        "restarts": 0,
        "node": "n1",
        "ip": "",
        "claims": ["data-b"],
        "age_seconds": 59,
    }
    assert found["nodes"] == [
        {
            "cluster": "prod",
            "name": "n1",
            "status": "Ready",
            "roles": "<none>",
            "version": "",
            "cpu": 8.0,
            "memory": 1024,
            "provider_id": "aws:///z/i-1",
            "pods": 1,
        }
    ]
    assert found["instances"] == [
        {
            "account": "123",
            "account_name": "",
            "region": "eu-west-1",
            "id": "i-1",
            "name": "m",
            "state": "running",
            "type": "",
            "zone": "",
            "lifecycle": "",
            "private_ip": "",
            "launch_time": 5.0,
            "checks": "2/2",
            "node": "n1",
            "node_guess": None,
            "hourly": None,
            "observed": True,
            "resource": "",
        }
    ]


def test_an_instance_without_a_node_or_a_name_says_so_and_an_account_is_its_id() -> None:
    fleet = Fleet()
    info = SourceInfo(name="aws", provider="aws", account="prod 123456789012", region="eu-west-1")
    fleet.apply(Frame(1.0, "aws", About(info)))
    running = Instance(
        uid="i-1", state="running", type="m5.large", zone="eu-west-1a", lifecycle="on-demand", launched=5.0
    )
    fleet.apply(upsert("aws", running))
    [found] = as_json(fleet, 100.0)["instances"]
    fleet.apply(Frame(2.0, "aws", About(SourceInfo(name="aws", provider="aws", account="my profile"))))
    assert as_json(fleet, 100.0)["instances"][0]["account"] == "my profile"
    assert (found["account"], found["account_name"]) == ("123456789012", "prod")
    assert found["node"] is None
    assert found["hourly"] == 0.107


def test_what_is_declared_and_runs_is_listed_once_with_its_address() -> None:
    fleet = _fleet()
    facts = {"observed": False, "resource": "aws_instance.web"}
    missing = Instance(uid="i-2", provider_id="aws:///z/i-2", **facts)
    fleet.apply(upsert("a-state", Instance(uid="i-1", provider_id="aws:///z/i-1", **facts), missing))
    found = [(each["id"], each["observed"], each["resource"]) for each in as_json(fleet, 100.0)["instances"]]
    assert found == [("i-2", False, "aws_instance.web"), ("i-1", True, "aws_instance.web")]


def test_what_is_not_known_is_null_and_a_refused_kind_shows() -> None:
    fleet = _fleet()
    denied = Health(state="denied", since=1.0, kind="pod", detail="403 on pods")
    fleet.apply(Frame(1.0, "k", Health(state="live", since=1.0)))
    fleet.apply(Frame(1.0, "k", denied))
    found = as_json(fleet, 100.0)
    assert found["nodes"][0]["pods"] is None
    assert found["pods"][0]["age_seconds"] is None
    told = [(source["name"], source["health"], source["detail"]) for source in found["sources"]]
    assert told == [("aws", "connecting", ""), ("k", "denied", "403 on pods")]
    assert (found["sources"][0]["account"], found["sources"][0]["region"]) == ("123", "eu-west-1")


def test_a_node_that_is_a_guess_by_address_is_told_apart_from_one_that_is_known() -> None:
    fleet = _fleet()
    there = {"network": "vpc-1", "state": "running"}
    known = Instance(uid="i-1", provider_id="aws:///z/i-1", **there)
    fleet.apply(upsert("aws", known, Instance(uid="i-2", private_ip="10.0.0.2", **there)))
    fleet.apply(upsert("k", Node(uid="m", name="n2", internal_ip="10.0.0.2")))
    one, two = as_json(fleet, 100.0)["instances"]
    assert (one["node"], one["node_guess"]) == ("n1", None)
    assert (two["node"], two["node_guess"]) == (None, "n2")


@pytest.mark.parametrize(
    ("said", "account"), [("shop 111122223333", "111122223333"), ("my profile", "my profile"), ("", "")]
)
def test_the_account_of_a_disagreement_is_told_as_that_of_an_instance(said: str, account: str) -> None:
    found = as_json(_differing(said), 100.0)
    assert found["disagreements"][0]["account"] == found["instances"][0]["account"] == account


def _differing(account: str = "") -> Fleet:
    world = in_step()
    world.say("aws", About(replace(CLOUD, account=account)))
    world.put("prod", node(3, zone="eu-west-1b"))
    world.fleet.take()
    return world.fleet


def test_the_page_about_it_names_every_field_of_every_list() -> None:
    page = (Path(__file__).parents[2] / "docs" / "snapshot.md").read_text("utf-8")
    parts = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    found = as_json(_differing(), 100.0)
    for name in ("sources", "instances", "disagreements"):
        assert re.findall(r"^\| `(\w+)` \|", parts[name], re.MULTILINE) == list(found[name][0])
    hosts = Fleet()
    hosts.apply(upsert("ssh", LinuxHost(uid="a", name="a")))
    assert re.findall(r"^\| `(\w+)` \|", parts["hosts"], re.MULTILINE) == list(
        as_json(hosts, 1.0)["hosts"][0]
    )
    for name in ("nodes", "pods"):
        [first] = as_json(_fleet(), 100.0)[name][:1]
        assert all(f"`{field}`" in parts["nodes and pods"] for field in first)
