"""What was done and what went wrong, kept until a person has read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from providers.stream import Outcome

Level = Literal["info", "done", "running", "warning", "error"]


@dataclass
class Entry:
    """One thing that happened: an action with its results, or a notice."""

    at: float
    level: Level
    title: str
    lines: tuple[str, ...] = ()
    action_id: int = 0


@dataclass
class Activity:
    """The entries, newest last; `unread` counts failures that nobody has looked at."""

    entries: list[Entry] = field(default_factory=list)
    unread: int = 0

    def note(self, level: Level, title: str, lines: tuple[str, ...], at: float) -> Entry:
        """Add a notice."""
        entry = Entry(at, level, title, lines)
        self._keep(entry)
        return entry

    def outcome(self, outcome: Outcome, at: float) -> Entry:
        """Add or renew the entry of an action."""
        entry = self._of(outcome.id)
        if entry is None:
            entry = Entry(at, "running", outcome.action, action_id=outcome.id)
            self._keep(entry)
        before = entry.level
        entry.level = _level(outcome)
        entry.title = f"{outcome.action}: {_counts(outcome)}"
        entry.lines = tuple(_line(r.state, r.label, r.detail) for r in outcome.results)
        if entry.level == "error" and before != "error":
            self.unread += 1
        return entry

    def level_of(self, action_id: int) -> Level | None:
        """How an action went so far; None where nothing was heard of it."""
        entry = self._of(action_id)
        return entry.level if entry is not None else None

    def abandon(self, why: str) -> None:
        """The engine is gone: what was running may have happened. Look, never repeat."""
        for entry in self.entries:
            if entry.level in ("running", "warning") and entry.action_id:
                entry.level = "error"
                entry.title += f": unknown, {why}; look before you repeat it"
                entry.action_id = 0
                self.unread += 1

    def read(self) -> None:
        """A person has looked."""
        self.unread = 0

    def _of(self, action_id: int) -> Entry | None:
        return next((entry for entry in reversed(self.entries) if entry.action_id == action_id), None)

    def _keep(self, entry: Entry) -> None:
        self.entries.append(entry)
        del self.entries[:-200]
        if entry.level == "error":
            self.unread += 1


_GLYPHS = {"running": "◌", "done": "●", "failed": "✕", "unknown": "?", "refused": "⊘"}


def _line(state: str, label: str, detail: str) -> str:
    return f"{_GLYPHS[state]} {label}: {state}" + (f", {detail}" if detail else "")


def _level(outcome: Outcome) -> Level:
    states = {result.state for result in outcome.results}
    if "failed" in states or (outcome.final and states & {"unknown", "refused"}):
        return "error"
    if "unknown" in states:
        return "warning"
    return "done" if outcome.final else "running"


def _counts(outcome: Outcome) -> str:
    counts: dict[str, int] = {}
    for result in outcome.results:
        counts[result.state] = counts.get(result.state, 0) + 1
    if len(outcome.results) == 1:
        result = outcome.results[0]
        return f"{result.label} {result.state}" + (f", {result.detail}" if result.detail else "")
    return ", ".join(f"{count} {state}" for state, count in counts.items())
