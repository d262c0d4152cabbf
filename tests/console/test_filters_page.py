"""docs/filters.md says what is so: every field, and examples that are read."""

import re
from pathlib import Path

import pytest

from console.query import compile_query
from console.views import VIEWS

DOCS = Path(__file__).parents[2] / "docs"
FILTERS = (DOCS / "filters.md").read_text("utf-8")
EXAMPLES_OF = (("cpu|memory|cordoned", "node"), ("disk|mem>", "host"), ("", "pod"))


@pytest.mark.parametrize("line", re.findall(r"^- \*\*(.+?)\*\*: (.+)$", FILTERS, re.MULTILINE))
def test_the_fields_of_a_kind_are_all_there_and_exist(line: tuple[str, str]) -> None:
    title, fields = line
    (view,) = (view for view in VIEWS.values() if view.title == title)
    told = set(re.sub(r" \(\w+\)", "", fields).split(", "))
    everywhere = {"source", "account", "region"}
    assert told - everywhere == {field.name for field in view.fields.values()} - everywhere


def test_every_example_is_a_filter() -> None:
    examples = [
        code
        for row in re.findall(r"^\| (`.+) \| ", FILTERS, re.MULTILINE)
        for code in re.findall("`(.+?)`", row)
    ]
    assert len(examples) > 30
    for text in examples:
        kind = next(kind for begins, kind in EXAMPLES_OF if re.match(begins, text))
        assert compile_query(text, kind, 0.0).terms
