"""Run a command on hosts, put a file on them, or fetch one from each: over SSH, in a person's own words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from providers.actions import Step, Worded, where
from providers.contract import Problem, Refused, Source, Subject, Uncertain
from providers.destination import checked, login
from providers.errand import MOST_OF_ONE, Errand
from providers.model import ActionSpec, Danger, PlanItem, Ref
from providers.sessions import Completed, Resolves
from providers.stream import Order, Ran
from providers.text import clean

T = TypeVar("T")

KINDS = ("node", "instance", "host")
CONNECT_SECONDS = 150.0
"""What a connection may take on top of the order's own time: through bastions, and a person may be asked."""
_COMMAND_BYTES = 64 << 10
_OUTPUT_BYTES = 1 << 20
_STATUSES = {126: "it may not be executed there", 127: "there is no such command there"}


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What there is to do on one host: in the plan's words, in the audit's, and done."""

    verb: str
    effect: str
    sent: str
    does: Callable[[Errand], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class OverSsh:
    """One thing that can be done over SSH."""

    spec: ActionSpec
    wrong: Callable[[Order], str]
    deed: Callable[[Errand], Deed]

    async def prepare_for(self, source: Source, ref: Ref, errand: Errand) -> Step:
        """Raises Refused where the target is none, or is simulated."""
        if source.info.simulated:
            raise Refused("it is simulated: there is no host to reach")
        target, deed = checked(errand.target), self.deed(errand)
        whom = await _whom(errand)
        item = PlanItem(
            ref=ref,
            label=target.label,
            where=where(source),
            identity=whom,
            effect=f"{deed.effect} as {whom}",
        )
        return Step(
            item=item,
            subject=Subject(ref=ref, kind=ref.kind, name=target.name or target.host, uid=ref.uid),
            verb=deed.verb,
            danger=self.spec.danger,
            sent=f"{deed.sent} on {whom}",
            rehearse=_nothing,
            execute=lambda: _told(errand, deed.does),
            seen=None,
            patience_seconds=errand.order.timeout + CONNECT_SECONDS,
            ends=True,
            same=whom,
        )


async def _whom(errand: Errand) -> str:
    """As whom and through what, with all that ssh's configuration says where it is known here."""
    reach = errand.reach()
    return await reach.login(errand.target) if isinstance(reach, Resolves) else login(errand.target)


async def _nothing() -> None:
    """SSH has no dry run, and the plan says so (providers.engine.pace)."""


async def _told(errand: Errand, do: Callable[[Errand], Awaitable[None]]) -> None:
    """Do it. Of a host that was not reached is told why."""
    try:
        await do(errand)
    except (Failure, Uncertain):
        raise
    except Problem as error:
        errand.tell(Ran(id=errand.plan, ref=errand.target.ref, error=_said(error)))
        raise


class Failure(Problem):
    """The host was reached, and there it did not work."""


def _said(error: Problem) -> str:
    return clean("; ".join(filter(None, (error.detail, error.remedy))))


# ---- commands ----------------------------------------------------------------------------------------


def _command_wrong(order: Order) -> str:
    if not order.command.strip():
        return "there is no command to run"
    if "\0" in order.command or len(order.command.encode(errors="replace")) > _COMMAND_BYTES:
        return f"a command is at most {_COMMAND_BYTES:,} bytes of text"
    return ""


def _command(errand: Errand) -> Deed:
    command = errand.order.command
    given = f" with {errand.content.words} on its standard input" if errand.order.stdin else ""
    return Deed(
        verb=f"Run `{clean(command)}`{given} on",
        effect="it runs",
        sent=f"run {command!r}{given}",
        does=_run,
    )


