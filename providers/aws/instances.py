"""An instance as DescribeInstances describes it, as an Instance."""

from __future__ import annotations

import re

from providers.aws.fields import Tree
from providers.aws.words import Described, moment, tags, word
from providers.model import Instance
from providers.text import clean

INSTANCE: Tree = {
    "instanceId": "InstanceId",
    "imageId": "ImageId",
    "instanceState": ("State", {"name": "Name"}),
    "reason": "StateTransitionReason",
    "stateReason": ("StateReason", {"code": "Code", "message": "Message"}),
    "instanceType": "InstanceType",
    "launchTime": "LaunchTime",
    "placement": ("Placement", {"availabilityZone": "AvailabilityZone"}),
    "privateIpAddress": "PrivateIpAddress",
    "ipAddress": "PublicIpAddress",
    "ipv6Address": "Ipv6Address",
    "dnsName": "PublicDnsName",
    "privateDnsName": "PrivateDnsName",
    "vpcId": "VpcId",
    "platform": "Platform",
    "platformDetails": "PlatformDetails",
    "instanceLifecycle": "InstanceLifecycle",
    "tagSet": ("Tags", [{"key": "Key", "value": "Value"}]),
}
"""What is read of each instance."""

_CLUSTER_TAGS = ("eks:cluster-name", "aws:eks:cluster-name")
_CLUSTER_KEY = "kubernetes.io/cluster/"
_OLDER_CLUSTER_TAG = "KubernetesCluster"
_NODEGROUP_TAG = "eks:nodegroup-name"
_GROUP_TAG = "aws:autoscaling:groupName"
_SINCE = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)")
_NEW = ("pending", "running")
_PLAIN = {"linux/unix": "linux"}


def instance(described: Described) -> Instance:
    """What DescribeInstances says of it. An odd field stays unknown. Raises KeyError without an id."""
    tagged = tags(described)
    named = dict(tagged)
    uid = clean(described["InstanceId"], 253)
    zone = word((described.get("Placement") or {}).get("AvailabilityZone"))
    state = word((described.get("State") or {}).get("Name"))
    launched = moment(described.get("LaunchTime"))
    return Instance(
        uid=uid,
        name=named.get("Name", ""),
        state=state,
        reason=_reason(described),
        type=word(described.get("InstanceType")),
        zone=zone,
        lifecycle=word(described.get("InstanceLifecycle")) or "on-demand",
        private_ip=word(described.get("PrivateIpAddress")) or word(described.get("Ipv6Address")),
        public_ip=word(described.get("PublicIpAddress")),
        launched=launched,
        group=named.get(_GROUP_TAG, ""),
        image=word(described.get("ImageId")),
        provider_id=f"aws:///{zone}/{uid}",
        tags=tagged,
        since=_since(described) or (launched if state in _NEW else None),
        network=word(described.get("VpcId")),
        nodegroup=named.get(_NODEGROUP_TAG, ""),
        cluster=_cluster(tagged, named),
        platform=_platform(described),
        ipv6=word(described.get("Ipv6Address")),
        dns=word(described.get("PublicDnsName")) or word(described.get("PrivateDnsName")),
    )


def _reason(described: Described) -> str:
    told = (described.get("StateReason") or {}).get("Message")
    return clean(told or described.get("StateTransitionReason") or "", 512)


def _since(described: Described) -> float | None:
    """EC2 keeps the time only in a sentence: "User initiated (2026-11-24 02:13:24 GMT)"."""
    found = _SINCE.search(described.get("StateTransitionReason") or "")
    return moment(f"{found[1]}+00:00") if found else None


def _cluster(tagged: tuple[tuple[str, str], ...], named: dict[str, str]) -> str:
    for key in _CLUSTER_TAGS:
        if found := named.get(key):
            return found
    return next(
        (key.removeprefix(_CLUSTER_KEY) for key, _ in tagged if key.startswith(_CLUSTER_KEY)),
        named.get(_OLDER_CLUSTER_TAG, ""),
    )


def _platform(described: Described) -> str:
    """ "linux" and "windows" where nothing else is paid for; Red Hat, SQL Server and so on by their names."""
    details = word(described.get("PlatformDetails")).lower()
    return _PLAIN.get(details, details) or word(described.get("Platform")).lower()
