"""A cloud on this machine: moto's server in a process of its own, and ways to reach it as some account."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from providers.aws import pages
from providers.aws.access import Prepare
from providers.aws.account import Account
from providers.aws.budget import Pace

HOME = "123456789012"
"""The account that the throw-away credentials belong to."""
KEYS = {"AWS_ACCESS_KEY_ID": "AKIATESTING", "AWS_SECRET_ACCESS_KEY": "throw-away"}
IMAGE = "ami-03cf127a"
"""One of moto's; to ask for the list of them all takes it seconds."""
_STARTING = 30.0


class Cloud:
    """moto at `url`. Clients and accounts carry throw-away credentials, whatever the environment says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="cloud")
        self._sessions: dict[str, Any] = {}

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which any process finds it, and finds nothing else."""
        return {
            **KEYS,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str, region: str = "eu-west-1", *, account: str = HOME) -> Any:
        """boto3's own client, to plant things and to compare with."""
        return self._session(account).client(service, region_name=region, endpoint_url=self.url)

    def account(
        self,
        name: str = "lab",
        *,
        account: str = HOME,
        per_minute: int = 100_000,
        prepare: Prepare = pages.prepare,
    ) -> Account:
        """An Account as the provider makes it, with other credentials and this endpoint."""
        session = partial(_At, self, account)
        return Account(name, session, self._threads, Pace(per_minute), prepare, home="eu-west-1")

    def reset(self) -> None:
        """Forget everything that was planted, in all accounts and regions."""
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")):
            self._sessions.clear()

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(cancel_futures=True)

    def _session(self, account: str) -> Any:
        import boto3

        if account not in self._sessions:
            made = boto3.Session(KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"])
            if account != HOME:
                made = self._other(made, account)
            self._sessions[account] = made
        return self._sessions[account]

    def _other(self, home: Any, account: str) -> Any:
        import boto3

        sts = home.client("sts", region_name="eu-west-1", endpoint_url=self.url)
        role = f"arn:aws:iam::{account}:role/lab"
        found = sts.assume_role(RoleArn=role, RoleSessionName="lab")["Credentials"]
        return boto3.Session(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


class _At:
    """A Session whose clients all go to the cloud."""

    def __init__(self, cloud: Cloud, account: str) -> None:
        self._cloud = cloud
        self._account = account

    def get_credentials(self) -> Any:
        return self._cloud._session(self._account).get_credentials()

    def client(self, service: str, *, region_name: str, **more: Any) -> Any:
        session = self._cloud._session(self._account)
        return session.client(service, region_name=region_name, endpoint_url=self._cloud.url, **more)


@contextmanager
def running() -> Iterator[Cloud]:
    """Start moto's server and stop it again."""
    port = _free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as server:
        cloud = Cloud(f"http://127.0.0.1:{port}")
        try:
            _wait_for(port, server)
            yield cloud
        finally:
            cloud.close()
            server.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTING
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
