"""A Session that has credentials, and its clients: one for each service in each region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from providers.aws import sessions
from providers.aws.receiving import turns

Prepare = Callable[[Any], None]
"""Called once with each new client, to put hooks on it."""


class Access:
    """What requests go through. Made and used in threads: all of it blocks and raises what botocore does."""

    def __init__(self, session: Any, name: str, prepare: Prepare) -> None:
        self.temporary = sessions.check(session, name)
        """Whether the credentials are of a session, which can end."""
        self._session = session
        self._prepare = prepare
        self._clients: dict[tuple[str, str], Any] = {}

    def call(self, region: str, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """One request."""
        try:
            answer: dict[str, Any] = getattr(self._client(service, region), operation)(**arguments)
        finally:
            turns.give_back()
        return answer

    def _client(self, service: str, region: str) -> Any:
        client = self._clients.get((service, region))
        if client is not None:
            return client
        with sessions.making:  # a Session is not safe to make clients from in two threads
            client = self._clients.get((service, region))
            if client is None:
                client = self._session.client(service, region_name=region, config=sessions.config(service))
                self._prepare(client)
                self._clients[service, region] = client
            return client

    def endpoint(self, service: str, region: str) -> str:
        """The URL that requests go to, "" before the first."""
        client = self._clients.get((service, region))
        return str(client.meta.endpoint_url) if client is not None else ""

    def close(self) -> None:
        """Let go of the connections."""
        for client in list(self._clients.values()):
            client.close()
