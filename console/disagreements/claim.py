"""What is said when two sides differ: the rule's claim, and the row that is made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from console.item import Item
from providers.model import Instance, Kind, Ref, SourceInfo

if TYPE_CHECKING:
    from console.disagreements.world import World

KIND: Kind = "disagreement"
"""The kind under which disagreements are rows."""

GRACE_SECONDS = 300.0
"""A machine this young may still be joining, and a node this young may be listed before its machine."""


class Claim(NamedTuple):
    """That a rule applies to an object, and how it is known."""

    severity: int
    """3 broken, 2 not as it should be, 1 to be watched: on its way somewhere, or not sure."""
    detail: str
    """The evidence in one line."""
    other: Item | None = None
    """What it is held against."""
    guessed: bool = False
    """It rests on an edge that is a guess by address."""
    cluster: str = ""
    """The cluster concerned, where neither object is of one."""
    where: SourceInfo | None = None
    """The source that should have the other side."""
    new: bool = False
    """Machine or node is so young that it may right itself."""
    since: float | None = None
    until: float | None = None
    """When it is to be judged again though nothing changed; None never. Seconds since the epoch."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One way in which two sides may differ. `judge` makes no claim where a side is not completely known."""

    id: str
    words: str
    kind: Kind
    """Of the objects that it is asked of."""
    judge: Callable[[Item, World], Claim | None]
    advice: str
    """What usually is behind it, and what to look at."""
    siblings: bool = False
    """It depends on how the object's siblings stand, not only on the object and what it is joined to."""


class Disagreement(Struct, frozen=True, kw_only=True, gc=False):
    """A row: what differs, of what object, and how it is known. Its identity is the rule and the object."""

    rule: str
    name: str
    """Of the object."""
    subject: Ref
    severity: int
    detail: str
    other: Ref | None = None
    other_name: str = ""
    guessed: bool = False
    new: bool = False
    cluster: str = ""
    account: str = ""
    region: str = ""
    since: float | None = None


def ref_of(rule: Rule, subject: Ref) -> Ref:
    """The identity of what that rule says of that object."""
    return Ref(subject.source, KIND, f"{rule.id}:{subject.uid}")


def row_of(rule: Rule, item: Item, claim: Claim) -> Disagreement:
    """The claim as a row. What rests on a guess is never more than something to be watched."""
    other = claim.other
    infos = [side.source.info for side in (item, other) if side is not None]
    infos += [claim.where] if claim.where is not None else []
    return Disagreement(
        rule=rule.id,
        name=item.name,
        subject=item.ref,
        severity=min(claim.severity, 1) if claim.guessed else claim.severity,
        detail=f"{claim.detail} · matched by address: a guess" if claim.guessed else claim.detail,
        other=other.ref if other is not None else None,
        other_name=_known_as(other) if other is not None else "",
        guessed=claim.guessed,
        new=claim.new,
        cluster=claim.cluster or next(filter(None, map(cluster_itself, infos)), ""),
        account=next((info.account for info in infos if info.account), ""),
        region=next((info.region for info in infos if info.region), ""),
        since=claim.since,
    )


def _known_as(item: Item) -> str:
    """A node by its name; a machine by its id, as names of machines are often the same."""
    return item.ref.uid if isinstance(item.obj, Instance) else item.name


def cluster_itself(info: SourceInfo) -> str:
    """The cluster that a source is, "" for a source of anything else."""
    return (info.cluster or info.name) if "node" in info.kinds else info.cluster
