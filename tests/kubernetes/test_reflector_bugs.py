"""Bugs put in on purpose: each must be caught by a test that passes without it.

A row names the bug, what it breaks, and the test that sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from providers.kubernetes import api, changes, listing, reflector
from providers.kubernetes.changes import Changes
from providers.kubernetes.coverage import Coverage
from providers.kubernetes.known import Known
from providers.kubernetes.lines import Lines
from providers.kubernetes.reflector import Reflector
from providers.kubernetes.timing import Backoff, Timing
from providers.kubernetes.watching import KubernetesSource

from . import test_reflector_lists as lists
from . import test_reflector_watch as watch
from . import test_source as source
from .apiserver import Fault
from .test_reflector_machine import SETTINGS, Machine

Patch = pytest.MonkeyPatch
Row = tuple[str, Callable[[Patch], None], Callable[[], None]]


def replaced(owner: Any, name: str, value: Any) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(owner, name, value)


def timed(**values: float) -> Callable[[Patch], None]:
    """Other bounds, whoever sets none."""

    def apply(patch: Patch) -> None:
        for module in ("mirror", "test_source"):
            patch.setattr(f"tests.kubernetes.{module}.Timing", lambda **given: Timing(**{**given, **values}))

    return apply


def no_delete(self: Changes, uid: str, version: str) -> None:
    self._move(version)


def moves_always(self: Changes, version: str) -> None:
    if version:
        self._known.version = version


def bookmark_moves_nothing(self: Changes, line: bytes) -> None:
    version, end = changes.bookmark(line)
    self.bookmarks += 1
    if end:
        self._initial, self.ended, self._known.version = False, True, version


def takes_all_for_news(self: Known, meta: Any) -> bool:
    return False


def loses_the_tail(self: Lines, chunk: bytes) -> list[bytes]:
    return [each for each in chunk.split(b"\n") if each.strip()]


def holds_all(self: Lines, piece: bytes) -> None:
    self._pieces.append(piece)
    self._held += len(piece)


async def no_pause(self: Reflector, seconds: float, why: Any = None) -> None:
    await asyncio.sleep(0)


_list, _failed, _error = Reflector._list, Reflector._failed, Changes._error


async def applies_pages_as_they_come(self: Reflector) -> None:
    whole, self._reports.whole = self._reports.whole, False
    try:
        await _list(self)
    finally:
        self._reports.whole = whole or self._reports.whole


async def sweeps_first(self: Reflector) -> None:
    """The table is emptied before the list is there."""
    gone = self.known.sweep(set())
    if gone:
        await self._put(reflector.Deletes("pod", gone))
    await _list(self)


async def relists_on_any_failure(self: Reflector, problem: Any) -> None:
    self._must_list = True
    await _failed(self, problem)


def errors_are_ignored(self: Changes, line: bytes) -> None:
    self.skipped += 1


def gone_is_a_plain_error(self: Changes, line: bytes) -> None:
    _error(self, line)
    self.relist = False
    if self.broken is not None:
        self.broken = api.Problem(self.broken.detail)


async def no_end_of_its_own(self: Reflector, events: int, lasted: float) -> None: ...


async def one_namespace_speaks_for_all(self: Coverage, batch: Any) -> None:
    await self._put(batch)


async def no_clocks(self: KubernetesSource) -> None: ...


def any_history() -> None:
    """Without making the failing history shorter: that takes two minutes, and nobody reads it."""
    run_state_machine_as_test(
        Machine,
        settings=settings(parent=SETTINGS, phases=[Phase.generate], derandomize=True, max_examples=300),
    )


def case(test: Callable[..., None], *given: Any) -> Callable[[], None]:
    return lambda: test(*given)


BUGS: list[Row] = [
    ("a dropped DELETED", replaced(Changes, "_delete", no_delete), any_history),
    ("a DELETED that is dropped while away", replaced(Known, "sweep", lambda self, seen: ()), any_history),
    (
        "synthetic events move the version",
        replaced(Changes, "_move", moves_always),
        watch.test_L7_synthetic_events_do_not_move_the_version,
    ),
    (
        "bookmarks move nothing",
        replaced(Changes, "_bookmark", bookmark_moves_nothing),
        watch.test_L7_a_bookmark_moves_the_version_and_no_row,
    ),
    ("duplicates shown", replaced(Known, "has", takes_all_for_news),
     watch.test_L12_duplicates_change_nothing_and_surprises_do_not_crash),
    ("no back-off", replaced(Backoff, "failed", lambda self, now: 0.0),
     watch.test_L9_refused_connections_are_backed_off_at_the_same_version),
    ("no pause at all", replaced(Reflector, "_pause", no_pause),
     watch.test_L8_watches_that_end_at_once_are_backed_off_and_relisted),
    ("Retry-After ignored", replaced(reflector, "retry_after", lambda problem: 0.0),
     case(watch.test_L9_retry_after_is_honoured_at_the_same_version_without_a_relist, 429)),
    ("relists when it only had to wait", replaced(Reflector, "_failed", relists_on_any_failure),
     watch.test_L9_refused_connections_are_backed_off_at_the_same_version),
    ("short watches count as watches", replaced(Reflector, "_closed", no_end_of_its_own),
     watch.test_L8_watches_that_end_at_once_are_backed_off_and_relisted),
    ("410 in the stream is any error", replaced(Changes, "_error", gone_is_a_plain_error),
     case(watch.test_L6_gone_as_a_status_and_as_an_event_are_the_same, "event")),
    ("410 as a status is any error", replaced(reflector, "is_expired", lambda problem: False),
     case(watch.test_L6_gone_as_a_status_and_as_an_event_are_the_same, "status")),
    ("ERROR events ignored", replaced(Changes, "_error", errors_are_ignored),
     case(watch.test_L6_other_errors_relist_and_never_crash, {})),
    ("an expired token fails the list", replaced(listing, "status_of", lambda problem: 0),
     lists.test_L3_an_expired_continue_token_means_one_full_list_at_the_version_first_asked_for),
    ("never without a version", replaced(listing, "is_expired", lambda problem: False),
     lists.test_L2_a_version_the_server_does_not_have_yet_is_given_up_once_and_at_once),
    ("pages applied as they come", replaced(Reflector, "_list", applies_pages_as_they_come),
     case(lists.test_L4_a_list_that_fails_midway_changes_nothing,
          Fault(on=("page",), status=500, body=b"no"))),
    ("emptied before it is filled", replaced(Reflector, "_list", sweeps_first),
     lists.test_L5_a_replaced_object_is_another_and_the_table_is_never_empty),
    ("a line cut by a chunk is two", replaced(Lines, "feed", loses_the_tail),
     case(watch.test_L13_lines_split_at_any_byte_are_whole_again, 7)),
    ("lines without a cap", replaced(Lines, "_hold", holds_all),
     watch.test_L13_a_line_over_the_cap_is_dropped_and_memory_stays_bounded),
    ("a streaming list waits for ever", timed(initial=1e6, initial_total=1e6),
     case(lists.test_L1_a_streaming_list_refused_cut_or_silent_becomes_pages,
          Fault(on=("initial",), after=3, then="hang"))),
    ("a watch waits for ever", timed(silence=1e6, grace=1e6),
     watch.test_L11_a_silent_watch_is_given_up_within_its_bound),
    ("no deadline of its own", timed(grace=1e6),
     watch.test_L11_a_watch_that_its_server_never_ends_is_ended_here),
    ("silence looks live", timed(lagging=1e6),
     source.test_L17_not_heard_from_within_its_bound_it_is_lagging_since_then),
    ("nobody minds the clocks", replaced(KubernetesSource, "_clocks", no_clocks),
     case(source.test_L15_after_a_suspend_or_a_jump_of_the_clock_it_connects_anew_at_once, 3600.0)),
    ("denied is tried all the time", timed(denied=1.0),
     source.test_L14_a_denied_kind_stops_says_why_and_is_looked_at_again_rarely),
    ("one namespace speaks for all", replaced(Coverage, "_take", one_namespace_speaks_for_all),
     source.test_L14_denied_for_the_whole_cluster_the_namespaces_are_looked_into),
    ("the self-check compares names", replaced(Known, "versions", lambda self: dict.fromkeys(
        self._entries, "same")), source.test_L18_the_self_check_compares_with_a_list_at_the_exact_version),
]  # fmt: skip


@pytest.mark.parametrize(("bug", "put_in", "seen_by"), BUGS, ids=[row[0] for row in BUGS])
def test_the_bug_is_caught(
    bug: str, put_in: Callable[[Patch], None], seen_by: Callable[[], None], monkeypatch: Patch
) -> None:
    put_in(monkeypatch)
    try:
        seen_by()
    except (AssertionError, TimeoutError, KeyError):
        # Wrong, never, or a deletion of what nobody has.
        return
    pytest.fail(f"nothing noticed: {bug}")


@pytest.mark.parametrize("seen_by", [row[2] for row in BUGS], ids=[row[0] for row in BUGS])
def test_without_the_bug_it_passes(seen_by: Callable[[], None]) -> None:
    if seen_by is not any_history:
        seen_by()
