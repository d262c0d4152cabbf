"""Keys that are typed on while a shell is still being opened: they are the shell's, and no commands here."""

from __future__ import annotations

MOST = 4096
"""Keys that are kept: a line or many, and not what a cat types."""

Key = tuple[str, str | None]
"""Its name, and the character that it types, if any."""


class TypeAhead:
    """Holds keys from begin() to release(); in between the person can take it back with `escape`."""

    def __init__(self) -> None:
        self._held: list[Key] | None = None

    def begin(self) -> None:
        """A shell was asked for."""
        self._held = []

    def takes(self, key: str, character: str | None) -> bool:
        """Whether the key is for the shell that comes. `escape` is for nobody, and ends the holding."""
        if self._held is None:
            return False
        if key == "escape":
            self._held = None
        elif len(self._held) < MOST:
            self._held.append((key, character))
        return True

    def release(self) -> list[Key]:
        """What was held, once; from now on keys are what they always are."""
        held, self._held = self._held, None
        return held or []
