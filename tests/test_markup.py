"""T2: console/ and widgets/ hand no plain string to Textual or Rich where markup would be read in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(file for folder in ("console", "widgets") for file in (ROOT / folder).rglob("*.py"))
WIDGETS = {"Static", "Label", "Button", "Option", "Checkbox", "RadioButton", "Collapsible"}
"""Their first argument is read as markup."""
READ_WHEN_STRINGS = {"update", "print"}
"""Methods that sets and files have too: wrong only where the argument is surely a string."""
ATTRIBUTES = {"border_title", "border_subtitle", "tooltip"}
SAFE = {"Text", "Content"}


def offences(source: str) -> list[int]:
    """Lines on which a string reaches a reader of markup."""
    tree = ast.parse(source)
    parents = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    makers = {node.name for node in parents if _name(node.returns) in SAFE}
    strings = {
        (id(call), arg.arg)
        for function in parents
        for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if _name(arg.annotation) == "str"
        for call in ast.walk(function)
    }
    found = [line for node in ast.walk(tree) for line in _offence(node, SAFE | makers, strings)]
    return sorted(found)


def _offence(node: ast.AST, safe: set[str], strings: set[tuple[int, str]]) -> Iterator[int]:
    if isinstance(node, ast.Assign):
        named = {_name(target) for target in node.targets if isinstance(target, ast.Attribute)}
        if named & ATTRIBUTES and not _is_safe(node.value, safe):
            yield node.lineno
    if not isinstance(node, ast.Call):
        return
    called, keywords = _name(node.func), {word.arg: word.value for word in node.keywords}
    if called in {"from_markup", "render_markup"}:
        yield node.lineno
    markup = keywords.get("markup")
    if isinstance(markup, ast.Constant) and markup.value is False:
        return
    given = node.args[0] if node.args else keywords.get("content")
    if called == "notify" or (called in WIDGETS and given is not None and not _is_safe(given, safe)):
        yield node.lineno
    method = isinstance(node.func, ast.Attribute) and called in READ_WHEN_STRINGS
    for value in ((given if method else None), (keywords.get("message") if called == "exit" else None)):
        if value is not None and (_is_string(value) or (id(node), _name(value)) in strings):
            yield node.lineno


def _name(node: ast.AST | None) -> str:
    """The last part of a dotted name: Text for rich.text.Text and for Text.assemble."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_safe(value: ast.expr, safe: set[str]) -> bool:
    if isinstance(value, ast.IfExp):
        return _is_safe(value.body, safe) and _is_safe(value.orelse, safe)
    if not isinstance(value, ast.Call):
        return False
    owner = value.func.value if isinstance(value.func, ast.Attribute) else None
    return _name(value.func) in safe or _name(owner) in SAFE


def _is_string(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp():
            return _is_string(value.left) or _is_string(value.right)
        case ast.IfExp():
            return _is_string(value.body) or _is_string(value.orelse)
        case ast.Call():
            return _name(value.func) in {"str", "join", "format", "repr"}
    return False


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_T2_no_string_is_read_as_markup(file: Path) -> None:
    assert offences(file.read_text("utf-8")) == []


PLANTED = [
    "self.notify(name)",
    "self.notify(name, markup=True)",
    "Static(name)",
    "widgets.Label(f'{name}')",
    "Static(content=name)",
    "Static(Text(a) if a else name)",
    "Static(words())\ndef words() -> str: ...",
    "label.update(f'node {name}')",
    "label.update('a' + name)",
    "def show(self, name: str) -> None:\n    self.label.update(name)",
    "Text.from_markup(name, style='red')",
    "Content.from_markup(name)",
    "self.border_title = name",
    "self.tooltip = f'{name}'",
    "app.exit(message=f'{name} failed')",
    "console.print(', '.join(names))",
]
HARMLESS = [
    "self.notify(name, markup=False)",
    "Static(Text(name))",
    "Static()",
    "Static(name, markup=False)",
    "Static(Content.assemble(name))",
    "Static(words())\ndef words() -> Text: ...",
    "known.update(names)",
    "label.update(Text(f'node {name}'))",
    "self.border_title = Content(name)",
    "app.exit(message=Text(name))",
]


@pytest.mark.parametrize("source", PLANTED)
def test_a_planted_one_is_caught(source: str) -> None:
    assert len(offences(source)) == 1


@pytest.mark.parametrize("source", HARMLESS)
def test_what_is_no_markup_passes(source: str) -> None:
    assert offences(source) == []


def test_the_whole_tree_is_looked_at() -> None:
    assert len(FILES) > 60
    assert ROOT / "console" / "app.py" in FILES
