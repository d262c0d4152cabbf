"""Watching without a screen: frames into a fleet until every source is complete or has failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from console.fleet import Fleet, SourceState
from console.link import Link
from providers.stream import Body, Failed, Frame

_FAILED = ("lost", "denied")


class EngineError(Exception):
    """The engine itself could not go on: what is wrong, and what to do about it."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy


async def gather(link: Link, fleet: Fleet, providers: set[str], timeout: float) -> None:
    """Fill the fleet until every source of those providers is settled, `timeout` seconds at most."""
    await until(link, fleet, lambda _: all_settled(fleet, providers), timeout)


async def until(link: Link, fleet: Fleet, done: Callable[[Body], bool], timeout: float | None) -> bool:
    """Take frames in until `done` says so of one; False when the time ran out. Raises EngineError."""
    try:
        async with asyncio.timeout(timeout):
            async for frames in link.frames():
                if _take(frames, fleet, done):
                    return True
    except TimeoutError:
        pass
    return False


def _take(frames: list[Frame], fleet: Fleet, done: Callable[[Body], bool]) -> bool:
    finished = False
    for frame in frames:
        if isinstance(frame.body, Failed) and not frame.body.id:
            raise EngineError(frame.body.detail, frame.body.remedy)
        fleet.apply(frame)
        finished = done(frame.body) or finished
    return finished


def all_settled(fleet: Fleet, providers: set[str]) -> bool:
    """Whether each of those providers has sources and every one of them is complete or has failed."""
    told = {state.info.provider for state in fleet.sources.values()}
    return providers <= told and all(settled(state) for state in fleet.sources.values())


def settled(state: SourceState) -> bool:
    """Whether a source is complete or has failed."""
    if state.health.state in _FAILED:
        return True
    if state.health.state == "connecting":
        return False
    return all(kind in state.complete or state.health_of(kind).state in _FAILED for kind in state.info.kinds)


def answered(state: SourceState) -> bool:
    """Whether a source gave all that it has."""
    return state.health.state not in _FAILED and all(kind in state.complete for kind in state.info.kinds)


def why_missing(state: SourceState, timeout: float) -> tuple[str, str]:
    """Why a source that has not answered is missing after that many seconds, and the remedy."""
    lacking = (state.health_of(kind) for kind in state.info.kinds if kind not in state.complete)
    health = next(lacking, state.health)
    if health.detail:
        return health.detail, health.remedy
    where = state.info.address or state.name
    return (
        f"{where} has not answered within {timeout:.0f} s ({health.state})",
        "check that it is up and can be reached from here; --timeout waits longer",
    )


def refused(fleet: Fleet, providers: set[str]) -> list[SourceState]:
    """What stands for the providers when each refused what it was told: a file, a context, an option.

    Empty when one of them has sources, be they in whatever trouble.
    """
    states = list(fleet.sources.values())
    told = {state.info.provider for state in states}
    if providers <= told and all(s.health.state == "denied" and not s.info.kinds for s in states):
        return states
    return []
