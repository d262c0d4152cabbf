"""Volumes, groups, clusters and nodegroups as rows, and when one of them is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from console.joins.claims import claim_of
from providers.aws.known import Known
from providers.aws.records import SCHEMAS, cluster, group, nodegroup, volume
from providers.model import Owner, Record

AT = datetime(2026, 12, 1, tzinfo=UTC)
ARN = "arn:aws:eks:eu-west-1:1:"


def cells(record: Record) -> dict[str, str]:
    """By their columns' titles."""
    schema = next(each for each in SCHEMAS if each.kind == record.kind)
    return dict(zip([column.title for column in schema.columns], record.cells, strict=True))


def test_a_volume_belongs_to_its_instance() -> None:
    made = volume(
        {
            "VolumeId": "vol-1",
            "State": "in-use",
            "Size": 100,
            "Iops": 3000,
            "VolumeType": "gp3",
            "AvailabilityZone": "eu-west-1a",
            "CreateTime": AT,
            "Encrypted": True,
            "Attachments": [{"InstanceId": "i-1", "Device": "/dev/xvda"}],
            "Tags": [{"Key": "b", "Value": "2"}, {"Key": "Name", "Value": "data\u202e"}],
        }
    )
    assert (made.uid, made.name, made.created) == ("vol-1", "data\ufffd", AT.timestamp())
    assert made.owner == Owner("Instance", "i-1", "i-1")
    assert made.labels == "Name=data\ufffd,b=2"
    assert cells(made) == {
        "STATE": "in-use",
        "SIZE": "100 GiB",
        "TYPE": "gp3",
        "IOPS": "3000",
        "ZONE": "eu-west-1a",
        "INSTANCE": "i-1",
        "DEVICE": "/dev/xvda",
        "ENCRYPTED": "yes",
    }


def test_a_volume_says_which_claim_it_was_made_for() -> None:
    made_for = {"pvc/name": "data-db-0", "pvc/namespace": "db", "pv/name": "pvc-1"}
    tags = [{"Key": f"kubernetes.io/created-for/{key}", "Value": value} for key, value in made_for.items()]
    assert claim_of(volume({"VolumeId": "vol-1", "Tags": tags}).labels) == "db/data-db-0"


def test_what_is_unknown_of_a_volume_is_not_zero() -> None:
    made = volume({"VolumeId": "vol-1"})
    assert made.owner is None
    assert made.name == "vol-1"
    assert set(cells(made).values()) == {""}


def test_a_group_counts_its_members() -> None:
    members = [("InService", "Healthy"), ("InService", "Unhealthy"), ("Pending", "Healthy")]
    described: dict[str, Any] = {
        "AutoScalingGroupARN": "arn:g",
        "AutoScalingGroupName": "web",
        "DesiredCapacity": 3,
        "MinSize": 0,
        "MaxSize": 9,
        "Status": "Delete in progress",
        "Instances": [{"LifecycleState": state, "HealthStatus": health} for state, health in members],
    }
    assert cells(group(described)) == {
        "DESIRED": "3",
        "MIN": "0",
        "MAX": "9",
        "INSERVICE": "2",
        "UNHEALTHY": "1",
        "STATUS": "Delete in progress",
    }


def test_a_nodegroup_belongs_to_its_cluster() -> None:
    of = cluster(
        {"arn": f"{ARN}cluster/prod", "name": "prod", "status": "ACTIVE", "version": "1.33", "createdAt": AT}
    )
    assert cells(of) == {"STATUS": "ACTIVE", "VERSION": "1.33", "ISSUES": ""}
    made = nodegroup(
        {
            "nodegroupArn": f"{ARN}nodegroup/prod/ng/1",
            "nodegroupName": "ng",
            "status": "DEGRADED",
            "version": "1.32",
            "scalingConfig": {"desiredSize": 3, "minSize": 1, "maxSize": 9},
            "instanceTypes": ["m5.large", "m5a.large"],
            "capacityType": "ON_DEMAND",
            "amiType": "AL2023_x86_64_STANDARD",
            "health": {"issues": [{"code": "AsgInstanceLaunchFailures", "message": "no\x1b capacity"}]},
        },
        of,
    )
    assert made.owner == Owner("Cluster", "prod", of.uid)
    assert cells(made) == {
        "EKS CLUSTER": "prod",
        "STATUS": "DEGRADED",
        "DESIRED": "3",
        "MIN": "1",
        "MAX": "9",
        "TYPES": "m5.large,m5a.large",
        "CAPACITY": "on-demand",
        "AMI": "AL2023_x86_64_STANDARD",
        "VERSION": "1.32",
        "ISSUES": "AsgInstanceLaunchFailures: no␛ capacity",
    }


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.kind)
def test_titles_are_told_apart(schema: Any) -> None:
    titles = [column.title for column in schema.columns]
    assert len(set(titles)) == len(titles)
    assert not schema.namespaced


def test_a_record_is_gone_when_two_whole_lists_were_without_it() -> None:
    known = Known()
    one, other = (Record(kind="volume", uid=uid, name=uid) for uid in "ab")
    assert known.take([one, other]) == [one, other]
    assert known.end({"a", "b"}) == []
    assert known.take([one]) == []
    assert known.end({"a"}) == []
    assert known.end({"a"}) == ["b"]
    assert known.take([other]) == [other]
