"""docs/keys.md, written from the key registry: `python -m tests.keydocs` writes it, `--check` compares it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from console.actions import commands_of
from console.commands import Command, Registry
from console.contexts import PROGRAM, SHELLS
from console.keybook import builtin
from console.keynames import shown_key
from console.views import VIEWS
from providers.actions import discover
from widgets.prompt import _KEYS

PAGE = Path(__file__).parent.parent / "docs" / "keys.md"
_HEAD = """\
# Keys

<!-- Written by `make docs` from the key registry; edit console/keybook.py and providers/actions/ instead. -->

The footer, `?` and this page are made from the same registry. A key that makes no sense right now says why
when it is pressed. Every command can have other keys: a table `[keys]` in the
[configuration](configuration.md) names them by the command's id, the last column of these tables;
`quarterdeck config --keys` prints the ones in force.

Where a key may be swallowed by tmux, screen or a plain terminal (`ctrl-space`, `ctrl-z`, `ctrl-a`, `ctrl-b`,
`ctrl-\\`) there is a second one, or a word after `:`.
"""
_TAIL = """\
## In a prompt

These belong to the line that is typed into, and are not remapped.

| key | does |
|---|---|
"""
_CONTEXTS = {SHELLS: "the shells' tabs", PROGRAM: "in a shell"}
_PROMPT = {
    "_submit": "keep the filter, or carry out the command",
    "_cancel": "close it; a filter becomes what it was",
    "_accept": "accept the completion",
    "_right": "to the right; at the end: accept the completion",
    "_left": "to the left",
    "_home": "to the beginning",
    "_end": "to the end",
    "_backspace": "delete to the left; on an empty line: close it",
    "_delete": "delete what is under the cursor",
    "_wipe_word": "delete a word to the left",
    "_wipe": "delete everything to the left",
    "_wipe_rest": "delete everything to the right",
    "_up": "the completion before, or what was typed before",
    "_down": "the next completion, or what was typed after",
}


def registry() -> Registry:
    """Everything that a person can do: the console's commands and the engine's actions."""
    return Registry([*builtin(), *commands_of(action.spec for action in discover())])


def page() -> str:
    """The whole page."""
    commands = registry().commands.values()
    groups = dict.fromkeys(command.group for command in commands)
    tables = [_table(group, [c for c in commands if c.group == group]) for group in groups]
    return (
        "\n".join([_HEAD, *("\n".join(table) + "\n" for table in tables), _TAIL + "\n".join(_prompt())])
        + "\n"
    )


def _table(group: str, commands: Iterable[Command]) -> Iterator[str]:
    yield f"## {group}\n"
    yield "| key | does | in the panes of | `:` | id |"
    yield "|---|---|---|---|---|"
    for command in commands:
        cells = (_keys(command.keys), _cell(command.description), _panes(command), _words(command))
        yield f"| {' | '.join(cells)} | `{command.id}` |"


def _prompt() -> Iterator[str]:
    by_edit: dict[str, list[str]] = {}
    for key, edit in _KEYS.items():
        by_edit.setdefault(edit.__name__, []).append(key)
    for name, keys in by_edit.items():
        yield f"| {_keys(keys)} | {_PROMPT[name]} |"


def _keys(keys: Iterable[str]) -> str:
    return " ".join(f"`{shown_key(key)}`" for key in keys) or "–"


def _panes(command: Command) -> str:
    return ", ".join(_place(kind) for kind in command.kinds) or (
        "all" if not command.everywhere else "all, tabs"
    )


def _place(kind: str) -> str:
    if kind in _CONTEXTS:
        return _CONTEXTS[kind]
    return VIEWS[kind].title.lower() if kind in VIEWS else f"{kind}s"


def _words(command: Command) -> str:
    return " ".join(f"`:{word}`" for word in command.words) or f"`:{command.id}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say whether it is the registry's."""
    if arguments == ["--check"]:
        same = PAGE.exists() and PAGE.read_text("utf-8") == page()
        if not same:
            print(f"{PAGE.name} is not what the key registry says: run `make docs`", file=sys.stderr)
        return 0 if same else 1
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
