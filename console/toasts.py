"""Toasts that can be shown at any moment, even in the one in which they expire."""

from __future__ import annotations

from time import time

from textual.notifications import Notification

_LEAST_SECONDS = 0.1


class Toast(Notification):
    """One that always has some time left.

    A screen that opens takes over the toasts there are, each with a timer of its remaining time. Where that
    is negative, Textual's timer (8.2.8) never yields to the loop again: the console hangs for good.
    """

    @property
    def time_left(self) -> float:
        """Seconds to show it for, from now."""
        return max(_LEAST_SECONDS, super().time_left)

    @property
    def has_expired(self) -> bool:
        """Whether it has been shown for as long as it should."""
        return time() >= self.raised_at + self.timeout
