"""When the console itself fails: a sentence on the terminal, the rest in a file.

The file holds the traceback and the words of the error, with what looks like a credential struck out. It
holds no variables, but an error's words may quote one.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import platformdirs

from providers.text import clean_lines, without_secrets


def report(error: BaseException) -> str:
    """Write the traceback, without locals, to the log folder (mode 0600); the words for the person."""
    text = without_secrets(clean_lines("".join(traceback.format_exception(error))))
    path = Path(platformdirs.user_log_dir("quarterdeck", appauthor=False)) / "crash.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as file:
            file.write(text + "\n")
    except OSError as problem:
        return f"quarterdeck failed ({type(error).__name__}), and {path} can't be written: {problem.strerror}"
    return f"quarterdeck failed: {type(error).__name__}. What happened is in {path}; please report it."
