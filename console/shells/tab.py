"""A tab: one session with its screen, from the first byte to the line that says how it ended."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from console.shells.choosing import after
from console.shells.session import Session
from console.views.ages import duration
from providers.model import Offer, Target
from providers.stream import Closed, Opened, Purpose
from widgets.emulator import Terminal

Phase = Literal["opening", "open", "ended"]

_AT_THE_END = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?2004l\x1b[?25h"
"""Mouse, focus and paste are no program's any more."""
_ORDINARY = "\x1b[?1049l"
_AGAIN = "\x1b[!p\x1b[m\r\n"
"""No mode of before, and a new line for the next session, below what the one before said."""
_NEVER_WORKED = (None, 255)
"""255 is what ssh ends with when it never got there."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a tab is for: enough to open it once more."""

    target: Target
    purpose: Purpose
    offer: Offer
    offers: tuple[Offer, ...] = ()
    """All that were made, the one that was taken among them."""
    typed: str = ""
    arguments: tuple[str, ...] = ()


class Tab:
    """A session's screen and state. It hears the session, and keeps what it said until it is drawn."""

    def __init__(
        self,
        wanted: Wanted,
        name: str,
        terminal: Terminal,
        changed: Callable[[Tab], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`changed` is called when there is something to draw, and when its state is another."""
        self.wanted = wanted
        self.name = name
        self.terminal = terminal
        self.phase: Phase = "opening"
        self.marked = False
        self.named = False
        """Whether a person gave it its name."""
        self.rang = False
        """Whether its bell rang while another one was shown."""
        self.session: Session | None = None
        self.sent = ""
        """Exactly what was run."""
        self.ending: Closed | None = None
        self._changed = changed
        self._clock = clock
        self._since = clock()
        self._lasted = 0.0
        self._worked = False
        self._own = 0
        """Bytes that no session said, on their way to the screen."""
        self._pending: deque[bytes] = deque()
        self.draw: Callable[[bytes], object] = terminal.feed
        """Has bytes on its screen; `took` is told of them."""
        self.lent_to: Callable[[bytes], None] | None = None
        """Who shows what it says while it has the whole terminal; what is shown comes back by `shown`."""

    # ---- its session -----------------------------------------------------------------------------

    def begin(self, session: Session) -> None:
        """Its session is this one from here on, which was just asked for."""
        self.session = session
        if session.over and self.ending is not None:
            return
        self.phase = "opening"

    def renew(self, wanted: Wanted) -> None:
        """Another session will follow: what the one before said stays above."""
        while self._pending:
            self.draw(self._pending.popleft())
        # Only from the other screen: it puts the cursor where it was when that one was taken.
        self.say((_ORDINARY if self.terminal.modes.alternate else "") + _AGAIN)
        self.wanted, self.phase, self.ending = wanted, "opening", None
        self._since, self._worked = self._clock(), False

    def opened(self, body: Opened) -> None:
        self.phase, self.sent, self._worked = "open", body.sent, True
        self._since = self._clock()
        self._changed(self)

    def say(self, text: str) -> None:
        """Something of this console's own on its screen."""
        data = text.encode(errors="replace")
        self._own += len(data)
        self.shown(data)

    def said(self, data: bytes) -> None:
        if self.lent_to is not None:
            self.lent_to(data)
        else:
            self.shown(data)

    def shown(self, data: bytes) -> None:
        """Have it on this screen too."""
        self._pending.append(data)
        self._changed(self)

    def closed(self, body: Closed) -> None:
        self.phase, self.ending = "ended", body
        self._lasted = self._clock() - self._since
        self.say(_AT_THE_END)

    @property
    def typed_into(self) -> bool:
        """Whether what a person types is for what runs there."""
        return not self.wanted.offer.deaf

    @property
    def running(self) -> bool:
        """Whether something still runs there."""
        return self.phase != "ended"

    @property
    def behind(self) -> bool:
        """Whether something it said is not on its screen yet."""
        return bool(self._pending)

    def pour(self, count: int) -> None:
        """Have so many bytes at most of what it said on its screen."""
        if self._pending:
            data = self._pending.popleft()
            if len(data) > count:
                self._pending.appendleft(data[count:])
            self.draw(data[:count])

    def took(self, count: int) -> None:
        """So many bytes are on its screen."""
        own = min(count, self._own)
        self._own -= own
        if self.session is not None and count > own:
            self.session.took(count - own)

    def answer(self, data: bytes) -> None:
        """What its screen answers to the program; while it is lent, the other terminal has answered."""
        if self.lent_to is None:
            self.write(data)

    def write(self, data: bytes) -> None:
        """What a person typed or pasted."""
        if self.session is not None:
            self.session.write(data)

    def resize(self, columns: int, rows: int) -> None:
        """Its screen has another size, and so has the program's terminal."""
        if (columns, rows) == (self.terminal.columns, self.terminal.rows):
            return
        self.terminal.resize(columns, rows)
        self.resized(columns, rows)

    def resized(self, columns: int, rows: int) -> None:
        """Its screen has that size already."""
        if self.session is not None:
            self.session.resize(columns, rows)

    def text(self) -> str:
        """All that is known of what it said; a line that was broken for want of room is one again."""
        terminal = self.terminal
        lines = [terminal.line(row) for row in range(-terminal.history, terminal.rows)]
        parts = [line.text if line.wrapped else f"{line.text.rstrip()}\n" for line in lines]
        return "".join(parts).rstrip("\n") + "\n"

    # ---- its end ---------------------------------------------------------------------------------

    @property
    def next_way(self) -> Offer | None:
        """What to try after one that never got there."""
        if self.ending is None or (self._worked and self.ending.status not in _NEVER_WORKED):
            return None
        return after(self.wanted.offers, self.wanted.offer, final=self.ending.final)

    def epitaph(self) -> Sequence[str]:
        """How it ended, in words: what happened, why, what can be done about it."""
        if self.ending is None:
            return ()
        how = f"ended with status {self.ending.status}" if self.ending.status is not None else "ended"
        if not self._worked:
            how = "did not open"
        elif self.ending.status is None and self.ending.detail.startswith("cut"):
            how = "is no more"
        after = f" after {duration(self._lasted)}" if self._worked else ""
        why = (self.ending.detail, self.ending.remedy)
        # Fingerprints take lines: of a key that was refused the remedy must be seen without them.
        return tuple(filter(None, (how + after, *(reversed(why) if self.ending.final else why))))
