"""Which accounts and regions are meant: what was named, held against the AWS configuration of this machine.

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
from providers.aws.troubles import ENVIRONMENT
from providers.contract import Problem

ALL = "all"
"""Named as a region: every one that the account has enabled."""
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Variables that give credentials without a profile."""
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/\S+")
_GLOB = re.compile(r"[*?\[]")
_FIRST = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where to ask an account that has no region of its own, by partition."""


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


Unmeant = tuple[str, Problem]
"""A name or glob that means nothing, and why."""


def choose(options: Options, environ: Mapping[str, str] = os.environ) -> list[Choice | Unmeant]:
    """What is meant, in the order it was named.

    Raises Problem when the configuration itself cannot be read.
    """
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        # Not for any profile: one that AWS_PROFILE names and that does not exist would spoil every question.
        files = _Files(Session(session_vars={"profile": (None, None, None, None)}), environ)
        unmeant = [found for pattern in options.regions if (found := files.no_region(pattern))]
        unmeant += [found for role in options.roles if (found := _no_role(role))]
        wrong = {name for name, _ in unmeant}
        patterns = [pattern for pattern in options.regions if pattern not in wrong]
        roles = [role for role in options.roles if role not in wrong]
        if (options.regions and not patterns) or (options.roles and not roles):
            return [*unmeant]
        names = files.named(options.profiles)
        return [*unmeant, *(choice for name in names for choice in _choices(files, name, patterns, roles))]
    except BotoCoreError as error:
        raise problem(error, profile="", region="", operation="configuration") from error


def _choices(
    files: _Files, name: str | Unmeant, patterns: Sequence[str], roles: Sequence[str]
) -> Iterable[Choice | Unmeant]:
    if not isinstance(name, str):
        return (name,)
    every = ALL in patterns
    regions = files.regions(name, patterns)
    if not regions and not every:
        return ((name, files.nowhere(name, patterns)),)
    home = files.own(name) or next(iter(regions), _FIRST["aws"])
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


class _Files:
    """~/.aws and the environment."""

    def __init__(self, session: Any, environ: Mapping[str, str]) -> None:
        self._session = session
        self._environ = environ
        self._profiles: dict[str, dict[str, Any]] = session.full_config.get("profiles", {})

    # ---- profiles ------------------------------------------------------------------------------------

    def named(self, patterns: Sequence[str]) -> list[str | tuple[str, Problem]]:
        """The profiles that names and globs mean, each once."""
        found = [name for pattern in patterns for name in self._matching(pattern)] or [self._usual()]
        return list({name if isinstance(name, str) else name[0]: name for name in found}.values())

    def _matching(self, pattern: str) -> list[str | tuple[str, Problem]]:
        if pattern in self._profiles or (pattern == ENVIRONMENT and self._in_environment()):
            return [pattern]
        if _GLOB.search(pattern):
            found = [name for name in sorted(self._profiles) if fnmatchcase(name, pattern)]
            if found:
                return list(found)
        return [(pattern, self._no_profile(pattern))]

    def _usual(self) -> str | tuple[str, Problem]:
        named = self._environ.get("AWS_PROFILE") or self._environ.get("AWS_DEFAULT_PROFILE")
        if named:
            return named if named in self._profiles else (named, self._no_profile(named))
        return ENVIRONMENT if self._in_environment() or "default" not in self._profiles else "default"

    def _in_environment(self) -> bool:
        return any(self._environ.get(name) for name in _CREDENTIALS)

    def _no_profile(self, pattern: str) -> Problem:
        exist = sorted(self._profiles)
        near = difflib.get_close_matches(pattern, exist, 1)
        what = "no profile matches" if _GLOB.search(pattern) else "there is no profile"
        return Problem(
            f"{what} {pattern!r}" + (f" (is it {near[0]!r}?)" if near else ""),
            f"profiles that exist: {', '.join(exist)}" if exist else "none exist: `aws configure` makes one",
            state="denied",
        )

    # ---- regions -------------------------------------------------------------------------------------

    def own(self, profile: str) -> str:
        """The region that its configuration gives a profile, or else the environment; "" none."""
        configured: str = self._profiles.get(profile, {}).get("region", "")
        return configured or self._environ.get("AWS_REGION") or self._environ.get("AWS_DEFAULT_REGION") or ""

    def regions(self, profile: str, patterns: Sequence[str]) -> tuple[str, ...]:
        """The regions that names and globs mean for that profile, whose partition is the one looked into."""
        own = self.own(profile)
        if not patterns:
            return (own,) if own else ()
        partition = self._partition(own)
        found = [name for pattern in patterns if pattern != ALL for name in self._matches(pattern, partition)]
        return tuple(dict.fromkeys(found))

    def nowhere(self, profile: str, patterns: Sequence[str]) -> Problem:
        """Why that profile has no region to look into."""
        if patterns:
            where = f"in partition {self._partition(self.own(profile))}, where profile {profile} is"
            return Problem(f"no region matches {', '.join(patterns)} {where}", "see --region", state="denied")
        who = "the environment" if profile == ENVIRONMENT else f"profile {profile}"
        return Problem(
            f"{who} has no region",
            "say --region NAME (or a glob, or `all`), or set AWS_REGION",
            state="denied",
        )

    def no_region(self, pattern: str) -> Unmeant | None:
        """What is wrong with a region that is named, wherever it may be meant."""
        if pattern == ALL or self._matches(pattern, ""):
            return None
        near = difflib.get_close_matches(
            pattern, [name for names in self._known().values() for name in names]
        )
        return pattern, Problem(
            f"no region matches {pattern!r}" if _GLOB.search(pattern) else f"there is no region {pattern!r}",
            f"near to it: {', '.join(near)}"
            if near
            else "`aws ec2 describe-regions --all-regions` lists them",
            state="denied",
        )

    def _matches(self, pattern: str, partition: str) -> list[str]:
        """Those of the partition, or with "" of the first that has any; a name may be newer than the data."""
        if not _GLOB.search(pattern):
            return [pattern] if self._partition(pattern) else []
        known = self._known()
        for names in (known[partition],) if partition else known.values():
            if found := [name for name in names if fnmatchcase(name, pattern)]:
                return found
        return []

    def _known(self) -> dict[str, list[str]]:
        """By partition."""
        return {
            partition: sorted(self._session.get_available_regions("ec2", partition_name=partition))
            for partition in self._session.get_available_partitions()
        }

    def _partition(self, region: str) -> str:
        """The partition that the region's name belongs to, "" none."""
        from botocore.exceptions import UnknownRegionError

        try:
            found: str = self._session.get_partition_for_region(region)
        except UnknownRegionError:
            return ""
        return found
