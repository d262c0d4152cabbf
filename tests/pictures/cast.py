"""The recorded session: from a problem to a shell to the fix, on real SSH servers behind two jump hosts.

`python -m tests.pictures.cast` makes screenshots/fix.cast again, in asciicast v2; `asciinema play` shows it.

The console and the terminal are real, typed at a readable pace; systemd is a double, as few machines run one.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.sessions.hops import Hops
from tests.terminal import Terminal

COLUMNS, ROWS = 120, 34
KEY_SECONDS = 0.06
"""Between two letters."""
LOOK_SECONDS = 0.9
"""For whoever watches to read what is new."""

_SYSTEMCTL = """#!/bin/sh
# One unit, which runs while its configuration names a port that is a number.
state() {{ cat {folder}/state; }}
case $1 in
  is-system-running) [ "$(state)" = failed ] && echo degraded || echo running ;;
  list-units) [ "$(state)" = failed ] && echo "nginx.service loaded failed failed A web server" ;;
  show) printf 'Id=nginx.service\\nActiveState=%s\\nResult=exit-code\\nInvocationID=run-1\\n' "$(state)" ;;
  status) echo "nginx.service - A web server"; echo "   Active: $(state)"
    [ "$(state)" = failed ] && echo '   nginx: [emerg] invalid port in "80a" in nginx.conf:2' ;;
  restart) grep -q 80a {folder}/nginx.conf || echo active > {folder}/state ;;
esac
exit 0
"""


class Recording(Terminal):
    """A terminal whose output is kept with its times."""

    events: list[tuple[float, str]]
    pace = 1.0
    """How long a person takes, of the usual."""

    def read(self, timeout: float = 0.0) -> bool:
        """Draw what has come; kept, in whole characters."""
        before = len(self.log)
        came = super().read(timeout)
        if not hasattr(self, "events"):
            self.events, self._rest = [], b""
        data = self._rest + bytes(self.log[before:])
        whole = _whole(data)
        self._rest = data[whole:]
        if whole:
            self.events.append((self.read_at - self.started, data[:whole].decode("utf-8", "replace")))
        return came

    def type(self, text: str) -> None:
        """Letter by letter."""
        for letter in text:
            self.send(letter)
            self.run_for(KEY_SECONDS * self.pace)

    def look(self, text: str, timeout: float = 20.0) -> None:
        """Wait for that to be seen, then give the reader time."""
        self.wait_for(text, timeout)
        self.rest()

    def rest(self) -> None:
        """For as long as a look takes."""
        self.run_for(LOOK_SECONDS * self.pace)


def _whole(data: bytes) -> int:
    """How many bytes of it are whole characters."""
    for back in range(1, min(4, len(data)) + 1):
        lead = data[-back]
        if lead >= 0xC0:
            needed = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return len(data) - back if needed > back else len(data)
        if lead < 0x80:
            break
    return len(data)


@contextmanager
def fleet(folder: Path) -> Iterator[dict[str, str]]:
    """Three web servers behind two jump hosts, one with a failed unit: the environment to see them."""
    double = folder / "systemd"
    double.mkdir()
    program = double / "systemctl"
    program.write_text(_SYSTEMCTL.format(folder=double))
    program.chmod(0o755)
    (double / "state").write_text("failed\n")
    (double / "nginx.conf").write_text("server {\n    listen 80a;\n}\n")
    (double / "profile").write_text("PS1='web-2:~# '; cd " + str(double) + "\n")
    broken = {
        "SetEnv": f'"PATH={double}:/usr/sbin:/usr/bin:/bin" "ENV={double}/profile"',
        "ForceCommand": _FORCE,
    }
    servers = {name: {} for name in ("edge", "inner", "web-1", "web-3")} | {"web-2": broken}
    with Hops(folder / "servers", **servers) as hops:
        jumps = {"inner": "edge", **dict.fromkeys(("web-1", "web-2", "web-3"), "inner")}
        ours = hops.lead(folder / "user", hops.configuration(folder / "user", jumps=jumps))
        home = folder / "home"
        home.mkdir()
        yield {"HOME": str(home), "PATH": f"{ours}:/usr/bin:/bin", "KUBECONFIG": ""}


_FORCE = 'if [ -n "$SSH_ORIGINAL_COMMAND" ]; then exec sh -c "$SSH_ORIGINAL_COMMAND"; else exec sh -i; fi'


def record(pace: float = 1.0) -> str:
    """Play it; the recording. Raises TimeoutError with the screen where it does not go as it should."""
    quarterdeck = str(Path(sys.executable).with_name("quarterdeck"))
    with TemporaryDirectory(prefix="quarterdeck-cast-") as name, fleet(Path(name)) as environment:
        command = [quarterdeck, "--provider", "ssh", "--host", "web-[1-3]"]
        with Recording(command, columns=COLUMNS, rows=ROWS, environment=environment) as user:
            user.pace = pace
            _play(user)
            return _cast(user, hide=name)


def _play(user: Recording) -> None:
    user.look("1 unit failed")
    user.type("/failed:nginx\r")
    user.rest()
    user.type("s")
    user.look("web-2:~#")
    user.type("systemctl status nginx\r")
    user.look("invalid port")
    user.type("sed -i s/80a/80/ nginx.conf && systemctl restart nginx\r")
    user.rest()
    user.type("systemctl status nginx\r")
    user.look("Active: active")
    user.type("exit\r")
    user.look("ended with status 0")
    user.run_for(0.6)  # what is typed on when a program ends is not taken for keys of the console
    user.type("x")
    user.rest()
    user.send("\x12")  # ctrl-r: ask again now
    user.send("\x1b")
    user.wait(lambda seen: "web-2" in seen.text and "unit failed" not in seen.text, 20.0)
    user.rest()
    user.type(":q\r")
    user.rest()


def _cast(user: Recording, hide: str) -> str:
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "From a failed unit to its fix"}
    lines = [json.dumps(header)]
    lines += [json.dumps([round(at, 3), "o", text.replace(hide, "~")]) for at, text in user.events]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make it again."""
    from tests.pictures.__main__ import FOLDER

    began = time.monotonic()
    (FOLDER / "fix.cast").write_text(record(), "utf-8")
    print(f"screenshots/fix.cast: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
