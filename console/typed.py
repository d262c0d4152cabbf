"""What is typed after `:`, read into what is meant: `:pods NS`, `:pod /text`, `:pod app=x`, `:pod @ctx`,
`:ctx NAME`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from console.commands import Argument, Command, Registry


@dataclass(frozen=True)
class Typed:
    """A command and what came after it."""

    command: Command | None = None
    word: str = ""
    argument: str = ""
    """What followed a command that takes an argument."""
    namespaces: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    filter: str = ""
    kind: str = ""
    """The kind of objects to go to, where that is what was typed."""
    error: str = ""


NAMESPACE_WORDS = ("ns", "namespace", "namespaces")


def read(text: str, registry: Registry, kind_called: Callable[[str], str | None] = lambda _: None) -> Typed:
    """What the line means; `error` says what is wrong. `kind_called` knows kinds without a command."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    if not word:
        return Typed()
    if word in NAMESPACE_WORDS:
        names = tuple(part for part in rest.replace(",", " ").split() if part != "all")
        return Typed(command=registry.by_word("pods"), word=word, namespaces=names)
    command = registry.by_word(word)
    if command is None and (kind := kind_called(word)):
        return Typed(word=word, kind=kind, filter=rest.removeprefix("/").strip())
    if command is None:
        near = next((name for name in words(registry) if name.startswith(word[:2])), "")
        return Typed(error=f"no command :{word}" + (f"; did you mean :{near}?" if near else "; see ?"))
    return _with_rest(command, word, rest)


def _with_rest(command: Command, word: str, rest: str) -> Typed:
    if not command.id.startswith("go-"):
        if rest and command.argument is None:
            return Typed(
                error=f":{word} takes nothing after it: it is about what is under the cursor or marked"
            )
        return Typed(command=command, word=word, argument=rest)
    namespaces: list[str] = []
    sources: list[str] = []
    terms: list[str] = []
    if rest.startswith("/"):
        return Typed(command=command, word=word, filter=rest[1:].strip())
    for part in rest.split():
        if part.startswith("@"):
            sources.append(part[1:])
        elif "=" in part or ":" in part or command.id not in ("go-pod", "go-source"):
            terms.append(part)
        elif command.id == "go-source":
            sources.append(part)
        else:
            namespaces.append(part)
    return Typed(
        command=command,
        word=word,
        namespaces=tuple(namespaces),
        sources=tuple(sources),
        filter=" ".join(terms),
    )


def words(registry: Registry) -> list[str]:
    """Every word that can be typed, sorted."""
    found = {word for command in registry.commands.values() for word in (command.id, *command.words)}
    return sorted({*found, *NAMESPACE_WORDS})


def completions(
    text: str,
    registry: Registry,
    namespaces: Iterable[str],
    sources: Iterable[str],
    offers: Callable[[Argument, str], Iterable[str]],
) -> list[str]:
    """Whole lines that the text could become, the likeliest first. `offers` asks a command's argument."""
    head, space, last = text.rpartition(" ")
    if not space:
        return [word for word in words(registry) if word.startswith(last)] if last else []
    if last.startswith("@"):
        return [f"{head} @{name}" for name in sorted(sources) if name.startswith(last[1:])]
    first = head.split(" ")[0]
    command = registry.by_word(first)
    if command and command.argument:
        return [f"{head} {word}" for word in offers(command.argument, last)]
    if command and command.id == "go-source":
        return [f"{head} {name}" for name in sorted(sources) if name.startswith(last)]
    if first in NAMESPACE_WORDS or (command and command.id == "go-pod"):
        return [f"{head} {name}" for name in sorted(namespaces) if name.startswith(last)]
    return []
