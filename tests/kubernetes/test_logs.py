"""Logs over servers that break them off: nothing twice, nothing missing, and an end with its reason."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from providers.contract import Problem
from providers.kubernetes import logs
from providers.kubernetes.client import Client
from providers.kubernetes.containers import ContainerSpec, ContainerStatus, Pod, PodSpec, PodStatus
from providers.kubernetes.logs import Log, Seen
from providers.kubernetes.lookup import Metadata
from providers.model import Ref
from providers.sessions import Ending
from tests.kubernetes.https import serving, status, target

REF = Ref("prod", "pod", "u1")
POD = Pod(
    Metadata(uid="u1", name="api-0", namespace="shop"),
    PodSpec((ContainerSpec("web"),)),
    PodStatus(phase="Running", container_statuses=(ContainerStatus("web", 3),)),
)
Say = Callable[[web.StreamResponse], Awaitable[None]]


def stamp(second: int, nanos: int = 0) -> str:
    return f"2026-01-01T00:00:{second:02d}.{nanos:09d}Z"


def printed(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


class Kubelet:
    """Answers each request for the log with the next script, and for the pod with its state."""

    def __init__(self, *scripts: Say, state: dict[str, Any] | None = None, restarts: int = 3) -> None:
        self.scripts = list(scripts)
        self.state = {"terminated": {"exitCode": 1, "reason": "Error"}} if state is None else state
        self.restarts = restarts
        self.begins_anew = False
        self.asked: list[dict[str, str]] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if not request.path.endswith("/log"):
            container = {"name": "web", "restartCount": self.restarts, "state": self.state}
            policy = "Always" if self.begins_anew else "Never"
            if self.begins_anew and "terminated" in self.state:  # by the next look it is
                self.restarts, self.state = self.restarts + 1, {"running": {}}
            return web.json_response(
                {"metadata": {"uid": "u1", "name": "api-0", "namespace": "shop"},
                 "spec": {"restartPolicy": policy},
                 "status": {"phase": "Running", "containerStatuses": [container]}}
            )  # fmt: skip
        self.asked.append(dict(request.query))
        if not self.scripts:
            return status(404, "NotFound", "gone")
        answer = web.StreamResponse()
        await answer.prepare(request)
        await self.scripts.pop(0)(answer)
        return answer


def saying(*chunks: bytes, cut: bool = False) -> Say:
    async def say(answer: web.StreamResponse) -> None:
        for chunk in chunks:
            await answer.write(chunk)
        if cut:
            assert answer._req is not None
            transport = answer._req.transport
            assert transport is not None
            transport.abort()

    return say


@asynccontextmanager
async def following(kubelet: Kubelet, *, previous: bool = False) -> AsyncIterator[Log]:
    async with serving(kubelet) as server:
        client = Client(target(server.url), environ={})
        log = await logs.follow(client, REF, POD, ContainerSpec("web"), tail=500, previous=previous)
        try:
            yield log
        finally:
            await log.close()
            await client.close()


async def over(log: Log) -> tuple[str, Ending]:
    said = b""
    async with asyncio.timeout(20):
        while piece := await log.read():
            said += piece
        return said.decode(), await log.ended()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for between attempts."""
    monkeypatch.setattr(random, "random", lambda: 0.0)


async def test_what_was_shown_is_not_shown_again_and_what_was_not_is() -> None:
    first = [f"{stamp(5, n)} a{n}" for n in range(3)] + [f"{stamp(6)} same", f"{stamp(6)} same"]
    late = f"{stamp(5, 9)} overtaken"  # written after a line that is younger
    second = [*first[1:], late, f"{stamp(6)} same", f"{stamp(7)} new"]
    kubelet = Kubelet(
        saying(printed(*first)[:40], printed(*first)[40:] + b"2026-01-01T00:00:07.0000", cut=True),
        saying(printed(*second)),
    )
    async with following(kubelet) as log:
        said, ending = await over(log)
    lines = [line for line in said.split("\r\n") if "trying again" not in line]
    assert lines == ["a0", "a1", "a2", "same", "same", "overtaken", "same", "new", ""]
    assert "broke the connection off in the middle of an answer: trying again --" in said
    assert ending == Ending(0, "container web has ended (Error, exit status 1)", "look at its logs")
    assert kubelet.asked == [
        {"container": "web", "timestamps": "true", "follow": "true", "tailLines": "500"},
        {"container": "web", "timestamps": "true", "follow": "true", "sinceTime": "2026-01-01T00:00:05Z"},
    ]


