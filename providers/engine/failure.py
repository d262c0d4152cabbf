"""What an error in a provider is to a person: a health of its source. Tracebacks go to the log only."""

from __future__ import annotations

import logging
import time

from providers.contract import Problem
from providers.model import Health
from providers.text import clean

log = logging.getLogger(__name__)


def failure(provider: str, error: Exception | None) -> Health:
    """The health that an error stands for, since now; None is a stream that just ended."""
    now = time.time()
    if error is None:
        return Health(state="lost", since=now, detail="its stream ended", remedy="it is being tried again")
    if isinstance(error, Problem):
        log.warning("%s: %s", provider, clean(error.detail))
        return Health(
            state=error.state,
            since=now,
            detail=clean(error.detail),
            remedy=clean(error.remedy) or "it is being tried again",
        )
    log.error("internal error in provider %s", provider, exc_info=error)
    return Health(
        state="lost",
        since=now,
        detail=clean(f"internal error in provider {provider}: {type(error).__name__}: {error}", limit=400),
        remedy="it is being tried again; --log-file keeps where it happened",
    )
