"""What the hosts of an order are called: another name for each, however many have the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from providers.model import Ref, Target
from providers.text import clean


def distinct(targets: Sequence[Target]) -> dict[Ref, str]:
    """For each its name; where several have that, as little more as tells it apart from all others."""
    found: dict[Ref, str] = {}
    left = list(targets)
    for form in _FORMS:
        often = Counter(map(form, left)) + Counter(found.values())
        found |= {target.ref: form(target) for target in left if often[form(target)] == 1}
        left = [target for target in left if target.ref not in found]
    taken = set(found.values())
    for target in left:  # nothing that can be shown tells them apart
        name = _placed(target)
        number = next(number for number in range(2, len(targets) + 2) if f"{name}~{number}" not in taken)
        found[target.ref] = f"{name}~{number}"
        taken.add(found[target.ref])
    return {target.ref: found[target.ref] for target in targets}


def _name(target: Target) -> str:
    return clean(target.name or target.host or target.ref.uid)


def _login(target: Target) -> str:
    """ "ada@web:2222", or "web(ada@10.0.0.1)" where its address is another than its name."""
    host = target.host or target.name
    login = clean((f"{target.user}@" if target.user else "") + host + (f":{target.port}" * bool(target.port)))
    return login if host == target.name else f"{_name(target)}({login})"


def _placed(target: Target) -> str:
    return f"{_name(target)}@{clean(target.ref.source)}/{clean(target.ref.kind)}"


_FORMS: tuple[Callable[[Target], str], ...] = (
    _name,
    _login,
    _placed,
    lambda target: f"{_placed(target)}/{clean(target.ref.uid)}",
)
