"""What can be wrong with the ways to credentials, in words: what to log into, run, or correct."""

from __future__ import annotations

from providers.aws.troubles import NoIdentity, Where, field, first_line
from providers.contract import Problem


def no_credentials(where: Where, error: BaseException) -> Problem:
    """Nothing that boto3 looks at has any."""
    return NoIdentity(f"{where.asking}: {where.who} has no credentials", where.log_in, state="denied")


def partial(where: Where, error: BaseException) -> Problem:
    """Half of a pair of keys."""
    missing, found = field(error, "cred_var"), field(error, "provider")
    return NoIdentity(
        f"{where.asking}: the credentials of {where.who} are not whole: {missing} is missing ({found})",
        f"complete it: `aws configure --profile {where.profile}`",
        state="denied",
    )


def sso(where: Where, error: object) -> Problem:
    """The session of a single sign-on is over, by its cache or by the service's answer."""
    return NoIdentity(
        f"{where.asking}: the SSO session of {where.who} has expired or was never begun",
        f"`aws sso login --profile {where.profile}`, then refresh",
        state="denied",
    )


def login(where: Where, error: BaseException) -> Problem:
    """The session of `aws login` is over."""
    return NoIdentity(
        f"{where.asking}: the login of {where.who} has expired",
        f"`aws login --profile {where.profile}`, then refresh",
        state="denied",
    )


def retrieval(where: Where, error: BaseException) -> Problem:
    """credential_process, a container's endpoint, or another source of credentials failed."""
    source, said = field(error, "provider"), field(error, "error_msg")
    if source == "sso":
        return sso(where, error)
    process = source == "custom-process"
    what = f"the credential_process of {where.who}" if process else f"what gives {where.who} credentials"
    return NoIdentity(
        f"{where.asking}: {what} failed: {said or 'it said nothing'}",
        "run the command by hand and see" if process else "it is tried again by itself",
        state="denied",
    )


def silent(where: Where, error: BaseException) -> Problem:
    """A credential_process that did not end in its time."""
    return NoIdentity(
        f"{where.asking}: the credential_process of {where.who} gave no answer in {error.args[0]:.0f} s"
        " and was stopped",
        "run the command by hand and see: it cannot ask for anything here",
        state="denied",
    )


def not_json(where: Where, error: BaseException) -> Problem:
    """credential_process, or a file of a cache, has something else in it."""
    return NoIdentity(
        f"{where.asking}: what gives {where.who} credentials printed no JSON",
        f"see credential_process: `aws sts get-caller-identity --profile {where.profile}`",
        state="denied",
    )


def no_program(where: Where, error: BaseException) -> Problem:
    """A credential_process that is not there or may not be run, or such a file."""
    file = first_line(str(getattr(error, "filename", "") or error))
    return NoIdentity(
        f"{where.asking}: {file} cannot be run or read, which {where.who} needs for its credentials",
        "see credential_process and the files that the profile names",
        state="denied",
    )


def code_needed(where: Where, error: BaseException) -> Problem:
    """A role that is assumed only with a second factor."""
    return NoIdentity(
        f"{where.asking}: {where.who} wants a second factor's code, which can't be asked for here",
        f"`aws sts get-caller-identity --profile {where.profile}` in a terminal asks for it and keeps"
        " the session; then refresh",
        state="denied",
    )
