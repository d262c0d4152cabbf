"""Ages in kubectl's words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.views.ages import duration
from console.views.amounts import cores, memory

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        # apimachinery's own table for duration.HumanDuration
        (0, "0s"),
        (0.999, "0s"),
        (1, "1s"),
        (70, "70s"),
        (119, "119s"),
        (2 * MINUTE, "2m"),
        (3 * MINUTE + 10, "3m10s"),
        (9 * MINUTE + 59, "9m59s"),
        (10 * MINUTE, "10m"),
        (100 * MINUTE, "100m"),
        (179 * MINUTE + 59, "179m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + MINUTE, "3h1m"),
        (7 * HOUR + 59 * MINUTE + 59, "7h59m"),
        (8 * HOUR, "8h"),
        (47 * HOUR + 59 * MINUTE, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + HOUR, "2d1h"),
        (7 * DAY + 23 * HOUR, "7d23h"),
        (8 * DAY, "8d"),
        (729 * DAY, "729d"),
        (2 * YEAR, "2y"),
        (2 * YEAR + DAY, "2y1d"),
        (8 * YEAR - 1, "7y364d"),
        (8 * YEAR, "8y"),
        (25 * YEAR + 30 * DAY, "25y"),
    ],
)
def test_as_kubectl_prints_it(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@settings(deadline=None)
@given(st.floats(max_value=0, allow_infinity=False, allow_nan=False))
def test_L15_never_negative(seconds: float) -> None:
    assert duration(seconds) == "0s"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, ""),
        (0, "0"),
        (512, "512"),
        (2048, "2Ki"),
        (512 * 1024**2, "512Mi"),
        (int(7.5 * 1024**3), "7.5Gi"),
    ],
)
def test_memory(size: int | None, words: str) -> None:
    assert memory(size) == words


@pytest.mark.parametrize(
    ("count", "words"), [(None, ""), (0.0, "0"), (0.25, "250m"), (7.91, "7.9"), (64.0, "64")]
)
def test_cores(count: float | None, words: str) -> None:
    assert cores(count) == words
