"""Events as EventBridge delivers them: the shapes of AWS's event reference, with ids of nobody."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

ACCOUNT = "123456789012"
REGION = "eu-west-1"
TIME = "2026-01-15T02:14:07Z"
AT = 1_768_443_247.0
UID = "i-0abcd1111"
_numbers = count(1)


def envelope(origin: str, sort: str, told: dict[str, Any], **more: Any) -> str:
    """A message's body. `more` replaces fields of the envelope, with _ for -."""
    fields: dict[str, Any] = {
        "version": "0",
        "id": f"7bf73129-1428-4cd3-a780-{next(_numbers):012}",
        "detail-type": sort,
        "source": origin,
        "account": ACCOUNT,
        "time": TIME,
        "region": REGION,
        "resources": [f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{UID}"],
        "detail": told,
    }
    return json.dumps(fields | {key.replace("_", "-"): value for key, value in more.items()})


def state(now: str, uid: str = UID, **more: Any) -> str:
    detail = {"instance-id": uid, "state": now}
    return envelope("aws.ec2", "EC2 Instance State-change Notification", detail, **more)


def interruption(action: str = "terminate", **more: Any) -> str:
    detail = {"instance-id": UID, "instance-action": action}
    return envelope("aws.ec2", "EC2 Spot Instance Interruption Warning", detail, **more)


def rebalance(**more: Any) -> str:
    return envelope("aws.ec2", "EC2 Instance Rebalance Recommendation", {"instance-id": UID}, **more)


def lifecycle(verb: str = "terminate", **more: Any) -> str:
    detail = {
        "LifecycleActionToken": "87654321-4321-4321-4321-210987654321",
        "AutoScalingGroupName": "workers",
        "LifecycleHookName": "drain",
        "EC2InstanceId": UID,
        "LifecycleTransition": f"autoscaling:EC2_INSTANCE_{verb.upper()[:-1]}ING",
    }
    return envelope("aws.autoscaling", f"EC2 Instance-{verb} Lifecycle Action", detail, **more)


def scaled(sort: str, **detail: Any) -> str:
    told = {
        "StatusCode": "InProgress",
        "AutoScalingGroupName": "workers",
        "ActivityId": "87654321-4321-4321-4321-210987654321",
        "Details": {"Availability Zone": "eu-west-1b", "Subnet ID": "subnet-12345678"},
        "RequestId": "12345678-1234-1234-1234-123456789012",
        "StatusMessage": "",
        "EndTime": TIME,
        "EC2InstanceId": UID,
        "StartTime": TIME,
        "Cause": "At 2026-01-15T02:13:00Z an instance was started.",
    }
    return envelope("aws.autoscaling", sort, told | detail)


def health(*uids: str, category: str = "scheduledChange", status: str = "upcoming", **detail: Any) -> str:
    told = {
        "eventArn": "arn:aws:health:eu-west-1::event/EC2/AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED/1",
        "service": "EC2",
        "eventTypeCode": "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
        "eventTypeCategory": category,
        "eventScopeCode": "ACCOUNT_SPECIFIC",
        "startTime": "Thu, 22 Jan 2026 05:00:00 GMT",
        "endTime": "Thu, 22 Jan 2026 05:00:00 GMT",
        "lastUpdatedTime": "Thu, 15 Jan 2026 02:14:07 GMT",
        "statusCode": status,
        "eventRegion": REGION,
        "eventDescription": [
            {"language": "de_DE", "latestDescription": "Das Gerät wird ersetzt."},
            {"language": "en_US", "latestDescription": "The hardware is degraded.\nMore on it."},
        ],
        "affectedEntities": [{"entityValue": uid, "status": "IMPAIRED"} for uid in uids],
        "affectedAccount": ACCOUNT,
    }
    return envelope("aws.health", "AWS Health Event", told | detail)
