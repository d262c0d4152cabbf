"""How hard an account is asked: calls are counted, paced, and slowed where a region says it is too much."""

from __future__ import annotations

from providers.contract import Problem
from providers.model import Budget


class Pace:
    """The calls of one account, in all its regions."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute

    async def admit(self, region: str) -> None:
        """Wait until one more call may be made there."""

    def note(self, region: str, problem: Problem) -> None:
        """Learn from a call that failed: one that was throttled slows its region down."""

    @property
    def spent(self) -> Budget:
        """How it stands now."""
        return Budget(calls=0, limit=self._per_minute)
