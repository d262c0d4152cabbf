"""What can be reached, as whom, what may be done, what is missing and how to fix it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterable

import click

from console.fleet import Fleet
from console.gather import EngineError, answered, gather, until, why_missing
from console.launch import Launch
from console.link import Link
from providers.model import Finding
from providers.stream import Body, Diagnose, Findings

_GLYPHS = {"ok": "●", "warning": "◐", "error": "✕"}


def run(link: Link, launch: Launch, providers: set[str], timeout: float) -> int:
    """Print every finding; exit status 0 when none is an error, else 3."""
    try:
        findings = [*here(launch), *asyncio.run(_ask(link, providers, timeout))]
    except EngineError as error:
        findings = [
            *here(launch),
            Finding(subject="engine", level="error", detail=error.detail, remedy=error.remedy),
        ]
    except KeyboardInterrupt:
        return 130
    for finding in findings:
        click.echo(f"{_GLYPHS[finding.level]} {finding.level:<8} {finding.subject}: {finding.detail}")
        if finding.remedy and finding.level != "ok":
            click.echo(f"             → {finding.remedy}")
    return 3 if any(finding.level == "error" for finding in findings) else 0


async def _ask(link: Link, providers: set[str], timeout: float) -> Iterable[Finding]:
    fleet = Fleet()
    found: list[Finding] = []
    id = link.next_id()

    def answer(body: Body) -> bool:
        if isinstance(body, Findings) and body.id == id:
            found.extend(body.findings)
            return True
        return False

    try:
        await gather(link, fleet, providers, timeout)
        link.send(Diagnose(id))
        if not await until(link, fleet, answer, timeout):
            found += unanswered(fleet, timeout)
    finally:
        await link.close()
    return found


def unanswered(fleet: Fleet, timeout: float) -> list[Finding]:
    """What the engine could not tell in time: about the sources that keep it waiting, or about itself."""
    missing = [state for state in fleet.sources.values() if not answered(state)]
    if not missing:
        return [Finding(subject="engine", level="error", detail=f"did not answer within {timeout:.0f} s")]
    told = [(state.name, *why_missing(state, timeout)) for state in missing]
    return [
        Finding(subject=name, level="error", detail=detail, remedy=remedy) for name, detail, remedy in told
    ]


def here(launch: Launch) -> list[Finding]:
    """What this machine and terminal have."""
    ssh = shutil.which("ssh")
    colours = os.environ.get("NO_COLOR") is None and os.environ.get("TERM", "dumb") not in ("dumb", "")
    findings = [
        Finding(
            subject="fleet",
            level="warning" if launch.simulated_because == "no cluster is configured" else "ok",
            detail=f"simulated: {launch.simulated_because}" if launch.simulated_because else "real",
            remedy="set KUBECONFIG, or give --kubeconfig and --context",
        ),
        Finding(
            subject="ssh",
            level="ok" if ssh else "warning",
            detail=ssh or "there is no ssh on the PATH: no shells on nodes, no --via",
            remedy="install the OpenSSH client",
        ),
        Finding(
            subject="terminal",
            level="ok",
            detail=f"TERM={os.environ.get('TERM', 'not set')}, {'colours' if colours else 'no colours'}, "
            f"output encoding {sys.stdout.encoding}",
        ),
    ]
    if "utf" not in (sys.stdout.encoding or "").lower():
        findings.append(
            Finding(subject="locale", level="warning", detail="not UTF-8", remedy="export LC_ALL=C.UTF-8")
        )
    return findings
