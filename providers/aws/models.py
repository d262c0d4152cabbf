"""What is kept of botocore's models of services: the operations that are used here, and nothing else.

EC2's model describes 760 operations and takes 25 MB, and 1.4 MB more for the client of each region; what is
used of it takes a twentieth. What is not kept cannot be sent either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from botocore.loaders import Loader

from providers.aws.guard import READS

Model = dict[str, Any]

_ACTS = frozenset({"RebootInstances", "StartInstances", "StopInstances", "GetConsoleOutput"})
USED: dict[str, frozenset[str]] = {
    "ec2": READS["ec2"] | _ACTS,
    **{service: READS[service] for service in ("autoscaling", "eks", "iam")},
}
"""Service → operations. Other services, which are about credentials and queues, stay whole."""


class Trimmed(Loader):  # type: ignore[misc]
    """Gives the models of services with the operations that are USED."""

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Model:
        model: Model = super().load_service_model(service_name, type_name, api_version)
        used = USED.get(service_name)
        if type_name == "service-2" and used is not None and not used >= model["operations"].keys():
            _trim(model, used)
        return model


def _trim(model: Model, used: Collection[str]) -> None:
    """In place: the loader keeps the model, too."""
    model["operations"] = {name: each for name, each in model["operations"].items() if name in used}
    shapes, found = model["shapes"], dict[str, Any]()
    waiting = list(_named(model["operations"]))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = shapes[name]
            waiting += _named(shapes[name])
    model["shapes"] = found


def _named(value: Any) -> Iterator[str]:
    """The shapes that are named in a part of a model."""
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
