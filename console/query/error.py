"""A filter that can't be understood."""

from __future__ import annotations


class QueryError(ValueError):
    """What is wrong, in one line, and the part of the text from `start` up to `end` that it is about."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
