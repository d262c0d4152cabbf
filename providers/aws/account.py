"""One account as one identity: a Session that all its regions share, and the way every request goes.

boto3 blocks, so each request runs in a thread of the provider's own pool; what it raises comes out as a
Problem that names the profile and the region.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from msgspec import Struct

from providers.aws.budget import Pace
from providers.aws.failure import problem


class Identity(Struct, frozen=True):
    """Whom the account's credentials belong to, as its security token service says."""

    account: str
    """Twelve digits."""
    arn: str
    alias: str = ""


Prepare = Callable[[Any], None]
"""Called once with each new client, to put hooks on it."""


class Account:
    """Requests as one profile. `name` is the profile's, or "environment"."""

    def __init__(
        self, name: str, session: Callable[[], Any], threads: Executor, pace: Pace, prepare: Prepare
    ) -> None:
        self.name = name
        self.pace = pace
        self._make = session
        self._session: Any = None
        self._threads = threads
        self._prepare = prepare
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()

    async def call(self, region: str, service: str, operation: str, /, **arguments: Any) -> dict[str, Any]:
        """One request: `await account.call("eu-west-1", "ec2", "describe_instances", MaxResults=1000)`.

        Waits for the account's pace first. Raises Problem.
        """
        await self.pace.admit(region)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._threads, lambda: self._call(region, service, operation, arguments)
            )
        except Exception as error:
            told = problem(error, profile=self.name, region=region, operation=operation)
            self.pace.note(region, told)
            raise told from error

    def _call(self, region: str, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self._client(service, region), operation)(**arguments)
        return answer

    def _client(self, service: str, region: str) -> Any:
        with self._making:  # a Session is not safe to make clients from in two threads
            client = self._clients.get((service, region))
            if client is None:
                if self._session is None:
                    self._session = self._make()
                client = self._session.client(service, region_name=region)
                self._prepare(client)
                self._clients[service, region] = client
            return client
