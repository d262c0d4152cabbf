"""How often everything is asked, and how long anything may take."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from msgspec import Struct


class Timing(Struct, frozen=True, kw_only=True):
    """Every bound of the polls of a region, in seconds. Elapsed time is the event loop's clock; only what
    people read comes from `wall`."""

    wall: Callable[[], float] = time.time
    random: Callable[[], float] = random.random
    instances: float = 30
    statuses: float = 60
    memberships: float = 60
    requests: float = 60
    """A spot machine is marked two minutes before it is taken."""
    prices: float = 300
    groups: float = 60
    volumes: float = 300
    clusters: float = 300
    nodegroups: float = 300
    jitter: float = 0.1
    """Of each of these, that much more or less at random: many regions must not ask in step."""
    pushed: float = 4
    """Times as long while changes of state are pushed."""
    denied: float = 300
    """Between looks at what was refused."""
    first: float = 1
    longest: float = 60
    """The most that is waited after a first failure, and after many."""
    patience: float = 5
    """How long the first list waits for the details of its instances to be called complete."""
    closely: float = 2
    closely_for: float = 300
    """An instance that something was done to is looked at that often, for so long at most. One that a pushed
    change is about is looked at once after `closely`, then after twice as long each time,"""
    closely_pushed: float = 16
    """up to this;"""
    closely_apart: float = 15
    """and while much is pushed, only once in so long for all of the region."""
    tick: float = 5
    """Between looks at the clocks and at what is spent."""
    silence: float = 30
    """An answer that is late by so much more than two polls makes what is shown old."""
    jump: float = 15
    """Wall clock and monotonic clock apart by more than this: the machine slept, or its clock was set."""
