"""docs/disagreements.md has every rule as the pane has it, and no other."""

import re
from pathlib import Path

from console.disagreements import RULES
from console.disagreements.claim import GRACE_SECONDS
from providers.aws import instances

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "disagreements.md").read_text("utf-8")
OF = {"node": ("a node",), "instance": ("an instance", "a declaration")}


def test_the_page_has_the_rules_in_their_order_and_what_they_are_of() -> None:
    rows = re.findall(r"^\| ([^|`]+?) \| `[^|]+ \| (an? \w+) \| .+ \|$", PAGE, re.MULTILINE)
    assert [words for words, _ in rows] == [rule.words for rule in RULES]
    assert all(of in OF[rule.kind] for rule, (_, of) in zip(RULES, rows, strict=True))


def test_the_page_has_the_grace_and_the_tags_of_a_cluster() -> None:
    assert GRACE_SECONDS == 5 * 60
    assert "five minutes" in PAGE
    for tag in (*instances._CLUSTER_TAGS, instances._CLUSTER_KEY, instances._OLDER_CLUSTER_TAG):
        assert f"`{tag}" in PAGE


def test_the_readme_leads_to_the_page() -> None:
    assert "(docs/disagreements.md)" in (ROOT / "README.md").read_text("utf-8")
