"""The command line: `quarterdeck` and its commands."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from console.commands import KeysError, Registry
from console.config import Config, ConfigError, Ssh, as_toml, default_path, load, mistake, options_of
from console.fanout.commands import commands as run_commands
from console.launch import MACHINES, Arguments, Launch, choose
from providers.stream import VERSION, Hello

if TYPE_CHECKING:
    from console.link import Link
    from console.tape import Tape

Function = Callable[..., Any]

_SIMULATION: list[tuple[str, click.ParamType[Any], str]] = [
    ("clusters", click.IntRange(1, 100), "simulated clusters"),
    ("nodes", click.IntRange(0, 10_000), "simulated nodes, in all clusters together"),
    ("pods", click.IntRange(0, 100_000), "simulated pods, in all clusters together"),
    ("instances", click.IntRange(0, 20_000), "simulated instances, in all accounts together"),
    ("rate", click.FloatRange(0, 10_000), "changes per second in the simulated fleet"),
    ("seed", click.INT, "the simulated fleet's seed: the same one, the same fleet"),
]


class Told(click.ClickException):
    """What was said can't be done: one line names the flag or the file, the exit status is 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Without the usage: the line says all that there is to know."""
        click.echo(f"quarterdeck: {self.message}", file=file, err=file is None)


def _fleet_options(function: Function) -> Function:
    """The options that say which fleet: shared by every command that looks at one."""
    for name, kind, text in reversed(_SIMULATION):
        function = click.option(f"--{name}", type=kind, help=text)(function)
    options = [
        click.option(
            "--kubeconfig", metavar="FILE", default="", help="instead of $KUBECONFIG or ~/.kube/config"
        ),
        click.option(
            "--context", "contexts", multiple=True, metavar="NAME", help="a context, or a glob (repeatable)"
        ),
        click.option(
            "--namespace", "-n", "namespaces", multiple=True, metavar="NAME", help="only these (repeatable)"
        ),
        click.option(
            "--provider", "providers", multiple=True, metavar="NAME", help="see `quarterdeck providers`"
        ),
        click.option(
            "--profile",
            "profiles",
            multiple=True,
            metavar="NAME",
            help="an AWS profile, or a glob (repeatable)",
        ),
        click.option(
            "--region",
            "regions",
            multiple=True,
            metavar="NAME",
            help="an AWS region, a glob, or `all` that are enabled (repeatable)",
        ),
        click.option(
            "--inventory",
            "inventories",
            multiple=True,
            metavar="FILE",
            help="hosts or a Terraform state, `!COMMAND` for what it prints; with --via: there (repeatable)",
        ),
        click.option(
            "--host",
            "hosts",
            multiple=True,
            metavar="NAME",
            help="a Linux server to look after over SSH: [user@]host[:port], or web[1-9] (repeatable)",
        ),
        click.option("--demo", is_flag=True, help="the simulated fleet"),
        click.option("--via", metavar="USER@HOST", default="", help="run the engine there, by ssh"),
        click.option("--read-only", is_flag=True, help="refuse every write, in the engine"),
        click.option(
            "--config", "config_file", metavar="FILE", help=f"instead of {default_path().name} in its folder"
        ),
        click.option("--log-file", metavar="FILE", default="", help="the engine's log"),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def _launch(options: dict[str, Any], **changes: Any) -> Launch:
    config = _config(options.pop("config_file"))
    simulation = {name: options.pop(name) for name, _, _ in _SIMULATION}
    said = {name: value for name, value in simulation.items() if value is not None}
    arguments = Arguments(**{**options, **changes}, simulation=said)
    if said and not arguments.demo:
        raise Told(f"--{next(iter(said))} is about the simulated fleet: add --demo")
    if arguments.via and arguments.log_file:
        raise Told("--log-file is about an engine here, not with --via: leave it out")
    if arguments.providers:
        _check_providers(arguments)
    _check_flags(arguments)
    return choose(arguments, config)


def _check_flags(arguments: Arguments) -> None:
    """Raises Told for a flag of a provider that will not run."""
    for flag in MACHINES:
        if not flag.values(arguments):
            continue
        if arguments.demo:
            raise Told(f"{flag.name} is about a real fleet: leave out --demo")
        if arguments.providers and flag.provider not in arguments.providers:
            raise Told(f"{flag.name} is about provider {flag.provider}: add --provider {flag.provider}")


def _check_providers(arguments: Arguments) -> None:
    from providers.registry import origins

    if arguments.demo:
        raise Told("--demo is the simulated fleet and no other: leave out --provider")
    installed = sorted(origins())
    unknown = [name for name in arguments.providers if name not in installed]
    if unknown and not arguments.via:  # what is installed there only the engine there knows
        raise Told(f"--provider {unknown[0]}: not installed; there are: {', '.join(installed)}")


def _config(path: str | None) -> Config:
    file = Path(path) if path else None
    try:
        config = load(file)
        if config.keys:
            _check_keys(config, file)
        if config.reach or config.clusters or config.start.follow or config.ssh != Ssh():
            _check_reach(config, file)
        return config
    except ConfigError as error:
        raise Told(str(error)) from error


def _check_keys(config: Config, file: Path | None) -> None:
    """Raises ConfigError for an unknown command, a key that is none, or one that two would share."""
    try:
        _commands().remapped(config.keys)
    except KeysError as error:
        raise mistake(file, ("keys", error.command), str(error)) from error


def _check_reach(config: Config, file: Path | None) -> None:
    """Raises ConfigError for a rule or a template that can't be."""
    from console.fleet import Fleet
    from console.looking_after import LookingAfter
    from console.targets import Rules, RulesError

    try:
        LookingAfter(config.start.follow, Rules(config, time.time), Fleet(), lambda _: False)
    except RulesError as error:
        raise mistake(file, error.keys, str(error)) from error


def _commands() -> Registry:
    """The commands of the console and the actions of the engine that is installed with it."""
    from console.actions import commands_of
    from console.keybook import builtin
    from providers.actions import discover

    return Registry([*builtin(), *commands_of(action.spec for action in discover())])


def _connect(launch: Launch) -> Link:
    """An engine being started. With --via, ssh may ask for a passphrase now, before the screen is taken."""
    from console.link import LinkError, connect

    try:
        return connect(launch.hello, via=launch.via, log_file=launch.log_file)
    except LinkError as error:
        click.echo(f"quarterdeck: {error.detail}\n{error.remedy}".rstrip(), err=True)
        sys.exit(3)


def _open(launch: Launch, *, wall: bool = False) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Told("this is not a terminal: `quarterdeck snapshot` prints one look")
    _show(_connect(launch.on(_terminal())), launch, wall=wall)


def _terminal() -> str:
    try:
        return os.ttyname(1)
    except OSError:  # it is from outside this container, and has no name here
        return ""


def _show(link: Link | Tape, launch: Launch, *, wall: bool = False) -> None:
    from console import memory
    from console.app import Quarterdeck

    memory.seldom()
    app = Quarterdeck(link, launch, wall=wall, now=getattr(link, "now", time.time), loaded=memory.loaded)
    app.run(mouse=launch.config.look.mouse and not wall)
    if app.return_code:
        sys.exit(app.return_code)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="quarterdeck")
