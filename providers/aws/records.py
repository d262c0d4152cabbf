"""Volumes, Auto Scaling groups, EKS clusters and nodegroups, as records with columns of their own."""

from __future__ import annotations

from collections.abc import Mapping

from providers.aws.fields import Tree
from providers.aws.words import Described, moment, tags, word
from providers.model import Column, Owner, Record, Schema
from providers.text import clean


def _schema(kind: str, title: str, *columns: str) -> Schema:
    """A column whose title ends with # is a number; one in brackets is shown only when wide."""
    made = tuple(
        Column(title=name.strip("()#"), priority=int(name.startswith("(")), numeric="#" in name)
        for name in columns
    )
    return Schema(kind=kind, title=title, columns=made, namespaced=False)


SCHEMAS = (
    _schema(
        "volume", "Volumes",
        "STATE", "SIZE#", "TYPE", "(IOPS#)", "ZONE", "INSTANCE", "(DEVICE)", "(ENCRYPTED)",
    ),
    _schema(
        "group", "Auto Scaling groups",
        "DESIRED#", "MIN#", "MAX#", "INSERVICE#", "UNHEALTHY#", "STATUS",
    ),
    _schema("cluster", "EKS clusters", "STATUS", "VERSION", "ISSUES"),
    _schema(
        "nodegroup", "EKS nodegroups",
        "EKS CLUSTER", "STATUS", "DESIRED#", "MIN#", "MAX#", "TYPES", "CAPACITY", "(AMI)", "VERSION",
        "ISSUES",
    ),
)  # fmt: skip


VOLUME: Tree = {
    "volumeId": "VolumeId",
    "size": "Size",
    "status": "State",
    "volumeType": "VolumeType",
    "iops": "Iops",
    "availabilityZone": "AvailabilityZone",
    "createTime": "CreateTime",
    "encrypted": "Encrypted",
    "attachmentSet": ("Attachments", [{"instanceId": "InstanceId", "device": "Device"}]),
    "tagSet": ("Tags", [{"key": "Key", "value": "Value"}]),
}
"""What is read of each volume."""


def volume(described: Described) -> Record:
    """A volume; the instance that it is attached to owns it."""
    uid = word(described["VolumeId"])
    tagged = dict(tags(described))
    attached: Described = next(iter(described.get("Attachments") or ()), {})
    instance = word(attached.get("InstanceId"))
    return Record(
        kind="volume",
        uid=uid,
        name=tagged.get("Name") or uid,
        created=moment(described.get("CreateTime")),
        cells=(
            word(described.get("State")),
            _gib(described.get("Size")),
            word(described.get("VolumeType")),
            _count(described, "Iops"),
            word(described.get("AvailabilityZone")),
            instance,
            word(attached.get("Device")),
            _yes(described.get("Encrypted")),
        ),
        owner=Owner(kind="Instance", name=instance, uid=instance) if instance else None,
        labels=_labels(tagged),
    )


def group(described: Described) -> Record:
    """An Auto Scaling group with what became of its instances."""
    members = [(each.get("LifecycleState"), each.get("HealthStatus")) for each in described["Instances"]]
    return Record(
        kind="group",
        uid=word(described["AutoScalingGroupARN"]),
        name=word(described["AutoScalingGroupName"]),
        created=moment(described.get("CreatedTime")),
        cells=(
            *(_count(described, name) for name in ("DesiredCapacity", "MinSize", "MaxSize")),
            str(sum(state == "InService" for state, _ in members)),
            str(sum(health != "Healthy" for _, health in members)),
            word(described.get("Status")),
        ),
        labels=_labels(dict(tags(described))),
    )


def cluster(described: Described) -> Record:
    """An EKS cluster."""
    return Record(
        kind="cluster",
        uid=word(described["arn"]),
        name=word(described["name"]),
        created=moment(described.get("createdAt")),
        cells=(word(described.get("status")), word(described.get("version")), _issues(described)),
        labels=_labels(described.get("tags") or {}),
    )


def nodegroup(described: Described, of: Record) -> Record:
    """A nodegroup of that EKS cluster."""
    scaling = described.get("scalingConfig") or {}
    return Record(
        kind="nodegroup",
        uid=word(described["nodegroupArn"]),
        name=word(described["nodegroupName"]),
        created=moment(described.get("createdAt")),
        cells=(
            of.name,
            word(described.get("status")),
            *(_count(scaling, name) for name in ("desiredSize", "minSize", "maxSize")),
            ",".join(map(word, described.get("instanceTypes") or ())),
            word(described.get("capacityType")).lower().replace("_", "-"),
            word(described.get("amiType")),
            word(described.get("version")),
            _issues(described),
        ),
        owner=Owner(kind="Cluster", name=of.name, uid=of.uid),
        labels=_labels(described.get("tags") or {}),
    )


def _labels(tagged: Mapping[str, str]) -> str:
    return ",".join(sorted(f"{clean(key, 253)}={clean(value, 512)}" for key, value in tagged.items()))


def _count(described: Described, name: str) -> str:
    """A number that may be unknown, which is not zero."""
    value = described.get(name)
    return word(str(value)) if value is not None else ""


def _gib(value: object) -> str:
    return f"{word(str(value))} GiB" if value is not None else ""


def _yes(value: object) -> str:
    """As boto3 reads it or as EC2 writes it."""
    return {"true": "yes", "false": "no"}.get(str(value).lower(), "")


def _issues(described: Described) -> str:
    issues = (described.get("health") or {}).get("issues") or ()
    return clean("; ".join(f"{each.get('code')}: {each.get('message')}" for each in issues), 512)
