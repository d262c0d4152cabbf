"""Units of systemd: the failed ones as records, one read closely, and its restart."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from providers.contract import Problem, Refused, Uncertain
from providers.model import Column, LinuxHost, Owner, Record, Schema, Target
from providers.sessions import Completed, Reach
from providers.ssh.looking import COMMAND, PROPERTIES
from providers.text import clean

UNITS = Schema(
    kind="unit",
    title="Units",
    columns=(
        Column("Host"),
        Column("State"),
        Column("Result"),
        Column("Exit", numeric=True),
        Column("Description"),
        Column("Invocation", priority=1),
    ),
    namespaced=False,
)

READ_SECONDS = 10.0
RESTART_SECONDS = 50.0
"""Less than an action may take: an answer that comes too late is told as such, by us."""

_NAME = re.compile(r"[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*\.[a-z]+")
_DEEPEST = 5
_MOST_TAKEN = 200
_PULLED = ("RequiredBy", "BoundBy", "ConsistsOf")
"""What names the units that systemd restarts along with one."""
_RUNNING = ("active", "activating", "reloading")
_CHANGED = 75
"""The status of a restart that was not begun, as the unit is not the one that was looked at."""

_START = "export LC_ALL=C PATH=${PATH:-/bin}:/usr/sbin:/usr/bin:/sbin:/bin\n"

Block = dict[str, str]
"""The properties of one unit."""


class Unit(Struct, frozen=True, kw_only=True):
    """A unit as its host has it now."""

    name: str
    state: str
    stamp: str
    """Of its last run and its last change: another stamp, another unit."""
    takes: tuple[str, ...]
    """The active units that are restarted with it."""
    login: str
    """As whom its host was asked."""
    sudo: bool
    """That login needs sudo to restart it."""


def uid_of(host: str, unit: str) -> str:
    """The uid of a unit's record: a host's uid may have any character, a unit's name no slash."""
    return f"{host}/{unit}"


def failed(text: str, host: LinuxHost) -> tuple[Record, ...]:
    """The failed units that a poll found, by name."""
    found = {block["Id"]: block for block in blocks(text) if _NAME.fullmatch(block.get("Id", ""))}
    return tuple(_record(found[name], host) for name in sorted(found))


def blocks(text: str) -> Iterator[Block]:
    """What `systemctl show` prints for several units."""
    for part in re.split(r"\n\s*\n", text.strip()):
        pairs = (line.partition("=") for line in part.splitlines())
        if block := {key: value for key, equals, value in pairs if equals}:
            yield block


def _record(block: Block, host: LinuxHost) -> Record:
    changed = block.get("StateChangeTimestampMonotonic", "")
    since = host.booted + int(changed) / 1e6 if host.booted and re.fullmatch(r"\d{1,18}", changed) else None
    exited = block.get("ExecMainStatus", "")
    cells = (
        host.name,
        block.get("ActiveState", ""),
        block.get("Result", ""),
        exited if exited != "0" else "",
        block.get("Description", ""),
        block.get("InvocationID", ""),
    )
    return Record(
        kind="unit",
        uid=uid_of(host.uid, clean(block["Id"])),
        name=clean(block["Id"]),
        created=since,
        cells=tuple(clean(cell, 300) for cell in cells),
        owner=Owner("Host", host.name, host.uid),
    )


# ---- one of them, closely ----------------------------------------------------------------------------


async def look_at(reach: Reach, target: Target, name: str) -> Unit:
    """The unit, read now. Raises Refused where there is none of that name, Problem where nothing is read."""
    checked(name)
    script = f"echo User=$(id -un); echo Id=$(id -u); echo; {_show(shlex.quote(name))}"
    about, *found = blocks(await _said(reach, target, script))
    unit = found[0] if found else {}
    if unit.get("LoadState", "not-found") == "not-found":
        raise Refused(f"{clean(name)} is not a unit of {target.name} any more", "look again")
    return Unit(
        name=clean(name),
        state=clean(unit.get("ActiveState", "")),
        stamp=_stamp(unit),
        takes=await _taken(reach, target, unit),
        login=clean(about.get("User", "")),
        sudo=about.get("Id") != "0",
    )


def checked(name: str) -> str:
    """The name, where it can be nothing but a unit's. Raises Refused."""
    if not _NAME.fullmatch(name) or len(name) > 255:
        raise Refused(f"{clean(name, 80)!r} is no name of a unit")
    return name


