"""The real tier: collected when its programs are here, left out in one line when they are not.

QUARTERDECK_LAB unset: run when the programs are already in the cache. `1`: build them if need be.
`require`: build them, and their absence is an error (continuous integration). `0`: leave the tier out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .build import Assets, Missing, build, find
from .cluster import Lab
from .load import fill_now
from .sshd import Sshd, missing

NODES, PODS = 10, 60
HERE = Path(__file__).parent
_assets = pytest.StashKey[Assets]()
_absent = pytest.StashKey[str]()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder's tests out when there is no lab to run them on."""
    if collection_path.parent != HERE or not collection_path.name.startswith("test_"):
        return None
    return True if _left_out(config) else None


def _left_out(config: pytest.Config) -> str:
    """Why the tier is left out; empty when it is not."""
    if _assets not in config.stash and _absent not in config.stash:
        _look(config)
    return config.stash.get(_absent, "")


def _look(config: pytest.Config) -> None:
    mode = os.environ.get("QUARTERDECK_LAB", "")
    remedy = "QUARTERDECK_LAB=1 builds it once, in about seven minutes, with Go"
    assets: Assets | None = None
    why = "QUARTERDECK_LAB is 0" if mode == "0" else f"not built yet; {remedy}"
    try:
        if mode in {"1", "require"}:
            capture = config.pluginmanager.getplugin("capturemanager")
            with capture.global_and_fixture_disabled():
                assets = build()
        elif mode != "0":
            assets = find()
        if assets and assets.absent:
            why, assets = f"without {', '.join(assets.absent)} there are no nodes and pods", None
    except Missing as error:
        why = str(error)
    if assets:
        config.stash[_assets] = assets
    elif mode == "require":
        pytest.exit(f"the real control plane is required here (QUARTERDECK_LAB=require): {why}", returncode=4)
    else:
        config.stash[_absent] = why


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every test in this folder belongs to the tier; one named on the command line is skipped in words."""
    for item in items:
        if item.path.parent != HERE:
            continue
        item.add_marker(pytest.mark.lab)
        # Connections of a server that was killed are closed by the collector, in whichever test that runs.
        item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
        if why := _left_out(config):
            item.add_marker(pytest.mark.skip(reason=why))
    # The lab proves itself as it was made, before stories roll what is in it.
    items.sort(key=lambda item: item.path != HERE / "test_lab.py" and item.path.parent == HERE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line about what was left out."""
    if _absent in config.stash:
        terminalreporter.write_line(
            f"left out: tests on a real control plane (tests/lab): {config.stash[_absent]}"
        )


@pytest.fixture(scope="session")
def lab(pytestconfig: pytest.Config) -> Iterator[Lab]:
    """A running lab: 10 nodes, 60 pods, and everything in `odd`. Tests put back what they change."""
    with Lab(assets=pytestconfig.stash[_assets]) as running:
        # In a thread: an event loop made and closed here would be missed by the tests that have one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(fill_now, running, NODES, PODS).result()
        yield running


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    """A running SSH server on loopback; skips, saying what to install, where there is none."""
    why = missing()
    if why and os.environ.get("QUARTERDECK_LAB") == "require":
        pytest.fail(why)
    if why:
        pytest.skip(why)
    with Sshd() as running:
        yield running
