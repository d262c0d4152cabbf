"""Shells that AWS itself brings to an instance: Session Manager, and keys put there by Instance Connect.

Session Manager speaks with AWS's own program, `session-manager-plugin`, which has to be installed
where the engine runs. The token of a session goes to it by its environment, which only its own user can read,
as the AWS CLI does since that program can.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from providers.aws.account import Account
from providers.aws.troubles import ENVIRONMENT
from providers.contract import Problem, Refused
from providers.model import Ref
from providers.processes import printed
from providers.sessions import Refusal, Started
from providers.text import clean

PLUGIN = "session-manager-plugin"
TOKEN_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
_BY_ENVIRONMENT = (1, 2, 497, 0)
"""Versions above this one take the token from the environment."""
_VERSION_SECONDS = 5.0
_INSTALL = "install AWS's session-manager-plugin where the engine runs"
_AGENT = "its agent, its way to AWS and its instance profile (AmazonSSMManagedInstanceCore) are what it needs"


@dataclass(frozen=True)
class Remote:
    """Of one account in one region."""

    account: Account
    region: str

    async def may_start(self, ref: Ref) -> Refusal:
        """Why Session Manager can't reach the instance, as far as is known without trying."""
        if shutil.which(PLUGIN) is None:
            return Refusal(f"there is no {PLUGIN} on the engine's machine", _INSTALL)
        try:
            answer = await self._ask(
                "describe_instance_information", Filters=[{"Key": "InstanceIds", "Values": [ref.uid]}]
            )
        except Problem as problem:
            if problem.state == "denied":
                return Refusal()  # who may not look may still be let in
            return Refusal(problem.detail, problem.remedy)
        return _unreached(ref.uid, answer.get("InstanceInformationList") or ())

    async def start_session(self, ref: Ref) -> Started:
        """A session, and the program that speaks to it. Raises Refused or Problem."""
        program = shutil.which(PLUGIN)
        if program is None:
            raise Refused(f"there is no {PLUGIN} on the engine's machine", _INSTALL)
        await _recent(program)
        answer = await self.account.change(self.region, "ssm", "start_session", Target=ref.uid)
        said = {key: answer[key] for key in ("SessionId", "TokenValue", "StreamUrl")}
        profile = "" if self.account.name == ENVIRONMENT else self.account.name.partition("/")[0]
        command = (
            program,
            TOKEN_VARIABLE,
            self.region,
            "StartSession",
            profile,
            json.dumps({"Target": ref.uid}),
            self.account.endpoint(self.region, "ssm"),
        )
        return Started(id=said["SessionId"], command=command, environment={TOKEN_VARIABLE: json.dumps(said)})

    async def end_session(self, id: str) -> None:
        """Told to AWS, which would hold it for twenty minutes else. Raises Problem."""
        await self.account.change(self.region, "ssm", "terminate_session", SessionId=id)

    async def push_key(self, ref: Ref, user: str, public_key: str) -> None:
        """For a minute the machine lets that key in as that user. Raises Refused or Problem."""
        answer = await self.account.change(
            self.region,
            "ec2-instance-connect",
            "send_ssh_public_key",
            InstanceId=ref.uid,
            InstanceOSUser=user,
            SSHPublicKey=public_key,
        )
        if not answer.get("Success"):
            raise Problem(f"{ref.uid}: Instance Connect did not take the key", "try again")

    async def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return await self.account.at_once(self.region, "ssm", operation, **arguments)


def _unreached(uid: str, found: Any) -> Refusal:
    managed: Mapping[str, Any] | None = next((each for each in found if each.get("InstanceId") == uid), None)
    if managed is None:
        return Refusal(f"Session Manager does not know {clean(uid)}", _AGENT)
    status = clean(str(managed.get("PingStatus") or ""))
    if status == "Online":
        return Refusal()
    seen = managed.get("LastPingDateTime")
    when = f", last heard of at {seen:%Y-%m-%d %H:%M} UTC" if hasattr(seen, "strftime") else ""
    return Refusal(f"its SSM agent is {status or 'silent'}{when}", _AGENT)


async def _recent(program: str) -> None:
    """Raises Refused for a program that would have to be given the token among its arguments."""
    try:
        _, said = await printed((program, "--version"), _VERSION_SECONDS)
    except TimeoutError:
        raise Refused(f"{PLUGIN} --version did not answer", _INSTALL) from None
    except OSError as error:
        raise Refused(f"{PLUGIN} can't be run: {error.strerror}", _INSTALL) from error
    found = re.search(r"(\d+)\.(\d+)\.(\d+)\.(\d+)", said, re.ASCII)
    if found is None or tuple(map(int, found.groups())) <= _BY_ENVIRONMENT:
        told = found[0] if found else "of an unknown version"
        raise Refused(f"{PLUGIN} is {told}: too old to be given a token safely", "install a newer one")