def manifest(unit: Block) -> dict[str, str]:
    """A unit's properties, cleaned."""
    return {clean(key, 80): clean(value) for key, value in unit.items() if key in PROPERTIES}


async def properties(reach: Reach, target: Target, name: str) -> Block:
    """Of one unit, read now. Raises Refused or Problem."""
    return next(blocks(await _said(reach, target, _show(shlex.quote(checked(name))))), {})


async def _taken(reach: Reach, target: Target, unit: Block) -> tuple[str, ...]:
    """What needs it or is part of it, and what needs that in turn, of all these what is active."""
    seen, taken = {unit.get("Id", "")}, []
    names = _pulled(unit)
    for _ in range(_DEEPEST):
        asked = list(islice((name for name in names if name not in seen), _MOST_TAKEN))
        if not asked:
            break
        seen.update(asked)
        found = list(blocks(await _said(reach, target, _show(*map(shlex.quote, asked)))))
        taken += [clean(each.get("Id", "")) for each in found if each.get("ActiveState") in _RUNNING]
        names = [name for each in found for name in _pulled(each)]
    return tuple(sorted(set(taken)))


def _pulled(unit: Block) -> list[str]:
    words = [word for key in _PULLED for word in unit.get(key, "").split()]
    return [word for word in dict.fromkeys(words) if _NAME.fullmatch(word) and len(word) <= 255]


def _show(*quoted: str) -> str:
    asked = " ".join(f"-p {each}" for each in (*PROPERTIES, *_PULLED))
    return f"systemctl show --no-pager {asked} -- {' '.join(quoted)}"


async def _said(reach: Reach, target: Target, script: str) -> str:
    done = await _run(reach, target, script, READ_SECONDS)
    if done.exit_status != 0:
        raise Problem(f"{target.name}: {_words(done)}", "look at it with `systemctl status` there")
    return done.stdout.decode(errors="replace")


# ---- restarting --------------------------------------------------------------------------------------


async def rehearse(reach: Reach, target: Target, name: str) -> None:
    """Whether its login may restart it: root may, others need sudo without a password. Raises Refused."""
    may = f"sudo -n -l systemctl restart {shlex.quote(checked(name))}"
    script = f'[ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || {may} >/dev/null'
    done = await _run(reach, target, script, READ_SECONDS)
    if done.exit_status != 0:
        told = f"{target.name}: sudo restarts nothing there without a password: {_words(done)}"
        raise Refused(told, "let sudo allow it, or open a shell with s and restart it there")


async def restart(reach: Reach, target: Target, name: str, stamp: str) -> None:
    """Restart it once, if its stamp is still that. Raises Refused, Uncertain or Problem."""
    named = shlex.quote(checked(name))
    show = f"systemctl show -p InvocationID -p StateChangeTimestampMonotonic -- {named}"
    script = (
        f"set -- $({show} | sort)\n"
        f'[ "$*" = {shlex.quote(stamp)} ] || exit {_CHANGED}\n'
        'sudo="sudo -n"; [ "$(id -u)" = 0 ] && sudo=\n'
        f"exec $sudo systemctl restart {named} </dev/null"
    )
    done = await _run(reach, target, script, RESTART_SECONDS)
    if done.exit_status == _CHANGED:
        raise Refused(f"{clean(name)} on {target.name} has changed since it was looked at", "look again")
    if done.exit_status is None:
        raise Uncertain(f"{target.name}: sent, and no answer came: {_words(done)}", "look at the unit")
    if done.exit_status:
        raise Problem(f"{target.name}: {_words(done)}", f"`journalctl -xeu {clean(name)}` there says why")


async def _run(reach: Reach, target: Target, script: str, seconds: float) -> Completed:
    return await reach.run(target, COMMAND, stdin=(_START + script).encode(), timeout=seconds, limit=1 << 18)


def _stamp(unit: Block) -> str:
    """As the restart's own look puts it together: both lines, sorted."""
    keys = ("InvocationID", "StateChangeTimestampMonotonic")
    return " ".join(f"{key}={unit[key]}" for key in keys if key in unit)


def _words(done: Completed) -> str:
    said = done.error or (done.stderr or done.stdout).decode(errors="replace").strip().partition("\n")[0]
    return clean(said, 300) or f"exit status {done.exit_status}"
