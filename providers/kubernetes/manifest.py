"""An object as YAML, as its server has it: without the bookkeeping of managed fields, and never a Secret."""

from __future__ import annotations

from typing import Any

import yaml

from providers.contract import Refused
from providers.text import clean_lines


class _Dumper(yaml.CSafeDumper):
    """Text of several lines stays text of several lines."""


def _text(dumper: Any, value: str) -> Any:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def manifest(obj: dict[str, Any]) -> str:
    """The object as YAML, cleaned. Raises Refused for a Secret."""
    if obj.get("kind") == "Secret":
        raise Refused("the values of a Secret are not shown")
    metadata = {key: value for key, value in obj.get("metadata", {}).items() if key != "managedFields"}
    text = yaml.dump(
        {**obj, "metadata": metadata},
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=1 << 20,
    )
    return clean_lines(str(text))
