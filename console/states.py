"""States of a machine, as every provider words them."""

from __future__ import annotations

UP = frozenset({"pending", "running", "rebooting"})
"""It runs, or is about to: its image, its group and what is announced for it matter."""
