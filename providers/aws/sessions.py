"""boto3 Sessions: every way to credentials that boto3 has, and how their clients behave.

All Sessions share one loader of botocore's data: a further Session then costs 2 MB and 35 ms instead of 24 MB
and 160 ms. botocore is imported when the first is made.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from typing import Any

from providers.aws import metadata
from providers.aws.commands import Commands
from providers.aws.troubles import ENVIRONMENT, CodeNeeded, NoIdentity, WebPage, Where
from providers.stream import VERSION

ROLE_SESSION = "quarterdeck"
IN_FLIGHT = 3
"""Requests under way at once in one region of one account."""
CONNECT_SECONDS, READ_SECONDS = 5, 15
QUEUE_SECONDS = 30
"""To read from a queue: it holds an answer back for up to 20 s."""

making = threading.Lock()
"""Held while a Session or a client is made: it is all computing, and many at once would keep the event loop
from its turns."""

Watch = Callable[[Any], None]
"""Puts hooks on the events of a Session."""


def session(
    profile: str,
    region: str,
    role: str = "",
    watch: Watch | None = None,
    commands: Commands | None = None,
) -> Any:
    """A Session as that profile, or as the role that the profile may assume. Blocks; asks no service yet.

    `profile` may be "environment"; `commands` are what run its credential_process. Raises what botocore
    raises.
    """
    import boto3

    with making:
        made = _made(profile, region, watch, commands or Commands())
    if role:
        made.get_credentials()  # a command may be run for them, which is not to keep others from theirs
    with making:
        if role:
            _assume(made, role)
        return boto3.Session(botocore_session=made)


def _made(profile: str, region: str, watch: Watch | None, commands: Commands) -> Any:
    from botocore.session import Session

    from providers.aws import models, pages

    made = Session(profile=None if profile == ENVIRONMENT else profile, include_builtin_handlers=False)
    models.hook(made)
    made.register_component("data_loader", _loader())
    made.user_agent_name, made.user_agent_version = "quarterdeck", VERSION
    made.set_config_variable("ec2_metadata_v1_disabled", True)
    made.set_config_variable("region", region)
    made.set_default_client_config(config())
    events = made.get_component("event_emitter")
    # Hooks for one operation come before those for all: where there is one, this has to come before it.
    for event in ("before-parse", *(f"before-parse.ec2.{reader.operation}" for reader in pages.READERS)):
        events.register_first(event, _no_web_pages)
    if watch is not None:
        watch(events)
    _never_ask(made)
    _run_by(made, commands)
    return made


def config(service: str = "") -> Any:
    """How clients behave: nothing is sent twice by botocore, which does not know what must not be."""
    from botocore.config import Config

    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=QUEUE_SECONDS if service == "sqs" else READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=IN_FLIGHT,
    )


def check(made: Any, profile: str) -> bool:
    """Find the credentials, where most that can be wrong shows; whether they are of a session, which can end.

    Blocks. Raises what botocore raises.
    """
    from botocore.exceptions import MetadataRetrievalError, NoCredentialsError

    try:
        found = made.get_credentials()
        if found is None:
            raise NoCredentialsError
        return bool(found.get_frozen_credentials().token)
    except MetadataRetrievalError as error:
        detail, remedy = metadata.why_not(metadata.endpoint(os.environ))
        raise NoIdentity(
            f"{Where(profile, '', '').who} has no credentials, and {detail}", remedy, state="denied"
        ) from error


@functools.cache
def _loader() -> Any:
    from providers.aws.models import loader

    return loader()


def _no_web_pages(response_dict: dict[str, Any], operation_model: Any, **_: Any) -> None:
    """A well-formed web page would be read as an answer that has no instances in it."""
    body = response_dict["body"]
    start = body[:64].lstrip()[:5].lower() if isinstance(body, bytes) else b""
    if response_dict["status_code"] < 500 and start in (b"<html", b"<!doc"):
        raise WebPage(f"the endpoint URL of {operation_model.service_model.service_name}")


def _never_ask(made: Any) -> None:
    """A second factor is never asked for; the sessions that the AWS CLI keeps of such logins are used."""
    roles = made.get_component("credential_provider").get_provider("assume-role")
    roles.cache = _Kept()
    roles._prompter = _refuse


def _run_by(made: Any, commands: Commands) -> None:
    """Its credential_process, and that of a profile whose credentials it uses to assume a role."""
    providers = made.get_component("credential_provider")
    providers.get_provider("custom-process")._popen = commands.run
    builder = providers.get_provider("assume-role")._profile_provider_builder
    make = builder._create_process_provider

    def made_for(profile_name: str) -> Any:
        provider = make(profile_name)
        provider._popen = commands.run
        return provider

    builder._create_process_provider = made_for


def _refuse(prompt: str) -> str:
    raise CodeNeeded(prompt)


class _Kept(dict[str, Any]):
    """The AWS CLI's cache of roles assumed, read; what is new is kept in memory only."""

    def __missing__(self, key: str) -> Any:
        return self._files()[key]

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self._files()

    @staticmethod
    def _files() -> Any:
        from botocore.utils import JSONFileCache

        return JSONFileCache(os.path.expanduser(os.path.join("~", ".aws", "cli", "cache")))


def _assume(made: Any, role: str) -> None:
    """From now on the Session is that role, which is assumed when needed, and again before it ends."""
    from botocore.credentials import DeferredRefreshableCredentials, create_assume_role_refresher

    # A client made now keeps the profile's own credentials.
    sts = made.create_client("sts")
    refresh = create_assume_role_refresher(sts, {"RoleArn": role, "RoleSessionName": ROLE_SESSION})
    made._credentials = DeferredRefreshableCredentials(refresh, "assume-role")
