"""One order on many hosts as it goes: who is done, who runs, who is left, and who said the same."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from console.fanout.folding import fold, natural
from console.fanout.groups import RANKS, TROUBLE, Group, Standing, decoded
from console.fanout.names import distinct
from providers.model import Ref, Result
from providers.stream import Order, Outcome, Plan, Ran
from providers.text import clean, clean_lines

_OWN = re.compile(r"\S*[0-9@]\S*")
"""What in the reason of a host that is not reached is about that host: its login, addresses, ports."""


@dataclass
class Fanout:
    """Filled by the engine's frames. `id` is 0 until it was confirmed, and once its engine is gone."""

    action: str
    order: Order
    at: float
    """When it was worded, seconds since the epoch."""
    content: bytes | None = None
    """What each was given, or the file that was put there."""
    id: int = 0
    final: bool = False
    version: int = 0
    """Grows with whatever came."""
    ran: dict[Ref, Ran] = field(default_factory=dict)
    results: dict[Ref, Result] = field(default_factory=dict)
    _excluded: dict[Ref, str] = field(default_factory=dict)
    """Those of which the plan said why they can't be reached."""
    _names: dict[Ref, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = distinct(self.order.targets)

    @property
    def title(self) -> str:
        """What was worded, as one line."""
        return clean(self.order.command or f"{self.action} {self.order.path}", limit=400)

    @property
    def held(self) -> int:
        """Bytes of what was given and of what was said."""
        said = sum(len(ran.stdout) + len(ran.stderr) for ran in self.ran.values())
        return len(self.content or b"") + said

    # ---- what comes ------------------------------------------------------------------------------

    def planned(self, plan: Plan) -> None:
        """It was confirmed as that plan says: steps that are done once leave one of their objects."""
        self.id = plan.id
        self._excluded = {item.ref: item.refused for item in plan.items if item.refused}
        self._names = {item.ref: self._names[item.ref] for item in plan.items}
        self.version += 1

    def take(self, ran: Ran) -> None:
        """A host said something."""
        self.ran[ran.ref] = ran
        self.version += 1

    def outcome(self, outcome: Outcome) -> None:
        """Results so far."""
        self.results = {result.ref: result for result in outcome.results}
        self.final = outcome.final
        self.version += 1

    def abandon(self, why: str) -> None:
        """The engine is gone: of what ran nobody knows."""
        for ref, result in self.results.items():
            if result.state == "running":
                self.results[ref] = Result(
                    ref=ref, label=result.label, state="unknown", detail=f"unknown: {why}"
                )
        self.final, self.id = True, 0
        self.version += 1

    # ---- what there is to see --------------------------------------------------------------------

    def name(self, ref: Ref) -> str:
        """What the host is called, another way than every other one of the order."""
        return self._names[ref]

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The hosts, in the order of their names."""
        return tuple(sorted(self._names, key=lambda ref: natural(self._names[ref])))

    def standing(self, ref: Ref) -> tuple[Standing, str]:
        """How a host stands, and in words."""
        if ref in self._excluded:
            return "unreached", f"not reached: {self._excluded[ref]}"
        result, ran = self.results.get(ref), self.ran.get(ref)
        if ran is not None and ran.exit_status is not None:
            return "failed" if ran.exit_status else "done", f"exit status {ran.exit_status}"
        if result is None:
            return "left", "its turn has not come"
        standing = _STANDINGS[result.state]
        if standing == "unreached" and ran is not None:
            return standing, "not reached"
        return standing, result.detail or result.state

    def counts(self) -> Counter[Standing]:
        """Hosts by how they stand."""
        return Counter(self.standing(ref)[0] for ref in self._names)

    def statuses(self) -> Counter[int]:
        """Hosts by exit status."""
        return Counter(ran.exit_status for ran in self.ran.values() if ran.exit_status is not None)

    def groups(self) -> list[Group]:
        """Those that failed or were not reached first, then by size."""
        found: dict[tuple[Any, ...], list[Ref]] = {}
        for ref in self.refs:
            found.setdefault((*self.standing(ref), self._said(ref)), []).append(ref)
        groups = [
            Group(key[0], key[1], tuple(refs), fold(map(self.name, refs)), key, self.ran.get(refs[0]))
            for key, refs in found.items()
        ]
        return sorted(groups, key=lambda group: (RANKS[group.standing], -len(group.refs)))

    def _said(self, ref: Ref) -> tuple[Any, ...]:
        ran = self.ran.get(ref)
        if ran is None:
            return ()
        reason = ran.error if ran.stdout or ran.stderr else _OWN.sub("", ran.error)
        return ran.stdout, ran.stderr, reason, ran.cut

    def lines(self, group: Group) -> list[str]:
        """What its hosts said, clean: standard output, standard error, and each one's own reason."""
        if (ran := group.ran) is None:
            return []
        told = ((self.name(ref), self.ran[ref]) for ref in group.refs if ref in self.ran)
        reasons = [(name, each.error) for name, each in told if each.error]
        return [
            *_lines(ran.stdout),
            *(["── standard error ──", *_lines(ran.stderr)] if ran.stderr else ()),
            *(f"── {name}: {reason} ──" for name, reason in reasons),
            *(["── more was said than is kept ──"] if ran.cut else ()),
        ]

    def rest(self) -> tuple[Ref, ...]:
        """Those that it is worth to be tried again on: they failed, were not reached or not begun."""
        again = TROUBLE | {"refused"}
        return tuple(ref for ref in self.refs if self.standing(ref)[0] in again)

    def status(self) -> int:
        """As an exit status: 0 all went well, 1 some failed or were not begun, 3 some were not reached."""
        counts = self.counts()
        if counts["unreached"]:
            return 3
        return 1 if set(counts) - {"done"} else 0

    def as_json(self) -> list[dict[str, Any]]:
        """One object a host, in the order of their names."""
        return [self._object(ref) for ref in self.refs]

    def _object(self, ref: Ref) -> dict[str, Any]:
        ran = self.ran.get(ref)
        standing, words = self.standing(ref)
        return {
            "host": self.name(ref),
            "source": ref.source,
            "exit_status": ran.exit_status if ran else None,
            "stdout": decoded(ran.stdout) if ran else "",
            "stderr": decoded(ran.stderr) if ran else "",
            "error": "" if standing in ("done", "failed") else (ran.error if ran else "") or words,
            "cut": bool(ran and ran.cut),
        }


_STANDINGS: dict[str, Standing] = {
    "running": "running",
    "done": "done",
    "failed": "unreached",
    "unknown": "cut",
    "refused": "refused",
}
"""Of a result without an exit status."""


@lru_cache(maxsize=16)
def _lines(said: bytes) -> tuple[str, ...]:
    """Cleaned once and not at each look: 1 MB takes 10 to 50 ms."""
    if not said:
        return ()
    text = decoded(said).replace("\r\n", "\n")
    return tuple(clean_lines(text.removesuffix("\n")).split("\n"))
