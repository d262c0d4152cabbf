"""What may leave a read-only engine: what is on the list here, by its whole name, and nothing else."""

from __future__ import annotations

from typing import Any

from providers.contract import Refused

READS: dict[str, frozenset[str]] = {
    "ec2": frozenset(
        {
            "DescribeInstances",
            "DescribeInstanceStatus",
            "DescribeVolumes",
            "DescribeSpotInstanceRequests",
            "DescribeSpotPriceHistory",
            "DescribeRegions",
        }
    ),
    "autoscaling": frozenset({"DescribeAutoScalingGroups", "DescribeAutoScalingInstances"}),
    "eks": frozenset({"ListClusters", "DescribeCluster", "ListNodegroups", "DescribeNodegroup"}),
    "iam": frozenset({"ListAccountAliases"}),
    "sts": frozenset({"GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity"}),
    # How boto3 itself gets and renews the credentials of a login in a browser.
    "sso": frozenset({"GetRoleCredentials"}),
    "sso-oidc": frozenset({"CreateToken"}),
    "signin": frozenset({"CreateOAuth2Token"}),
}
"""Service → operations that read, or that get credentials. Not among them, though they only read:
DescribeInstanceAttribute (user data) and GetConsoleOutput, for both can hold secrets, and nothing of SQS, for
what one console takes off a queue is taken from another."""


def watch(events: Any) -> None:
    """Put check() on the events of a Session, for all its clients, or of one client."""
    events.register_first("before-call", check)


def check(model: Any, **_: Any) -> None:
    """boto3's event "before-call": raise Refused unless a read-only console may send this."""
    service, operation = model.service_model.service_name, model.name
    if operation not in READS.get(service, ()):
        raise Refused(f"read-only: {service} {operation} was not sent", "start without --read-only to act")
