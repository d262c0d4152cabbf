"""What can be wrong, as kinds of Problem that the rest acts on, and who asked what where, in words."""

from __future__ import annotations

from dataclasses import dataclass

from providers.contract import Problem
from providers.model import State
from providers.text import clean, without_secrets

ENVIRONMENT = "environment"
"""The name of the account whose credentials are in the environment."""


class Answered(Problem):
    """A service answered with an error: `code` is its own word, such as "UnauthorizedOperation"."""

    def __init__(self, detail: str, remedy: str = "", *, code: str = "", state: State = "lost") -> None:
        super().__init__(detail, remedy, state=state)
        self.code = code

    @property
    def gone(self) -> bool:
        """There is nothing of that id or name."""
        return "NotFound" in self.code or "Malformed" in self.code


class Throttled(Answered):
    """The account is asked too often there; it is asked less often from now on."""


class NoIdentity(Answered):
    """The credentials are missing, ended, or not accepted: they are read anew before the next try."""


class Broken(Answered):
    """The service had a fault of its own. A request that changes something may have been carried out."""


class NoAnswer(Problem):
    """A request may have been sent, and no answer came that tells what became of it."""


class WebPage(Exception):
    """An endpoint, named in the words, answered with HTML."""


class CodeNeeded(Exception):
    """A second factor's code would have to be asked for."""


class CommandSilent(Exception):
    """A command that gives credentials gave none in so many seconds, its only argument, and was stopped."""


@dataclass(frozen=True)
class Where:
    """A request that failed."""

    account: str
    """Our name for it: a profile, or a profile with a role ("prod/OnCall")."""
    region: str
    operation: str
    service: str = ""
    identity: str = ""
    """Who the account is known to be: its credentials have been accepted somewhere."""
    answered_before: bool = False
    """The region has accepted them."""
    temporary: bool = True
    """They are of a session, which can end, as far as is known."""

    @property
    def profile(self) -> str:
        """Whose credentials they are, without the role."""
        return self.account.partition("/")[0]

    @property
    def asking(self) -> str:
        """ "prod eu-west-1: DescribeInstances"."""
        place = " ".join(filter(None, (self.account, self.region)))
        return f"{place}: {self.action}"

    @property
    def action(self) -> str:
        """The operation as AWS spells it."""
        return spelled(self.operation)

    @property
    def who(self) -> str:
        """The same in words: "profile prod"."""
        if self.profile == ENVIRONMENT:
            return "the environment"
        return f"profile {self.profile}"

    @property
    def log_in(self) -> str:
        """What to do to have credentials again."""
        if self.profile == ENVIRONMENT:
            return "export new credentials and start again"
        name = self.profile
        return f"`aws sso login --profile {name}` or `aws configure --profile {name}`, then refresh"


def field(error: BaseException, name: str) -> str:
    """What botocore's exception was made with: its words are put together from that."""
    return first_line(str(getattr(error, "kwargs", {}).get(name, "")))


def first_line(text: str, limit: int = 300) -> str:
    """What somebody else said, its first line with words in it, cleaned and without secrets."""
    lines = (line.strip() for line in text.splitlines())
    return without_secrets(clean(next(filter(None, lines), ""), limit))


def spelled(operation: str) -> str:
    """describe_instances as AWS spells it."""
    return "".join(part[:1].upper() + part[1:] for part in operation.split("_"))
