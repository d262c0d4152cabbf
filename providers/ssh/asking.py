"""One question to one host: how it is now, or why that can't be told."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from providers.contract import Problem
from providers.destination import checked
from providers.model import LinuxHost, Record
from providers.sessions import Completed, Reach, Unverified
from providers.ssh import units
from providers.ssh.listing import Wanted
from providers.ssh.looking import COMMAND, SCRIPT
from providers.ssh.reading import Sections, read, sections
from providers.text import clean

ASKED_SECONDS = 25.0
"""For the connection and the answer: connecting gives up by itself after 10 s a hop."""
_MOST = 1 << 18
_ACCEPT = "press s and accept it there"


class Answer(Struct, frozen=True, kw_only=True):
    """A host as it is now, and its failed units."""

    host: LinuxHost
    units: tuple[Record, ...] = ()
    at: float | None = None
    """When it last answered, seconds since the epoch. Not in `host`: that would be different each time."""


def unasked(wanted: Wanted) -> LinuxHost:
    """A host of which nothing is known but what its list says."""
    target = wanted.target
    return LinuxHost(
        uid=wanted.uid,
        name=clean(target.name),
        address=clean(target.host) if target.host != target.name else "",
        user=clean(target.user),
        port=target.port,
        machine=clean(target.machine.uid) if target.machine else "",
        tags=wanted.tags,
    )


async def ask(reach: Reach, wanted: Wanted, before: Answer, now: Callable[[], float]) -> Answer:
    """Ask it once. What was known `before` stays, marked by the state, where it can't be asked.

    `now` says the time, in seconds since the epoch. Nothing is raised for what a host or the way to it does.
    """
    try:
        done = await reach.run(
            checked(wanted.target), COMMAND, stdin=SCRIPT.encode(), timeout=ASKED_SECONDS, limit=_MOST
        )
    except Problem as problem:
        return _down(before, _state(problem), problem.detail, _remedy(problem), now())
    found, at = sections(done.stdout), now()
    if not found and done.error:
        return _down(before, "unreachable", f"no answer came: {done.error}", "", at)
    if not found:
        return _down(before, "unreadable", _unreadable(done), "look what its login prints, with s", at)
    host = replace(read(found, before.host, at), state="up", detail=clean(done.error, 500), remedy="")
    records = _failed(found, before, host)
    names = tuple(record.name for record in records)
    return _answered(before, replace(host, failed_units=names), records, at)


def failed(before: Answer, error: Exception, at: float) -> Answer:
    """It could not be asked, by a fault of this program."""
    return _down(before, "unreachable", f"{type(error).__name__}: {error}", "see the engine's log", at)


def _failed(found: Sections, before: Answer, host: LinuxHost) -> tuple[Record, ...]:
    """Those it told of; what it did not come to tell stays as it was."""
    if "failed" in found:
        return units.failed(found["failed"], host)
    return () if host.units else before.units


def _answered(before: Answer, host: LinuxHost, records: tuple[Record, ...], at: float) -> Answer:
    """`asked` and `since` move only when something else does: an unchanged answer is an equal one."""
    last = before.host
    since = last.since if last.state == "up" else at
    host = replace(host, since=since, asked=last.asked)
    if host != last or records != before.units:
        host = replace(host, asked=at)
    return Answer(host=host, units=records, at=at)


def _down(before: Answer, state: str, detail: str, remedy: str, at: float) -> Answer:
    last = before.host
    since = last.since if last.state == state else at
    said = {"detail": clean(detail, 500), "remedy": clean(remedy, 300)}
    return Answer(
        host=replace(last, state=state, since=since, asked=before.at, **said),
        units=before.units,
        at=before.at,
    )


def _state(problem: Problem) -> str:
    if isinstance(problem, Unverified):
        return "unverified"
    return "refused" if problem.state == "denied" else "unreachable"


def _remedy(problem: Problem) -> str:
    """A key that is only unknown can be accepted in a shell; one that is another than before must not be."""
    if isinstance(problem, Unverified) and problem.state != "denied":
        return ", or ".join(filter(None, (_ACCEPT, problem.remedy)))
    return problem.remedy


def _unreadable(done: Completed) -> str:
    said = (done.stderr or done.stdout).decode(errors="replace").strip().partition("\n")[0]
    return (
        f"it did not run the command but says {said!r}"
        if said
        else "it did not run the command, and is silent"
    )
