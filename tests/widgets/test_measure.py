"""Texts in exactly as many cells as there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.measure import fit


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("api-7f9c9d5b7b-x2x8k", 20, "api-7f9c9d5b7b-x2x8k"),
        ("api-7f9c9d5b7b-x2x8k", 22, "api-7f9c9d5b7b-x2x8k  "),
        ("api-7f9c9d5b7b-x2x8k", 16, "api-7f9c9…-x2x8k"),
        ("api-7f9c9d5b7b-x2x8k", 5, "ap…8k"),
        ("api-7f9c9d5b7b-x2x8k", 2, "a…"),
        ("api-7f9c9d5b7b-x2x8k", 1, "…"),
        ("api-7f9c9d5b7b-x2x8k", 0, ""),
        ("日本語の名前-終わり", 12, "日本 …終わり"),
    ],
)
def test_a_text_cut_in_the_middle_shows_its_end(text: str, width: int, shown: str) -> None:
    assert fit(text, width, tail=6) == shown


def test_the_end_may_be_most_of_it() -> None:
    assert fit("aws-prod-ap-northeast-1", 18, tail=12) == "aws-pr…northeast-1"


@given(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P"))), st.integers(0, 30), st.integers(0, 12)
)
def test_a_text_takes_exactly_the_cells_it_is_given(text: str, width: int, tail: int) -> None:
    assert cell_len(fit(text, width, tail=tail)) == width
