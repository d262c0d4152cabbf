"""How a plan is gone about: in which stages, how many jobs at once, and after how many failures it stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from providers.stream import Order

MOST_AT_ONCE = 256
_NO_DRY_RUN = "there is no dry run over SSH"

T = TypeVar("T")


class Pace(Struct, frozen=True, kw_only=True):
    """Without stages everything is one, and any number may fail."""

    stages: tuple[int, ...] = ()
    """Jobs in the first stages; then come all that are left."""
    at_once: int
    failures: int = -1
    """Jobs that may fail before no further one is begun; -1 any number."""

    def staged(self, jobs: Sequence[T]) -> Iterator[Sequence[T]]:
        """The jobs, a stage after the other."""
        begin = 0
        for size in self.stages:
            if begin < len(jobs):
                yield jobs[begin : begin + size]
            begin += size
        if begin < len(jobs):
            yield jobs[begin:]

    def exhausted(self, failed: int) -> str:
        """Why no further job is begun after so many failures; "" while they may go on."""
        if self.failures < 0 or failed <= self.failures:
            return ""
        return f"not begun: {failed} failed before it, and {self.failures or 'none'} may"

    def words(self, jobs: int) -> str:
        """For a plan of so many: "first 1, then 5, then 34; at most 32 at once; goes on whatever fails"."""
        if jobs < 2:
            return ""
        sizes = [len(stage) for stage in self.staged(range(jobs))]
        stages = f"first {', then '.join(map(str, sizes))}; " if len(sizes) > 1 else ""
        at_once = f"at most {self.at_once} at once; " if max(sizes, default=0) > self.at_once else ""
        return f"{stages}{at_once}{self._policy()}"

    def _policy(self) -> str:
        if self.failures < 0:
            return "goes on whatever fails"
        nth = "the first failure" if self.failures == 0 else f"more than {self.failures} failures"
        return f"begins no further one after {nth}"


def told(order: Order, jobs: int) -> str:
    """How the order is gone about with so many jobs, for its plan."""
    each = f"{order.timeout:g} s at most{' for each' if jobs > 1 else ''}"
    return "; ".join(filter(None, (pace_of(order).words(jobs), each, _NO_DRY_RUN)))


def pace_of(order: Order) -> Pace:
    """The order's pace, within what the engine takes."""
    at_once = max(1, min(order.at_once, MOST_AT_ONCE))
    return Pace(stages=tuple(max(1, size) for size in order.stages), at_once=at_once, failures=order.failures)
