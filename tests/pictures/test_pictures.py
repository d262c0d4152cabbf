"""The pictures in screenshots/ are what the console shows. After a change that is meant: `make pictures`."""

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.pictures.__main__ import FOLDER
from tests.pictures.shots import SHOTS, taken
from tests.pictures.svg import lines_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", SHOTS)
async def test_the_screen_looks_as_in_its_picture(name: str) -> None:
    committed = (FOLDER / f"{name}.svg").read_text("utf-8")
    fresh = await taken(name)
    words = list(unified_diff(lines_of(committed), lines_of(fresh), "committed", "now", lineterm="", n=1))
    assert not words, "\n".join([*words, "meant? then `make pictures`"])
    assert committed == fresh, "the words are the same and the looks are not; meant? then `make pictures`"


async def test_a_picture_is_the_same_each_time_it_is_taken() -> None:
    assert await taken("wall") == await taken("wall")


@pytest.mark.parametrize("name", SHOTS)
def test_a_picture_is_plain_text_and_asks_for_nothing(name: str) -> None:
    svg = (FOLDER / f"{name}.svg").read_text("utf-8")
    assert "url(http" not in svg
    assert "&#160;" not in svg
    assert str(Path.home()) not in svg
    assert str(ROOT) not in svg
    lines = lines_of(svg)
    assert len(lines) > SHOTS[name].size[1] // 3
    assert max(map(len, lines)) <= SHOTS[name].size[0]


def test_every_picture_of_the_readme_is_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    wanted = {part.split(")")[0] for part in readme.split("](screenshots/")[1:]}
    assert wanted
    assert wanted <= {f"{name}.svg" for name in SHOTS}
    assert {path.name for path in FOLDER.iterdir()} == {"fix.cast", *(f"{name}.svg" for name in SHOTS)}
