"""Which namespaces are looked into: those that are asked for and no other, or what is allowed of everything
(L14)."""

from __future__ import annotations

import asyncio

from providers.model import About, Complete, SourceInfo

from . import samples
from .apiserver import ApiServer
from .mirror import Mirror
from .test_source import cluster, equal, opened, overall
from .virtual_time import run

WIDE = "/api/v1/pods"


def inside(*names: str) -> set[str]:
    return {f"/api/v1/namespaces/{name}/pods" for name in names}


def pods_asked(api: ApiServer) -> set[str]:
    return {each.path for each in api.asked if each.path.endswith("pods")}


def told(mirror: Mirror) -> SourceInfo:
    """What the source said last of itself."""
    return [each.info for each in mirror.batches if isinstance(each, About)][-1]


def completions(mirror: Mirror) -> int:
    return sum(isinstance(each, Complete) and each.kind == "pod" for each in mirror.batches)


def pods_are(mirror: Mirror, state: str) -> bool:
    return "pod" in mirror.health and mirror.health["pod"].state == state


def test_namespaces_that_are_asked_for_are_the_only_ones() -> None:
    async def story() -> None:
        api = cluster()
        api.apply("pods", samples.pod("other", "elsewhere"))
        async with opened(api, ["shop", "pay"], only=True) as (mirror, source):
            wanted = api.versions("pods", "shop") | api.versions("nodes")
            await mirror.until(lambda: mirror.complete >= {"node", "pod"}, 1)
            assert mirror.versions() == wanted
            await mirror.until(lambda: source.info.identity == "ann", 1)
            assert source.info.namespaces == ("shop", "pay"), "also after who we are was asked"
            source.refresh()
            await asyncio.sleep(1000)
            assert pods_asked(api) == inside("shop", "pay")
            assert overall(mirror).state == "live"
            assert overall(mirror).detail == ""
            api.apply("pods", samples.pod("late", "pay"))
            wanted |= api.versions("pods", "pay")
            await mirror.until(lambda: mirror.versions() == wanted, 1)

    run(story())


def test_L14_a_kind_is_complete_without_the_namespaces_that_are_denied() -> None:
    async def story() -> None:
        api = cluster()
        api.deny = inside("secret")
        async with opened(api, ["shop", "secret", "default"], only=True) as (mirror, _):
            await mirror.until(lambda: pods_are(mirror, "live") and overall(mirror).state == "live", 1)
            assert mirror.complete == {"node", "pod"}
            assert mirror.health["pod"].detail.startswith("denied in namespace secret: ")
            assert overall(mirror).detail == mirror.health["pod"].detail
            api.deny = set()
            api.apply("pods", samples.pod("hidden", "secret"))
            await mirror.until(lambda: equal(mirror, api), 301)
            assert completions(mirror) == 1
            assert overall(mirror).detail == ""

    run(story())


def test_L14_denied_in_every_namespace_is_denied_and_not_complete() -> None:
    async def story() -> None:
        api = cluster()
        api.deny = inside("shop", "default")
        async with opened(api, ["shop", "default"], only=True) as (mirror, _):
            await mirror.until(lambda: pods_are(mirror, "denied"), 1)
            await asyncio.sleep(5)
            assert mirror.complete == {"node"}

    run(story())


def test_L14_the_whole_cluster_is_tried_again_rarely_and_taken_once_it_is_granted() -> None:
    async def story() -> None:
        api = cluster()
        api.deny = {WIDE}
        async with opened(api, ["shop"]) as (mirror, source):
            await mirror.until(lambda: mirror.complete >= {"node", "pod"}, 1)
            assert mirror.versions() == api.versions("pods", "shop") | api.versions("nodes")
            assert told(mirror).namespaces == ("shop",), "a part must not be taken for the whole"
            await mirror.until(lambda: told(mirror).identity == "ann", 1)
            assert told(mirror).namespaces == ("shop",), "also after who we are was asked"
            await asyncio.sleep(1000)
            assert 3 <= api.count("initial", "list", "watch", path=WIDE) <= 5
            api.deny = set()
            await mirror.until(lambda: equal(mirror, api) and completions(mirror) == 2, 305)
            await mirror.until(lambda: overall(mirror).state == "live", 1)
            assert overall(mirror).detail == ""
            assert told(mirror).namespaces == source.info.namespaces == ()
            watching = api.count("list", "watch", "initial", path=WIDE)
            await asyncio.sleep(400)
            assert api.count("list", "watch", "initial", path=WIDE) == watching, "nobody asks any more"

    run(story())


def test_L14_refresh_tries_the_whole_cluster_at_once() -> None:
    async def story() -> None:
        api = cluster()
        api.deny = {WIDE}
        async with opened(api, ["shop"]) as (mirror, source):
            await mirror.until(lambda: mirror.complete >= {"node", "pod"}, 1)
            api.deny = set()
            source.refresh()
            await mirror.until(lambda: equal(mirror, api), 2)

    run(story())
