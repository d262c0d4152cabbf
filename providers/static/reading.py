"""What an inventory's text is: a list of hosts as JSON, JSON lines or YAML, or a Terraform state."""

from __future__ import annotations

import codecs

import msgspec
from msgspec import Raw

from providers.contract import Problem
from providers.hostlist import listed
from providers.static import hosts, terraform
from providers.static.entry import Entry
from providers.text import clean

UNDERSTOOD = "a list of hosts, a Terraform state of version 4, or what `terraform show -json` prints"


def entries(text: bytes, where: str) -> list[Entry]:
    """The machines that the text declares; `where` is its file or command. Raises Problem."""
    text = text.removeprefix(codecs.BOM_UTF8).strip()
    top = _object(text)
    if top is None or not terraform.is_state(top):
        return hosts.declared(listed(text, where, UNDERSTOOD))
    try:
        return terraform.declared(top, where)
    except RecursionError as error:
        raise Problem(f"{where}: it is nested too deeply", f"understood: {UNDERSTOOD}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem(clean(f"{where}: {error}"), "it may be cut off: have it written again") from error


def _object(text: bytes) -> dict[str, Raw] | None:
    """The text's own keys, where it is one JSON object."""
    if text[:1] != b"{":
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
