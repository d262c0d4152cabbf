"""What a crash leaves: a sentence for the person, a file of the owner's alone, no credential in it."""

import stat
from pathlib import Path

import pytest

from console import crash


def test_S1_a_crash_keeps_neither_credentials_nor_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "log"))
    withheld = "s3cr" + "et"  # so that the line of code in the traceback does not say it
    try:
        raise RuntimeError(f"403 for Authorization: Bearer {withheld}\x1b]52;c;eA==\x07")
    except RuntimeError as error:
        words = crash.report(error)
    file = tmp_path / "log" / "crash.log"
    text = file.read_text()
    assert str(file) in words
    assert "test_S1" in text
    assert "RuntimeError: 403" in text
    assert withheld not in text + words
    assert "\x1b" not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
