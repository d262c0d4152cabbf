"""What is known, held against a list of the server at the very same version."""

from __future__ import annotations

from providers.contract import Problem
from providers.kubernetes import decode
from providers.kubernetes.api import Api, is_expired
from providers.kubernetes.decode import Unreadable
from providers.kubernetes.listing import LIMIT
from providers.kubernetes.reflector import Reflector
from providers.model import Finding


async def check(api: Api, reflector: Reflector) -> Finding:
    """Equal or not, uid by uid and version by version."""
    collection, known = reflector.collection, reflector.known
    subject = f"{collection.codec.kind}s {collection.where}"
    version, ours = known.version, known.versions()
    if not version:
        return Finding(subject=subject, level="warning", detail="not listed yet")
    try:
        theirs = await _versions(api, collection.path, version)
    except (Problem, Unreadable) as problem:
        if isinstance(problem, Problem) and is_expired(problem):
            remedy = "try again in a minute"
            detail = f"the server no longer has version {version}"
            return Finding(subject=subject, level="warning", detail=detail, remedy=remedy)
        return Finding(subject=subject, level="error", detail=f"could not be checked: {problem}")
    return _compared(subject, version, ours, theirs)


async def _versions(api: Api, path: str, version: str) -> dict[str, str]:
    params = {"limit": str(LIMIT), "resourceVersion": version, "resourceVersionMatch": "Exact"}
    found: dict[str, str] = {}
    while True:
        page, _, token = decode.versions(await api.get(path, params))
        found |= page
        if not token:
            return found
        params = {"limit": str(LIMIT), "continue": token}


def _compared(subject: str, version: str, ours: dict[str, str], theirs: dict[str, str]) -> Finding:
    if ours == theirs:
        return Finding(
            subject=subject, level="ok", detail=f"{len(ours)} equal the server's at version {version}"
        )
    missing = len(theirs.keys() - ours.keys())
    extra = len(ours.keys() - theirs.keys())
    other = sum(ours[uid] != theirs[uid] for uid in ours.keys() & theirs.keys())
    return Finding(
        subject=subject,
        level="error",
        detail=f"at version {version} {missing} are missing, {extra} are too many, {other} differ",
        remedy="refresh; if it comes again, please report it",
    )
