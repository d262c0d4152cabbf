"""What EC2 says of an instance, in the words of the model."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from providers.aws.instances import instance


@pytest.mark.parametrize(
    ("said", "platform"),
    [
        ({"PlatformDetails": "Linux/UNIX"}, "linux"),
        ({"PlatformDetails": "Windows", "Platform": "windows"}, "windows"),
        ({"Platform": "windows"}, "windows"),
        ({"PlatformDetails": "Red Hat Enterprise Linux"}, "red hat enterprise linux"),
        (
            {"PlatformDetails": "Windows with SQL Server Web", "Platform": "windows"},
            "windows with sql server web",
        ),
        ({}, ""),
    ],
)
def test_what_is_paid_for_besides_the_machine_has_a_name_of_its_own(
    said: dict[str, str], platform: str
) -> None:
    assert instance({"InstanceId": "i-1", **said}).platform == platform


@pytest.mark.parametrize(
    ("tags", "cluster"),
    [
        ({"eks:cluster-name": "prod"}, "prod"),
        ({"aws:eks:cluster-name": "prod", "kubernetes.io/cluster/other": "owned"}, "prod"),
        ({"kubernetes.io/cluster/dev": "shared"}, "dev"),
        ({"KubernetesCluster": "old"}, "old"),
        ({"KubernetesCluster": "old", "kubernetes.io/cluster/dev": "owned"}, "dev"),
        ({"team": "a"}, ""),
    ],
)
def test_the_cluster_is_told_by_its_tags(tags: dict[str, str], cluster: str) -> None:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    assert instance({"InstanceId": "i-1", "Tags": listed}).cluster == cluster


STOPPED = datetime(2026, 11, 24, 2, 13, 24, tzinfo=UTC).timestamp()
LAUNCHED = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "since"),
    [
        ({"StateTransitionReason": "User initiated (2026-11-24 02:13:24 GMT)"}, STOPPED),
        ({"StateTransitionReason": "User initiated shutdown (2026-11-24 02:13:24 UTC)"}, STOPPED),
        ({"StateTransitionReason": "Server.SpotInstanceTermination"}, None),
        ({"StateTransitionReason": "User initiated (2026-99-24 02:13:24 GMT)"}, None),
        ({"State": {"Name": "running"}, "LaunchTime": LAUNCHED}, LAUNCHED.timestamp()),
        ({"State": {"Name": "running"}, "LaunchTime": "2026-11-01T00:00:00.000Z"}, LAUNCHED.timestamp()),
        ({"State": {"Name": "stopped"}, "LaunchTime": LAUNCHED}, None),
        ({"State": {"Name": "running"}, "LaunchTime": "yesterday"}, None),
    ],
)
def test_since_when_is_in_a_sentence_or_unknown(said: dict[str, object], since: float | None) -> None:
    assert instance({"InstanceId": "i-1", **said}).since == since


def test_the_message_says_more_than_the_transition() -> None:
    said = {"StateTransitionReason": "User initiated (2026-11-24 02:13:24 GMT)"}
    assert instance({"InstanceId": "i-1", **said}).reason == said["StateTransitionReason"]
    told = {"StateReason": {"Code": "Client.UserInitiatedShutdown", "Message": "Client: User initiated"}}
    assert instance({"InstanceId": "i-1", **said, **told}).reason == "Client: User initiated"


def test_a_machine_with_nothing_but_an_id_is_one() -> None:
    made = instance({"InstanceId": "i-1"})
    assert (made.uid, made.name, made.state, made.launched, made.tags) == ("i-1", "", "", None, ())
    assert made.provider_id == "aws:////i-1"


def test_a_machine_that_has_only_an_ipv6_address_has_that() -> None:
    assert instance({"InstanceId": "i-1", "Ipv6Address": "2001:db8::7"}).private_ip == "2001:db8::7"


def test_how_it_is_bought() -> None:
    assert instance({"InstanceId": "i-1"}).lifecycle == "on-demand"
    assert instance({"InstanceId": "i-1", "InstanceLifecycle": "spot"}).lifecycle == "spot"


def test_everything_from_outside_is_cleaned() -> None:
    bad = "a\x1b]52;c;aGk=\x07\u202e[@click='app.quit']x[/]"
    good = "a␛]52;c;aGk=␇\ufffd[@click='app.quit']x[/]"
    made = instance(
        {
            "InstanceId": "i-1\x1b",
            "InstanceType": bad,
            "StateReason": {"Message": bad},
            "Tags": [{"Key": "Name", "Value": bad}, {"Key": bad, "Value": bad}],
        }
    )
    assert made.uid == "i-1␛"
    assert made.name == made.type == made.reason == good
    assert made.tags == (("Name", good), (good, good))
