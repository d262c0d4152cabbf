"""The person, seen from the engine: one question at a time, the same one from several sessions once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from providers.model import Field
from providers.stream import Body, Question, Reply
from providers.text import clean

PATIENCE_SECONDS = 120.0

SESSION: ContextVar[int] = ContextVar("session", default=0)
"""The session that is being opened where this is read: connections are shared, and ask on behalf of one."""

_Key = tuple[str, tuple[str, ...], tuple[Field, ...]]


class Nobody:
    """An asker with nobody there: what is done again and again by itself must not ask again and again."""

    async def ask(self, title: str, lines: Sequence[str], fields: Sequence[Field] = ()) -> list[str] | None:
        return None


@dataclass(eq=False)
class _Open:
    """A question, and who waits for its answer."""

    id: int
    key: _Key
    sessions: list[int]
    answer: asyncio.Future[list[str] | None]
    waiting: int = 0
    shown: bool = field(default=False)


class Person:
    """Asks by Question and is answered by Reply. Silent after close(), and then always "no"."""

    def __init__(self, send: Callable[[Body], None], *, patience: float = PATIENCE_SECONDS) -> None:
        self._send = send
        self._patience = patience
        self._questions: list[_Open] = []
        """The first one is before the person."""
        self._number = 0
        self._gone = False

    async def ask(self, title: str, lines: Sequence[str], fields: Sequence[Field] = ()) -> list[str] | None:
        """A word for each field, [] for yes where there are none; None for no, or after two minutes."""
        if self._gone:
            return None
        key = (clean(title), tuple(clean(line) for line in lines), tuple(fields))
        question = next((q for q in self._questions if q.key == key), None) or self._new(key)
        self._join(question, SESSION.get())
        try:
            return await asyncio.shield(question.answer)
        finally:
            question.waiting -= 1
            if not question.waiting:
                self._over(question, None)

    def reply(self, reply: Reply) -> None:
        """The person's answer; one to a question that is over is nothing."""
        for question in self._questions:
            if question.id == reply.id:
                fits = reply.answers is not None and len(reply.answers) == len(question.key[2])
                return self._over(question, list(reply.answers or ()) if fits else None)
        return None

    def close(self) -> None:
        """Nobody is there any more."""
        self._gone = True
        for question in list(self._questions):
            self._over(question, None)

    def _new(self, key: _Key) -> _Open:
        self._number += 1
        question = _Open(self._number, key, [], asyncio.get_running_loop().create_future())
        self._questions.append(question)
        return question

    def _join(self, question: _Open, session: int) -> None:
        question.waiting += 1
        if session and session not in question.sessions:
            question.sessions.append(session)
            if question.shown:
                self._show(question)
        self._next()

    def _next(self) -> None:
        if self._questions and not self._questions[0].shown:
            question = self._questions[0]
            question.shown = True
            self._show(question)
            loop = asyncio.get_running_loop()
            loop.call_later(self._patience, self._over, question, None)

    def _show(self, question: _Open) -> None:
        title, lines, fields = question.key
        sessions = tuple(question.sessions)
        self._send(Question(id=question.id, title=title, lines=lines, fields=fields, sessions=sessions))

    def _over(self, question: _Open, answer: list[str] | None) -> None:
        if question not in self._questions:
            return
        self._questions.remove(question)
        if not question.answer.done():
            question.answer.set_result(answer)
        if not self._gone:
            self._next()
