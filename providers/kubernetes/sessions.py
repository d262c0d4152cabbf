"""What carries bytes into a cluster: shells, logs, ports, and pods for the sake of a shell on a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from providers.contract import Problem, Refused
from providers.kubernetes.access import Access, Right
from providers.kubernetes.api import Capabilities
from providers.kubernetes.client import ApiError, Client
from providers.kubernetes.containers import Pod, pod, running
from providers.kubernetes.debug import session
from providers.kubernetes.debug_pod import Recipe, plan
from providers.kubernetes.exec import attach, execute
from providers.kubernetes.forward import forward
from providers.kubernetes.logs import follow
from providers.kubernetes.lookup import Bare, Locate, read
from providers.kubernetes.watching import KubernetesSource
from providers.model import Ref
from providers.sessions import Container, Session, Size
from providers.text import clean

What = Literal["exec", "attach", "logs", "forward", "debug"]
_SUBRESOURCES = {"exec": "exec", "attach": "attach", "forward": "portforward"}


class Sessions:
    """Executes, Logs, Forwards and Debugs for one cluster."""

    def __init__(self, server: Client, locate: Locate, recipe: Recipe) -> None:
        self._server, self._find, self._recipe = server, locate, recipe
        self._access = Access(server)

    async def containers(self, ref: Ref) -> Sequence[Container]:
        """Of the pod, read now, the default one first. Raises Refused when it is gone."""
        return (await self._pod(ref)).containers()

    async def may(self, ref: Ref, what: What) -> str:
        """ "" when allowed, else who is not allowed what, in one line.

        "" too where the server answers no such question: trying will tell.
        """
        try:
            lacking = await self._access.lacking(self._rights(ref, what))
            who = await self._access.identity() if lacking else ""
        except ApiError as error:
            if error.status == 404 or "accessreviews" in error.message:
                return ""
            raise
        return f"{who or 'this user'} may not {', nor '.join(map(str, lacking))}" if lacking else ""

    def _rights(self, ref: Ref, what: What) -> list[Right]:
        """A WebSocket is a GET, for which servers ask for `get`, and since 1.35 for `create` as well."""
        if what == "debug":
            inside = self._recipe.namespace
            own = [Right(verb, "pods", "", inside) for verb in ("create", "get", "delete")]
            return [*own, *_opens("attach", inside), *_opens("exec", inside)]
        namespace, name = self._found(ref)
        if what == "logs":
            return [Right("get", "pods", "", namespace, name, "log")]
        return _opens(_SUBRESOURCES[what], namespace, name)

    async def execute(self, ref: Ref, container: str, command: Sequence[str], size: Size | None) -> Session:
        """The command in that container; with a size it has a terminal. Raises Refused or Problem."""
        found = await self._pod(ref)
        return await execute(self._server, found, running(found, container), command, size)

    async def attach(self, ref: Ref, container: str, size: Size) -> Session:
        """What runs there already. Raises Refused or Problem."""
        found = await self._pod(ref)
        return await attach(self._server, found, running(found, container), size)

    async def logs(self, ref: Ref, container: str, *, tail: int, previous: bool = False) -> Session:
        """The last lines, then what is printed from now on; of the previous run without the latter."""
        found = await self._pod(ref)
        spec = found.spec_of(container)
        return await follow(self._server, ref, found, spec, tail=tail, previous=previous)

    async def forward(self, ref: Ref, port: int) -> Session:
        """One connection to that port of the pod. Raises Refused or Problem."""
        found = await self._pod(ref)
        if found.status.phase != "Running":
            how = clean(found.status.reason or found.status.phase, 100)
            raise Refused(f"{found.label} does not run ({how})", "look at the pod's events")
        return await forward(self._server, found, port)

    def debug_plan(self, ref: Ref) -> str:
        """What is made for that, and what becomes of it, in one line."""
        return plan(self._found(ref)[1], self._recipe)

    async def debug(self, ref: Ref, size: Size) -> Session:
        """A shell in a pod made for it when it is first read. Raises Refused when the node is gone."""
        node = await read(self._server, "node", self._found(ref), ref.uid, Bare)
        try:
            who = await self._access.identity()
        except Problem:
            who = ""
        return session(self._server, node.metadata.name, self._recipe, size, who)

    async def _pod(self, ref: Ref) -> Pod:
        return await pod(self._server, ref, self._found(ref))

    def _found(self, ref: Ref) -> tuple[str, str]:
        place = self._find(ref)
        if place is None:
            raise Refused(f"the {ref.kind} is gone")
        return place


class Cluster(Sessions, KubernetesSource):
    """The contract's source of one cluster, with everything that it can do."""

    def __init__(
        self,
        client: Client,
        capabilities: Capabilities,
        namespaces: Sequence[str] = (),
        *,
        only: bool = False,
        recipe: Recipe,
    ) -> None:
        KubernetesSource.__init__(self, client, capabilities, namespaces, only=only)
        Sessions.__init__(self, client, self.locate, recipe)


def _opens(subresource: str, namespace: str, name: str = "") -> list[Right]:
    return [Right(verb, "pods", "", namespace, name, subresource) for verb in ("get", "create")]
