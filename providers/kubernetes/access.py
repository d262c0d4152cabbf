"""Who we are to a cluster and what we may do there, as the server itself says it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from providers.contract import Problem
from providers.kubernetes.client import ApiError, Client
from providers.text import clean

T = TypeVar("T")
_REMEMBERED_SECONDS = 10.0
_ASK_SECONDS = 15.0


class Right(Struct, frozen=True):
    """A verb on a resource, as RBAC names them. "" for any namespace and any name."""

    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    def __str__(self) -> str:
        what = f"{self.resource}.{self.group}" if self.group else self.resource
        what += f"/{self.subresource}" if self.subresource else ""
        one = f" {self.name}" if self.name else ""
        return f"{self.verb} {what}{one}" + (f" in namespace {self.namespace}" if self.namespace else "")


class _Answer(Struct, frozen=True):
    allowed: bool = False
    reason: str = ""


class _Review(Struct, frozen=True):
    status: _Answer = _Answer()


class _User(Struct, frozen=True):
    username: str = ""


class _Self(Struct, frozen=True, rename="camel"):
    user_info: _User = _User()


class _SelfReview(Struct, frozen=True):
    status: _Self = _Self()


class Access:
    """Questions about oneself; answers are remembered for a few seconds, so that a hundred marked objects
    are one question."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._identity = ""
        self._known: dict[Right, tuple[float, bool]] = {}

    async def identity(self) -> str:
        """Our user name, "" where the server cannot say it (before 1.26). Raises Problem."""
        return self._identity or await self.ask_identity()

    async def ask_identity(self) -> str:
        """As identity(), asked now: a login may have made us another."""
        self._identity = clean(await self._ask_identity(), 300)
        return self._identity

    async def _ask_identity(self) -> str:
        for version in ("v1", "v1beta1"):
            body = {"apiVersion": f"authentication.k8s.io/{version}", "kind": "SelfSubjectReview"}
            path = f"/apis/authentication.k8s.io/{version}/selfsubjectreviews"
            try:
                return _decoded(await self._post(path, body), _SelfReview).status.user_info.username
            except ApiError as error:
                if error.status not in (403, 404):
                    raise
        return ""

    async def allowed(self, right: Right) -> bool:
        """Whether we may, everywhere or on the very one. Raises Problem when the question is not answered."""
        general = msgspec.structs.replace(right, name="")
        return await self._asked(general) or (general != right and await self._asked(right))

    async def denial(self, right: Right) -> str:
        """ "" when allowed, else who may not do what, in one line."""
        if await self.allowed(right):
            return ""
        return f"{await self.identity() or 'this user'} may not {right}"

    async def lacking(self, rights: Sequence[Right]) -> list[Right]:
        """Those of the rights that we do not have."""
        answers = await asyncio.gather(*(self.allowed(right) for right in rights))
        return [right for right, allowed in zip(rights, answers, strict=True) if not allowed]

    async def _asked(self, right: Right) -> bool:
        known = self._known.get(right)
        if known and time.monotonic() - known[0] < _REMEMBERED_SECONDS:
            return known[1]
        wanted = {field: value for field, value in msgspec.structs.asdict(right).items() if value}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": wanted},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = _decoded(await self._post(path, body), _Review).status.allowed
        self._known[right] = (time.monotonic(), answer)
        return answer

    async def _post(self, path: str, body: Any) -> bytes:
        return await self._client.send("POST", path, msgspec.json.encode(body), timeout=_ASK_SECONDS)


def _decoded(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as error:
        raise Problem(f"an access review cannot be read: {clean(str(error), 200)}") from None
