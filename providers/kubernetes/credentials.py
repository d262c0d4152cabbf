"""Who we are to one API server: fetched when needed, renewed when it ends or is not accepted any more.

One fetch is under way at a time, whoever asks, and one that failed is not tried again for a few seconds.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

from providers.contract import Problem
from providers.kubernetes import exec_plugin, oidc, tls
from providers.kubernetes.moments import seconds
from providers.kubernetes.target import Exec, Hidden, Target
from providers.kubernetes.tls import Pair

FILE_SECONDS = 60.0
"""How long what was read from a file is believed: kubelets rotate token files in place."""
_EARLY_SECONDS = 30.0
_AT_LEAST_SECONDS = 10.0
"""A credential just fetched is used at least so long, however wrong its clock or ours is."""
_FAILED_SECONDS = 5.0


class Credential(Hidden, frozen=True):
    """What a request carries. `expires` is in seconds since the epoch."""

    authorization: str = ""
    pair: Pair | None = None
    expires: float | None = None


Fetch = Callable[[], Awaitable[Credential]]


class Credentials:
    """The current credential of a target."""

    def __init__(self, target: Target, clock: Callable[[], float] = time.time) -> None:
        self.target = target
        self.warnings: tuple[str, ...] = ()
        self.logins = 0
        """How often another credential took the place of the one before."""
        self._clock = clock
        self._lock = asyncio.Lock()
        self._fetch = self._way()
        self._now: Credential | None = None
        self._until = 0.0
        self._failed: tuple[float, Problem] | None = None

    async def current(self) -> Credential:
        """The credential to use now. Raises Problem when there is none to be had."""
        if self._now is not None and self._clock() < self._until:
            return self._now
        async with self._lock:
            if self._now is not None and self._clock() < self._until:
                return self._now
            return await self._fetched()

    async def renew(self, refused: Credential) -> bool:
        """After a 401: whether there is now another credential than the one that was refused."""
        async with self._lock:
            # By identity: the same token fetched again by somebody else is an answer too.
            now = await self._fetched() if self._now is None or self._now is refused else self._now
            return _carried(now) != _carried(refused)

    async def _fetched(self) -> Credential:
        if self._failed is not None and self._clock() - self._failed[0] < _FAILED_SECONDS:
            raise self._failed[1]
        before = self._now
        try:
            self._now = await self._fetch()
        except Problem as problem:
            self._failed = (self._clock(), problem)
            raise
        self._failed = None
        if before is not None and _carried(self._now) != _carried(before):
            self.logins += 1
        self._until = self._usable_until(self._now)
        return self._now

    def _usable_until(self, credential: Credential) -> float:
        if credential.expires is None:
            return float("inf")
        now = self._clock()
        early = min(_EARLY_SECONDS, max(0.0, credential.expires - now) / 10)
        return max(credential.expires - early, now + _AT_LEAST_SECONDS)

    # ---- the ways to get one -------------------------------------------------------------------------

    def _way(self) -> Fetch:
        user = self.target.user
        if user.token or user.token_file or user.username:
            return self._static
        if user.exec:
            return lambda: self._from_plugin(user.exec)  # type: ignore[arg-type]
        if user.auth_provider and user.auth_provider.name == "oidc":
            return oidc.Login(self.target, self._clock, self._warn).fetch_into(self._with_token)
        if user.auth_provider:
            return self._refusal(user.auth_provider.name)
        return self._static

    async def _static(self) -> Credential:
        user = self.target.user
        pair = tls.pair_of(user, self.target.user_name)
        token = self._token_of_file() or user.token
        authorization = f"Bearer {token}" if token else _basic(user.username, user.password)
        read = user.token_file or user.client_certificate or user.client_key
        return Credential(authorization, pair, self._clock() + FILE_SECONDS if read else None)

    def _token_of_file(self) -> str:
        path = self.target.user.token_file
        if not path:
            return ""
        try:
            token = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            if self.target.user.token:
                return ""
            reason = getattr(error, "strerror", None) or "not text"
            raise _problem(f"token file {path} cannot be read: {reason}", "correct the path") from None
        if not token and not self.target.user.token:
            raise _problem(f"token file {path} is empty", "write the token, or log in again")
        return token

    async def _from_plugin(self, plugin: Exec) -> Credential:
        status = await exec_plugin.run(self.target, plugin)
        pair = tls.pair_of(self.target.user, self.target.user_name)
        if status.client_certificate_data:
            certificate, key = status.client_certificate_data.encode(), status.client_key_data.encode()
            pair = Pair(certificate, key, f"client certificate of {plugin.command}")
        return Credential(
            f"Bearer {status.token}" if status.token else "", pair, seconds(status.expiration_timestamp)
        )

    async def _with_token(self, token: str, expires: float | None) -> Credential:
        return Credential(f"Bearer {token}", tls.pair_of(self.target.user, self.target.user_name), expires)

    def _warn(self, warning: str) -> None:
        self.warnings = tuple(dict.fromkeys((*self.warnings, warning)))

    def _refusal(self, name: str) -> Fetch:
        instead = {"gcp": "gke-gcloud-auth-plugin", "azure": "kubelogin"}.get(name)
        plugin = f"the exec plug-in {instead}" if instead else "an exec plug-in"
        who = f"user {self.target.user_name!r}"

        async def refuse() -> Credential:
            raise _problem(
                f"{who} logs in by the auth-provider {name!r}, which Kubernetes has removed",
                f"replace it in {self.target.origin} by {plugin}",
            )

        return refuse


def impersonation(target: Target) -> list[tuple[str, str]]:
    """The headers that ask the server to act as somebody else."""
    user = target.user
    headers = [("Impersonate-User", user.as_user)] if user.as_user else []
    if (user.as_groups or user.as_uid or user.as_user_extra) and not user.as_user:
        raise _problem(
            f"user {target.user_name!r} impersonates groups without a user",
            f"add `as:` beside them in {target.origin}",
        )
    headers += [("Impersonate-Uid", user.as_uid)] if user.as_uid else []
    headers += [("Impersonate-Group", group) for group in user.as_groups]
    for key, values in user.as_user_extra.items():
        headers += [(f"Impersonate-Extra-{quote(key.lower(), safe='')}", value) for value in values]
    return headers


def _carried(credential: Credential) -> tuple[str, Pair | None]:
    return credential.authorization, credential.pair


def _basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}" if name else ""


def _problem(detail: str, remedy: str) -> Problem:
    return Problem(detail, remedy, state="denied")
