"""What `doctor` says of one cluster: reached, as whom, allowed what, certificates and clocks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from providers.contract import Problem
from providers.kubernetes import exec_plugin, tls
from providers.kubernetes.access import Access, Right
from providers.kubernetes.client import Client
from providers.model import Finding
from providers.text import clean

Level = Literal["ok", "warning", "error"]
_LESS = "for a screen nobody watches over, use a user that may only read"
_SOON_SECONDS = 14 * 86400
_SKEW_SECONDS = 30.0
_CREDENTIAL_SECONDS = 15.0
_ACTIONS = {
    "cordon and uncordon": Right("patch", "nodes"),
    "restart Deployments": Right("patch", "deployments", "apps"),
    "restart StatefulSets": Right("patch", "statefulsets", "apps"),
    "restart DaemonSets": Right("patch", "daemonsets", "apps"),
    "delete bare pods": Right("delete", "pods"),
}


class _Version(Struct, frozen=True, rename="camel"):
    git_version: str = ""


class Diagnosis:
    """Looks, in order; what cannot be reached ends it."""

    def __init__(
        self,
        client: Client,
        access: Access,
        namespaces: Sequence[str],
        *,
        only: bool = False,
        patience: float = _CREDENTIAL_SECONDS,
    ) -> None:
        """`patience` is how many seconds a credential may take; the engine gives all of it 20."""
        self._client = client
        self._access = access
        self._only = only
        self._patience = patience
        self._namespaces = tuple(namespaces) if only else ("", *namespaces)
        self._name = client.info.name

    async def findings(self) -> list[Finding]:
        """All there is to say. Raises nothing: a problem is a finding."""
        found = [self._warning(warning) for warning in self._client.info.warnings]
        try:
            await self._credential()
        except Problem as problem:
            return [*found, self._finding("credential", "error", problem.detail, problem.remedy)]
        try:
            found.append(await self._server())
            found.append(await self._identity())
            found += await self._certificate()
            found += self._clock()
            place = await self._place()
            found += [await self._reads("nodes", ""), await self._reads("pods", place)]
            found.append(await self._writes(place))
        except Problem as problem:
            found.append(self._finding("server", "error", problem.detail, problem.remedy))
        return found

    def _finding(self, what: str, level: Level, detail: str, remedy: str = "") -> Finding:
        return Finding(subject=f"{self._name}: {what}", level=level, detail=detail, remedy=remedy)

    def _warning(self, warning: str) -> Finding:
        remedy = "anyone in between can read and change what passes: set certificate-authority"
        return self._finding("connection", "warning", warning, remedy)

    async def _credential(self) -> None:
        """Have one first: a plug-in that hangs must not be told as a server that does."""
        try:
            async with asyncio.timeout(self._patience):
                await self._client.credentials.current()
        except TimeoutError:
            raise self._no_credential() from None

    def _no_credential(self) -> Problem:
        target = self._client.target
        who, plugin = clean(target.user_name, 253), target.user.exec
        late = f"has given no credential for {self._patience:.0f} s"
        if plugin is None:
            return Problem(f"user {who}'s login {late}", f"log in as that user again, see {target.origin}")
        command = exec_plugin.called(plugin)
        return Problem(
            f"user {who}'s plug-in `{command}` {late}",
            f"run `{command}` in a terminal: what it waits for, such as a login, it says there",
        )

    async def _server(self) -> Finding:
        try:
            version = msgspec.json.decode(await self._client.get("/version", timeout=15), type=_Version)
        except msgspec.DecodeError:
            raise Problem(
                f"{self._client.host} answers /version with something else: not a Kubernetes API",
                "check `server:` in the kubeconfig",
            ) from None
        return self._finding(
            "server", "ok", f"{self._client.host} answers, Kubernetes {clean(version.git_version, 60)}"
        )

    async def _identity(self) -> Finding:
        name = await self._access.identity()
        return self._finding("identity", "ok", name or "the server cannot say as whom (before 1.26)")

    async def _certificate(self) -> list[Finding]:
        pair = (await self._client.credentials.current()).pair
        end = tls.expiry(pair) if pair else None
        if end is None:
            return []
        left = end.timestamp() - time.time()
        level: Level = "ok" if left > _SOON_SECONDS else "warning" if left > 0 else "error"
        verb = "expires" if left > 0 else "expired"
        remedy = "" if level == "ok" else "log in again, or have it renewed"
        said = f"client certificate {verb} on {end:%Y-%m-%d %H:%M} UTC"
        return [self._finding("certificate", level, said, remedy)]

    def _clock(self) -> list[Finding]:
        offset = self._client.clock_offset
        if offset is None or abs(offset) < _SKEW_SECONDS:
            return []
        way = "ahead of" if offset > 0 else "behind"
        said = f"the server's clock is {abs(offset):.0f} s {way} this machine's"
        return [self._finding("clock", "warning", said, "set the clock (NTP): ages and tokens depend on it")]

    async def _place(self) -> str:
        """The namespace to look at: "" where pods may be listed everywhere and are meant to be, else the
        first allowed one."""
        for namespace in self._namespaces:
            if await self._access.allowed(Right("list", "pods", "", namespace)):
                return namespace
        return self._namespaces[0]

    async def _reads(self, resource: str, namespace: str) -> Finding:
        rights = [Right(verb, resource, "", namespace) for verb in ("list", "watch")]
        where = f" in namespace {namespace}" if namespace else ""
        if lacking := await self._access.lacking(rights):
            remedy = "ask for the right" + (", or name an allowed --namespace" if resource == "pods" else "")
            return self._finding(resource, "error", f"may not {' nor '.join(map(str, lacking))}", remedy)
        if not where or self._only:
            return self._finding(resource, "ok", f"may list and watch {resource}{where}", "")
        remedy = "ask for the right to see all namespaces, or name more with --namespace"
        return self._finding(resource, "warning", f"may list and watch {resource}{where}", remedy)

    async def _writes(self, namespace: str) -> Finding:
        rights = {
            what: right if right.resource == "nodes" else msgspec.structs.replace(right, namespace=namespace)
            for what, right in _ACTIONS.items()
        }
        lacking = set(await self._access.lacking(list(rights.values())))
        can = [what for what, right in rights.items() if right not in lacking]
        cannot = [what for what, right in rights.items() if right in lacking]
        parts = ((can, "may"), (cannot, "may not"))
        said = "; ".join(f"{verb} {', '.join(what)}" for what, verb in parts if what)
        if self._client.read_only and can:
            return self._finding("actions", "warning", f"read-only, although the user {said}", _LESS)
        return self._finding("actions", "ok", said + (f" in namespace {namespace}" if namespace else ""))
