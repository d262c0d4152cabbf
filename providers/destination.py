"""Where a target is, in words that ssh may be given: each is checked, and all are said as people say it."""

from __future__ import annotations

from providers.contract import Refused
from providers.hostname import is_destination, is_host, is_user
from providers.model import Target
from providers.text import clean


def checked(target: Target) -> Target:
    """The target, where every word of it may be given to ssh. Raises Refused saying which may not."""
    if target.why_not:
        raise Refused(target.why_not)
    if not target.host:
        raise Refused("there is no address to connect to")
    words = [("a host name", target.host, is_host)]
    words += [("a user name", target.user, is_user)] if target.user else []
    words += [("a name for a host key", target.alias, is_host)] if target.alias else []
    words += [("a [user@]host to jump through", hop, is_destination) for hop in target.jump]
    for what, word, fits in words:
        if not fits(word):
            raise Refused(f"{clean(word)!r} is not {what} that ssh may be given")
    if target.port not in range(1 << 16):
        raise Refused(f"{target.port} is no port")
    return target


def login(target: Target) -> str:
    """As whom and through what: "root@10.0.3.17 via bastion"."""
    host = f"[{target.host}]" if target.port and ":" in target.host else target.host
    there = f"{host}:{target.port}" if target.port else host
    hops = f" via {', '.join(target.jump)}" if target.jump else ""
    return f"{target.user}@{there}{hops}" if target.user else f"ssh's usual user at {there}{hops}"
