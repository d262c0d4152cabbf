"""The header: which clusters, how they are, as whom, and whether anything may be changed."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from console.views.source import worst_health
from providers.model import SourceInfo, State
from widgets.cells import Cell, Tone

if TYPE_CHECKING:
    from console.app import Quarterdeck

NARROW = 110
"""Columns below which one pane is shown at a time, and the header says less."""
_WHOM = 32
"""Cells that an identity may take: health and mode must not be pushed out by a long one."""
_STATES: dict[State, tuple[str, Tone]] = {
    "lost": ("✕", "bad"),
    "denied": ("⊘", "bad"),
    "lagging": ("◐", "warn"),
    "connecting": ("◌", "info"),
    "loading": ("◌", "info"),
    "live": ("●", "good"),
}


def header_cells(app: Quarterdeck) -> tuple[list[Cell], list[Cell]]:
    """The header's left and right side; in a narrow terminal what is wrong comes before what is named."""
    narrow = app.size.width < NARROW
    infos = [state.info for state in app.fleet.sources.values()]
    places = [] if narrow else [Cell(" quarterdeck ", "accent"), Cell(_places(app))]
    left: list[Cell] = list(places)
    counts = Counter(worst_health(state).state for state in app.fleet.sources.values())
    for state, (glyph, tone) in _STATES.items():
        if counts[state]:
            left += [Cell(" " if narrow else "  "), Cell(f"{glyph} {counts[state]} {state}", tone)]
    if app.engine_trouble:
        left += [Cell("  "), Cell(f"✕ {app.engine_trouble}", "bad")]
    warnings = sorted({warning for info in infos for warning in info.warnings})
    left += [cell for warning in warnings for cell in (Cell("  "), Cell(f"! {warning}", "bad"))]
    right: list[Cell] = []
    if app.activity.unread:
        right += [Cell(f"✕ {app.activity.unread} failed, m to read", "bad"), Cell("  ")]
    if app.launch.recording:
        moment = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(app.now()))
        right += [Cell(f"RECORDING of {moment}", "warn"), Cell("  ")]
    if any(info.simulated for info in infos) or app.launch.simulated_because:
        right += [Cell("SIMULATED", "warn"), Cell("  ")]
    identities = sorted({info.identity for info in infos if info.identity})
    if identities:
        right.append(Cell(f"as {_whom(identities)}"))
    if narrow:
        left += [Cell("  "), Cell(_places(app))]
    right.append(
        Cell(" · read-only " if app.read_only else " · read-write ", "info" if app.read_only else "dim")
    )
    return left, right


def _whom(identities: list[str]) -> str:
    """The one identity as people say it, or how many there are."""
    if len(identities) > 1:
        return f"{len(identities)} identities"
    # Of an ARN what names the role and the person: …:assumed-role/OnCall/ada → OnCall/ada.
    name = identities[0]
    said = name.partition("/")[2] if name.startswith("arn:") and "/" in name else name
    return said if len(said) <= _WHOM else said[: _WHOM - 1] + "…"


def _places(app: Quarterdeck) -> str:
    infos = [state.info for state in app.fleet.sources.values()]
    clusters = sorted({info.cluster for info in infos if info.cluster})
    accounts = {info.account for info in infos if info.account}
    regions = {info.region for info in infos if info.account and info.region}
    parts = []
    if clusters:
        parts.append(clusters[0] if len(clusters) == 1 else f"{len(clusters)} clusters")
    if accounts:
        parts.append(f"{_count(len(accounts), 'account')} × {_count(len(regions), 'region')}")
    if namespaces := _namespaces(infos):
        parts.append(namespaces)
    return " · ".join(parts)


def _namespaces(infos: list[SourceInfo]) -> str:
    """`ns shop`, and of which cluster where others are looked into whole."""
    narrowed = [info for info in infos if info.namespaces]
    names = sorted({name for info in narrowed for name in info.namespaces})
    if not names:
        return ""
    few = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    clusters = {info.cluster for info in infos if info.cluster}
    of = {info.cluster for info in narrowed}
    if of == clusters:
        return f"ns {few}"
    return f"ns {few} of {of.pop() if len(of) == 1 else f'{len(of)} clusters'}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
