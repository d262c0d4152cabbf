"""Which accounts are meant, and in which regions: what was named, held against this machine's configuration.

Everything here reads files and blocks, and asks nobody.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from providers.aws.failure import problem
from providers.aws.options import Options
from providers.aws.regions import ALL, GLOB, Regions, Unmeant
from providers.aws.troubles import ENVIRONMENT
from providers.contract import Problem

__all__ = ["Choice", "Unmeant", "choose"]

_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Variables that give credentials without a profile."""
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/\S+")
_FIRST = "us-east-1"
"""Where to ask an account that has no region of its own."""


@dataclass(frozen=True)
class Choice:
    """A profile, or a role assumed from it, and where it is to be asked."""

    profile: str
    role: str
    """Its ARN, "" for the profile's own identity."""
    regions: tuple[str, ...]
    every: bool
    """Besides those named, all regions that the account has enabled."""
    home: str
    """The region that is asked about the account itself."""

    name: str
    """The profile, with the role's own name behind it if there is one."""


def choose(options: Options, environ: Mapping[str, str] = os.environ) -> list[Choice | Unmeant]:
    """What is meant, in the order it was named.

    Raises Problem when the configuration itself cannot be read.
    """
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        # Not for any profile: one that AWS_PROFILE names and that does not exist would spoil every question.
        session = Session(session_vars={"profile": (None, None, None, None)})
        configured: dict[str, dict[str, Any]] = session.full_config.get("profiles", {})
        regions = Regions(session, configured, environ)
        unmeant = [found for pattern in options.regions if (found := regions.unmeant(pattern))]
        unmeant += [found for role in options.roles if (found := _no_role(role))]
        wrong = {name for name, _ in unmeant}
        patterns = [pattern for pattern in options.regions if pattern not in wrong]
        roles = [role for role in options.roles if role not in wrong]
        if (options.regions and not patterns) or (options.roles and not roles):
            return [*unmeant]
        names = _Profiles(configured, environ).named(options.profiles)
        return [*unmeant, *(choice for name in names for choice in _choices(regions, name, patterns, roles))]
    except BotoCoreError as error:
        raise problem(error, profile="", region="", operation="configuration") from error


def _choices(
    known: Regions, name: str | Unmeant, patterns: Sequence[str], roles: Sequence[str]
) -> Iterable[Choice | Unmeant]:
    if not isinstance(name, str):
        return (name,)
    every = ALL in patterns
    regions = known.meant(name, patterns)
    if not regions and not every:
        return ((name, known.nowhere(name, patterns)),)
    home = known.own(name) or next(iter(regions), _FIRST)
    return [Choice(name, role, regions, every, home, _named(name, role, roles)) for role in roles or ("",)]


def _no_role(role: str) -> Unmeant | None:
    if _ROLE.fullmatch(role):
        return None
    return role, Problem(
        f"{role!r} is no role's ARN", "it is like arn:aws:iam::123456789012:role/OnCall", state="denied"
    )


def _named(profile: str, role: str, roles: Sequence[str]) -> str:
    """The role by its own name, and by its account's number too where several accounts have one called so."""
    if not role:
        return profile
    name = role.rpartition("/")[2]
    if sum(other.rpartition("/")[2] == name for other in roles) > 1:
        name = f"{role.split(':')[4]}/{name}"
    return f"{profile}/{name}"


class _Profiles:
    """Those of ~/.aws, and the environment."""

    def __init__(self, configured: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._profiles, self._environ = configured, environ

    def named(self, patterns: Sequence[str]) -> list[str | Unmeant]:
        """The profiles that names and globs mean, each once."""
        found = [name for pattern in patterns for name in self._matching(pattern)] or [self._usual()]
        return list({name if isinstance(name, str) else name[0]: name for name in found}.values())

    def _matching(self, pattern: str) -> list[str | Unmeant]:
        if pattern in self._profiles or (pattern == ENVIRONMENT and self._in_environment()):
            return [pattern]
        if GLOB.search(pattern):
            found = [name for name in sorted(self._profiles) if fnmatchcase(name, pattern)]
            if found:
                return list(found)
        return [(pattern, self._no_profile(pattern))]

    def _usual(self) -> str | Unmeant:
        named = self._environ.get("AWS_PROFILE") or self._environ.get("AWS_DEFAULT_PROFILE")
        if named:
            return named if named in self._profiles else (named, self._no_profile(named))
        return ENVIRONMENT if self._in_environment() or "default" not in self._profiles else "default"

    def _in_environment(self) -> bool:
        return any(self._environ.get(name) for name in _CREDENTIALS)

    def _no_profile(self, pattern: str) -> Problem:
        exist = sorted(self._profiles)
        near = difflib.get_close_matches(pattern, exist, 1)
        what = "no profile matches" if GLOB.search(pattern) else "there is no profile"
        return Problem(
            f"{what} {pattern!r}" + (f" (is it {near[0]!r}?)" if near else ""),
            f"profiles that exist: {', '.join(exist)}" if exist else "none exist: `aws configure` makes one",
            state="denied",
        )
