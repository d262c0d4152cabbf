"""What may be given to ssh as a host or as a user: nothing that it could take for an option."""

from __future__ import annotations

import re

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]*")


def is_host(text: str) -> bool:
    """Whether it is a host's name or address, with or without a port."""
    return _HOST.fullmatch(text) is not None


def is_user(text: str) -> bool:
    """Whether it is a user's name, perhaps with a domain: ada@example.org."""
    return _USER.fullmatch(text) is not None


def is_destination(text: str) -> bool:
    """Whether it is `[user@]host`, with one `@` at most: of two, programs differ on which divides."""
    user, at, host = text.rpartition("@")
    return is_host(host) and (not at or (is_user(user) and "@" not in user))
