"""Which regions are meant: names and globs, held against those that botocore's data know.

Everything here reads files and blocks, and asks nobody.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from providers.aws.troubles import ENVIRONMENT
from providers.contract import Problem

ALL = "all"
"""Named as a region: every one that the account has enabled."""
GLOB = re.compile(r"[*?\[]")
Unmeant = tuple[str, Problem]
"""A name or glob that means nothing, and why."""


class Regions:
    """Those of botocore's data, and those that profiles and the environment name."""

    def __init__(
        self, session: Any, profiles: Mapping[str, Mapping[str, Any]], environ: Mapping[str, str]
    ) -> None:
        """`session` is botocore's; `profiles` has what the configuration says of each."""
        self._session, self._profiles, self._environ = session, profiles, environ

    def own(self, profile: str) -> str:
        """The region that its configuration gives a profile, or else the environment; "" none."""
        configured: str = self._profiles.get(profile, {}).get("region", "")
        return configured or self._environ.get("AWS_REGION") or self._environ.get("AWS_DEFAULT_REGION") or ""

    def meant(self, profile: str, patterns: Sequence[str]) -> tuple[str, ...]:
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

    def unmeant(self, pattern: str) -> Unmeant | None:
        """What is wrong with a region that is named, wherever it may be meant."""
        if pattern == ALL or self._matches(pattern, ""):
            return None
        near = difflib.get_close_matches(
            pattern, [name for names in self._known().values() for name in names]
        )
        return pattern, Problem(
            f"no region matches {pattern!r}" if GLOB.search(pattern) else f"there is no region {pattern!r}",
            f"near to it: {', '.join(near)}"
            if near
            else "`aws ec2 describe-regions --all-regions` lists them",
            state="denied",
        )

    def _matches(self, pattern: str, partition: str) -> list[str]:
        """Those of the partition, or with "" of the first that has any; a name may be newer than the data."""
        if not GLOB.search(pattern):
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