@_fleet_options
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """A console for a fleet: nodes, pods and instances of every cluster at once, live.

    Without a cluster configured it opens on a simulated fleet.
    """
    if context.invoked_subcommand is None:
        _open(_launch(options))
    elif said := [name for name, value in options.items() if value not in (None, "", False, ())]:
        flags = {param.name: param.opts[0] for param in context.command.params}
        raise Told(f"write {flags[said[0]]} after `{context.invoked_subcommand}`")


@main.command()
@_fleet_options
def demo(**options: Any) -> None:
    """Open on the simulated fleet."""
    _open(_launch(options, demo=True))


@main.command()
@_fleet_options
def wall(**options: Any) -> None:
    """A screen that nobody types at: read-only, pages that rotate."""
    _open(_launch(options, read_only=True), wall=True)


@main.command()
@_fleet_options
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="for how long (until ctrl-c)")
def record(file: Path, seconds: float | None, **options: Any) -> None:
    """Keep what the engine says in FILE, to be opened with `quarterdeck replay`."""
    from console.tape import keep
    from providers.recording import Recorder

    launch = _launch(options, read_only=True)
    try:
        recorder = Recorder(file)
    except OSError as error:
        raise Told(f"{file}: can't be written: {error.strerror}") from error
    click.echo(f"recording to {file}; ctrl-c ends it", err=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(keep(_connect(launch), recorder, seconds))


@main.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--config", "config_file", metavar="FILE", help="instead of the one in the platform's folder")
def replay_recording(file: Path, config_file: str | None) -> None:
    """Open a recording in the console, read-only, as it was at its end."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Told("this is not a terminal")
    from console.tape import Tape
    from providers.wire import WireError

    config = _config(config_file)
    try:
        tape = Tape(file)
    except OSError as error:
        raise Told(f"{file}: can't be read: {error.strerror}") from error
    except WireError as error:
        raise Told(f"{file}: {error.detail}. {error.remedy}") from error
    hello = Hello(version=VERSION, providers=(), read_only=True)
    _show(tape, Launch(hello=hello, config=config, recording=str(file)))


@main.command()
@_fleet_options
@click.option("--output", "-o", type=click.Choice(["table", "json", "svg"]), default="table")
@click.option(
    "--timeout", type=float, default=30.0, show_default=True, help="seconds to wait for every source"
)
def snapshot(output: str, timeout: float, **options: Any) -> None:
    """One look at the fleet, printed. Exit status 3 when a source did not answer."""
    from console.snapshot import run

    launch = _launch(options, read_only=True)
    sys.exit(run(_connect(launch), launch.providers, output, timeout))


@main.command()
@_fleet_options
@click.option(
    "--timeout", type=float, default=30.0, show_default=True, help="seconds to wait for every source"
)
def doctor(timeout: float, **options: Any) -> None:
    """What can be reached, as whom, what may be done, what is missing and how to fix it."""
    from console.doctor import run

    launch = _launch(options)
    sys.exit(run(_connect(launch), launch, launch.providers, timeout))


for _command in run_commands(_fleet_options, _launch, _connect, Told):
    main.add_command(_command)


@main.command()
def providers() -> None:
    """The providers that are installed: where each comes from, and its options for [providers.NAME]."""
    from providers.contract import Problem
    from providers.registry import load as load_provider
    from providers.registry import origins
    from providers.text import clean

    for name, origin in sorted(origins().items()):
        click.echo(f"{clean(name):<14} {clean(origin)}")
        try:
            provider = load_provider(name)
        except Problem as problem:
            click.echo(f"    ✕ {clean(problem.detail)}\n      {clean(problem.remedy)}".rstrip())
            continue
        click.echo(f"    {clean(provider.summary)}")
        click.echo(f"    options: {', '.join(options_of(provider.options)) or 'none'}")


@main.command()
@click.option("--config", "config_file", metavar="FILE", help="instead of the one in the platform's folder")
@click.option("--keys", is_flag=True, help="list every command with its key, to remap under [keys]")
def config(config_file: str | None, keys: bool) -> None:
    """Print the effective configuration."""
    effective = _config(config_file)
    if not keys:
        click.echo(f"# {config_file or default_path()}\n{as_toml(effective)}", nl=False)
        return
    from console.keybook import lines

    for line in lines(_commands(), effective.keys):
        click.echo(line)


@main.command()
@click.option("--file", "path", metavar="FILE", default="", help="instead of the one the configuration names")
@click.option("--verify", is_flag=True, help="check that no line was changed or removed")
def audit(path: str, verify: bool) -> None:
    """What was done through this console, and how it ended."""
    from providers.engine.audit import print_log

    configured = "" if path else _config(None).audit.path
    sys.exit(print_log(path, verify=verify, usual=configured))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def engine(arguments: tuple[str, ...]) -> None:
    """The engine alone, for another console: --stdio."""
    from providers.engine.__main__ import main as run_engine

    sys.exit(run_engine(list(arguments)))
