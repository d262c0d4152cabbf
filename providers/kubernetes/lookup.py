"""One object read or written by its Ref: the name is looked up by uid, and the server's uid compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from providers.contract import Problem, Refused, Uncertain
from providers.kubernetes.client import ApiError, Client
from providers.model import Ref
from providers.text import clean

T = TypeVar("T")
Locate = Callable[[Ref], tuple[str, str] | None]
"""Namespace ("" for none) and name of what a Ref stands for, or None when it is not known any more."""

_READ_SECONDS = 15.0
_FAILED_TEST = "rejected our request due to an error in our request"
"""All that the server says of a JSON patch whose test failed."""
_ROOTS = {
    "node": "/api/v1",
    "pod": "/api/v1",
    "deployment": "/apis/apps/v1",
    "statefulset": "/apis/apps/v1",
    "daemonset": "/apis/apps/v1",
    "replicaset": "/apis/apps/v1",
}


class OwnerReference(Struct, frozen=True):
    """Who made an object."""

    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class Metadata(Struct, frozen=True, rename="camel"):
    """Of every object."""

    uid: str = ""
    name: str = ""
    namespace: str = ""
    deletion_timestamp: str | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that answers for it."""
        return next((owner for owner in self.owner_references or () if owner.controller), None)


class Bare(Struct, frozen=True):
    """Whatever has metadata."""

    metadata: Metadata


def path(kind: str, namespace: str, name: str) -> str:
    """Where an object of a kind is. Raises Problem for a kind that is not known here."""
    root = _ROOTS.get(kind)
    if root is None:
        raise Problem(f"a {kind} cannot be read by itself yet")
    inside = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{root}{inside}/{kind}s/{quote(name, safe='')}"


def label(kind: str, namespace: str, name: str) -> str:
    """As people say it: "pod shop/api-0"."""
    return f"{kind} {clean(f'{namespace}/{name}' if namespace else name, 600)}"


async def read(client: Client, kind: str, place: tuple[str, str], uid: str, shape: type[T]) -> T:
    """The object as it is now. Raises Refused when it is gone or another one has its name by now."""
    said = label(kind, *place)
    try:
        body = await client.get(path(kind, *place), timeout=_READ_SECONDS)
        found = msgspec.json.decode(body, type=Bare).metadata.uid
        if found == uid:
            return msgspec.json.decode(body, type=shape)
    except ApiError as error:
        if error.status != 404:
            raise
        raise Refused(f"{said} is gone") from None
    except msgspec.DecodeError as error:
        raise Problem(f"{said} cannot be read: {clean(str(error), 200)}", "see the server's log") from None
    raise Refused(f"{said} is another one of the same name by now", "look at it again")


async def write(
    client: Client,
    method: str,
    where: str,
    body: Any,
    *,
    content_type: str = "application/json",
    dry_run: bool,
    said: str,
) -> None:
    """Send a write that is conditional on a uid.

    Raises Refused when the condition fails, Uncertain when it may have been done, else ApiError or Problem.
    """
    params: Mapping[str, str] | None = None
    if method == "PATCH":
        params = {"fieldManager": "quarterdeck", **({"dryRun": "All"} if dry_run else {})}
    try:
        await client.send(method, where, msgspec.json.encode(body), content_type, params=params)
    except Uncertain as error:
        if dry_run:
            raise Problem(error.detail, "nothing was changed: it was a dry run") from error
        raise
    except ApiError as error:
        raise _judged(error, said, dry_run) from error


def _judged(error: ApiError, said: str, dry_run: bool) -> Problem:
    if error.status == 404:
        return Refused(f"{said} is gone")
    if error.status in (409, 422):
        why = "" if _FAILED_TEST in error.message else f" ({error.message})"
        return Refused(f"{said} changed or was replaced meanwhile{why}", "look at it again")
    doubtful = error.status in (500, 502, 504) and "webhook" not in error.message
    if doubtful and not dry_run:
        return Uncertain(error.detail, "look whether it was carried out before doing it again")
    return error
