"""Names folded and unfolded, and texts side by side."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fanout.folding import Row, beside, fold, natural

_GROUP = re.compile(r"\[([0-9,-]+)\]")


def unfold(text: str) -> Iterator[str]:
    """The names that a folded text stands for."""
    for name in filter(None, re.split(r",(?![^\[]*\])", text)):
        yield from unfolded(name)


def unfolded(name: str) -> Iterator[str]:
    match = _GROUP.search(name)
    if match is None:
        yield name
        return
    for span in match[1].split(","):
        first, _, last = span.partition("-")
        for number in range(int(first), int(last or first) + 1):
            for rest in unfolded(name[match.end() :]):
                yield f"{name[: match.start()]}{str(number).zfill(len(first))}{rest}"


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        ("", ""),
        ("node", "node"),
        ("node7", "node7"),
        ("node1 node2 node3 node4 node5 node6 node7 node8 node9 node12", "node[1-9,12]"),
        ("node01 node02 node03 node09", "node[01-03,09]"),
        ("node08 node09 node10 node11", "node[08-11]"),
        ("node9 node10", "node[9-10]"),
        ("node1 node01 node2 node02", "node[01-02,1-2]"),
        ("node99 node100", "node[99-100]"),
        ("db web2 web1", "db,web[1-2]"),
        ("web-1.prod web-2.prod web-3.test", "web-[1-2].prod,web-3.test"),
        ("rack1-n1 rack1-n2 rack2-n1 rack2-n2", "rack[1-2]-n[1-2]"),
        ("rack1-n1 rack1-n2 rack2-n7", "rack1-n[1-2],rack2-n7"),
        ("ip-10-0-3-17 ip-10-0-3-18 ip-10-0-4-17", "ip-10-0-3-[17-18],ip-10-0-4-17"),
        ("10.0.0.1 10.0.0.2 10.0.1.1", "10.0.0.[1-2],10.0.1.1"),
        ("i-0abc i-1abc", "i-[0-1]abc"),
        ("2 1", "[1-2]"),
        ("node2 node10 node1", "node[1-2,10]"),
        ("a a a", "a"),
        ("odd[1] odd[2]", "odd[1],odd[2]"),
        ("ünï1 ünï2", "ünï[1-2]"),
        ("node٣ node٤", "node٣,node٤"),
    ],
)
def test_names_fold(names: str, folded: str) -> None:
    assert fold(names.split()) == folded


_NAMES = st.lists(
    st.from_regex(r"\A(rack|node|a)?-?[0-9]{0,3}(-n)?[0-9]{0,2}(\.test|ü)?\Z").filter(bool), max_size=40
)


@given(_NAMES)
def test_what_is_unfolded_is_what_was_folded(names: list[str]) -> None:
    there = list(unfold(fold(names)))
    assert sorted(there) == sorted(set(names)), "each of them, and once"


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="[],"), min_size=1, max_size=30)))
def test_any_name_at_all_comes_back(names: list[str]) -> None:
    assert set(unfold(fold(names))) == set(names)


def test_a_name_of_a_thousand_digits_is_a_name() -> None:
    long = "9" * 5000
    assert fold([long, "node1"]) == ",".join(sorted([long, "node1"], key=natural))


def test_ten_thousand_names_fold_soon() -> None:
    names = [f"ip-10-{a}-{b}-{c}" for a in range(4) for b in range(50) for c in range(50)]
    before = time.process_time()
    assert fold(names) == "ip-10-[0-3]-[0-49]-[0-49]"
    assert time.process_time() - before < 2


def test_texts_stand_side_by_side_with_their_equal_lines_together() -> None:
    rows = beside(["a", "b", "c"], ["a", "x", "y", "c"])
    assert rows == [Row("a", "a"), Row("b", "x"), Row(None, "y"), Row("c", "c")]
    assert [row.differs for row in rows] == [False, True, True, False]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_nothing_is_lost_side_by_side(left: list[str], right: list[str]) -> None:
    rows = beside(left, right)
    assert [row.left for row in rows if row.left is not None] == left
    assert [row.right for row in rows if row.right is not None] == right


def test_long_texts_are_compared_in_proportion() -> None:
    left, right = [f"line {n}" for n in range(100_000)], [f"line {n * 7 % 100_000}" for n in range(90_000)]
    before = time.process_time()
    assert len(beside(left, right)) == 100_000
    assert time.process_time() - before < 2
