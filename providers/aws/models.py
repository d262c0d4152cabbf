"""What is read of botocore's models of services: the operations that are used here, and nothing else.

EC2's model describes 760 operations. Whole it takes 25 MB and 0.2 CPU s, and 1.4 MB more for the client of
each region; what is used of it takes a twentieth. What is not read cannot be sent either.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader

from providers.aws.guard import READS

_ACTS = frozenset({"RebootInstances", "StartInstances", "StopInstances", "GetConsoleOutput"})
USED: dict[str, frozenset[str]] = {
    "ec2": READS["ec2"] | _ACTS,
    **{service: READS[service] for service in ("autoscaling", "eks", "iam")},
}
"""Service → operations. Other services, which are about credentials and queues, stay whole."""
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
