"""Objects that can be read and of which nothing can be made: they are counted, and the rest goes on (L13)."""

from __future__ import annotations

import time

import pytest

from providers.kubernetes import decode
from providers.model import Deletes, Node, Pod

from . import samples
from .apiserver import ApiServer
from .mirror import following
from .samples import Json
from .virtual_time import run


def odd(name: str, memory: str = "9" * 5000) -> Json:
    """A node whose memory is no number that can be held."""
    made = samples.node(name)
    made["status"]["allocatable"]["memory"] = memory
    return made


def servers_nodes(streaming: bool) -> ApiServer:
    api = ApiServer()
    api.streaming = "yes" if streaming else "refused"
    for each in (samples.node("a"), odd("odd"), samples.node("b")):
        api.apply("nodes", each)
    return api


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "pages"])
def test_L13_in_the_first_list_it_is_counted_and_the_others_are_shown(streaming: bool) -> None:
    async def story() -> None:
        api = servers_nodes(streaming)
        async with following(api, kind="nodes") as (mirror, _):
            await mirror.until(lambda: mirror.states[-1:] == ["live"], 10)
            assert mirror.names() == {"a", "b"}
            assert mirror.health["node"].skipped == 1
            api.delete("nodes", "odd")
            api.apply("nodes", samples.node("c"))
            await mirror.until(lambda: mirror.names() == {"a", "b", "c"}, 10)
            assert not any(isinstance(each, Deletes) for each in mirror.batches), "nobody was told of it"

    run(story())


def test_L13_in_a_change_the_last_state_that_could_be_read_stays_until_the_next() -> None:
    async def story() -> None:
        api = servers_nodes(True)
        async with following(api, kind="nodes") as (mirror, _):
            await mirror.until(lambda: mirror.states[-1:] == ["live"], 10)
            api.apply("nodes", odd("a"))
            api.apply("nodes", samples.node("b", ready="False"))
            await mirror.until(lambda: "NotReady" in str(mirror.objects), 10)
            assert mirror.names() == {"a", "b"}
            await mirror.until(lambda: mirror.health["node"].skipped == 2, 10)
            api.apply("nodes", samples.node("a", ready="False"))
            await mirror.until(lambda: str(mirror.objects).count("NotReady") == 2, 10)
            assert "lost" not in mirror.states

    run(story())


def pod_of(body: Json) -> Pod:
    codec = decode.pods()
    made = codec.made(codec.change(samples.line("ADDED", body)).object)
    assert isinstance(made, Pod)
    return made


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_a_moment_without_a_zone_is_utc(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        body = samples.pod("p", uid="u")
        body["metadata"]["creationTimestamp"] = "2026-11-01T00:00:00"
        assert pod_of(body).created == 1793491200.0
        body["metadata"]["creationTimestamp"] = "0001-01-01T00:00:00"
        assert pod_of(body).created == -62135596800.0
    time.tzset()


def test_restarts_with_and_without_a_zone_are_compared() -> None:
    body = samples.pod("p", uid="u", restarts=2)
    (first,) = body["status"]["containerStatuses"]
    ends = ("2026-11-01T00:00:00", "2026-11-02T00:00:00Z")
    body["status"]["containerStatuses"] = [
        first | {"lastState": {"terminated": {"exitCode": 1, "finishedAt": end}}} for end in ends
    ]
    assert pod_of(body).last_restart == 1793577600.0


def test_numbers_that_no_frame_can_carry_are_unknown() -> None:
    codec = decode.nodes()
    made = codec.made(codec.change(samples.line("ADDED", odd("n", "9" * 400))).object)
    assert isinstance(made, Node)
    assert made.memory is None
    assert pod_of(samples.pod("p", uid="u", restarts=1 << 70)).restarts < 1 << 63
