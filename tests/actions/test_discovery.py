"""Actions are found because their file is there, in a stable order, and fit together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import providers.actions
from providers.actions import discover

DROP_IN = """
from providers.actions.cordon import SetCordon
from providers.model import ActionSpec

spec = ActionSpec(name="fence", title="Fence", key="f", kinds=("node",), description="")
actions = (SetCordon(True, spec),)
"""


def test_the_first_actions_are_there_in_order() -> None:
    assert [action.spec.name for action in discover()] == [
        "cordon", "uncordon", "reboot", "start", "stop", "restart", "run", "put", "get",
        "restart-unit",
    ]  # fmt: skip


def test_no_two_actions_share_a_name_or_a_key_of_a_kind() -> None:
    specs = [action.spec for action in discover()]
    assert len({spec.name for spec in specs}) == len(specs)
    keys = [(kind, spec.key) for spec in specs for kind in spec.kinds if not spec.worded]
    assert len(set(keys)) == len(keys)


def test_an_action_is_added_by_adding_one_file(tmp_path: Path) -> None:
    (tmp_path / "fence.py").write_text(DROP_IN)
    program = (
        "import sys, providers.actions as a; a.__path__.append(sys.argv[1]);"
        "print([x.spec.name for x in a.discover()])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("['cordon', 'uncordon', 'fence', 'reboot'")
    assert "fence" not in [path.stem for path in Path(providers.actions.__path__[0]).iterdir()]
