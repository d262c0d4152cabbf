"""The way back: scenes are values, and going back puts an earlier one in place."""

from dataclasses import replace

from console.places import Place, Scene, Trail


def scene(focus: str) -> Scene:
    return Scene(focus=focus)


def test_back_finds_filter_sort_and_cursor_as_they_were() -> None:
    trail = Trail(scene("node"))
    trail.amend(trail.now.with_place("node", Place(query="eu", sort="age", descending=True, cursor="n7")))
    trail.step(replace(trail.now, focus="pod"))
    trail.amend(trail.now.with_place("pod", Place(query="crash")))
    assert trail.back()
    assert trail.now.focus == "node"
    assert trail.now.place("node") == Place(query="eu", sort="age", descending=True, cursor="n7")
    assert trail.now.place("pod") == Place()


def test_history_goes_back_and_forward_until_a_new_step_forgets_what_was_ahead() -> None:
    trail = Trail(scene("a"))
    trail.step(scene("b"))
    trail.step(scene("c"))
    assert trail.travel(-2)
    assert trail.now.focus == "a"
    assert trail.travel(1)
    assert trail.now.focus == "b"
    trail.step(scene("d"))
    assert not trail.travel(1)
    assert trail.now.focus == "d"


def test_minus_goes_to_the_place_before_and_back_again() -> None:
    trail = Trail(scene("a"))
    assert not trail.swap()
    trail.step(scene("b"))
    assert trail.swap()
    assert trail.now.focus == "a"
    assert trail.swap()
    assert trail.now.focus == "b"


def test_a_long_history_is_cut_at_its_old_end() -> None:
    trail = Trail(scene("0"))
    for number in range(1, 300):
        trail.step(scene(str(number)))
    assert trail.now.focus == "299"
    assert trail.travel(-99)
    assert not trail.travel(-1)
