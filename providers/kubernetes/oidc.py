"""Logging in by OpenID Connect, as the auth-provider "oidc" of a kubeconfig describes it.

The refresh goes over verified TLS only, whatever the file says. What it yields stays in memory: a
kubeconfig is the person's, and is never written.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlsplit

import msgspec

from providers.contract import Problem
from providers.kubernetes import tls
from providers.kubernetes.target import Hidden, Target
from providers.text import clean

T = TypeVar("T")
_SECONDS = 15.0
_LEEWAY_SECONDS = 10.0
ROTATED = "the identity provider replaced the refresh token: kubectl will need a new login"


class _Discovery(Hidden, frozen=True):
    issuer: str = ""
    token_endpoint: str = ""


class _Tokens(Hidden, frozen=True):
    id_token: str = ""
    refresh_token: str = ""
    error: str = ""
    error_description: str = ""


class _Claims(Hidden, frozen=True):
    exp: float | None = None


class Login:
    """The login of one user: its ID token while it lasts, then a fresh one for the refresh token."""

    def __init__(self, target: Target, clock: Callable[[], float], warn: Callable[[str], None]) -> None:
        assert target.user.auth_provider
        self._config = target.user.auth_provider.config
        self._target = target
        self._clock = clock
        self._warn = warn
        self._refresh_token = self._config.get("refresh-token", "")
        self._first = True

    def fetch_into(self, made: Callable[[str, float | None], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
        """A function that fetches a token and makes of it (with its end) what `made` makes."""

        async def fetch() -> T:
            token = await self.token()
            return await made(token, expires(token))

        return fetch

    async def token(self) -> str:
        """An ID token. Only the first call may answer the file's own. Raises Problem."""
        stored = self._config.get("id-token", "")
        end = expires(stored) if stored else None
        if self._first and end is not None and end - _LEEWAY_SECONDS > self._clock():
            self._first = False
            return stored
        return await self._refreshed()

    async def _refreshed(self) -> str:
        wanted = ("idp-issuer-url", "client-id", "refresh-token")
        lacking = [key for key in wanted if not self._config.get(key)]
        if lacking:
            raise self._problem(f"its ID token has ended, and it has no {lacking[0]} to renew it with")
        try:
            tokens = await self._exchanged()
        except (OSError, TimeoutError, msgspec.DecodeError) as error:
            raise self._problem(f"{self._issuer()} gave no new token: {_said(error)}") from None
        if tokens.error or not tokens.id_token:
            why = tokens.error_description or tokens.error or "no id_token in its answer"
            raise self._problem(f"{self._issuer()} refuses to renew the token: {clean(why, 300)}")
        if tokens.refresh_token and tokens.refresh_token != self._refresh_token:
            self._refresh_token = tokens.refresh_token
            self._warn(ROTATED)
        self._first = False
        return tokens.id_token

    async def _exchanged(self) -> _Tokens:
        import aiohttp

        connector = aiohttp.TCPConnector(ssl=tls.trusting(*self._authority()))
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
                endpoint = await self._endpoint(session)
                return await self._posted(session, endpoint)
        except aiohttp.ClientError as error:
            raise OSError(_said(error)) from None

    async def _endpoint(self, session: Any) -> str:
        address = f"{self._secure(self._issuer())}/.well-known/openid-configuration"
        async with session.get(address, allow_redirects=False) as answer:
            if answer.status != 200:
                raise OSError(f"{address} answered {answer.status}")
            found = msgspec.json.decode(await answer.read(), type=_Discovery)
        if found.issuer.rstrip("/") != self._issuer():
            raise self._problem(f"{self._issuer()} calls itself {clean(found.issuer, 200)!r}")
        return self._secure(found.token_endpoint)

    async def _posted(self, session: Any, endpoint: str) -> _Tokens:
        """Client authentication in the header as the standard prefers, then in the body, as some demand."""
        name, secret = self._config["client-id"], self._config.get("client-secret", "")
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        header = base64.b64encode(f"{quote_plus(name)}:{quote_plus(secret)}".encode()).decode()
        body = {**form, "client_id": name, **({"client_secret": secret} if secret else {})}
        ways = [(form, {"Authorization": f"Basic {header}"})] if secret else []
        for data, headers in [*ways, (body, {})]:
            async with session.post(endpoint, data=data, headers=headers, allow_redirects=False) as answer:
                tokens = msgspec.json.decode(await answer.read(), type=_Tokens)
                if answer.status != 401:
                    return tokens
        return tokens

    def _secure(self, address: str) -> str:
        if urlsplit(address).scheme != "https":
            raise self._problem(f"{clean(address, 200)} is not https: the token would go in the clear")
        return address

    def _issuer(self) -> str:
        return self._config.get("idp-issuer-url", "").rstrip("/")

    def _authority(self) -> tuple[bytes, str]:
        data, path = (self._config.get(f"idp-certificate-authority{end}", "") for end in ("-data", ""))
        name = "idp-certificate-authority"
        try:
            if data:
                return base64.b64decode(data), f"{name}-data"
            full = os.path.join(os.path.dirname(os.path.abspath(self._target.origin)), path)
            return (Path(full).read_bytes(), f"{name} {full}") if path else (b"", "")
        except (OSError, binascii.Error) as error:
            raise self._problem(f"its {name} cannot be read: {_said(error)}") from None

    def _problem(self, what: str) -> Problem:
        who = f"OIDC login of user {self._target.user_name!r}"
        return Problem(
            f"{who}: {what}", "log in again with the tool that wrote the kubeconfig", state="denied"
        )


def expires(token: str) -> float | None:
    """When a JSON web token ends, in seconds since the epoch; None when it does not say so."""
    try:
        payload = token.split(".")[1]
        padded = payload + "=" * (-len(payload) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims).exp
    except (IndexError, binascii.Error, msgspec.DecodeError):
        return None


def _said(error: Exception) -> str:
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
        return f"no answer in {_SECONDS:.0f} s"
    return clean(str(error), 300)
