"""Reboot, start and stop of one instance, and what it printed on its console.

A request that changes something is about one instance, is sent once, and only after the instance was read
again and is as it was when the person agreed. Without an answer it may have happened: then the instance is
looked at, and nothing is sent again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from providers.aws.account import Account
from providers.aws.instances import instance
from providers.aws.troubles import Answered, NoAnswer
from providers.contract import Problem, Refused, Subject, Uncertain, Verb
from providers.model import Instance, Ref
from providers.text import clean, clean_lines

READ_SECONDS = 25.0
"""For the look just before a request: longer, and the plan's time for the request itself runs short."""

_OPERATIONS: dict[Verb, str] = {
    "reboot": "reboot_instances",
    "start": "start_instances",
    "stop": "stop_instances",
}
_NOT_LATEST = ("UnsupportedOperation", "InvalidParameterCombination")
"""Only Nitro types have what was printed up to now; others what was printed at the last boot."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Power:
    """Of one account in one region. `look` is called with the id of an instance after each request."""

    account: Account
    region: str
    look: Callable[[str], None]

    async def machine(self, ref: Ref) -> Subject:
        """The instance, read now. Raises Refused when it is gone."""
        described = await self._described(ref.uid)
        now = instance(described)
        return Subject(
            ref=ref,
            kind="Instance",
            name=now.name,
            uid=now.uid,
            state=now.state,
            launched=now.launched,
            consequences=tuple(_consequences(now, described)),
        )

    async def power(self, machine: Subject, verb: Verb, *, dry_run: bool) -> None:
        """One request about one instance, or EC2's rehearsal of it. Raises Refused, Uncertain or Problem."""
        if dry_run:
            await self._rehearse(machine, verb)
            return
        await self._unchanged(machine)
        try:
            await self._send(machine, verb)
        except Uncertain:
            self.look(machine.uid)
            raise
        self.look(machine.uid)

    async def console_output(self, ref: Ref) -> str:
        """What it printed, as EC2 has it now, colours taken out. Raises Problem; also when it is nothing."""
        try:
            answer = await self._printed(ref.uid, Latest=True)
        except Answered as problem:
            if problem.code not in _NOT_LATEST:
                raise
            answer = await self._printed(ref.uid)
        printed = _COLOUR.sub("", answer.get("Output") or "").replace("\r\n", "\n").replace("\r", "\n")
        if not printed.strip():
            raise Problem(
                f"{ref.uid} in {self.region}: nothing has been printed yet",
                "EC2 keeps it from a few minutes after a boot on: ask again then",
            )
        at = answer.get("Timestamp")
        kept = f"\n-- as EC2 kept it at {at:%Y-%m-%d %H:%M:%S} UTC --" if isinstance(at, datetime) else ""
        return clean_lines(printed.rstrip("\n") + kept)

    # ---- reading -------------------------------------------------------------------------------------

    async def _printed(self, uid: str, **how: bool) -> Mapping[str, Any]:
        try:
            return await self._ask("get_console_output", InstanceId=uid, **how)
        except Refused as refused:
            told = f"{refused.detail}: what a machine printed can hold secrets"
            raise Refused(told, refused.remedy) from refused
        except NoAnswer as silent:
            raise Problem(f"{uid} in {self.region}: no answer came", "ask again") from silent

    async def _described(self, uid: str) -> Mapping[str, Any]:
        try:
            answer = await self._ask("describe_instances", InstanceIds=[uid])
        except Answered as problem:
            if not problem.gone:
                raise
            answer = {}
        for reservation in answer.get("Reservations", ()):
            for described in reservation["Instances"]:
                if described["InstanceId"] == uid:
                    return dict(described)
        raise Refused(f"instance {clean(uid)} is gone from {self.account.name} {self.region}")

    async def _unchanged(self, machine: Subject) -> None:
        try:
            async with asyncio.timeout(READ_SECONDS):
                now = instance(await self._described(machine.uid))
        except TimeoutError:
            raise Problem(f"{machine.uid} could not be read again in time: nothing was sent") from None
        if now.launched != machine.launched:
            raise Refused(f"{machine.uid} was started again meanwhile: nothing was sent")
        if now.state != machine.state:
            raise Refused(f"{machine.uid} is {now.state} by now: nothing was sent")

    async def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return await self.account.at_once(self.region, "ec2", operation, **arguments)

    # ---- writing -------------------------------------------------------------------------------------

    async def _rehearse(self, machine: Subject, verb: Verb) -> None:
        operation = _OPERATIONS[verb]
        try:
            with _refusing():
                await self._ask(operation, InstanceIds=[machine.uid], DryRun=True)
        except Answered as problem:
            if problem.code == "DryRunOperation":
                return
            raise
        self.look(machine.uid)
        raise Uncertain(
            f"{self.region}: {operation} of {machine.uid} was asked for with DryRun and was not refused",
            "it may have been carried out: look at the instance, and at what answers there for EC2",
        )

    async def _send(self, machine: Subject, verb: Verb) -> None:
        with _refusing():
            await self.account.change(self.region, "ec2", _OPERATIONS[verb], InstanceIds=[machine.uid])


def _consequences(now: Instance, described: Mapping[str, Any]) -> Iterator[tuple[Verb, str]]:
    """What else is taken down, as far as its tags and its addresses tell."""
    if now.cluster:
        yield "reboot", f"its node in cluster {now.cluster} is not ready until it is back, nor are its pods"
        yield "stop", f"its node in cluster {now.cluster} is lost, with every pod on it"
    if now.group:
        told = f"Auto Scaling group {now.group} may take it for broken and replace it"
        yield "reboot", told
        yield "stop", f"{told}: then it is terminated"
    if now.lifecycle == "spot":
        yield (
            "stop",
            "it is a spot instance: it starts again only if its request allows and there is capacity",
        )
    if now.public_ip and not _elastic(described):
        yield "stop", f"its public address {now.public_ip} is given up, and a start brings another"
    yield "stop", "what is on instance store volumes, if it has any, is lost"


def _elastic(described: Mapping[str, Any]) -> bool:
    """Whether its public address stays its own while it is stopped."""
    return any(
        (interface.get("Association") or {}).get("IpOwnerId", "amazon") != "amazon"
        for interface in described.get("NetworkInterfaces") or ()
    )


@contextmanager
def _refusing() -> Iterator[None]:
    """A denial is what it is for an action; what else goes wrong stays what it is."""
    try:
        yield
    except Problem as problem:
        if problem.state != "denied":
            raise
        raise Refused(problem.detail, problem.remedy) from problem
