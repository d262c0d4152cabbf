"""Where clusters and clouds say different things of the same machines: rules, and the rows they give."""

from __future__ import annotations

from console.disagreements.claim import KIND, Disagreement, Rule
from console.disagreements.gaps import Gaps
from console.disagreements.lens import Lens, judged_alone
from console.disagreements.rules import RULE, RULES

__all__ = ["KIND", "RULE", "RULES", "Disagreement", "Gaps", "Lens", "Rule", "judged_alone"]
