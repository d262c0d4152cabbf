"""Where a target is, in words that ssh may be given: each is checked, and all are said as people say it."""

from __future__ import annotations

from providers.contract import Refused
from providers.hostname import is_destination, is_host, is_user
from providers.model import Target
from providers.text import clean


def checked(target: Target) -> Target:
    """The target, where every word of it may be given to ssh. Raises Refused saying which may not."""
    if target.why_not:
        raise Refused(target.why_not, target.remedy)
    if not target.host:
        raise Refused("there is no address to connect to", _remedy("address"))
    words = [("address", "a host name", target.host, is_host)]
    words += [("user", "a user name", target.user, is_user)] if target.user else []
    words += [("alias", "a name for a host key", target.alias, is_host)] if target.alias else []
    words += [("jump", "a [user@]host to jump through", hop, is_destination) for hop in target.jump]
    for key, what, word, fits in words:
        if not fits(word):
            raise Refused(f"{clean(word)!r} is not {what} that ssh may be given", _remedy(key))
    if target.port not in range(1 << 16):
        raise Refused(f"{target.port} is no port", _remedy("port"))
    return target


def _remedy(key: str) -> str:
    if key == "alias":
        return "it is the instance id that its cloud tells: look at it there"
    return (
        f"correct `{key}` in [ssh], [clusters.NAME] or [[reach]] of the configuration, or the tag, the label "
        "or the list of hosts that it comes from"
    )


def login(target: Target) -> str:
    """As whom and through what: "root@10.0.3.17 via bastion"."""
    host = f"[{target.host}]" if target.port and ":" in target.host else target.host
    there = f"{host}:{target.port}" if target.port else host
    hops = f" via {', '.join(target.jump)}" if target.jump else ""
    return f"{target.user}@{there}{hops}" if target.user else f"ssh's usual user at {there}{hops}"