async def test_a_flood_before_a_break_is_told_apart_by_times() -> None:
    seen = Seen(remembered=10)
    lines = [(stamp(3, n).encode(), f"{stamp(3, n)} {n}".encode()) for n in range(100)]
    assert all(seen.is_new(*line) for line in lines)
    seen.mend()
    assert not any(seen.is_new(*line) for line in lines)
    assert seen.is_new(stamp(3, 100).encode(), b"next")
    assert Seen().since() == ""


async def test_a_container_that_goes_on_is_followed_though_the_server_ended_politely() -> None:
    kubelet = Kubelet(
        saying(printed(f"{stamp(1)} one"), f"{stamp(2)} half".encode()),
        saying(printed(f"{stamp(1)} one", f"{stamp(2)} half and half")),
        state={"running": {}},
    )
    async with following(kubelet) as log:
        said, ending = await over(log)
    assert said == "one\r\nhalf and half\r\n"
    assert ending.detail == "gone"  # the third time there is no log


@pytest.mark.parametrize(
    ("state", "detail"),
    [
        ({"terminated": {"exitCode": 0, "reason": "Completed"}}, "has ended (Completed, exit status 0)"),
        ({"terminated": {"exitCode": 0, "signal": 9}}, "has ended (signal 9)"),
        ({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
         "is waiting (CrashLoopBackOff: back-off)"),
    ],
)  # fmt: skip
async def test_the_end_of_a_container_is_told(state: dict[str, Any], detail: str) -> None:
    kubelet = Kubelet(saying(f"{stamp(1)} last words".encode()), state=state)
    async with following(kubelet) as log:
        said, ending = await over(log)
        assert (said, ending.status, ending.detail) == ("last words\r\n", 0, f"container web {detail}")
        assert await log.read() == b""


async def test_a_container_that_is_begun_anew_is_followed_into_its_new_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "_LOOK_SECONDS", 0.0)
    kubelet = Kubelet(
        saying(printed(f"{stamp(1)} one"), f"{stamp(2)} last words".encode()),
        saying(printed(f"{stamp(1)} one")),  # of the same second, and of another run
        state={"terminated": {"exitCode": 1, "reason": "Error"}},
    )
    kubelet.begins_anew = True
    async with following(kubelet) as log:
        said, ending = await over(log)
    words = [re.sub(r"\x1b\[\dm", "", line) for line in said.split("\r\n")]
    assert words == ["one", "last words", "-- container web was restarted: its new run --", "one", ""]
    assert ending.detail == "gone"
    assert "sinceTime" not in kubelet.asked[1]


async def test_the_run_before_ends_where_it_ended() -> None:
    kubelet = Kubelet(saying(printed(f"{stamp(1)} before", "unable to retrieve container logs for x")))
    async with following(kubelet, previous=True) as log:
        said, ending = await over(log)
    assert said == "before\r\nunable to retrieve container logs for x\r\n"
    assert ending == Ending(0, "that is all of the previous run")
    assert kubelet.asked == [
        {"container": "web", "timestamps": "true", "previous": "true", "tailLines": "500"}
    ]


async def test_a_log_that_is_refused_says_why() -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return status(
            400, "BadRequest", 'container "web" in pod "api-0" is waiting to start: ContainerCreating'
        )

    async with serving(refuse) as server:
        client = Client(target(server.url), environ={})
        with pytest.raises(Problem, match="is waiting to start: ContainerCreating"):
            await logs.follow(client, REF, POD, ContainerSpec("web"), tail=500, previous=False)
        await client.close()
    assert len(server.seen) == 1


async def test_who_does_not_read_holds_the_server_back() -> None:
    sent = 0

    async def flood(answer: web.StreamResponse) -> None:
        nonlocal sent
        line = f"{stamp(1)} {'x' * 1000}\n".encode() * 60
        for _ in range(1024):
            await answer.write(line)
            sent += 1

    async with following(Kubelet(flood)) as log:
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.3)
        assert 0 < sent < 512
        assert await log.read()


async def test_closing_ends_at_once_whatever_is_waited_for() -> None:
    async def silent(answer: web.StreamResponse) -> None:
        await asyncio.Event().wait()

    async with following(Kubelet(silent)) as log:
        reading = asyncio.create_task(log.read())
        await asyncio.sleep(0)
        await log.close()
        assert await reading == b""
        assert (await log.ended()).detail == "closed"
