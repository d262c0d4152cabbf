"""One look at the fleet, printed: as tables, as JSON, as a picture."""

from __future__ import annotations

import asyncio
import io
import sys
import time

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.fleet import SOURCE_KIND, Fleet
from console.gather import EngineError, answered, gather
from console.link import Link
from console.look import as_json
from console.views import VIEWS
from console.views.listing import Listing

_STYLES = {
    "good": "green",
    "warn": "yellow",
    "bad": "red",
    "dim": "dim",
    "accent": "cyan",
    "info": "blue",
    "": "",
}


def run(link: Link, providers: set[str], output: str, timeout: float) -> int:
    """Wait for every source, print, and say by the exit status whether all answered (0) or not (3)."""
    fleet = Fleet()
    try:
        asyncio.run(_gather(link, fleet, providers, timeout))
    except EngineError as error:
        click.echo(f"quarterdeck: {error.detail}\n{error.remedy}".rstrip(), err=True)
        return 3
    except KeyboardInterrupt:
        return 130
    if output == "json":
        sys.stdout.write(
            msgspec.json.format(msgspec.json.encode(as_json(fleet, time.time())), indent=2).decode() + "\n"
        )
    else:
        _print(fleet, svg=output == "svg")
    return _status(fleet, timeout)


async def _gather(link: Link, fleet: Fleet, providers: set[str], timeout: float) -> None:
    try:
        await gather(link, fleet, providers, timeout)
    finally:
        await link.close()


def _status(fleet: Fleet, timeout: float) -> int:
    missing = [state for state in fleet.sources.values() if not answered(state)]
    for state in missing:
        health = next((state.health_of(k) for k in state.info.kinds if k not in state.complete), state.health)
        why = health.detail or f"{health.state}: not complete within {timeout:.0f} s"
        click.echo(f"quarterdeck: {state.name}: {why}. {health.remedy}".rstrip(" ."), err=True)
    if not fleet.sources:
        click.echo(f"quarterdeck: no source was heard of within {timeout:.0f} s", err=True)
    return 3 if missing or not fleet.sources else 0


def _print(fleet: Fleet, *, svg: bool) -> None:
    console = Console(
        record=svg, file=io.StringIO() if svg else None, width=160 if svg else None, markup=False
    )
    for kind in (SOURCE_KIND, "node", "instance", "pod"):
        listing = Listing(fleet, VIEWS[kind], now=time.time)
        listing.update(fleet.take())
        if len(listing):
            console.print(_table(listing))
    if svg:
        sys.stdout.write(console.export_svg(title="quarterdeck"))


def _table(listing: Listing) -> Table:
    table = Table(title=Text(listing.view.title), title_justify="left", box=None, pad_edge=False)
    for column in listing.columns:
        table.add_column(Text(column.title), justify="right" if column.right else "left", no_wrap=True)
    for index in range(len(listing)):
        table.add_row(*(Text(cell.text, _STYLES[cell.tone]) for cell in listing.line_at(index).cells))
    return table
