"""The conformance kit on the real provider: kubeconfig, client and sockets, the scripted server behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp import web

from providers.conformance import ProviderConformance
from providers.contract import Host, Source
from providers.kubernetes.provider import Options, provider

from . import samples
from .apiserver import ApiServer
from .https import serving, status
from .test_provider import written
from .test_source import cluster
from .test_source_sockets import Front

WRITTEN = {"nodes": "Node", "pods": "Pod"}


class Whole(Front):
    """Answers for single objects and questions about oneself, too, and cordons nodes."""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        parts = request.path.strip("/").split("/")
        if parts[-1] == "selfsubjectreviews":
            return web.json_response({"status": {"userInfo": {"username": "ann"}}})
        if parts[-1] == "selfsubjectaccessreviews":
            return web.json_response({"status": {"allowed": True}})
        if parts[-1] == "version":
            return web.json_response({"gitVersion": "v1.36.3"})
        if len(parts) in (4, 6) and parts[-2] in WRITTEN:
            return await self._one(request, parts[-2], parts[-1])
        return await super().answer(request)

    async def _one(self, request: web.BaseRequest, kind: str, name: str) -> web.Response:
        found = next((each for each in self.api.objects(kind) if each["metadata"]["name"] == name), None)
        if found is None:
            return status(404, "NotFound", f'{kind} "{name}" not found')
        if request.method == "PATCH":
            return self._patched(found, await request.json(), bool(request.query.get("dryRun")))
        return web.json_response(found)

    def _patched(self, found: dict[str, Any], patch: list[Any], dry_run: bool) -> web.Response:
        test, add = patch
        if test["value"] != found["metadata"]["uid"]:
            return status(422, "Invalid", "the server rejected our request: testing value /metadata/uid")
        changed = found | {"spec": found["spec"] | {"unschedulable": add["value"]}}
        if not dry_run:
            self.api.apply("nodes", changed)
        return web.json_response(changed)


class Over(ProviderConformance):
    """Each check has a server of its own, on sockets of its own."""

    provider = provider
    named: ClassVar[tuple[str, ...]] = ()

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.file = tmp_path / "config"

    def run(self, check: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            self.api = self.made()
            async with serving(Whole(self.api).answer) as server:
                written(self.file, "prod", server=server.url)
                await check()

        asyncio.run(main())

    async def sources(self, *, read_only: bool = False) -> Sequence[Source]:
        options = Options(kubeconfig=str(self.file), namespaces=self.named)
        return await provider.sources(options, Host(read_only=read_only))

    def made(self) -> ApiServer:
        return cluster(3, 40)


class TestCluster(Over):
    still = False
    writes = True

    async def stir(self, source: Source) -> None:
        self.api.apply("pods", samples.pod("stirred", "shop"))


class TestNamed(Over):
    """Kept to two namespaces, one of them denied."""

    named = ("shop", "default")
    follow = 0.05

    def made(self) -> ApiServer:
        api = cluster(3, 40)
        api.deny = {"/api/v1/pods", "/api/v1/namespaces/default/pods"}
        return api


class TestDenied(Over):
    """Pods may be listed nowhere."""

    follow = 0.05

    def made(self) -> ApiServer:
        api = cluster(3, 40)
        api.deny = {"/api/v1/pods", "/api/v1/namespaces/default/pods"}
        return api
