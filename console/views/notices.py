"""What is announced for a machine, in words: a countdown, a hint, a date."""

from __future__ import annotations

from console.views.ages import duration
from console.views.kinds import Trouble
from providers.model import Notice
from widgets.cells import Cell

TROUBLES = {
    "spot interruption": Trouble(3, "bad", "◐", ("being reclaimed",)),
    "health": Trouble(2, "warn", "◐", ("with an event",)),
    "scheduled": Trouble(1, "warn", "◐", ("with an event",)),
    "lifecycle": Trouble(1, "info", "◐", ("changing",)),
    # A hint: half of them come to nothing.
    "rebalance": Trouble(1, "info", "◐", ("at risk",)),
}
"""How a machine is that has a notice of each kind."""

_ENDING = Trouble(2, "warn", "◐", ("with an event",))
_EVENTS = {
    # Codes of EC2's scheduled events (EC2 User Guide, "Scheduled events for your instances").
    "instance-reboot": "reboot",
    "system-reboot": "reboot",
    "system-maintenance": "maintenance",
    "instance-retirement": "retirement",
    "instance-stop": "stop",
}
_BRIEF = {"scheduled": "event", "health": "health event", "lifecycle": "lifecycle hook"}
"""What stands for a text that is too long for a row; details have it whole."""
_LONG = 24
_ENDS = frozenset({"retirement", "stop"})


def notice_trouble(notice: Notice) -> Trouble:
    """How bad it is to have it: a machine that will be stopped or retired is worse off than one rebooted."""
    if notice.kind == "scheduled" and _event(notice) in _ENDS:
        return _ENDING
    return TROUBLES[notice.kind]


def notice_words(notice: Notice, now: float) -> str:
    """`reclaimed in 1m50s`, `rebalance hint`, `reboot in 2d`."""
    if notice.kind == "rebalance":
        return "rebalance hint"
    if notice.kind == "spot interruption":
        return "being reclaimed" if notice.at is None or notice.at <= now else f"reclaimed {_in(notice, now)}"
    return f"{_event(notice)} {_in(notice, now)}".rstrip()


def notice_cell(notice: Notice, now: float) -> Cell:
    """The same with what was said of it and when, for a line of its own."""
    told = f"told {duration(now - notice.told)} ago" if notice.told is not None else ""
    words = dict.fromkeys(filter(None, (notice_words(notice, now), notice.detail, told)))
    return Cell(" · ".join(words), notice_trouble(notice).tone)


def _event(notice: Notice) -> str:
    code, _, _ = notice.detail.partition(":")
    brief = notice.detail if 0 < len(notice.detail) <= _LONG else _BRIEF.get(notice.kind, notice.kind)
    return _EVENTS.get(code.strip(), brief)


def _in(notice: Notice, now: float) -> str:
    if notice.at is None:
        return ""
    return f"in {_countdown(notice.at - now)}" if notice.at > now else "now"


def _countdown(seconds: float) -> str:
    """To the second within ten minutes, `1m50s`: what is left of a spot machine's two minutes counts."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02}s" if 1 <= minutes < 10 else duration(seconds)
