"""As whom a cluster sees us: asked until it is answered, and again when it may have changed."""

from __future__ import annotations

import asyncio

import msgspec

from providers.contract import Problem
from providers.model import About, SourceInfo

from .apiserver import ApiServer
from .mirror import Mirror
from .test_source import Abilities, cluster, equal, opened
from .virtual_time import run


class Answers(Abilities):
    """Says who we are as often as it is asked, once it can."""

    def __init__(self, api: ApiServer, failures: int = 0) -> None:
        super().__init__(api.info)
        self.api, self.failures, self.asked, self.name = api, failures, 0, "ann"

    async def about(self) -> SourceInfo:
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.asked <= self.failures:
            raise Problem("double broke the connection off")
        info = self.api.info
        return msgspec.structs.replace(info, identity=self.name)


def told(mirror: Mirror) -> list[SourceInfo]:
    return [each.info for each in mirror.batches if isinstance(each, About)]


def test_who_we_are_is_asked_until_it_is_answered_and_then_no_more() -> None:
    async def story() -> None:
        api = cluster()
        abilities = Answers(api, failures=4)
        async with opened(api, abilities=abilities) as (mirror, source):
            await mirror.until(lambda: source.info.identity == "ann", 30)
            assert abilities.asked == 5
            await asyncio.sleep(3600)
            assert abilities.asked == 5
            assert [each.identity for each in told(mirror)] == ["", "ann"]

    run(story())


def test_who_we_are_is_asked_with_pauses_while_nobody_answers() -> None:
    async def story() -> None:
        abilities = Answers(cluster(), failures=10**9)
        async with opened(abilities.api, abilities=abilities):
            await asyncio.sleep(600)
            assert 20 < abilities.asked < 60

    run(story())


def test_refresh_asks_anew_as_whom() -> None:
    async def story() -> None:
        api = cluster()
        abilities = Answers(api)
        async with opened(api, abilities=abilities) as (mirror, source):
            await mirror.until(lambda: source.info.identity == "ann", 1)
            abilities.name = "bea"
            source.refresh()
            await mirror.until(lambda: source.info.identity == "bea", 1)

    run(story())


def test_after_a_new_login_who_we_are_and_what_is_to_be_said_of_it_are_told() -> None:
    async def story() -> None:
        api = cluster()
        abilities = Answers(api)
        async with opened(api, abilities=abilities) as (mirror, source):
            await mirror.until(lambda: equal(mirror, api) and source.info.identity == "ann", 1)
            await asyncio.sleep(100)
            api.logins, abilities.name = 1, "bea"
            await mirror.until(lambda: told(mirror)[-1].identity == "bea", 6)
            api.info = msgspec.structs.replace(api.info, warnings=("the token was replaced",))
            await mirror.until(lambda: told(mirror)[-1].warnings == ("the token was replaced",), 6)
            assert abilities.asked == 3

    run(story())


def test_a_warning_is_told_even_while_nobody_says_who_we_are() -> None:
    async def story() -> None:
        api = cluster()
        async with opened(api, abilities=Answers(api, failures=10**9)) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.info = msgspec.structs.replace(api.info, warnings=("the token was replaced",))
            await mirror.until(lambda: told(mirror)[-1].warnings == ("the token was replaced",), 6)

    run(story())
