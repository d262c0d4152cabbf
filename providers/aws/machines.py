"""The instances of a region as they are shown: what several calls say of each, put together.

Nothing is shown as gone before two whole polls in a row were without it, and nothing is put back by an
answer that was asked for before what is known now. Times that decide are the event loop's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from providers.aws.details import Membership, PriceKey, Spot, Status
from providers.aws.push import Change
from providers.model import Instance, Notice

NOTICE_SECONDS = 3600.0
"""A pushed notice is dropped so long after it was to take effect, or was told."""
_UP = ("pending", "running")


@dataclass
class Round:
    """One poll of all instances, begun at that time."""

    asked: float
    seen: set[str] = field(default_factory=set)


class Machines:
    """Each change of it returns the instances that look different now."""

    def __init__(self) -> None:
        self.shown: dict[str, Instance] = {}
        self._bases: dict[str, Instance] = {}
        """As DescribeInstances has them."""
        self._missing: set[str] = set()
        """Not in the last whole poll."""
        self._touched: dict[str, float] = {}
        """When single instances were asked about or told of, after which older answers do not count."""
        self._turned: dict[str, tuple[str, float]] = {}
        """State → since when (wall clock), where it was seen to change and EC2 does not say when."""
        self._statuses: Mapping[str, Status] = {}
        self._memberships: Mapping[str, Membership] = {}
        self._spots: Mapping[str, Spot] = {}
        self._prices: Mapping[PriceKey, float] = {}
        self._pushed: dict[str, dict[str, Notice]] = {}

    @property
    def spot_types(self) -> list[str]:
        """Types of which spot instances run."""
        return sorted({each.type for each in self.shown.values() if each.lifecycle == "spot" and each.type})

    # ---- polls ---------------------------------------------------------------------------------------

    def take(self, poll: Round, instances: Iterable[Instance], wall: float) -> list[Instance]:
        """A page of a poll."""
        changed = []
        for base in instances:
            poll.seen.add(base.uid)
            if self._touched.get(base.uid, poll.asked) <= poll.asked:
                changed += self._put(base, wall)
        return changed

    def end(self, poll: Round) -> list[str]:
        """The poll was whole: the ids of what is gone."""
        absent = {uid for uid in self._bases.keys() - poll.seen if self._touched.get(uid, 0.0) <= poll.asked}
        gone = absent & self._missing
        self._missing = absent - gone
        for uid in gone:
            for held in (self.shown, self._bases, self._turned, self._pushed):
                held.pop(uid, None)
        self._touched = {uid: at for uid, at in self._touched.items() if at > poll.asked}
        return sorted(gone)

    # ---- single instances ----------------------------------------------------------------------------

    def look(self, base: Instance, asked: float, wall: float) -> list[Instance]:
        """One instance, asked about by itself."""
        if self._touched.get(base.uid, asked) > asked:
            return []
        self._touched[base.uid] = asked
        self._missing.discard(base.uid)
        return self._put(base, wall)

    def push(self, change: Change, now: float) -> list[Instance]:
        """What an event says of an instance. Of one that is not known yet only the notice is kept."""
        if change.notice is not None:
            self._pushed.setdefault(change.instance, {})[change.notice.kind] = change.notice
        base = self._bases.get(change.instance)
        if base is None:
            return []
        if change.state is not None and self._is_news(base, change):
            base = msgspec.structs.replace(base, state=change.state, since=change.at, reason="")
            self._bases[base.uid] = base
            self._turned[base.uid] = (change.state, change.at)
            self._touched[base.uid] = now
        return self._shown(base.uid)

    def _is_news(self, base: Instance, change: Change) -> bool:
        """Events come in any order."""
        return change.state != base.state and change.at >= (self.shown[base.uid].since or 0.0)

    # ---- details -------------------------------------------------------------------------------------

    def learn_statuses(self, told: Mapping[str, Status]) -> list[Instance]:
        """All that DescribeInstanceStatus says."""
        before, self._statuses = self._statuses, told
        return self._redone(_differing(before, told))

    def learn_memberships(self, told: Mapping[str, Membership]) -> list[Instance]:
        """All that DescribeAutoScalingInstances says."""
        before, self._memberships = self._memberships, told
        return self._redone(_differing(before, told))

    def learn_spots(self, told: Mapping[str, Spot]) -> list[Instance]:
        """All that DescribeSpotInstanceRequests says."""
        before, self._spots = self._spots, told
        return self._redone(_differing(before, told))

    def learn_prices(self, told: Mapping[PriceKey, float]) -> list[Instance]:
        """All that DescribeSpotPriceHistory says."""
        self._prices = told
        return self._redone(self._spots)

    def expire(self, wall: float) -> list[Instance]:
        """Drop notices that are long over."""
        changed = []
        for uid, notices in list(self._pushed.items()):
            over = [kind for kind, notice in notices.items() if _is_over(notice, wall)]
            for kind in over:
                del notices[kind]
            if over:
                changed += self._redone([uid])
            if not notices:
                del self._pushed[uid]
        return changed

    # ---- putting together ----------------------------------------------------------------------------

    def _put(self, base: Instance, wall: float) -> list[Instance]:
        before = self._bases.get(base.uid)
        if before is base:
            return []
        self._bases[base.uid] = base
        if before is not None and before.state != base.state:
            self._turned[base.uid] = (base.state, wall)
        return self._shown(base.uid)

    def _redone(self, uids: Iterable[str]) -> list[Instance]:
        return [each for uid in uids if uid in self._bases for each in self._shown(uid)]

    def _shown(self, uid: str) -> list[Instance]:
        made = self._made(self._bases[uid])
        if made == self.shown.get(uid):
            return []
        self.shown[uid] = made
        return [made]

    def _made(self, base: Instance) -> Instance:
        uid = base.uid
        status, member, spot = self._statuses.get(uid), self._memberships.get(uid), self._spots.get(uid)
        pushed, turned = self._pushed.get(uid), self._turned.get(uid)
        if not (status or member or spot or pushed or turned):
            return base
        status, spot = status or _NO_STATUS, spot or _NO_SPOT
        up = base.state in _UP
        told = {notice.kind: notice for notice in (pushed or {}).values()}
        if spot.notice is not None:
            told.setdefault(spot.notice.kind, spot.notice)
        return msgspec.structs.replace(
            base,
            checks=status.checks if base.state == "running" else "",
            notices=(*status.notices, *told.values()) if base.state != "terminated" else (),
            group=(member and member.group) or base.group,
            group_state=member.state if member else "",
            reason=spot.reason if spot.reason and not up else base.reason,
            hourly=self._prices.get((base.type, base.zone, spot.product)) if up else None,
            since=turned[1] if turned and turned[0] == base.state and base.since is None else base.since,
        )


_NO_STATUS = Status()
_NO_SPOT = Spot()


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return [uid for uid in {**before, **after} if before.get(uid) != after.get(uid)]


def _is_over(notice: Notice, wall: float) -> bool:
    at = notice.at if notice.at is not None else notice.told
    return at is not None and at + NOTICE_SECONDS < wall
