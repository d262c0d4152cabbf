"""Lists: the streaming first one, pages, relists, and what goes wrong in them (L1–L5)."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest

from providers.model import Began, Complete, Deletes, Upserts

from . import samples
from .apiserver import ApiServer, Fault
from .mirror import Mirror, following
from .virtual_time import run

LIST = ("list", "page")


def server(pods: int = 5) -> ApiServer:
    made = ApiServer()
    for number in range(pods):
        made.apply("pods", samples.pod(f"p{number:04}"))
    return made


def equal(mirror: Mirror, api: ApiServer) -> bool:
    return "pod" in mirror.complete and mirror.versions() == api.versions("pods")


def test_L1_rows_come_before_the_list_is_whole_and_it_is_whole_at_the_bookmark() -> None:
    async def story() -> None:
        api = server()
        held = Fault(on=("initial",), after=3, then="hang")
        api.faults.append(held)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: len(mirror.objects) == 3, 1)
            await asyncio.sleep(5)
            assert mirror.complete == set()
            assert mirror.states == ["connecting", "loading"]
            assert not any(isinstance(each, Deletes | Complete) for each in mirror.batches)
        assert held.fired == 1
        assert api.count(*LIST) == 0
        asked = api.asked[0].params
        assert asked["sendInitialEvents"] == "true"
        assert asked["resourceVersionMatch"] == "NotOlderThan"
        assert asked["allowWatchBookmarks"] == "true"

    run(story())


def test_L1_the_stream_of_the_list_is_the_watch_that_follows() -> None:
    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 1)
            assert [each.request for each in api.asked] == ["initial"]
            assert mirror.states == ["connecting", "loading", "live"]
            assert isinstance(mirror.batches[0], Began)

    run(story())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(on=("initial",), status=400, body=b"unknown parameter"),
        Fault(on=("initial",), status=422, body=b"sendInitialEvents: Forbidden"),
        Fault(on=("initial",), status=501, body=b"not implemented"),
        Fault(on=("initial",), after=3, then="reset"),
        Fault(on=("initial",), after=3, then="close"),
        Fault(on=("initial",), after=3, then="hang"),
        Fault(on=("initial",), after=0, then="hang"),
        Fault(on=("initial",), after=2, insert=b'{"type":"ADDED","object":{"metad', then="close"),
        Fault(on=("initial",), after=2, insert=b'{"type":"ERROR","object":{"code":500}}\n', then="close"),
    ],
    ids=lambda fault: f"{fault.status or ''}{fault.then}{fault.after}",
)
def test_L1_a_streaming_list_refused_cut_or_silent_becomes_pages(fault: Fault) -> None:
    async def story() -> None:
        api = server(1200)
        fault.fired = 0
        api.faults.append(fault)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 12)
            assert mirror.states[-1] == "live"
            assert "lost" not in mirror.states
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 1)
        assert fault.fired == 1
        assert api.count("list") == 1
        assert api.count("page") == 2
        assert sum(isinstance(each, Complete) for each in mirror.batches) == 1

    run(story())


def test_L1_a_server_that_never_ends_the_first_list_is_listed_in_pages() -> None:
    """Before 1.27 servers took the parameter for nothing: events without end, and no bookmark."""

    async def story() -> None:
        api = server()
        api.streaming = "ignored"
        async with following(api) as (mirror, _):
            for number in range(90):
                api.apply("pods", samples.pod(f"new{number % 7}"))
                await asyncio.sleep(1)
                if mirror.complete:
                    break
            await mirror.until(lambda: equal(mirror, api), 1)
            assert api.count("list") == 1
            assert api.asked[1].at - api.asked[0].at <= 61

    run(story())


def test_L2_a_relist_asks_for_what_is_not_older_than_the_last_seen() -> None:
    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            seen = str(api.version)
            api.faults.append(Fault(on=("watch",), refuse=True))
            api.drop()
            await asyncio.sleep(0.001)
            api.apply("pods", samples.pod("new"))
            api.compact()
            await mirror.until(lambda: equal(mirror, api), 5)
            assert api.count("list") == 1
            relist = next(each for each in api.asked if each.request == "list")
            assert relist.params["resourceVersion"] == seen
            assert relist.params["resourceVersionMatch"] == "NotOlderThan"

    run(story())


def test_L2_a_version_the_server_does_not_have_yet_is_given_up_once_and_at_once() -> None:
    """The server's store was put back from a backup: its versions went back. A watch from a version to
    come is silent for ever, which two silent watches give away."""

    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.delete("pods", "p0001", "default")
            await mirror.until(lambda: equal(mirror, api), 1)
            api.restore(900)
            api.apply("pods", samples.pod("after"))
            await mirror.until(lambda: equal(mirror, api), 200)
            assert "lost" in mirror.states
            lists = [each for each in api.asked if each.request == "list"]
            assert [each.params.get("resourceVersion", "") for each in lists] == ["1006", ""]
            assert lists[1].at - lists[0].at < 0.1
            api.apply("pods", samples.pod("later"))
            await mirror.until(lambda: equal(mirror, api), 1)

    run(story())


def test_L2_an_expired_list_is_asked_for_without_a_version_once_then_with_back_off() -> None:
    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            gone = Fault(on=("list",), status=410, body=b"Expired", times=6)
            api.faults += [Fault(on=("watch",), status=410, body=b"Gone"), gone]
            api.drop()
            await mirror.until(lambda: gone.fired == 6 and api.count("watch") >= 2, 60)
            lists = [each for each in api.asked if each.request == "list"]
            gaps = [b.at - a.at for a, b in itertools.pairwise(lists)]
            assert [each.params.get("resourceVersion", "") for each in lists[:2]] == ["1005", ""]
            assert gaps[0] < 0.1
            assert sum(gaps) > 1

    run(story())


def test_L3_an_expired_continue_token_means_one_full_list_at_the_version_first_asked_for() -> None:
    async def story() -> None:
        api = server(1200)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            seen = str(api.version)
            fault = Fault(on=("page",), status=410, body=b"The provided continue parameter is too old")
            api.faults += [Fault(on=("watch",), status=410, body=b"Gone"), fault]
            api.drop()
            await asyncio.sleep(0.001)
            api.delete("pods", "p0000", "default")
            mark = len(mirror.batches)
            await mirror.until(lambda: equal(mirror, api), 5)
            assert fault.fired == 1
            lists = [each for each in api.asked if each.request in LIST]
            assert len(lists) == 3
            first, page, full = lists
            assert first.params["resourceVersion"] == full.params["resourceVersion"] == seen
            assert "limit" in first.params
            assert "continue" in page.params
            assert "limit" not in full.params
            assert [type(each) for each in mirror.batches[mark:]].count(Deletes) == 1
            assert not any(isinstance(each, Upserts) for each in mirror.batches[mark:])

    run(story())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(on=("page",), refuse=True),
        Fault(on=("page",), status=500, body=b"etcdserver: request timed out"),
        Fault(on=("page",), then="hang"),
        Fault(on=("page",), mutate=lambda body: body[: len(body) // 2]),
        Fault(on=("page",), mutate=lambda body: b"<html>log in</html>"),
        Fault(on=("page",), mutate=lambda body: b"{}"),
    ],
    ids=["refused", "500", "silent", "cut", "html", "empty"],
)
def test_L4_a_list_that_fails_midway_changes_nothing(fault: Fault) -> None:
    async def story() -> None:
        api = server(1200)
        fault.fired = 0
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.faults += [Fault(on=("watch",), status=410, body=b"Gone"), fault]
            before = dict(mirror.objects)
            api.drop()
            await asyncio.sleep(0.001)
            for number in range(300):
                api.delete("pods", f"p{number:04}", "default")
            api.apply("pods", samples.pod("p1100", restarts=7))
            await mirror.until(lambda: mirror.health["pod"].state == "lost", 60)
            assert fault.fired == 1
            assert mirror.objects == before
            await mirror.until(lambda: equal(mirror, api), 60)
            assert len(mirror.objects) == 900

    run(story())


def test_L5_a_replaced_object_is_another_and_the_table_is_never_empty() -> None:
    async def story() -> None:
        api = server(3)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.faults.append(Fault(on=("watch",), status=410, body=b"Gone"))
            api.drop()
            await asyncio.sleep(0.001)
            old = set(mirror.objects)
            for name in ("p0000", "p0001", "p0002"):
                api.delete("pods", name, "default")
                api.apply("pods", samples.pod(name))
            await mirror.until(lambda: equal(mirror, api), 5)
            assert not old & set(mirror.objects)
            assert mirror.names() == {"p0000", "p0001", "p0002"}
            assert mirror.least is not None
            assert mirror.least >= 3

    run(story())


def test_a_relist_sends_only_what_differs() -> None:
    async def story() -> None:
        api = server(1200)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.faults.append(Fault(on=("watch",), status=410, body=b"Gone"))
            api.drop()
            await asyncio.sleep(0.001)
            api.apply("pods", samples.pod("p0007", restarts=1))
            mark = len(mirror.batches)
            await mirror.until(lambda: equal(mirror, api), 5)
            sent = [each for each in mirror.batches[mark:] if isinstance(each, Upserts)]
            assert [obj.name for each in sent for obj in each.objects] == ["p0007"]  # type: ignore[union-attr]
            assert not any(isinstance(each, Began) for each in mirror.batches[mark:])

    run(story())


def test_an_object_in_a_list_that_cannot_be_read_costs_only_itself() -> None:
    def spoil(body: bytes) -> bytes:
        tree = json.loads(body)
        tree["items"][1]["status"] = "odd"
        tree["items"][2]["metadata"] = None
        return json.dumps(tree).encode()

    async def story() -> None:
        api = server(5)
        api.streaming = "refused"
        fault = Fault(on=("list",), mutate=spoil)
        api.faults.append(fault)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: "pod" in mirror.complete, 1)
            await mirror.until(lambda: mirror.health["pod"].state == "live", 1)
            assert fault.fired == 1
            assert mirror.names() == {"p0000", "p0003", "p0004"}
            assert mirror.health["pod"].skipped == 2

    run(story())


def test_an_object_that_a_relist_spoils_is_not_taken_for_gone() -> None:
    def spoil(body: bytes) -> bytes:
        tree = json.loads(body)
        tree["items"][1]["status"] = "odd"
        return json.dumps(tree).encode()

    async def story() -> None:
        api = server(5)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            fault = Fault(on=("list",), mutate=spoil)
            api.faults += [Fault(on=("watch",), status=410, body=b"Gone"), fault]
            api.drop()
            await mirror.until(lambda: mirror.health["pod"].skipped == 1, 5)
            assert fault.fired == 1
            assert len(mirror.objects) == 5

    run(story())
