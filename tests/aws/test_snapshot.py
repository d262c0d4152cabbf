"""`quarterdeck snapshot` against moto says of every instance what boto3's own describe says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.aws.cloud import HOME, Cloud

REGIONS = ("eu-west-1", "us-east-1")


@pytest.fixture
def planted(cloud: Cloud) -> Iterator[Cloud]:
    """Machines of many sorts in two regions."""
    cloud.reset()
    for number, region in enumerate(REGIONS):
        _plant(cloud.client("ec2", region), number)
    yield cloud
    cloud.reset()


def _plant(ec2: Any, number: int) -> None:
    image = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["amzn*"]}])["Images"][
        0
    ]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    names = ["web", "Größe ✓", "\u202eevil\u009b2J", "[b]bold[/b]", ""]
    for at, name in enumerate(names):
        tags = [{"Key": "Name", "Value": name}] if name else []
        spec = [{"ResourceType": "instance", "Tags": [*tags, {"Key": "team", "Value": f"t{at}"}]}]
        market = {"InstanceMarketOptions": {"MarketType": "spot"}} if at == 1 else {}
        ec2.run_instances(
            ImageId=image["ImageId"],
            MinCount=1 + number,
            MaxCount=1 + number,
            InstanceType=("t3.micro", "m6i.large")[at % 2],
            Placement={"AvailabilityZone": zones[at % len(zones)]},
            TagSpecifications=spec,
            **market,
        )
    ids = [i["InstanceId"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    ec2.stop_instances(InstanceIds=ids[:1])
    ec2.terminate_instances(InstanceIds=ids[-1:])


def _run(cloud: Cloud, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**kept, **cloud.environment, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    quarterdeck = Path(sys.executable).with_name("quarterdeck")
    command = [quarterdeck, "snapshot", "--provider", "aws", "--output", "json", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)


def _described(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """id → what boto3 says."""
    found = {}
    for region in REGIONS:
        ec2 = cloud.client("ec2", region)
        status = {
            each["InstanceId"]: [each["SystemStatus"]["Status"], each["InstanceStatus"]["Status"]]
            for each in ec2.describe_instance_status()["InstanceStatuses"]
        }
        for page in ec2.get_paginator("describe_instances").paginate():
            for reservation in page["Reservations"]:
                for each in reservation["Instances"]:
                    checks = status.get(each["InstanceId"])
                    found[each["InstanceId"]] = {
                        "account": reservation["OwnerId"],
                        "region": region,
                        "state": each["State"]["Name"],
                        "type": each["InstanceType"],
                        "zone": each["Placement"]["AvailabilityZone"],
                        "lifecycle": each.get("InstanceLifecycle", "on-demand"),
                        "private_ip": each.get("PrivateIpAddress", ""),
                        "launch_time": each["LaunchTime"].timestamp(),
                        "checks": f"{checks.count('ok')}/{len(checks)}" if checks else "",
                        "node": None,
                    }
    return found


def test_every_instance_of_every_region_is_as_boto3_describes_it(planted: Cloud, tmp_path: Path) -> None:
    regions = [argument for region in REGIONS for argument in ("--region", region)]
    done = _run(planted, tmp_path, *regions)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    described = _described(planted)
    rows = {row["id"]: {key: row[key] for key in next(iter(described.values()))} for row in told["instances"]}
    assert rows == described
    assert {row["account"] for row in told["instances"]} == {HOME}
    names = {row["name"] for row in told["instances"]}
    assert {"web", "Größe ✓", "[b]bold[/b]"} <= names
    assert not any("\u009b" in name or "\u202e" in name for name in names)
    assert {source["health"] for source in told["sources"]} == {"live"}


def test_an_unknown_profile_is_told_with_those_that_exist(planted: Cloud, tmp_path: Path) -> None:
    done = _run(planted, tmp_path, "--profile", "nope", "--timeout", "10")
    assert done.returncode != 0
    assert "nope" in done.stderr
    assert "Traceback" not in done.stderr
