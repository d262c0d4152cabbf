"""One machine as an inventory declares it, and how it is shown in full."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from providers.model import Instance
from providers.text import clean_lines, without_secrets

_SECRET = re.compile(r"(?i)passw|secret|token|credential|private_?key|api_?key")


class Entry(Struct, frozen=True):
    """A machine, and what its inventory says of it: only what was read, so nothing else can be shown."""

    instance: Instance
    said: Any


def manifest(entry: Entry) -> str:
    """What the inventory says of the machine, as YAML, cleaned and without what looks like a credential."""
    said = _withheld(msgspec.to_builtins(entry.said))
    return clean_lines(yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=1 << 20))


def _withheld(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "[withheld]" if _SECRET.search(str(key)) else _withheld(each) for key, each in value.items()
        }
    if isinstance(value, list):
        return [_withheld(each) for each in value]
    return without_secrets(value) if isinstance(value, str) else value
