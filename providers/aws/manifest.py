"""One object as AWS describes it, as YAML. User data would be left out, were it there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import yaml

from providers.aws.account import Account
from providers.aws.troubles import Answered
from providers.contract import Problem, Refused
from providers.model import Kind, Ref
from providers.text import clean, clean_lines

_Question = tuple[str, str, dict[str, Any]]
"""Service, operation, arguments."""


class _Dumper(yaml.CSafeDumper):
    """Text of several lines stays text of several lines; times are as AWS writes them."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


def _time(dumper: Any, value: datetime) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value.isoformat().replace("+00:00", "Z"))


_Dumper.add_representer(str, _text)
_Dumper.add_representer(datetime, _time)


async def manifest(account: Account, region: str, ref: Ref) -> str:
    """The object, asked for now. Raises Problem; Refused when it is gone."""
    if ref.kind not in _QUESTIONS:
        raise Problem(f"a {clean(ref.kind)} is nothing that AWS describes")
    gone = Refused(f"{ref.kind} {clean(ref.uid)} is gone from {account.name} {region}")
    try:
        service, operation, arguments = _QUESTIONS[ref.kind](ref.uid)
    except (IndexError, ValueError):
        raise gone from None
    try:
        found = await account.at_once(region, service, operation, **arguments)
    except Answered as problem:
        if not problem.gone:
            raise
        raise gone from problem
    for key in _PATHS[ref.kind]:
        found = found[key]
        if isinstance(found, list):
            if not found:
                raise gone
            found = found[0]
    return clean_lines(
        yaml.dump(
            _bare(found), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1 << 20,
            default_flow_style=False,
        )
    )  # fmt: skip


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items() if key.lower() != "userdata"}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _nodegroup(arn: str) -> _Question:
    _, cluster, name, _ = arn.split("/")
    return "eks", "describe_nodegroup", {"clusterName": cluster, "nodegroupName": name}


_QUESTIONS: dict[Kind, Callable[[str], _Question]] = {
    "instance": lambda uid: ("ec2", "describe_instances", {"InstanceIds": [uid]}),
    "volume": lambda uid: ("ec2", "describe_volumes", {"VolumeIds": [uid]}),
    "group": lambda arn: (
        "autoscaling",
        "describe_auto_scaling_groups",
        {"AutoScalingGroupNames": [arn.split("autoScalingGroupName/")[1]]},
    ),
    "cluster": lambda arn: ("eks", "describe_cluster", {"name": arn.split("/")[1]}),
    "nodegroup": _nodegroup,
}
_PATHS: dict[Kind, tuple[str, ...]] = {
    "instance": ("Reservations", "Instances"),
    "volume": ("Volumes",),
    "group": ("AutoScalingGroups",),
    "cluster": ("cluster",),
    "nodegroup": ("nodegroup",),
}
