"""A tab on the whole real terminal: the app steps aside and goes on taking in what the fleet says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.shells.lent import Loan, keys_lent
from console.shells.sieve import Sieve
from console.shells.tab import Tab
from widgets.terminal.keys import encode

if TYPE_CHECKING:
    from console.app import Quarterdeck


async def lend(app: Quarterdeck, tab: Tab, back: Callable[[], object], *, fresh: bool = False) -> None:
    """Until the key that comes back is pressed, or the program ends.

    `back`: puts the keys where they were before. A `fresh` one has not said anything yet.
    """
    if app.is_headless or app.desk.loan is not None:
        return
    key, sent = _leave(app, tab)
    if fresh:
        tab.say(f"\x1b[2m{key} comes back\x1b[m\r\n")
    await app.desk.standing(tab)
    if not tab.running or app.desk.loan is not None:
        return
    look = app.launch.config.look
    loan = app.desk.loan = Loan(tab, sent, Sieve(title=look.shell_title, clipboard=look.shell_clipboard))
    try:
        # Awaiting inside a plain suspend() deadlocks on Textual's writer queue: the batch keeps it still.
        with app.suspend(), app.batch_update(), keys_lent():
            await loan.run("" if fresh else f"{key} comes back")
    finally:
        app.desk.loan = None
        app.redraw()
    app.deck.dock.resume(tab, back)


def _leave(app: Quarterdeck, tab: Tab) -> tuple[str, bytes]:
    """The key that comes back and what it sends: the first one of the command that sends anything."""
    from console.keynames import shown_key

    for key in app.registry.commands["leave-shell"].keys:
        if sent := encode(key, None, tab.terminal.modes):
            return shown_key(key), sent
    return "ctrl-]", b"\x1d"
