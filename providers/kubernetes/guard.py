"""What a read-only connection lets pass: GETs that cannot become a shell, and questions about oneself.

"Only GET" would not do: a GET on pods/exec or nodes/proxy upgrades to a session that runs commands.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from providers.contract import Refused

_ASKING = re.compile(
    r"/apis/(authorization\.k8s\.io/[a-z0-9]+/selfsubject(access|rules)reviews"
    r"|authentication\.k8s\.io/[a-z0-9]+/selfsubjectreviews)"
)
_SHELLS = {"exec", "attach", "portforward", "proxy"}


def check(method: str, path: str, upgrade: bool) -> None:
    """Raise Refused unless a read-only console may send this. `path` is below the server's own prefix.

    Escapes in the path count as what the server makes of them.
    """
    plain = unquote(path)
    if asks(method, plain) and not upgrade:
        return
    if method != "GET":
        raise _refused(f"{method} {plain}")
    if upgrade or _shell(plain):
        raise _refused(f"{method} {plain}, which opens a session,")


def asks(method: str, path: str) -> bool:
    """Whether it is a question about oneself, which has to be a POST and changes nothing."""
    return method == "POST" and _ASKING.fullmatch(path) is not None


def _shell(path: str) -> bool:
    segments = path.removeprefix("/").split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        return True
    names = _names(segments)
    return any(s.lower() in _SHELLS for index, s in enumerate(segments) if index not in names)


def _names(segments: list[str]) -> set[int]:
    """Where the path names a namespace or an object, which may well be called "proxy"."""
    root = {"api": 2, "apis": 3}.get(segments[0])
    if root is None or len(segments) <= root:
        return set()
    inner = root + 2 if segments[root] == "namespaces" and len(segments) > root + 2 else root
    return {root + 1, inner + 1} if inner != root else {inner + 1}


def _refused(what: str) -> Refused:
    return Refused(f"read-only: {what} was not sent", "start without --read-only to act")
