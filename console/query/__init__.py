"""The filter language: text → a predicate over the items of one kind."""

from console.query.field import Field, FieldSort

__all__ = ["Field", "FieldSort"]
