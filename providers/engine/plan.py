"""What a plan says: steps on the same thing become one job, jobs become a sentence and a word to type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from providers.actions import Step
from providers.contract import Source, Subject
from providers.model import PlanItem, Ref
from providers.text import clean

MANY = 5
"""More jobs than this are confirmed by a typed word and not by `y`."""

_NAMED = 3
"""Identities that a sentence names; over SSH each host is one."""


@dataclass(frozen=True)
class Job:
    """One thing to carry out: the step, where, and every ref that asked for it."""

    source: Source
    step: Step
    refs: tuple[Ref, ...]

    @property
    def item(self) -> PlanItem:
        """The step's item; that several marked objects lead to it is one of its consequences."""
        if len(self.refs) == 1:
            return self.step.item
        told = f"{len(self.refs)} of the marked objects belong to it: it is done once"
        return msgspec.structs.replace(self.step.item, consequences=(*self.step.item.consequences, told))


def cleaned(item: PlanItem) -> PlanItem:
    """The item with nothing in its words that a terminal or a reader could be fooled by."""
    return msgspec.structs.replace(
        item,
        label=clean(item.label),
        where=clean(item.where),
        identity=clean(item.identity),
        effect=clean(item.effect),
        consequences=tuple(clean(each) for each in item.consequences),
        refused=clean(item.refused),
    )


def merged(jobs: Iterable[Job]) -> list[Job]:
    """The jobs with those on the same thing made one, in the order they were asked for."""
    found: dict[tuple[str, str], Job] = {}
    for job in jobs:
        source = job.step.item.ref.source
        key = ("", job.step.same) if job.step.same else (source, job.step.subject.uid)
        first = found.get(key)
        found[key] = Job(first.source, first.step, first.refs + job.refs) if first else job
    return list(found.values())


def sentence(title: str, jobs: Sequence[Job], refused: int) -> str:
    """What, where, as whom: "Cordon 40 nodes in prod-eu as alice; 2 are refused"."""
    if not jobs:
        return f"{title}: nothing can be done" + (f", {refused} refused" if refused > 1 else "")
    left = f"; {refused} {'is' if refused == 1 else 'are'} refused" if refused else ""
    return f"{_what(jobs)} in {_places(jobs)} as {_identities(jobs)}{left}"


def word(jobs: Sequence[Job], fleet: Iterable[Source]) -> str:
    """The word to type, in proportion: "" where `y` is enough.

    One thing that is destructive or asks for a word: its name. Many, several disruptive, destructive or
    asking: their cluster's name where the fleet has several clusters and all are in one, else their count.
    """
    dangers = {job.step.danger for job in jobs}
    asked = any(job.step.typed for job in jobs)
    if len(jobs) == 1:
        return _called(jobs[0].step.subject) if asked or "destructive" in dangers else ""
    if len(jobs) <= MANY and dangers <= {"reversible"} and not asked:
        return ""
    ours = {_place(job.source) for job in jobs}
    if len(ours) == 1 and len({_place(source) for source in fleet} | ours) > 1:
        return ours.pop()
    return str(len(jobs))


def _called(subject: Subject) -> str:
    """Its name, or its id where it has none."""
    return clean(subject.name).strip() or clean(subject.uid)


def _what(jobs: Sequence[Job]) -> str:
    groups: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        groups.setdefault((clean(job.step.verb), clean(job.step.subject.kind.lower())), []).append(job)
    parts = [
        f"{verb} {group[0].item.label if len(group) == 1 else f'{len(group)} {kind}s'}"
        for (verb, kind), group in groups.items()
    ]
    return " and ".join([parts[0], *(part[0].lower() + part[1:] for part in parts[1:])])


def _places(jobs: Sequence[Job]) -> str:
    if len(jobs) == 1:
        return jobs[0].item.where
    names = list(dict.fromkeys(_place(job.source) for job in jobs))
    return names[0] if len(names) == 1 else f"{len(names)} clusters ({', '.join(names)})"


def _identities(jobs: Sequence[Job]) -> str:
    names = list(dict.fromkeys(job.item.identity or "an unknown identity" for job in jobs))
    told = names if len(names) <= _NAMED else [names[0], f"{len(names) - 1} others"]
    return " and ".join(told)


def _place(source: Source) -> str:
    return clean(source.info.cluster or source.info.name)
