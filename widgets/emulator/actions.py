"""What the parser asks of a terminal: an action for each thing that it understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

Numbers = tuple[int, ...]
"""A sequence's parameters; one that was left out is 0."""


class Actions(Protocol):
    """What is done with what was understood."""

    @property
    def sequences(self) -> Mapping[bytes, Callable[[Numbers], None]]:
        """By the prefix, the intermediates and the final byte, as in `b"?h"`."""

    @property
    def escapes(self) -> Mapping[bytes, Callable[[], None]]:
        """By the intermediates and the final byte."""

    @property
    def controls(self) -> Mapping[bytes, Callable[[], None]]:
        """By their code; CR LF too, as one."""

    @property
    def text(self) -> Callable[[str], None]:
        """For printable text."""

    def lines(self, lines: list[str]) -> bool:
        """Whole lines of narrow characters and tabs; False when each has to be looked at."""

    def style(self, parameters: bytes) -> None:
        """`CSI … m`."""

    def string(self, kind: str, body: bytes) -> None:
        """An operating system command (`]`) or a device control string (`P`) that came to its end."""
