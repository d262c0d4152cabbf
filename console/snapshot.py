"""One look at the fleet, printed: as tables, as JSON, as a picture."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import Iterator

import click
import msgspec
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from console.fleet import SOURCE_KIND, Fleet
from console.gather import EngineError, answered, gather, refused, why_missing
from console.link import Link
from console.look import as_json
from console.views import VIEWS, KindView
from console.views.listing import Listing
from widgets.cells import Cell
from widgets.columns import GUTTER, Place, lay_out

_STYLES = {
    "good": "green",
    "warn": "yellow",
    "bad": "red",
    "dim": "dim",
    "accent": "cyan",
    "info": "blue",
    "": "",
}
_SVG_COLUMNS = 160


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
    return _status(fleet, providers, timeout)


async def _gather(link: Link, fleet: Fleet, providers: set[str], timeout: float) -> None:
    try:
        await gather(link, fleet, providers, timeout)
    finally:
        await link.close()


def _status(fleet: Fleet, providers: set[str], timeout: float) -> int:
    missing = [state for state in fleet.sources.values() if not answered(state)]
    for state in missing:
        detail, remedy = why_missing(state, timeout)
        click.echo(f"quarterdeck: {state.name}: {detail}. {remedy}".rstrip(" ."), err=True)
    if not fleet.sources:
        click.echo(f"quarterdeck: no source was heard of within {timeout:.0f} s", err=True)
    if fleet.sources and refused(fleet, providers):
        return 2
    return 3 if missing or not fleet.sources else 0


def _print(fleet: Fleet, *, svg: bool) -> None:
    console = Console(record=svg, file=io.StringIO() if svg else None, width=_SVG_COLUMNS if svg else None)
    # What is piped somewhere is read by a program or in a pager: every column, as wide as it needs.
    width = console.width if svg or console.is_terminal else None
    for view in sorted(VIEWS.values(), key=_turn):
        listing = Listing(fleet, view, now=time.time)
        listing.update(fleet.take())
        if len(listing):
            for line in (Text(f"\n{listing.view.title}", "bold"), *_table(listing, width)):
                if width is None:
                    sys.stdout.write(f"{line.plain.rstrip()}\n")
                else:
                    console.print(line, soft_wrap=True)
    if svg:
        sys.stdout.write(console.export_svg(title="quarterdeck"))


def _turn(view: KindView) -> tuple[bool, bool, str]:
    """Sources come first, and what is worked out from the others last."""
    return (view.kind != SOURCE_KIND, bool(view.made_of), view.title)


def _table(listing: Listing, width: int | None) -> Iterator[Text]:
    """A header and a line for each row; columns that do not fit into `width` go as they do on the screen."""
    columns = listing.columns
    rows = [listing.line_at(index).cells for index in range(len(listing))]
    if width is None:
        texts = [[column.title, *(row[i].text for row in rows)] for i, column in enumerate(columns)]
        places, x = [], 0
        for i, column in enumerate(texts):
            places.append(Place(i, x, max(map(cell_len, column))))
            x += places[-1].width + 2
    else:
        places = [p._replace(x=p.x - GUTTER) for p in lay_out(columns, width + GUTTER).places]
    for cells in ([Cell(column.title, "dim") for column in columns], *rows):
        line = Text()
        for place in places:
            line.append(" " * (place.x - line.cell_len))
            _append(line, cells[place.column], place.width, right=columns[place.column].right)
        yield line


def _append(line: Text, cell: Cell, width: int, *, right: bool) -> None:
    text, spare = cell.text, width - cell_len(cell.text)
    if spare < 0:
        text = set_cell_size(text, width - 1) + "…"
    blanks = " " * max(0, spare)
    line.append(blanks + text if right else text + blanks, _STYLES[cell.tone])
