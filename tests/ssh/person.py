"""A person whose answers are given beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from providers.model import Field

Question = tuple[str, tuple[str, ...], tuple[str, ...]]


class Person:
    """Answers as `answers` say, one after the other; then, and without any, nobody answers."""

    def __init__(self, *answers: list[str] | None) -> None:
        self._answers = list(answers)
        self.asked: list[Question] = []

    async def ask(self, title: str, lines: Sequence[str], fields: Sequence[Field] = ()) -> list[str] | None:
        self.asked.append((title, tuple(lines), tuple(field.text for field in fields)))
        return self._answers.pop(0) if self._answers else None
