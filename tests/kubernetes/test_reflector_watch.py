"""Watches: errors in and around them, back-off, duplicates and unreadable lines (L6–L13)."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from contextlib import suppress

import pytest

from providers.kubernetes.lines import Lines
from providers.kubernetes.timing import Backoff
from providers.model import Began, Deletes, Heard, Upserts

from . import samples
from .apiserver import ApiServer, Fault
from .mirror import Mirror, following
from .samples import line
from .virtual_time import run

GONE = line("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"})


def server(pods: int = 5) -> ApiServer:
    made = ApiServer()
    for number in range(pods):
        made.apply("pods", samples.pod(f"p{number:04}"))
    return made


def equal(mirror: Mirror, api: ApiServer) -> bool:
    return "pod" in mirror.complete and mirror.versions() == api.versions("pods")


def moments(api: ApiServer, *requests: str) -> list[float]:
    return [each.at for each in api.asked if each.request in requests]


# ---- L6 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["event", "status"])
def test_L6_gone_as_a_status_and_as_an_event_are_the_same(how: str) -> None:
    async def story() -> None:
        api = server()
        api.gone_as = how  # type: ignore[assignment]
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            away = Fault(on=("watch",), refuse=True)
            api.faults.append(away)
            api.drop()
            await mirror.until(lambda: away.fired == 1, 1)
            api.delete("pods", "p0001", "default")
            api.apply("pods", samples.pod("new"))
            api.compact()
            await mirror.until(lambda: equal(mirror, api), 5)
            assert [each.request for each in api.asked] == ["initial", "watch", "watch", "list", "watch"]
            relisted, gone = api.asked[3].at, api.asked[2].at
            assert relisted - gone < 0.1
            assert sum(isinstance(each, Began) for each in mirror.batches) == 1

    run(story())


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "Status"},
        {"code": 500, "message": None},
        {"code": "odd"},
        {"kind": "Status", "status": "Failure", "metadata": None, "reason": "InternalError", "code": 500},
        [],
        "text",
        None,
    ],
    ids=repr,
)
def test_L6_other_errors_relist_and_never_crash(said: object) -> None:
    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            text = json.dumps({"type": "ERROR", "object": said}).encode() + b"\n"
            fault = Fault(on=("watch",), after=0, insert=text, then="close")
            api.faults.append(fault)
            api.drop()
            await mirror.until(lambda: api.count("list") == 1, 5)
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 1)
            assert fault.fired == 1
            assert mirror.health["pod"].state == "live"

    run(story())


def test_T1_what_an_error_says_is_cleaned() -> None:
    async def story() -> None:
        api = server()
        text = line("ERROR", {"code": 500, "message": "a\x1b]0;title\x07\u202eb"})
        api.faults.append(Fault(on=("watch",), after=0, insert=text, then="close"))
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            await mirror.until(lambda: "lost" in mirror.states, 5)
            (lost,) = {each.detail for each in mirror.batches if getattr(each, "state", "") == "lost"}
            assert lost == "500: a\u241b]0;title\u2407\ufffdb"

    run(story())


# ---- L7 ----------------------------------------------------------------------------------------------


def test_L7_a_bookmark_moves_the_version_and_no_row() -> None:
    async def story() -> None:
        api = server()
        async with following(api) as (mirror, reflector):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.apply("nodes", samples.node("n1"))
            mark = len(mirror.batches)
            api.bookmark()
            await mirror.until(lambda: mirror.heard() == 1, 1)
            assert mirror.batches[mark:] == [Heard()]
            assert reflector.known.version == str(api.version)
            api.compact()
            api.drop()
            await asyncio.sleep(5)
            assert api.count("list") == 0, "the watch went on from the bookmark"

    run(story())


def test_L7_synthetic_events_do_not_move_the_version() -> None:
    async def story() -> None:
        api = server(4)
        api.apply("nodes", samples.node("n1"))
        api.faults.append(Fault(on=("initial",), after=4, then="hang"))
        async with following(api) as (mirror, reflector):
            await mirror.until(lambda: len(mirror.objects) == 4, 1)
            assert reflector.known.version == ""
            await mirror.until(lambda: equal(mirror, api), 20)
            assert reflector.known.version == str(api.version)

    run(story())


def test_L7_without_any_bookmark_nothing_is_missed() -> None:
    async def story() -> None:
        api = server()
        dumb = Fault(on=("watch",), mutate=lambda each: None if b"BOOKMARK" in each else each, times=99)
        api.faults.append(dumb)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            for number in range(20):
                await asyncio.sleep(77)
                api.apply("pods", samples.pod(f"new{number}"))
                await mirror.until(lambda: equal(mirror, api), 60)
            assert dumb.fired > 2
            assert api.count("list") == 0

    run(story())


# ---- L8 ----------------------------------------------------------------------------------------------


def test_L8_a_normal_close_is_followed_by_a_watch_at_once() -> None:
    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            await asyncio.sleep(2)
            version = str(api.version)
            api.drop()
            await mirror.until(lambda: api.count("watch") == 1, 1)
            assert api.asked[-1].params["resourceVersion"] == version
            assert api.asked[-1].at - 1002.01 < 0.1
            assert api.count("list") == 0
            assert mirror.states == ["connecting", "loading", "live"]

    run(story())


def test_L8_watches_that_end_at_once_are_backed_off_and_relisted() -> None:
    async def story() -> None:
        api = server()
        fault = Fault(on=("watch",), after=0, then="close", times=10_000)
        api.faults.append(fault)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            with suppress(TimeoutError):  # Five minutes, or less where it is far too many already.
                await mirror.until(lambda: api.count("watch") > 30, 300)
            watches = api.count("watch")
            assert fault.fired == watches
            assert 10 <= watches <= 30
            assert abs(api.count("list") - watches) <= 1

    run(story())


# ---- L9, L10 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503, 500])
def test_L9_retry_after_is_honoured_at_the_same_version_without_a_relist(status: int) -> None:
    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            version = str(api.version)
            busy = Fault(
                on=("watch",),
                status=status,
                body=b"Too many requests, please try again later.\n",
                headers={"Retry-After": "17", "Content-Type": "text/plain"},
                times=2,
            )
            api.faults.append(busy)
            api.drop()
            await mirror.until(lambda: busy.fired == 1 and mirror.health["pod"].state == "lost", 5)
            assert "Too many requests" in mirror.health["pod"].detail
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 60)
            first, second, third = moments(api, "watch")
            assert second - first > 16.99
            assert third - second > 16.99
            assert {each.params["resourceVersion"] for each in api.asked[1:]} == {version}
            assert api.count("list") == 0

    run(story())


def test_L9_retry_after_is_honoured_by_the_first_list_too() -> None:
    async def story() -> None:
        api = server()
        busy = Fault(on=("initial",), status=429, body=b"busy", headers={"Retry-After": "5"})
        api.faults.append(busy)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 10)
            first, second = moments(api, "initial")
            assert second - first > 4.99
            assert api.count("list") == 0

    run(story())


def test_L9_refused_connections_are_backed_off_at_the_same_version() -> None:
    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            away = Fault(on=("watch",), refuse=True, times=12)
            api.faults.append(away)
            api.drop()
            await mirror.until(lambda: mirror.health["pod"].state == "lost", 5)
            since = mirror.health["pod"].since
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 300)
            assert away.fired == 12
            assert api.count("list") == 0
            gaps = [b - a for a, b in itertools.pairwise(moments(api, "watch"))]
            assert [round(each, 3) for each in gaps[:7]] == [0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15.0]
            lost = [each for each in mirror.batches if getattr(each, "state", "") == "lost"]
            assert [each.since for each in lost] == [since], "one outage is one message"  # type: ignore[union-attr]

    run(story())


def test_L9_a_server_that_is_away_at_the_start_is_listed_by_stream_when_it_comes() -> None:
    async def story() -> None:
        api = server()
        away = Fault(on=("initial", "list"), refuse=True, times=5)
        api.faults.append(away)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 60)
            assert away.fired == 5
            assert [each.request for each in api.asked] == ["initial"] * 6

    run(story())


def test_L10_delays_double_to_thirty_seconds_with_full_jitter_and_start_again_after_health() -> None:
    full = Backoff(lambda: 1.0)
    assert [full.failed(0) for _ in range(8)] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30]
    full.well(100)
    assert full.failed(219) == 30, "two minutes of health, not less"
    full.well(300)
    assert full.failed(420) == 0.8
    drawn = random.Random(7)
    seen = [Backoff(drawn.random).failed(0) for _ in range(200)]
    assert min(seen) < 0.1
    assert max(seen) > 0.7


def test_L10_watches_end_after_a_random_time_of_five_to_ten_minutes() -> None:
    async def story() -> None:
        api = server(1)
        drawn = random.Random(3)
        async with following(api, jitter=drawn.random) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            await asyncio.sleep(8 * 3600)
        asked = [int(each.params["timeoutSeconds"]) for each in api.asked]
        assert len(asked) > 40
        assert min(asked) >= 300
        assert max(asked) <= 600
        assert len(set(asked)) > 20
        assert api.count("list") == 0
        assert mirror.states == ["connecting", "loading", "live"]

    run(story())


# ---- L11 ---------------------------------------------------------------------------------------------


def test_L11_a_silent_watch_is_given_up_within_its_bound() -> None:
    async def story() -> None:
        api = server()
        silent = Fault(on=("watch",), after=0, then="hang")
        api.faults.append(silent)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            await mirror.until(lambda: silent.fired == 1, 1)
            start = asyncio.get_running_loop().time()
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 120)
            assert asyncio.get_running_loop().time() - start < 95
            assert "lost" in mirror.states

    run(story())


def test_L11_a_watch_that_its_server_never_ends_is_ended_here() -> None:
    """Bookmarks keep coming, and the end that was asked for does not."""

    async def story() -> None:
        api = server()
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.overtime = 10_000
            api.drop()
            await asyncio.sleep(2000)
            watches = moments(api, "watch")
            assert len(watches) >= 3
            first, second, third = watches[:3]
            assert 479 <= second - first <= 481
            assert 479 <= third - second <= 481
            assert mirror.states == ["connecting", "loading", "live"]

    run(story())


# ---- L12 ---------------------------------------------------------------------------------------------


def test_L12_duplicates_change_nothing_and_surprises_do_not_crash() -> None:
    async def story() -> None:
        api = server(3)
        known, stranger = api.objects("pods")[0], samples.pod("stranger", uid="s")
        gone = samples.pod("never", uid="n")
        stranger["metadata"]["resourceVersion"] = gone["metadata"]["resourceVersion"] = "1004"
        text = line("MODIFIED", known) + line("ADDED", known) + line("DELETED", gone)
        text += line("MODIFIED", stranger) + line("ADDED", stranger)
        api.faults.append(Fault(on=("watch",), after=0, insert=text))
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            mark = len(mirror.batches)
            api.drop()
            await mirror.until(lambda: "s" in mirror.objects, 1)
            sent = [each for each in mirror.batches[mark:] if isinstance(each, Upserts | Deletes)]
            assert [[obj.uid for obj in each.objects] for each in sent] == [["s"]]  # type: ignore[union-attr]

    run(story())


def test_L12_what_came_and_went_in_one_chunk_leaves_no_trace() -> None:
    async def story() -> None:
        api = server(1)
        brief = samples.pod("brief", uid="b")
        brief["metadata"]["resourceVersion"] = "1005"
        old = api.objects("pods")[0]
        changed = json.loads(json.dumps(old))
        changed["metadata"]["resourceVersion"] = "1007"
        text = line("ADDED", brief) + line("DELETED", brief) + line("DELETED", old) + line("ADDED", changed)
        api.faults.append(Fault(on=("watch",), after=0, insert=text))
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            await mirror.until(lambda: "1007" in mirror.versions().values(), 1)
            assert list(mirror.objects) == [old["metadata"]["uid"]]

    run(story())


# ---- L13 ---------------------------------------------------------------------------------------------

ODD = [
    (b'{"type":"SURPRISE","object":{"metadata":{"uid":"x"}}}\n', 1),
    (b'{"type":"ADDED","object":{"metadata":{"uid":"x","name":"n"},"status":"odd"}}\n', 1),
    (b'{"type":"ADDED","object":{"metadata":{"name":"without uid"}}}\n', 1),
    (b'{"type":"DELETED","object":{}}\n', 1),
    (b'{"type":"ADDED"}\n', 1),
    (b'{"type":"BOOKMARK","object":{"metadata":{}}}\n', 1),
    (b"not json at all\n", 1),
    (b"[]\n7\nnull\n", 3),
    (b'"text"\n', 1),
    (b"\n  \n\r\n", 0),
    (b'{"type":"ADDED","object":{"metadata":{"uid":"x\xff\xfe","name":"a"}}}\n', 1),
    (b"\x00\x01\x02\n", 1),
    (b"[" * 100_000 + b"\n", 1),
]


@pytest.mark.parametrize(("text", "skipped"), ODD, ids=[repr(text[:45]) for text, _ in ODD])
def test_L13_what_cannot_be_read_is_counted_and_the_rest_goes_on(text: bytes, skipped: int) -> None:
    async def story() -> None:
        api = server()
        fault = Fault(on=("watch",), after=0, insert=text)
        api.faults.append(fault)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            await mirror.until(lambda: fault.fired == 1, 1)
            await asyncio.sleep(0.1)
            api.apply("pods", samples.pod("new"))
            wanted = api.versions("pods").items()
            await mirror.until(lambda: wanted <= mirror.versions().items(), 1)
            assert mirror.health["pod"].skipped == skipped
            assert mirror.health["pod"].state == "live"
            assert api.count("list") == 0

    run(story())


def test_L13_null_lists_and_missing_and_extra_fields_are_read() -> None:
    null = samples.pod("null", uid="null")
    null["metadata"] |= {"resourceVersion": "1009", "labels": None, "ownerReferences": None}
    null["spec"] = {"containers": None, "nodeName": None, "news": [1, {"a": None}]}
    null["status"] = {"conditions": None, "containerStatuses": None, "phase": None}
    bare = {"metadata": {"uid": "bare", "resourceVersion": "1010"}}

    async def story() -> None:
        api = server(1)
        api.faults.append(Fault(on=("watch",), after=0, insert=line("ADDED", null) + line("ADDED", bare)))
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            await mirror.until(lambda: {"null", "bare"} <= mirror.objects.keys(), 1)
            assert mirror.health["pod"].skipped == 0

    run(story())


def test_L13_a_deletion_is_found_even_where_the_object_makes_no_sense() -> None:
    async def story() -> None:
        api = server(2)
        uid = api.objects("pods")[0]["metadata"]["uid"]
        obj = {"metadata": {"uid": uid, "resourceVersion": "1003"}, "spec": "odd"}
        api.faults.append(Fault(on=("watch",), after=0, insert=line("DELETED", obj)))
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            await mirror.until(lambda: uid not in mirror.objects, 1)

    run(story())


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_L13_lines_split_at_any_byte_are_whole_again(size: int) -> None:
    async def story() -> None:
        api = server(30)
        api.apply("pods", samples.pod("caf\u00e9-\u2603-\U0001f600", uid="\u00fc"))
        api.slices = lambda body: [body[n : n + size] for n in range(0, len(body), size)]
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 5)
            api.apply("pods", samples.pod("p0003", restarts=3))
            await mirror.until(lambda: equal(mirror, api), 5)
            assert mirror.health["pod"].skipped == 0

    run(story())


def test_L13_a_cut_last_line_is_counted_and_asked_for_again() -> None:
    async def story() -> None:
        api = server()
        cut = Fault(on=("watch",), after=0, insert=b'{"type":"MODIFIED","object":{"meta', then="close")
        api.faults.append(cut)
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            await mirror.until(lambda: mirror.health["pod"].skipped == 1, 10)
            api.apply("pods", samples.pod("p0001", restarts=2))
            await mirror.until(lambda: equal(mirror, api), 10)

    run(story())


def test_L13_a_line_over_the_cap_is_dropped_and_memory_stays_bounded() -> None:
    lines = Lines(limit=1000)
    assert lines.feed(b"a" * 600) == []
    assert lines.feed(b"b" * 600) == []
    assert lines._held == 0
    for _ in range(1000):
        assert lines.feed(b"c" * 600) == []
    assert lines._held == 0
    assert lines.feed(b"d\n{}\n") == [b"{}"]
    assert lines.feed(b"e" * 1001 + b"\n" + b"f" * 1000 + b"\n") == [b"f" * 1000]
    assert lines.too_long == 2
    assert not lines.cut()


def test_L13_a_line_over_the_cap_shows_in_the_health() -> None:
    async def story() -> None:
        api = server()
        huge = b"x" * ((16 << 20) + 1) + b"\n"
        api.faults.append(Fault(on=("watch",), after=0, insert=huge))
        async with following(api) as (mirror, _):
            await mirror.until(lambda: equal(mirror, api), 1)
            api.drop()
            await mirror.until(lambda: mirror.health["pod"].skipped == 1, 1)
            api.apply("pods", samples.pod("new"))
            await mirror.until(lambda: equal(mirror, api), 1)

    run(story())
