"""What is taken of botocore's data and hooks: that of the services and operations that are used here.

EC2's model describes 760 operations. Whole it takes 25 MB and 0.2 CPU s, and 1.4 MB more for the client of
each region; what is used of it takes a twentieth. What is not read cannot be sent either. Every client copies
the hooks of its Session, which are mostly about other services.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from typing import Any

import msgspec
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST
from botocore.loaders import JSONFileLoader, Loader

from providers.aws.guard import READS

_ACTS = frozenset({"RebootInstances", "StartInstances", "StopInstances", "GetConsoleOutput"})
USED: dict[str, frozenset[str]] = {
    "ec2": READS["ec2"] | _ACTS,
    **{service: READS[service] for service in ("autoscaling", "eks", "iam")},
    "ssm": frozenset({"DescribeInstanceInformation", "StartSession", "TerminateSession"}),
    "ec2-instance-connect": frozenset({"SendSSHPublicKey"}),
}
"""Service → operations. Other services, which are about credentials and queues, stay whole."""
_SERVICES = frozenset({*USED, "sts", "sqs", "sso", "portal.sso", "sso-oidc", "oidc", "signin"})
_IN_HOOKS = frozenset({*_SERVICES, "auto-scaling", "*"})
"""By its id in the names of hooks, which for one of them is another."""
_FORMS: dict[str, Any] = {".json": open, ".json.gz": gzip.open}


class _Model(msgspec.Struct):
    """A model whose operations and shapes are not decoded yet."""

    metadata: dict[str, Any]
    operations: dict[str, msgspec.Raw]
    shapes: dict[str, msgspec.Raw]
    version: str = ""


class _Files(JSONFileLoader):  # type: ignore[misc]
    """Reads botocore's data files."""

    def load_file(self, file_path: str) -> Any:
        """The content, None where there is no such file."""
        for ending, opened in _FORMS.items():
            if os.path.isfile(file_path + ending):
                with opened(file_path + ending, "rb") as file:
                    return _decoded(file.read(), file_path)
        return None


def loader() -> Loader:
    """What Sessions share."""
    return Loader(file_loader=_Files())


def _decoded(content: bytes, path: str) -> Any:
    service, _, name = path.split(os.sep)[-3:]
    if name == "endpoints":
        return _endpoints(msgspec.json.decode(content))
    if name != "service-2" or service not in USED:
        return msgspec.json.decode(content)
    model = msgspec.json.decode(content, type=_Model)
    operations = {
        each: msgspec.json.decode(model.operations[each])
        for each in sorted(USED[service] & model.operations.keys())
    }
    return {
        "version": model.version,
        "metadata": model.metadata,
        "operations": operations,
        "shapes": _shapes(model.shapes, operations),
    }


def _endpoints(data: dict[str, Any]) -> dict[str, Any]:
    for partition in data["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services.keys() & _SERVICES}
    return data


def hook(session: Any) -> None:
    """Put botocore's own hooks on a Session that was made without them, but for those of other services."""
    register = {
        None: session.register,
        REGISTER_FIRST: session.get_component("event_emitter").register_first,
        REGISTER_LAST: session.get_component("event_emitter").register_last,
    }
    for event, handler, *when in BUILTIN_HANDLERS:
        what, _, rest = event.partition(".")
        if what != "docs" and (not rest or rest.partition(".")[0] in _IN_HOOKS):
            register[when[0] if when else None](event, handler)


def _shapes(raw: dict[str, msgspec.Raw], operations: Any) -> dict[str, Any]:
    """Those that the operations are made of."""
    found = dict[str, Any]()
    waiting = list(_named(operations))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = msgspec.json.decode(raw[name])
            waiting += _named(found[name])
    return found


def _named(value: Any) -> Iterator[str]:
    """The shapes that are named in a part of a model, which loses what it says to people."""
    if isinstance(value, dict):
        value.pop("documentation", None)
        for key, each in value.items():
            if key == "shape" and isinstance(each, str):
                yield each
            else:
                yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)
