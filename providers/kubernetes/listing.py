"""A whole list, page by page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct, field

from providers.contract import Problem
from providers.kubernetes.api import Api, is_expired, status_of
from providers.kubernetes.decode import Codec, Page, Unreadable
from providers.kubernetes.known import Known

LIMIT = 500
"""Objects a page: 3 MB and 15 ms to read."""

Show = Callable[[list[Any]], Awaitable[None]]


class Listed(Struct):
    """What a whole list came to."""

    version: str = ""
    seen: set[str] = field(default_factory=set)
    """Every uid in it."""
    objects: list[Any] = field(default_factory=list)
    """Shapes whose version was not known."""
    skipped: int = 0


class Listing:
    """Fetches a list of one path. Raises Problem; nothing has changed then."""

    def __init__(self, api: Api, path: str, codec: Codec[Any]) -> None:
        self._api, self._path, self._codec = api, path, codec

    async def fetch(self, version: str, known: Known, show: Show | None = None) -> Listed:
        """The list at a version not older than `version`; at any when the server no longer has, or does
        not yet have, that one. With `show`, each page is shown as it comes."""
        try:
            return await self._pages(version, known, show)
        except Problem as problem:
            if not version or not is_expired(problem):
                raise
        return await self._pages("", known, show)

    async def _pages(self, version: str, known: Known, show: Show | None) -> Listed:
        found = Listed()
        token = ""
        while True:
            try:
                page = await self._page(_params(version, token))
            except Problem as problem:
                if not token or status_of(problem) != 410:
                    raise
                return await self._in_one(version, known, show)
            await self._add(found, page, known, show)
            token = page.token
            if not token:
                return found

    async def _in_one(self, version: str, known: Known, show: Show | None) -> Listed:
        """The continue token expired: everything at once, at the version first asked for."""
        found = Listed()
        params = _params(version, "")
        del params["limit"]
        await self._add(found, await self._page(params), known, show)
        return found

    async def _page(self, params: dict[str, str]) -> Page:
        body = await self._api.get(self._path, params)
        try:
            page = self._codec.page(body)
        except Unreadable:
            page = None
        if page is None or not page.version:
            raise Problem(
                f"{self._path}: what answered is no Kubernetes API server",
                "check the server's address in the kubeconfig, and proxies on the way",
            )
        return page

    async def _add(self, found: Listed, page: Page, known: Known, show: Show | None) -> None:
        found.version = page.version
        found.skipped += len(page.unread)
        found.seen.update(page.unread)
        fresh = []
        for each in page.objects:
            meta = each.metadata
            if not meta.uid:
                found.skipped += 1
                continue
            found.seen.add(meta.uid)
            if not known.has(meta):
                fresh.append(each)
        if show is None:
            found.objects += fresh
        else:
            await show(fresh)


def _params(version: str, token: str) -> dict[str, str]:
    params = {"limit": str(LIMIT)}
    if token:
        params["continue"] = token
    elif version:
        params |= {"resourceVersion": version, "resourceVersionMatch": "NotOlderThan"}
    return params
