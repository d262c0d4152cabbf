"""What EC2 says of an instance, in the words of the model."""

from __future__ import annotations

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
        ({"team": "a"}, ""),
    ],
)
def test_the_cluster_is_told_by_its_tags(tags: dict[str, str], cluster: str) -> None:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    assert instance({"InstanceId": "i-1", "Tags": listed}).cluster == cluster
