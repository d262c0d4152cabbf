"""Instances in boto3's words, as many and as large as those of a busy account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

_LAUNCHED = datetime(2026, 11, 1, 10, tzinfo=UTC)
_TYPES = ("m6i.xlarge", "m6i.2xlarge", "c7g.large", "r6g.4xlarge", "t3.medium")


def reservations(region: str, count: int, *, generation: int = 0) -> list[dict[str, Any]]:
    """So many, one instance each. In another generation each of them is a little different."""
    return [
        {
            "ReservationId": f"r-{number:017x}",
            "OwnerId": "123456789012",
            "Groups": [],
            "Instances": [instance(region, number, generation)],
        }
        for number in range(count)
    ]


def instance(region: str, number: int, generation: int = 0) -> dict[str, Any]:
    """About 12 kB as XML, which is what EKS nodes with two interfaces and prefixes are."""
    zone, uid = f"{region}{'abc'[number % 3]}", uid_of(region, number)
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    launched = _LAUNCHED + timedelta(minutes=number)
    return {
        "InstanceId": uid,
        "ImageId": f"ami-{number % 7:017x}",
        "State": {"Code": 16, "Name": "running"},
        "PrivateDnsName": f"ip-{address.replace('.', '-')}.{region}.compute.internal",
        "PublicDnsName": "",
        "StateTransitionReason": "",
        "KeyName": "fleet",
        "AmiLaunchIndex": 0,
        "ProductCodes": [],
        "InstanceType": _TYPES[number % len(_TYPES)],
        "LaunchTime": launched,
        "Placement": {"AvailabilityZone": zone, "GroupName": "", "Tenancy": "default"},
        "Monitoring": {"State": "disabled"},
        "SubnetId": f"subnet-{number % 3:017x}",
        "VpcId": "vpc-0123456789abcdef0",
        "PrivateIpAddress": address,
        "SourceDestCheck": True,
        "SecurityGroups": [_GROUP],
        "Architecture": "x86_64",
        "RootDeviceType": "ebs",
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [_disk(number, letter, launched) for letter in "ab"],
        "VirtualizationType": "hvm",
        "ClientToken": f"fleet-{number:032x}",
        "Tags": _tags(number, generation),
        "Hypervisor": "xen",
        "NetworkInterfaces": [_interface(region, number, index, launched) for index in range(2)],
        "EbsOptimized": True,
        "EnaSupport": True,
        "IamInstanceProfile": {"Arn": "arn:aws:iam::123456789012:instance-profile/node", "Id": "AIPA0123"},
        "CpuOptions": {"CoreCount": 2, "ThreadsPerCore": 2},
        "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpEndpoint": "enabled"},
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "CurrentInstanceBootMode": "legacy-bios",
    }


def uid_of(region: str, number: int) -> str:
    """The id of an instance, which no other region has."""
    return f"i-{sum(region.encode()):05x}{number:012x}"


_GROUP = {"GroupId": "sg-0123456789abcdef0", "GroupName": "eks-cluster-sg-prod-1234567890"}


def _tags(number: int, generation: int) -> list[dict[str, str]]:
    own = {
        "Name": f"node-{number:05d}-{generation}",
        "eks:cluster-name": "prod",
        "eks:nodegroup-name": f"workers-{number % 4}",
        "aws:autoscaling:groupName": f"eks-workers-{number % 4}-a0b1c2d3",
        "kubernetes.io/cluster/prod": "owned",
    }
    common = {f"company:purpose/{n:02d}": f"value {number * n % 40} of some length" for n in range(12)}
    return [{"Key": key, "Value": value} for key, value in {**own, **common}.items()]


def _disk(number: int, letter: str, at: datetime) -> dict[str, Any]:
    ebs = {"VolumeId": f"vol-{number:016x}{letter}", "Status": "attached", "AttachTime": at}
    return {"DeviceName": f"/dev/xvd{letter}", "Ebs": {**ebs, "DeleteOnTermination": True}}


def _interface(region: str, number: int, index: int, at: datetime) -> dict[str, Any]:
    addresses = [f"10.{100 + index}.{number >> 8 & 255}.{last}" for last in range(4)]
    return {
        "NetworkInterfaceId": f"eni-{number:015x}{index:02x}",
        "SubnetId": f"subnet-{number % 3:017x}",
        "VpcId": "vpc-0123456789abcdef0",
        "Description": "aws-K8S",
        "OwnerId": "123456789012",
        "Status": "in-use",
        "MacAddress": "02:aa:bb:cc:dd:ee",
        "PrivateIpAddress": addresses[0],
        "SourceDestCheck": True,
        "Groups": [_GROUP],
        "Attachment": {"AttachmentId": f"eni-attach-{number:017x}", "DeviceIndex": index, "AttachTime": at},
        "PrivateIpAddresses": [
            {
                "PrivateIpAddress": each,
                "PrivateDnsName": f"ip-{each.replace('.', '-')}.{region}.compute.internal",
                "Primary": each == addresses[0],
            }
            for each in addresses
        ],
        "Ipv6Addresses": [],
        "InterfaceType": "interface",
    }
