"""Questions that sources answer beside their streams: a document, a diagnosis, a self-check."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import msgspec

from providers.contract import Diagnoses, Prints, Problem, Refused, Shows, Source, Verifies
from providers.engine.roster import Roster
from providers.model import Finding, Health, Ref, State
from providers.sessions import Follows
from providers.stream import Body, Diagnose, Document, Failed, Fetch, Findings, Follow, Verify
from providers.text import clean, clean_lines

log = logging.getLogger(__name__)

FETCH_SECONDS = 30.0
DIAGNOSE_SECONDS = 20.0
"""More than the bounds of any one question of a source: it knows better what did not answer."""
VERIFY_SECONDS = 60.0

_LEVELS: dict[State, Literal["ok", "warning", "error"]] = {
    "connecting": "warning",
    "loading": "ok",
    "live": "ok",
    "lagging": "warning",
    "lost": "error",
    "denied": "error",
}


async def fetch(roster: Roster, command: Fetch) -> Body:
    """The object as its server has it, or what it printed: Document, or Failed."""
    source = roster.get(command.ref.source)
    if source is None:
        return _unknown(command.id, command.ref.source)
    ask, language = _FETCHES[command.what]
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            text = await ask(source, command.ref)
    except Exception as error:  # a stranger's code
        detail, remedy = _told(source, error, FETCH_SECONDS)
        return Failed(id=command.id, detail=detail, remedy=remedy)
    return Document(id=command.id, ref=command.ref, text=clean_lines(text), language=language)


async def _manifest(source: Source, ref: Ref) -> str:
    if not isinstance(source, Shows):
        raise Refused(f"provider {source.info.provider} can't show a {ref.kind} in full")
    return await source.manifest(ref)


async def _console_output(source: Source, ref: Ref) -> str:
    if not isinstance(source, Prints):
        raise Refused(f"provider {source.info.provider} keeps nothing that a machine printed")
    return await source.console_output(ref)


_FETCHES: dict[str, tuple[Callable[[Source, Ref], Awaitable[str]], str]] = {
    "manifest": (_manifest, "yaml"),
    "console": (_console_output, "text"),
}


def follow(roster: Roster, command: Follow) -> None:
    """Tell a source which hosts it is to look after; one that looks after none is told nothing."""
    source = roster.get(command.source)
    if isinstance(source, Follows):
        try:
            source.follow(command.targets)
        except Exception as error:  # a stranger's code
            roster.feeds[command.source].complain(error)


async def verify(roster: Roster, command: Verify) -> Body:
    """A source's store held against a fresh list: Findings, or Failed."""
    source = roster.get(command.source)
    if source is None:
        return _unknown(command.id, command.source)
    if not isinstance(source, Verifies):
        return Failed(
            id=command.id, detail=f"{command.source}: provider {source.info.provider} has no self-check"
        )
    findings = await _findings(source, command.source, source.verify(), VERIFY_SECONDS)
    return Findings(id=command.id, findings=tuple(findings))


async def diagnose(roster: Roster, command: Diagnose) -> Body:
    """Every source's own diagnosis, all at once; those without one are told by their health."""
    answers = await asyncio.gather(*(_diagnosed(roster, name) for name in list(roster)))
    failed = [_by_health(name, health) for name, health in roster.failed.items()]
    return Findings(id=command.id, findings=(*failed, *(f for answer in answers for f in answer)))


async def _diagnosed(roster: Roster, name: str) -> Sequence[Finding]:
    source = roster[name]
    if isinstance(source, Diagnoses):
        return await _findings(source, name, source.diagnose(), DIAGNOSE_SECONDS)
    return [_by_health(name, roster.feeds[name].health)]


async def _findings(
    source: Source, name: str, asked: Awaitable[Sequence[Finding]], seconds: float
) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(seconds):
            return [_cleaned(finding) for finding in await asked]
    except Exception as error:  # a stranger's code
        detail, remedy = _told(source, error, seconds)
        return [_cleaned(Finding(subject=name, level="error", detail=detail, remedy=remedy))]


def _cleaned(finding: Finding) -> Finding:
    return msgspec.structs.replace(
        finding, subject=clean(finding.subject), detail=clean(finding.detail), remedy=clean(finding.remedy)
    )


def _by_health(name: str, health: Health) -> Finding:
    level = _LEVELS[health.state]
    detail = f"{health.state}: {health.detail}" if health.detail else health.state
    return _cleaned(Finding(subject=name, level=level, detail=detail, remedy=health.remedy))


def _told(source: Source, error: Exception, seconds: float) -> tuple[str, str]:
    if isinstance(error, Problem):
        return clean(error.detail), clean(error.remedy)
    if isinstance(error, TimeoutError):
        return clean(f"{source.info.name} did not answer within {seconds:.0f} s"), "try again"
    log.error("internal error in provider %s", source.info.provider, exc_info=error)
    said = clean(f"{type(error).__name__}: {error}", limit=400)
    return f"internal error in provider {source.info.provider}: {said}", "--log-file keeps where it happened"


def _unknown(number: int, name: str) -> Failed:
    return Failed(id=number, detail=f"{name} is not part of the fleet", remedy="it may have gone meanwhile")
