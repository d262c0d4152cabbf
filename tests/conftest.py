"""Every test run has folders of its own: nobody's configuration is read, nobody's audit log is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The platform's folders for configuration, state and logs, for this process and those it starts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        for name in ("NO_COLOR", "KUBECONFIG", "SSH_CONNECTION", "SSH_TTY"):
            patch.delenv(name, raising=False)
        yield
