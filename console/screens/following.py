"""What a screen that shows the fleet offers to the app's ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from console.fleet import Changes

if TYPE_CHECKING:
    from console.app import Quarterdeck


class FollowingScreen(Screen[None]):
    """The app follows the first one on its stack, also while another screen is on top of it."""

    @property
    def fleet_app(self) -> Quarterdeck:
        """The app, which owns the fleet."""
        return cast("Quarterdeck", self.app)

    def follow(self, changes: Changes) -> None:
        """Take what changed in the fleet."""
        raise NotImplementedError

    def tick_ages(self) -> None:
        """A second went by."""
        raise NotImplementedError

    def refresh_around(self) -> None:
        """Header and footer, drawn only when they say something else."""
        raise NotImplementedError
