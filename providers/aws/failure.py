"""What boto3 raises, as something a person can act on: what did not work, as whom, where, and what to do.

botocore's exceptions are told by their names, so that it need not be imported here; what a service answered
with an error is told in `answers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from providers.aws import credentials
from providers.aws.answers import answered
from providers.aws.troubles import NoAnswer, NoIdentity, Where, field, first_line
from providers.contract import Problem


def problem(
    error: BaseException,
    *,
    profile: str,
    region: str,
    operation: str,
    service: str = "",
    identity: str = "",
    answered_before: bool = False,
    temporary: bool = True,
) -> Problem:
    """The same trouble, naming the profile and the region, with what to do about it.

    `identity` is who the account is known to be, `answered_before` whether the region accepted it once,
    `temporary` whether its credentials are of a session, which can end.
    """
    if isinstance(error, Problem):
        return error
    where = Where(profile, region, operation, service, identity, answered_before, temporary)
    if hasattr(error, "response") and hasattr(error, "operation_name"):
        return answered(where, error)
    for ancestor in type(error).__mro__:
        if tell := _TROUBLES.get(ancestor.__name__):
            return tell(where, error)
    return NoAnswer(f"{where.asking}: {type(error).__name__}: {first_line(str(error))}")


# ---- configuration -----------------------------------------------------------------------------------


def _no_profile(where: Where, error: BaseException) -> Problem:
    name = field(error, "profile") or where.profile
    return NoIdentity(f"there is no profile {name!r}", "`aws configure list-profiles`", state="denied")


def _unreadable_config(where: Where, error: BaseException) -> Problem:
    path = field(error, "path")
    return NoIdentity(f"{path} cannot be parsed", f"correct {path}: it is an INI file", state="denied")


def _wrong_config(where: Where, error: BaseException) -> Problem:
    return NoIdentity(
        f"{where.asking}: the configuration of {where.who}: {first_line(str(error))}",
        "correct ~/.aws/config, then refresh",
        state="denied",
    )


def _no_region(where: Where, error: BaseException) -> Problem:
    return Problem(f"{where.who} has no region", "say --region, or `all`", state="denied")


def _wrong_region(where: Where, error: BaseException) -> Problem:
    return Problem(f"{where.region!r} is no region", "say another --region", state="denied")


def _bad_request(where: Where, error: BaseException) -> Problem:
    return Problem(f"{where.asking}: {first_line(str(error).replace(chr(10), ' '))}", state="denied")


# ---- the way there -----------------------------------------------------------------------------------


def _unreachable(where: Where, error: BaseException) -> Problem:
    return Problem(
        f"{where.asking}: {field(error, 'endpoint_url')} cannot be reached",
        "check the region's name, the network, and AWS_ENDPOINT_URL or the endpoint_url of the profile",
    )


def _no_connection(where: Where, error: BaseException) -> Problem:
    return Problem(
        f"{where.asking}: {field(error, 'endpoint_url')} does not take the connection in time",
        "check the network, a firewall in between, and whether a VPN is needed",
    )


def _silent(where: Where, error: BaseException) -> Problem:
    return NoAnswer(
        f"{where.asking}: no answer came from {field(error, 'endpoint_url') or 'there'} in time",
        "it is tried again by itself",
    )


def _cut(where: Where, error: BaseException) -> Problem:
    return NoAnswer(
        f"{where.asking}: the connection ended before the answer was whole", "it is tried again by itself"
    )


def _failed(where: Where, error: BaseException) -> Problem:
    return NoAnswer(
        f"{where.asking}: the connection failed: {field(error, 'error')}", "it is tried again by itself"
    )


def _proxy(where: Where, error: BaseException) -> Problem:
    return Problem(
        f"{where.asking}: the proxy {field(error, 'proxy_url')} does not lead there",
        "check HTTPS_PROXY and NO_PROXY in the environment",
    )


def _tls(where: Where, error: BaseException) -> Problem:
    why = field(error, "error")
    if "No such file" in why:
        why = "the file that AWS_CA_BUNDLE or ca_bundle names does not exist"
    remedy = "check AWS_CA_BUNDLE or ca_bundle of the profile, the clock, and what is in between"
    return NoAnswer(f"{where.asking}: TLS with {field(error, 'endpoint_url')} failed: {why}", remedy)


def _web_page(where: Where, error: BaseException) -> Problem:
    return NoAnswer(
        f"{where.asking}: {first_line(str(error))} answered HTML, not AWS",
        f"check AWS_ENDPOINT_URL or endpoint_url of profile {where.profile},"
        " and whether a proxy or a login page is in between",
    )


def _not_understood(where: Where, error: BaseException) -> Problem:
    return NoAnswer(
        f"{where.asking}: what the endpoint answered is not AWS's, or cannot be read",
        f"check AWS_ENDPOINT_URL or endpoint_url of profile {where.profile}, and what is in between",
    )


_TROUBLES: dict[str, Callable[[Where, Any], Problem]] = {
    "NoCredentialsError": credentials.no_credentials,
    "PartialCredentialsError": credentials.partial,
    "CredentialRetrievalError": credentials.retrieval,
    "TokenRetrievalError": credentials.sso,
    "SSOError": credentials.sso,
    "LoginError": credentials.login,
    "CommandSilent": credentials.silent,
    "JSONDecodeError": credentials.not_json,
    "FileNotFoundError": credentials.no_program,
    "PermissionError": credentials.no_program,
    "RefreshWithMFAUnsupportedError": credentials.code_needed,
    "CodeNeeded": credentials.code_needed,
    "ProfileNotFound": _no_profile,
    "ConfigParseError": _unreadable_config,
    "InvalidConfigError": _wrong_config,
    "InvalidEndpointConfigurationError": _wrong_config,
    "InvalidProxiesConfigError": _wrong_config,
    "NoRegionError": _no_region,
    "InvalidRegionError": _wrong_region,
    "UnknownEndpointError": _wrong_region,
    "EndpointProviderError": _wrong_config,
    "ValidationError": _bad_request,
    "ParamValidationError": _bad_request,
    "ProxyConnectionError": _proxy,
    "ConnectTimeoutError": _no_connection,
    "SSLError": _tls,
    "ReadTimeoutError": _silent,
    "ConnectionClosedError": _cut,
    "ResponseStreamingError": _cut,
    "IncompleteReadError": _cut,
    "EndpointConnectionError": _unreachable,
    "HTTPClientError": _failed,
    "WebPage": _web_page,
    "ResponseParserError": _not_understood,
}
"""By the name of botocore's exception or of one that it descends from, the nearest first."""
