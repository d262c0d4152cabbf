"""What a diagnosis has to say of an account that says nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from providers.aws import diagnosis
from providers.aws.diagnosis import diagnose
from providers.aws.polling import Poll
from providers.aws.timing import Timing


class Silent:
    """An account that does not answer."""

    async def identity(self) -> Any:
        await asyncio.Event().wait()


async def _nothing() -> None:
    """Who is told of it."""


async def test_all_that_hangs_is_waited_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "_PATIENCE", 0.5)

    async def ask() -> bool:
        return True

    poll = Poll("instances", ask, lambda: 1.0, Timing(), _nothing, actions=("ec2:DescribeInstances",))
    async with asyncio.timeout(0.9):
        found = await diagnose(Silent(), "aws-prod", [poll])  # type: ignore[arg-type]
    assert [(finding.subject, finding.level, finding.detail) for finding in found] == [
        ("aws-prod: identity", "error", "no answer as whom"),
        ("aws-prod: instances", "warning", "not answered yet: ec2:DescribeInstances"),
    ]
