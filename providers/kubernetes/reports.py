"""What one reflector says of itself: each change of its health once, in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from providers.model import Batch, Health, Kind, State

Put = Callable[[Batch], Awaitable[None]]


class Reports:
    """The health of one collection. Nothing is "live" before the first whole list."""

    def __init__(self, kind: Kind, put: Put, wall: Callable[[], float]) -> None:
        self.health = Health(state="connecting", since=wall(), kind=kind)
        self.whole = False
        """The first list has been complete."""
        self._kind, self._put, self._wall = kind, put, wall

    async def begin(self) -> None:
        """Say how it is before anything has happened."""
        await self._put(self.health)

    async def say(
        self, state: State, detail: str = "", remedy: str = "", *, since: float | None = None
    ) -> None:
        """How it is now, if that is new. `since` is wall time, by default that of the change of state."""
        if state == "live" and not self.whole:
            state = "loading"
        if since is None:
            since = self.health.since if state == self.health.state else self._wall()
        skipped = self.health.skipped
        await self._change(
            Health(state=state, since=since, detail=detail, remedy=remedy, kind=self._kind, skipped=skipped)
        )

    async def skipped(self, count: int) -> None:
        """So many messages could not be read so far."""
        old = self.health
        await self._change(
            Health(
                state=old.state,
                since=old.since,
                detail=old.detail,
                remedy=old.remedy,
                kind=self._kind,
                skipped=count,
            )
        )

    async def _change(self, health: Health) -> None:
        if health == self.health:
            return
        self.health = health
        await self._put(health)
        if self.health is not health:  # Another one overtook this one while it waited.
            await self._put(self.health)
