"""What many hosts said, as files: a text a host and an index; or the files that they gave."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import msgspec

from console.fanout.fanout import Fanout
from providers.model import Ref

_ALLOWED = re.compile(r"[^A-Za-z0-9._-]+")


def save_output(fanout: Fanout, folder: Path) -> None:
    """Make the folder and write into it `HOST.txt` for each that said something, clean, and `index.json`.

    The index has what they said unchanged, as `quarterdeck run --output json` prints it, with the name of
    the file. Raises OSError.
    """
    folder.mkdir()
    names = file_names(fanout)
    for group in fanout.groups():
        text = "".join(f"{line}\n" for line in (f"# {group.words}", *fanout.lines(group)))
        for name in (names[fanout.name(ref)] for ref in group.refs if ref in fanout.ran):
            (folder / f"{name}.txt").write_text(text, "utf-8")
    index = [{**each, "file": f"{names[each['host']]}.txt"} for each in fanout.as_json()]
    (folder / "index.json").write_bytes(msgspec.json.format(msgspec.json.encode(index), indent=2) + b"\n")


def save_files(fanout: Fanout, folder: Path, *, force: bool = False) -> int:
    """Write the file that each host gave as `FOLDER/HOST/NAME`; their number.

    Raises OSError, also for one that is here already, unless `force` says to write over it.
    """
    given = {ref: ran.stdout for ref, ran in fanout.ran.items() if ran.exit_status == 0}
    for ref, place in places(fanout, folder).items():
        if ref in given:
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb" if force else "xb") as file:
                file.write(given[ref])
    return len(given)


def places(fanout: Fanout, folder: Path) -> dict[Ref, Path]:
    """Where the file of each host is written."""
    names = file_names(fanout)
    name = safe(PurePosixPath(fanout.order.path).name)
    return {ref: folder / names[fanout.name(ref)] / name for ref in fanout.refs}


def file_names(fanout: Fanout) -> dict[str, str]:
    """For each host a name that a file may have, another one for each whatever the case of its letters."""
    return _distinct(fanout.name(ref) for ref in fanout.refs)


def _distinct(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        base = file = safe(name)
        number = 2
        while file.lower() in used:
            file, number = f"{base}~{number}", number + 1
        used.add(file.lower())
        found[name] = file
    return found


def safe(name: str) -> str:
    """The name as one that a file may have: no separators, not hidden, not long."""
    return _ALLOWED.sub("_", name).lstrip(".")[:100] or "_"
