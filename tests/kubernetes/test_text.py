"""Marks without end: what is drawn over its neighbours is thinned, whatever its combining class is."""

from __future__ import annotations

import unicodedata

import pytest

from providers.text import clean


@pytest.mark.parametrize("mark", ["\u0301", "\u0941", "\u0e31", "\u20dd", "\U0001e2ae"])
def test_of_a_run_of_marks_two_are_kept(mark: str) -> None:
    assert unicodedata.category(mark) in ("Mn", "Me")
    assert clean("a" + mark * 30 + "b") == "a" + mark * 2 + "b"
    assert clean("a" + mark * 2 + "b" + mark) == "a" + mark * 2 + "b" + mark


def test_words_of_many_scripts_stay_as_they_are() -> None:
    for word in ("हिन्दी", "ภาษาไทย", "tiếng Việt", "עִבְרִית", "日本語", "naïve"):
        assert clean(word) == word


def test_clean_ascii_comes_back_as_the_same_object() -> None:
    text = "".join(["api-", "0"])
    assert clean(text) is text
