"""What boto3 raises, as something a person can act on."""

from __future__ import annotations

from providers.contract import Problem


class Throttled(Problem):
    """The account is asked too often there; it is asked less often from now on."""


def problem(error: BaseException, *, profile: str, region: str, operation: str) -> Problem:
    """The same trouble, naming the profile and the region, with what to do about it."""
    if isinstance(error, Problem):
        return error
    return Problem(f"{profile} {region}: {operation}: {error}")
