"""`python -m tests.pictures [NAME …]` writes screenshots/NAME.svg, all of them without a name."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.pictures.shots import SHOTS, taken

FOLDER = Path(__file__).parents[2] / "screenshots"


async def _write(names: list[str]) -> None:
    for name in names:
        (FOLDER / f"{name}.svg").write_text(await taken(name), "utf-8")
        print(f"screenshots/{name}.svg")


def main(names: list[str]) -> int:
    """Write those pictures."""
    if unknown := set(names) - SHOTS.keys():
        print(f"no picture {unknown.pop()}; there are: {', '.join(SHOTS)}", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    os.environ.pop("NO_COLOR", None)
    # Nodes are cordoned for a picture: no line of that belongs into anybody's audit log.
    with TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        asyncio.run(_write(names or list(SHOTS)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