async def _run(errand: Errand) -> None:
    order = errand.order
    limit = max(1, min(_OUTPUT_BYTES, errand.share // 2))
    done = await errand.reach().run(
        errand.target,
        order.command,
        stdin=errand.content.data,
        timeout=order.timeout,
        limit=limit,
        cut=lambda done: errand.tell(_ran(errand, done, limit)),
    )
    errand.tell(_ran(errand, done, limit))
    _judge(done)


def _ran(errand: Errand, done: Completed, limit: int) -> Ran:
    return Ran(
        id=errand.plan,
        ref=errand.target.ref,
        exit_status=done.exit_status,
        stdout=done.stdout[:limit],
        stderr=done.stderr[:limit],
        error=clean(done.error),
        cut=done.cut,
    )


def _judge(done: Completed) -> None:
    """Raises Failure for an exit status that says so, Uncertain where there is none."""
    if done.exit_status is None:
        raise Uncertain(f"it was begun: {clean(done.error) or 'it ended without an exit status'}")
    if done.exit_status:
        meaning = _STATUSES.get(done.exit_status, "")
        raise Failure(f"exit status {done.exit_status}{meaning and f': {meaning}'}")


# ---- files -------------------------------------------------------------------------------------------


def _path_wrong(order: Order) -> str:
    if not order.path or "\0" in order.path:
        return "the path there is missing"
    return ""


def _put(errand: Errand) -> Deed:
    order, size = errand.order, errand.content.words
    path, mode = order.path, f"mode {order.mode & 0o777:03o}"
    there = "with its mode, or else " if order.keep else ""
    return Deed(
        verb=f"Put {size} as {clean(path)} on",
        effect=f"written in place of one that is there {there}with {mode},",
        sent=f"put {size}, {'the mode of the one there or else ' if there else ''}{mode}, as {path!r}",
        does=_write,
    )


async def _write(errand: Errand) -> None:
    order, target = errand.order, errand.target
    put = errand.reach().put(
        target,
        order.path,
        errand.content.data,
        mode=order.mode & 0o777,
        keep=order.keep,
        timeout=order.timeout,
    )
    await _filed(errand, put)
    errand.tell(Ran(id=errand.plan, ref=target.ref, exit_status=0))


async def _filed(errand: Errand, work: Awaitable[T]) -> T:
    """What comes of it; a host that is reached and does not let it is told as a failure of its own."""
    try:
        return await work
    except Refused as error:
        # Without the login, so that those of which the same is said are told once.
        said = _said(error).removeprefix(f"{await _whom(errand)}: ")
        errand.tell(Ran(id=errand.plan, ref=errand.target.ref, exit_status=1, stderr=said.encode()))
        raise Failure(said) from error


def _get(errand: Errand) -> Deed:
    path = errand.order.path
    return Deed(
        verb=f"Fetch {clean(path)} from",
        effect=f"read, {_room(errand):,} bytes at most,",
        sent=f"get {path!r}",
        does=_read,
    )


async def _read(errand: Errand) -> None:
    order, target = errand.order, errand.target
    got = errand.reach().get(target, order.path, limit=_room(errand), timeout=order.timeout)
    errand.tell(Ran(id=errand.plan, ref=target.ref, exit_status=0, stdout=await _filed(errand, got)))


def _room(errand: Errand) -> int:
    return min(MOST_OF_ONE, errand.share)


def _spec(name: str, title: str, description: str, danger: Danger) -> ActionSpec:
    """Of what a person words: it has no key of its own."""
    return ActionSpec(
        name=name, title=title, key="", kinds=KINDS, description=description, danger=danger, worded=True
    )


actions: tuple[Worded, ...] = (
    OverSsh(
        spec=_spec("run", "Run", "Run a command on the hosts", "disruptive"),
        wrong=_command_wrong,
        deed=_command,
    ),
    OverSsh(
        spec=_spec("put", "Put", "Put a file on the hosts", "disruptive"),
        wrong=_path_wrong,
        deed=_put,
    ),
    OverSsh(
        spec=_spec("get", "Get", "Fetch a file from each of the hosts", "reversible"),
        wrong=_path_wrong,
        deed=_get,
    ),
)
