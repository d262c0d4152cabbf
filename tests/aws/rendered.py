"""Answers of AWS as XML, written from what boto3 would read out of them, in the elements that its model has.

No server is needed: pages of any size, and of what no server here can be made to say.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"


@functools.cache
def model(service: str) -> Any:
    import botocore.session

    return botocore.session.Session().get_service_model(service)


def answer(operation: str, content: Mapping[str, Any], service: str = "ec2") -> bytes:
    """The whole answer, indented as EC2 does it."""
    shape = model(service).operation_model(operation).output_shape
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<{operation}Response xmlns="{_NAMESPACE}">',
        "    <requestId>fdcdcab1-ae5c-489e-9c33-4637c5dda355</requestId>",
        *_inside(content, shape, 1),
        f"</{operation}Response>",
    ]
    return "\n".join(lines).encode()


def page(reservations: Sequence[Mapping[str, Any]], token: str = "") -> bytes:
    """An answer to DescribeInstances."""
    content: dict[str, Any] = {"Reservations": reservations}
    return answer("DescribeInstances", content | ({"NextToken": token} if token else {}))


def _inside(value: Mapping[str, Any], shape: Any, depth: int) -> Iterator[str]:
    for name, member in shape.members.items():
        if value.get(name) is not None:
            element = member.serialization.get("name") or name[:1].lower() + name[1:]
            yield from _element(element, value[name], member, depth)


def _element(name: str, value: Any, shape: Any, depth: int) -> Iterator[str]:
    indent = "    " * depth
    if shape.type_name in ("structure", "list") and not value:
        yield f"{indent}<{name}/>"
    elif shape.type_name == "structure":
        yield f"{indent}<{name}>"
        yield from _inside(value, shape, depth + 1)
        yield f"{indent}</{name}>"
    elif shape.type_name == "list":
        yield f"{indent}<{name}>"
        for each in value:
            yield from _element("item", each, shape.member, depth + 1)
        yield f"{indent}</{name}>"
    else:
        text = _text(value)
        yield f"{indent}<{name}>{text}</{name}>" if text else f"{indent}<{name}/>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    # A carriage return would be read as a line feed, were it not written so.
    return escape(str(value), {"\r": "&#13;"})
