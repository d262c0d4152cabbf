"""Terraform states, the file itself or as `terraform show -json` prints it: the machines that they declare.

Outputs, data sources and what is marked as sensitive are not read.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from providers.contract import Problem
from providers.static.entry import Entry
from providers.static.machines import Attributes, inside
from providers.static.states import Declared, Path, objects
from providers.text import clean

_STATE_KEYS = {"terraform_version", "lineage", "resources", "modules"}
_TAINTED = "tainted: the next apply replaces it"
_DEPOSED = "deposed: it was replaced, and the next apply destroys it"
_AGAIN = "have it written again: `terraform state pull`, or `terraform show -json`"


def is_state(top: dict[str, Raw]) -> bool:
    """Whether a JSON object with those keys means to be a Terraform state or a plan."""
    return bool({"format_version", "encrypted_data"} & set(top)) or (
        "version" in top and bool(_STATE_KEYS & set(top))
    )


def declared(top: dict[str, Raw], where: str) -> list[Entry]:
    """The machines of the state. Raises Problem for another version, and for what can't be read."""
    try:
        found = list(objects(top, where))
    except msgspec.MsgspecError as error:
        raise Problem(clean(f"{where}: not as Terraform writes a state: {error}"), _AGAIN) from error
    entries: dict[str, Entry] = {}
    for each in found:
        entry = _entry(each, where)
        uid = entry.instance.uid
        if not uid or uid in entries:  # one machine at two addresses: both are rows
            uid = clean(each.address + each.deposed)
            entry = Entry(msgspec.structs.replace(entry.instance, uid=uid), entry.said)
        entries[uid] = entry
    return list(entries.values())


def _entry(each: Declared, where: str) -> Entry:
    try:
        attributes = each.machine.attributes(each.attributes)
    except msgspec.MsgspecError as error:
        raise Problem(clean(f"{where}: {each.address}: {error}"), _AGAIN) from error
    for path in each.sensitive:
        _hide(attributes, path)
    instance = each.machine.instance(attributes, each.name)
    hidden = any(path[0] in each.machine.tagging for path in each.sensitive if path)
    instance = msgspec.structs.replace(
        instance,
        tags=() if hidden else instance.tags,  # some of them would look like a difference to what runs
        resource=clean(each.address),
        reason=_DEPOSED if each.deposed else _TAINTED if each.tainted else "",
    )
    said = {"resource": each.address, "file": where, "state": instance.reason or "as it was last applied"}
    return Entry(instance, {**said, "attributes": {key: value for key, value in attributes.items() if value}})


def _hide(attributes: Attributes, path: Path) -> None:
    place: Any = attributes
    for step in path[:-1]:
        place = inside(place, step)
    if not path:
        attributes.clear()
    elif isinstance(place, dict):
        place.pop(path[-1], None)
    elif isinstance(place, list) and isinstance(path[-1], int) and 0 <= path[-1] < len(place):
        place[path[-1]] = None
