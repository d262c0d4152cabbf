"""The person at a command line: a plan confirmed, the engine's questions answered, progress seen."""

from __future__ import annotations

import contextlib
import getpass
import signal
import sys
from collections.abc import Callable, Iterator, Sequence

import click

from console.fanout.fanout import Fanout
from console.item import Item
from providers.model import Field
from providers.stream import Command, Plan, Question, Reply


class Asking:
    """Speaks on standard error; without a terminal at standard input every answer is no."""

    def __init__(self, send: Callable[[Command], bool]) -> None:
        self._send = send
        self._told = ""

    def confirmed(self, word: str) -> bool:
        """Whether the person types that word."""
        how = (
            "y to do it, anything else leaves everything as it is" if word == "y" else f"type {word} to do it"
        )
        return _typed(f"{how}: ").strip().lower() == word.lower()

    def answer(self, question: Question) -> None:
        """Put a question of the engine to the person, and the answer to the engine."""
        self.progress(None)
        for line in (question.title, *question.lines):
            click.echo(line, err=True)
        if not sys.stdin.isatty():
            click.echo("there is no terminal to ask on: the answer is no", err=True)
            self._send(Reply(id=question.id, answers=None))
        elif question.fields:
            self._send(Reply(id=question.id, answers=tuple(map(_field, question.fields))))
        else:
            yes = _typed("yes or no: ").strip().lower() in ("yes", "y")
            self._send(Reply(id=question.id, answers=() if yes else None))

    def progress(self, fanout: Fanout | None) -> None:
        """How far it is, in one line of a terminal that is written over; None takes it away."""
        if not sys.stderr.isatty():
            return
        counts = fanout.counts() if fanout else {}
        text = ", ".join(f"{number} {standing}" for standing, number in counts.items())
        if text != self._told:
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)
            self._told = text


def show(plan: Plan, items: Sequence[Item]) -> None:
    """The plan, on standard error: what, how, and each host with the login."""
    click.echo(plan.sentence, err=True)
    if plan.pace:
        click.echo(plan.pace, err=True)
    names = {item.ref: item.name for item in items}
    for item in plan.items:
        if item.refused:
            click.echo(f"  ⊘ {names.get(item.ref, item.label)}  {item.where}  {item.refused}", err=True)
        else:
            click.echo(f"  ▸ {item.label}  {item.where}  {item.effect}", err=True)
        for told in item.consequences:
            click.echo(f"    {told}", err=True)


def _field(field: Field) -> str:
    prompt = f"{field.text}: "
    if not field.secret:
        return _typed(prompt)
    with _interruptible():
        return getpass.getpass(prompt, sys.stderr)


def _typed(prompt: str) -> str:
    click.echo(prompt, err=True, nl=False)
    with _interruptible():
        return sys.stdin.readline().removesuffix("\n")


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """ctrl-c ends it: asyncio's own handler would wait for the loop, which waits for the person."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
