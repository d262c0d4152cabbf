"""The commands `run` and `copy`: their options, made into what console.fanout.headless carries out."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console.fanout import KINDS
from console.fanout.upload import HELD
from providers.stream import Order

if TYPE_CHECKING:
    from console.launch import Launch
    from console.link import Link

Function = Callable[..., Any]


class _Stages(click.ParamType[tuple[int, ...]]):
    """`1,5`: sizes of the first stages; `all` for none."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            sizes = tuple(int(part) for part in value.split(",")) if value != "all" else ()
        except ValueError:
            sizes = (0,)
        if not all(size > 0 for size in sizes):
            self.fail(f"{value!r} is not like 1,5 or all", param, ctx)
        return sizes


class _Seconds(click.FloatRange):
    """A range that NaN is not in either."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = float(super().convert(value, param, ctx))
        return self.fail(f"{value} is no number of seconds", param, ctx) if math.isnan(found) else found


class _Mode(click.ParamType[int]):
    """`644`."""

    name = "octal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            mode = int(value, 8)
        except ValueError:
            mode = -1
        return mode if 0 <= mode <= 0o777 else self.fail(f"{value!r} is not like 644", param, ctx)


_SELECTION = [
    click.option(
        "--on", "query", required=True, metavar="QUERY", help="which: a filter as after `/`; name:* is all"
    ),
    click.option("--kind", type=click.Choice(KINDS), help="of which kind (the one that matches)"),
    click.option("--limit", type=click.IntRange(1), default=None, help="hosts at most, by name"),
    click.option("--yes", is_flag=True, help="do it without asking: for scripts"),
    click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text"),
    click.option("--stages", type=_Stages(), default=(1, 5), help="hosts first, then …, then all [1,5]"),
    click.option("--at-once", type=click.IntRange(1, 256), default=32, show_default=True),
    click.option(
        "--failures",
        type=click.IntRange(-1),
        default=0,
        show_default=True,
        help="that may be before no further host is begun; -1 any number",
    ),
    click.option(
        "--timeout",
        type=_Seconds(0, 86_400, min_open=True),
        default=60.0,
        show_default=True,
        help="seconds for one host",
    ),
    click.option(
        "--wait",
        type=_Seconds(0, 86_400),
        default=30.0,
        show_default=True,
        help="seconds to wait for every source",
    ),
]


def commands(
    fleet_options: Callable[[Function], Function],
    launched: Callable[[dict[str, Any]], Launch],
    connected: Callable[[Launch], Link],
    told: Callable[[str], Exception],
) -> list[click.Command]:
    """Both commands. `told` makes the error of what was said wrongly."""

    def carried_out(options: dict[str, Any], action: str, order: Order, **more: Any) -> None:
        from console.fanout.headless import carry_out
        from console.fanout.wanted import Wanted

        kind = options.pop("kind")
        said = {name: options.pop(name) for name in ("query", "yes", "output", "wait")}
        limit = options.pop("limit") or 0
        if not said["query"].strip():
            raise told("--on is empty, which would be every host: if all are meant, say --on 'name:*'")
        if not said["yes"] and not sys.stdin.isatty():
            raise told("nobody is there to be asked: this is not a terminal; --yes does it without")
        wanted = Wanted(
            action=action, order=order, kinds=(kind,) if kind else KINDS, limit=limit, **said, **more
        )
        launch = launched(options)
        if launch.hello.read_only:
            raise told("read-only: nothing is run and nothing is copied")
        sys.exit(carry_out(connected(launch), launch, wanted))

    @click.command()
    @_selecting
    @click.option("--stdin", metavar="FILE", help="what each is given; - for the standard input of this")
    @click.argument("command")
    @fleet_options
    def run(command: str, stdin: str | None, **options: Any) -> None:
        """Run COMMAND on hosts, over SSH: first on one, then on some, then on all.

        Exit status 0 when all succeeded, 1 when some command failed, 3 when some host was not reached.
        """
        content = None if stdin is None else _content(stdin, told)
        carried_out(options, "run", _order(options, command=command), content=content)

    @click.command()
    @_selecting
    @click.option(
        "--from", "fetch", is_flag=True, help="from the hosts: SOURCE is there, each into TARGET/HOST/"
    )
    @click.option(
        "--mode", type=_Mode(), help="of the file there [that of one that is there, or else SOURCE's]"
    )
    @click.option("--force", is_flag=True, help="with --from: write over files that are here")
    @click.argument("source")
    @click.argument("target")
    @fleet_options
    def copy(source: str, target: str, fetch: bool, mode: int | None, force: bool, **options: Any) -> None:
        """Copy the file SOURCE to many hosts as TARGET, or with --from one from each of them.

        A file is at most 64 MB, one that comes back 24 MB, and all that come back together 64 MB.
        """
        if fetch:
            carried_out(options, "get", _order(options, path=source), into=Path(target), force=force)
            return
        content = _content(source, told)
        usual = Path(source).stat().st_mode & 0o777 if source != "-" else 0o644
        order = _order(options, path=target, mode=usual if mode is None else mode, keep=mode is None)
        carried_out(options, "put", order, content=content)

    return [run, copy]


def _selecting(function: Function) -> Function:
    for option in reversed(_SELECTION):
        function = option(function)
    return function


def _order(options: dict[str, Any], **words: Any) -> Order:
    careful = {name: options.pop(name) for name in ("stages", "at_once", "failures", "timeout")}
    return Order(targets=(), **careful, **words)


def _content(name: str, told: Callable[[str], Exception]) -> bytes:
    """The whole of a file, or of the standard input. Raises what `told` makes of what can't be."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read(HELD + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(HELD + 1)
    except OSError as error:
        raise told(f"{name}: can't be read: {error.strerror}") from error
    if len(data) > HELD:
        raise told(f"{name} is over {HELD >> 20} MB, which is all that is held: use rsync or scp")
    return data
