"""What may leave a read-only engine: what is on the list here, by its whole name, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

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
DescribeInstanceAttribute (user data) and GetConsoleOutput, for both can hold secrets."""
QUEUE = frozenset({"GetQueueUrl", "ReceiveMessage", "DeleteMessageBatch"})
"""Of SQS, for the queues that were configured for this console, which takes its messages off them."""


class Guard:
    """A hook on boto3's event "before-call". `queues` are URLs or names."""

    def __init__(self, queues: Collection[str] = ()) -> None:
        self._queues = frozenset(queues)

    def watch(self, events: Any) -> None:
        """Put it on the events of a Session, for all its clients, or of one client."""
        events.register_first("before-call", self.check)

    def check(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        """Raise Refused unless a read-only console may send this."""
        service, operation = model.service_model.service_name, model.name
        if operation in READS.get(service, ()):
            return
        if service == "sqs" and operation in QUEUE and self._ours(params):
            return
        raise Refused(f"read-only: {service} {operation} was not sent", "start without --read-only to act")

    def _ours(self, params: dict[str, Any]) -> bool:
        """Whether it is about a configured queue, as the body that is about to be sent says."""
        try:
            said = json.loads(params.get("body") or b"{}")
        except (TypeError, ValueError):
            return False
        if not isinstance(said, dict):
            return False
        url, name = said.get("QueueUrl", ""), said.get("QueueName", "")
        return bool({url, name, urlsplit(url).path.rpartition("/")[2]} & self._queues - {""})
