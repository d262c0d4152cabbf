"""Hosts that said the same of an order: how they stand, and how what they said begins."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Literal, NamedTuple

from providers.model import Ref
from providers.stream import Ran
from providers.text import clean

Standing = Literal["unreached", "failed", "cut", "done", "running", "refused", "left"]
"""unreached: no connection. failed: another exit status than 0. cut: begun, and it has none. refused: not
begun, as too many had failed or it was cancelled. left: its turn has not come."""

RANKS: dict[Standing, int] = {
    "unreached": 0, "failed": 0, "cut": 0, "done": 1, "running": 2, "refused": 3, "left": 4,
}  # fmt: skip
TROUBLE: frozenset[Standing] = frozenset({"unreached", "failed", "cut"})
GLYPHS: dict[Standing, str] = {
    "unreached": "✕", "failed": "✕", "cut": "?", "done": "●", "running": "◌", "refused": "⊘", "left": "○",
}  # fmt: skip
_BEGINS = 200
"""Bytes of an output of which a row shows as much as there is room for."""


class Group(NamedTuple):
    """Hosts that said the same to the byte and ended the same way, or are not reached for the same reason."""

    standing: Standing
    words: str
    """How it ended: "exit status 1", "not reached"."""
    refs: tuple[Ref, ...]
    names: str
    """Folded: "node[1-9,12]"."""
    key: Hashable
    """The same as hosts come and go."""
    ran: Ran | None
    """Of the first of them."""

    @property
    def spoke(self) -> bool:
        """Whether there is anything to read of it."""
        return self.ran is not None and bool(self.ran.stdout or self.ran.stderr or self.ran.error)

    @property
    def begins(self) -> str:
        """How what they said begins, clean."""
        said = self.ran.stdout.strip() or self.ran.stderr.strip() if self.ran else b""
        error = self.ran.error if self.ran else ""
        return clean(decoded(said[:_BEGINS].partition(b"\n")[0])) or error

    @property
    def heading(self) -> str:
        """As one line: "● node[1-9,12] · 10 hosts · exit status 0"."""
        hosts = f"{len(self.refs):,} host{'s' if len(self.refs) != 1 else ''}"
        return f"{GLYPHS[self.standing]} {self.names} · {hosts} · {self.words}"


def decoded(said: bytes) -> str:
    """As text; what is no UTF-8 becomes U+FFFD."""
    return said.decode("utf-8", "replace")
