"""The character sets G0 to G3: ASCII, the British one and DEC's line drawing; which is in use, and shifts."""

from __future__ import annotations

from dataclasses import dataclass, field

Table = dict[int, str] | None
"""What characters become; None for ASCII, where they stay."""

_LINES: Table = dict(
    zip(range(0x5F, 0x7F), "\u00a0◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True)  # noqa: RUF100
)
_TABLES: dict[str, Table] = {"0": _LINES, "2": _LINES, "A": {ord("#"): "£"}}
_SLOTS = "()*+"


@dataclass(slots=True)
class Charsets:
    """What is designated to G0…G3, which of them is in use, and for how long."""

    sets: list[Table] = field(default_factory=lambda: [None] * 4)
    used: int = 0
    single: int | None = None
    """The set of the next character alone (SS2, SS3)."""

    def designate(self, slot: str, name: str) -> None:
        """`ESC ( 0` and its like; names that are not known are ASCII."""
        self.sets[_SLOTS.index(slot)] = _TABLES.get(name)

    @property
    def plain(self) -> bool:
        """Whether text is taken as it comes."""
        return self.single is None and self.sets[self.used] is None

    def translate(self, text: str) -> str:
        """Text as it is drawn; a single shift is used up by it."""
        first = ""
        if self.single is not None:
            first, text = text[:1].translate(self.sets[self.single] or {}), text[1:]
            self.single = None
        return first + text.translate(self.sets[self.used] or {})

    def copy(self) -> Charsets:
        """As DECSC keeps them."""
        return Charsets(list(self.sets), self.used, self.single)
