"""What the provider `aws` can be told."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Options(Struct, frozen=True):
    """`[providers.aws]` in the configuration; --profile and --region come on top."""

    profiles: tuple[str, ...] = ()
    """Names or globs of profiles, or "environment"; none: $AWS_PROFILE, the environment, or "default"."""
    regions: tuple[str, ...] = ()
    """Names or globs; "all" for every region that the account has enabled; none: the profile's own."""
    roles: tuple[str, ...] = ()
    """ARNs of roles to assume from each profile, instead of the profile's own identity."""
    calls_per_minute: Annotated[int, Meta(ge=1)] = 120
    """The most in any minute that polls make of one account, in all its regions together."""
    poll_seconds: Annotated[float, Meta(ge=1)] = 30.0
    """Between two looks at all instances of a region, before jitter."""
    queues: dict[str, str] = {}
    """Profile, or "profile/region" → URL or name of the SQS queue that EventBridge fills for this console."""
