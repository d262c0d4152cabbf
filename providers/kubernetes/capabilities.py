"""All that can be done to an object of a cluster besides streaming it; a source passes its calls on here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from providers.contract import Problem, Refused, Subject
from providers.kubernetes import workloads
from providers.kubernetes.access import Access, Right
from providers.kubernetes.client import ApiError, Client
from providers.kubernetes.diagnosis import Diagnosis
from providers.kubernetes.lookup import Locate, Metadata, label, path, read, write
from providers.kubernetes.manifest import manifest
from providers.model import Finding, Ref, SourceInfo

MAY_WRITE = "credentials could write; kept read-only here"
_NODES = Right("patch", "nodes")
_INSIDE = (Right("patch", "deployments", "apps"), Right("delete", "pods"))


class _NodeSpec(Struct, frozen=True):
    unschedulable: bool = False


class _Node(Struct, frozen=True):
    metadata: Metadata
    spec: _NodeSpec = _NodeSpec()


class Capabilities:
    """Shows, Reviews, Cordons, Restarts and Diagnoses for one cluster.

    `namespaces` stand in for the whole cluster where that is refused; with `only` always.
    `locate` is set by whoever knows the objects; until then every Ref counts as gone.
    """

    def __init__(
        self, client: Client, info: SourceInfo, namespaces: Sequence[str] = (), *, only: bool = False
    ) -> None:
        self.locate: Locate = lambda ref: None
        self._client = client
        self._info = info
        self._namespaces = tuple(namespaces)
        self._only = only and bool(namespaces)
        self._access = Access(client)

    # ---- who we are ----------------------------------------------------------------------------------

    async def identity(self) -> str:
        """Our user name as the server says it, "" where it cannot. Raises Problem."""
        return await self._access.identity()

    async def about(self) -> SourceInfo:
        """The info with our identity and what else must be seen on every screen. Raises Problem."""
        identity = await self._access.ask_identity()
        warnings = self._client.info.warnings
        if self._client.read_only and await self._may_write():
            warnings = (*warnings, MAY_WRITE)
        return msgspec.structs.replace(self._info, identity=identity, warnings=warnings)

    async def _may_write(self) -> bool:
        try:
            for namespace in ("", *self._namespaces):
                inside = [msgspec.structs.replace(right, namespace=namespace) for right in _INSIDE]
                rights = inside if namespace else [_NODES, *inside]
                if len(await self._access.lacking(rights)) < len(rights):
                    return True
        except ApiError:
            pass  # a server that answers no such question says nothing about what we may
        return False

    async def diagnose(self) -> Sequence[Finding]:
        """What can be reached, as whom, and what may be done."""
        return await Diagnosis(self._client, self._access, self._namespaces, only=self._only).findings()

    # ---- showing -------------------------------------------------------------------------------------

    async def manifest(self, ref: Ref) -> str:
        """The object as YAML, read now. Raises Problem."""
        found: dict[str, Any] = await read(self._client, ref.kind, self._place(ref), ref.uid, dict[str, Any])
        return manifest(found)

    # ---- reviewing -----------------------------------------------------------------------------------

    async def review(self, action: str, ref: Ref) -> str:
        """ "" when allowed, else who is not allowed what, in one line.

        "" too where the server answers no such question: its dry run will tell.
        """
        try:
            return await self._access.denial(await self._right(action, ref))
        except ApiError as error:
            if error.status == 404 or "accessreviews" in error.message:
                return ""
            raise

    async def _right(self, action: str, ref: Ref) -> Right:
        if action in ("cordon", "uncordon"):
            return Right("patch", "nodes", name=self._place(ref)[1])
        if action == "restart":
            return workloads.right(await self.workload(ref))
        raise Problem(f"clusters know no action {action!r}")

    # ---- nodes ---------------------------------------------------------------------------------------

    async def node(self, ref: Ref) -> Subject:
        """The node, read now. Raises Refused when it is gone or is another one of the same name."""
        found = await read(self._client, "node", self._place(ref), ref.uid, _Node)
        return Subject(
            ref=ref,
            kind="Node",
            name=found.metadata.name,
            uid=found.metadata.uid,
            unschedulable=found.spec.unschedulable,
        )

    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        """Set or lift the cordon, conditional on the uid. Raises Refused, Uncertain or Problem."""
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": node.uid},
            {"op": "add", "path": "/spec/unschedulable", "value": on},
        ]
        await write(
            self._client,
            "PATCH",
            path("node", "", node.name),
            patch,
            content_type="application/json-patch+json",
            dry_run=dry_run,
            said=label("node", "", node.name),
        )

    # ---- workloads -----------------------------------------------------------------------------------

    async def workload(self, ref: Ref) -> Subject:
        """What owns the pod, read now. Raises Refused when the pod is gone or its rollout is paused."""
        return await workloads.find(self._client, ref, self._place(ref))

    async def restart(self, workload: Subject, *, dry_run: bool) -> None:
        """Roll it, or delete it where it is bare, conditional on the uid."""
        await workloads.restart(self._client, workload, dry_run=dry_run)

    def _place(self, ref: Ref) -> tuple[str, str]:
        place = self.locate(ref)
        if place is None:
            raise Refused(f"the {ref.kind} is gone")
        return place
