"""Ranks are a sorted list, and what changes costs by what changed, not by how many there are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.views import VIEWS
from console.views.listing import Listing
from console.views.ranks import Ranks
from tests.views.test_listing import big, pod, upsert

KEYS = st.integers(0, 12)
STEPS = st.tuples(st.sampled_from(["put", "drop", "put_many", "drop_many"]), KEYS, st.integers(0, 3))


class Sorts(int):
    """A value to sort by that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Sorts.compared += 1
        return int(self) < int(other)


@given(st.lists(STEPS, max_size=40))
def test_they_are_in_order_found_and_counted_whatever_was_done(steps: list[tuple[str, int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("console.views.ranks._BLOCK", 2)
        ranks: Ranks[int, int] = Ranks(lambda thing: thing)
        model: dict[int, tuple[Any, ...]] = {}
        for what, key, value in steps:
            entry = (value, key, key, ("odd",) * (value % 2))
            if what == "put":
                ranks.put(entry)
                model[key] = entry
            elif what == "drop":
                assert ranks.drop(key) == (model.pop(key, None) is not None)
            elif what == "put_many" and key not in model:
                ranks.put_many([entry])
                model[key] = entry
            elif what == "drop_many":
                ranks.drop_many([key, key + 1])
                model = {other: kept for other, kept in model.items() if other not in (key, key + 1)}
            expected = [entry[-2] for entry in sorted(model.values())]
            assert ranks.items() == expected == [ranks[index] for index in range(len(ranks))]
            assert [ranks.place(key) for key in expected] == list(range(len(expected)))
            assert ranks.counts["odd"] == sum(entry[0] % 2 for entry in model.values())
    with pytest.raises(IndexError):
        ranks[len(ranks)]


def test_one_more_among_many_is_compared_with_few_and_moves_few() -> None:
    ranks: Ranks[int, int] = Ranks(lambda thing: thing)
    ranks.put_many([(Sorts(number), number, ()) for number in range(0, 100_000, 2)])
    assert _longest_list(ranks) <= 1024
    Sorts.compared = 0
    ranks.put((Sorts(60_001), 60_001, ()))
    assert Sorts.compared <= 20
    for number in range(60_001, 64_001, 2):
        ranks.put((Sorts(number), number, ()))
    assert _longest_list(ranks) <= 1024


def _longest_list(thing: object) -> int:
    """Of those that it holds, and of those in these: so many entries one more can move."""
    lists = [value for value in vars(thing).values() if isinstance(value, list)]
    return max(map(len, [*lists, *(inner for each in lists for inner in each if isinstance(inner, list))]))


def test_a_burst_of_changes_among_many_sorts_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = big(10_000)
    listing = Listing(fleet, VIEWS["pod"], lambda: 0.0)
    assert len(listing) == 10_000
    sorted_anew: list[object] = []
    monkeypatch.setattr(Ranks, "put_many", lambda _, entries: sorted_anew.extend(entries))
    fleet.apply(upsert("east", *(pod(f"u{n:05}", f"pod-{n:05}", status="Error") for n in range(380))))
    listing.update(fleet.take())
    assert not sorted_anew
    assert [count for _, count in listing.counts] == [380]
