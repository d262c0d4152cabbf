"""The errors that AWS answers with, by their codes, in words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from providers.aws import credentials
from providers.aws.troubles import Answered, Broken, NoIdentity, Throttled, Where, first_line
from providers.contract import Problem

SKEW_SECONDS = 240.0
"""AWS refuses signatures that are more than five minutes off."""
_ACTION = re.compile(r"not authorized to perform:? ([\w-]+:\w+)")
_ROLE = re.compile(r"arn:[\w-]+:iam::\d*:role/[\w+=,.@/-]+")
_OF_TIME = re.compile(r"time ?stamp|date ?stamp|15 minutes|clock", re.IGNORECASE)
_ENCODED = re.compile(r"\s*Encoded authorization failure message:.*", re.DOTALL)

Tell = Callable[[Where, "Answer"], Problem]


class Answer:
    """An answer that is an error: botocore's ClientError, read carefully."""

    def __init__(self, error: Any) -> None:
        found = error.response.get("Error") or {}
        self.code = first_line(str(found.get("Code", "")), 100)
        self.message = first_line(_ENCODED.sub("", str(found.get("Message", ""))))
        self.operation = str(error.operation_name or "")
        """Not always what was asked for: AssumeRole comes before it."""
        about = error.response.get("ResponseMetadata") or {}
        self.status = int(about.get("HTTPStatusCode") or 0)
        self.skew = _skew(about.get("HTTPHeaders") or {})
        """Seconds that this machine's clock is ahead of the server's, None unknown."""


def answered(where: Where, error: Any) -> Problem:
    """What a ClientError says."""
    answer = Answer(error)
    if answer.operation in ("AssumeRole", "AssumeRoleWithWebIdentity") and answer.code in _DENIED:
        return _role_refused(where, answer)
    if answer.code in _SKEWABLE and answer.skew is not None and abs(answer.skew) > SKEW_SECONDS:
        return _clock(where, answer)
    if tell := _CODES.get(answer.code):
        return tell(where, answer)
    if answer.status == 429:
        return _throttled(where, answer)
    if answer.status >= 500:
        return _broken(where, answer)
    return Answered(f"{where.asking}: {_said(answer)}", code=answer.code)


def _skew(headers: Mapping[str, str]) -> float | None:
    try:
        return time.time() - parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None


def _said(answer: Answer) -> str:
    code = answer.code or f"status {answer.status}"
    return f"{code}: {answer.message}" if answer.message else code


# ---- in words ----------------------------------------------------------------------------------------


def _throttled(where: Where, answer: Answer) -> Problem:
    return Throttled(
        f"{where.asking}: throttled: asked too often ({answer.code or answer.status})",
        "this region is asked less often by itself; see calls_per_minute",
        code=answer.code,
    )


def _broken(where: Where, answer: Answer) -> Problem:
    return Broken(f"{where.asking}: {_said(answer)}", "it is tried again by itself", code=answer.code)


def _expired(where: Where, answer: Answer) -> Problem:
    return NoIdentity(
        f"{where.asking}: the session of {where.who} has expired ({answer.code})",
        where.log_in,
        code=answer.code,
        state="denied",
    )


def _late(where: Where, answer: Answer) -> Problem:
    """The session is over, or the request came late by the time that it was signed with: the code is one."""
    if where.temporary and not _OF_TIME.search(answer.message):
        return _expired(where, answer)
    return _not_of_this_time(where, answer)


def _clock(where: Where, answer: Answer) -> Problem:
    skew = answer.skew or 0.0
    off = f"{_span(abs(skew))} {'ahead' if skew > 0 else 'behind'}" if abs(skew) > SKEW_SECONDS else "off"
    return NoIdentity(
        f"{where.asking}: the clock of this machine is {off}, so signatures are refused ({answer.code})",
        "set the clock (NTP): AWS allows five minutes",
        code=answer.code,
        state="denied",
    )


def _signature(where: Where, answer: Answer) -> Problem:
    if re.search(r"expired|not yet current|earlier than|too skewed", answer.message, re.IGNORECASE):
        return _not_of_this_time(where, answer)
    return NoIdentity(
        f"{where.asking}: the secret key of {where.who} does not fit its access key ({answer.code})",
        where.log_in,
        code=answer.code,
        state="denied",
    )


def _not_of_this_time(where: Where, answer: Answer) -> Problem:
    return NoIdentity(
        f"{where.asking}: the signature is not of this time ({answer.code}): {answer.message}",
        "set the clock of this machine (NTP): AWS allows five minutes",
        code=answer.code,
        state="denied",
    )


def _not_accepted(where: Where, answer: Answer) -> Problem:
    """Keys that are wrong, or a region that is not enabled: the answer is the same."""
    if where.identity and not where.answered_before:
        return _disabled(where, answer)
    return NoIdentity(
        f"{where.asking}: the credentials of {where.who} are not accepted ({answer.code}):"
        f" they are no longer valid, or {where.region} is not enabled for the account",
        f"`aws sts get-caller-identity --profile {where.profile}` tells whether they are valid;"
        f" else enable {where.region}, or leave it out",
        code=answer.code,
        state="denied",
    )


def _disabled(where: Where, answer: Answer) -> Problem:
    return Answered(
        f"{where.asking}: {where.region} is not enabled for {where.identity or where.who} ({answer.code})",
        f"enable it: `aws account enable-region --region-name {where.region}`, or leave it out of --region",
        code=answer.code,
        state="denied",
    )


def _denied(where: Where, answer: Answer) -> Problem:
    found = _ACTION.search(answer.message)
    action = found[1] if found else f"{where.service or 'ec2'}:{answer.operation or where.action}"
    return Answered(
        f"{where.asking}: {where.identity or where.who} is not allowed {action}",
        f"have {action} allowed; docs/aws.md has the whole policy",
        code=answer.code,
        state="denied",
    )


def _role_refused(where: Where, answer: Answer) -> Problem:
    found = _ROLE.search(answer.message)
    role = found[0] if found else where.account.partition("/")[2] or "its role"
    return NoIdentity(
        f"{where.asking}: {where.who} may not assume {role}",
        "the role's trust policy must name it, and its own policy must allow sts:AssumeRole",
        code=answer.code,
        state="denied",
    )


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{round(seconds / 3600)} h"


_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_CODES: dict[str, Tell] = {
    **dict.fromkeys(_DENIED, _denied),
    **dict.fromkeys(
        (
            "RequestLimitExceeded",
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "TooManyRequestsException",
            "EC2ThrottledException",
            "PriorRequestNotComplete",
            "BandwidthLimitExceeded",
            "SlowDown",
            "OverLimit",
        ),
        _throttled,
    ),
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"), _expired),
    "RequestExpired": _late,
    **dict.fromkeys(("RequestTimeTooSkewed", "RequestInTheFuture"), _clock),
    **dict.fromkeys(("SignatureDoesNotMatch", "InvalidSignatureException"), _signature),
    **dict.fromkeys(
        (
            "AuthFailure",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "InvalidAccessKeyId",
            "IncompleteSignature",
            "MissingAuthenticationToken",
        ),
        _not_accepted,
    ),
    **dict.fromkeys(("OptInRequired", "RegionDisabledException"), _disabled),
    "UnauthorizedException": credentials.sso,
    "ForbiddenException": _denied,
    **dict.fromkeys(("InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable"), _broken),
}
_SKEWABLE = frozenset(
    code for code, tell in _CODES.items() if tell in (_expired, _late, _clock, _signature, _not_accepted)
)
"""Codes that a wrong clock can be behind."""
