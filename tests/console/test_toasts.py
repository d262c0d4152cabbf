"""A toast that is told in the very moment in which it expires holds nothing up."""

from __future__ import annotations

import asyncio
import time

from textual.app import App
from textual.notifications import Notify
from textual.screen import Screen

from console.toasts import Toast


def test_time_is_always_left_and_an_end_is_an_end() -> None:
    toast = Toast("x", timeout=2.0, raised_at=time.time() - 2.001)
    assert toast.time_left > 0
    assert toast.has_expired
    assert not Toast("x", timeout=2.0).has_expired


class Late(Toast):
    """As it is between two looks at the clock: not expired at the first, over at the second."""

    @property
    def has_expired(self) -> bool:
        return False


async def test_a_screen_that_opens_while_a_toast_expires_goes_on() -> None:
    app: App[None] = App()
    async with app.run_test(notifications=True) as pilot:
        app.post_message(Notify(Late("over", timeout=0.001, raised_at=time.time() - 1)))
        async with asyncio.timeout(20):
            await app.push_screen(Screen())
            await pilot.pause()
