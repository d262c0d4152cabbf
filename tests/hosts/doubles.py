"""systemctl, sudo and id for a machine that has no systemd, as shell scripts with their state in a folder.

They stand in for what only a booted systemd has; all around them (sshd, the shell, the command) is real.
"""

from __future__ import annotations

from pathlib import Path

SYSTEMCTL = """#!/bin/sh
# States: a folder for each unit, a file for each property.
cd {folder}/units || exit 1
echo "$*" >>{folder}/said
case $1 in
  is-system-running) [ -n "$(grep -l failed */ActiveState)" ] && echo degraded || echo running ;;
  list-units) for u in $(grep -l failed */ActiveState); do echo "  ${{u%/*}} loaded failed failed x"; done ;;
  show)
    shift
    while [ $# -gt 0 ]; do
      case $1 in --) shift; break ;; -p) shift; props="$props $1" ;; esac
      shift
    done
    for u; do
      [ -d "$u" ] || {{ echo "Id=$u"; echo LoadState=not-found; echo; continue; }}
      for p in $props; do [ "$p" = Id ] && echo "Id=$u"; [ -e "$u/$p" ] && echo "$p=$(cat "$u/$p")"; done
      echo
    done ;;
  restart)
    [ "$(id -u)" = 0 ] || [ -n "$AS_ROOT" ] || {{ echo "Interactive authentication required." >&2; exit 1; }}
    [ -e {folder}/fails ] && {{ echo "Job for $2 failed." >&2; exit 1; }}
    echo active >"$2/ActiveState"; echo run-2 >"$2/InvocationID" ;;
esac
"""
SUDO = """#!/bin/sh
[ "$1" = -n ] || exit 9
[ -e {folder}/may ] || {{ echo "sudo: a password is required" >&2; exit 1; }}
shift
AS_ROOT=1 exec "$@"
"""
ID = """#!/bin/sh
case $1 in -u) echo 1000 ;; -un) echo ops ;; esac
"""


class Systemd:
    """One machine's units. Its login is nobody's root: it needs sudo, which `may()` allows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "units").mkdir(parents=True)
        for name, text in (("systemctl", SYSTEMCTL), ("sudo", SUDO), ("id", ID)):
            (folder / name).write_text(text.format(folder=folder) if name != "id" else text)
            (folder / name).chmod(0o755)

    def put(self, unit: str, **properties: str) -> None:
        """A unit as it is now."""
        place = self.folder / "units" / unit
        place.mkdir(exist_ok=True)
        usual = {"LoadState": "loaded", "ActiveState": "active", "InvocationID": "run-1"}
        stamp = {"StateChangeTimestampMonotonic": "1000000"}
        for name, value in {**usual, **stamp, **properties}.items():
            (place / name).write_text(f"{value}\n")

    def state(self, unit: str) -> str:
        return (self.folder / "units" / unit / "ActiveState").read_text().strip()

    def may(self, allowed: bool) -> None:
        """Whether sudo lets the login do anything."""
        self._flag("may", allowed)

    def fails(self, failing: bool) -> None:
        """Whether a restart fails."""
        self._flag("fails", failing)

    def _flag(self, name: str, on: bool) -> None:
        if on:
            (self.folder / name).touch()
        else:
            (self.folder / name).unlink(missing_ok=True)

    def restarts(self) -> list[str]:
        """What was restarted, in order; what was said before is forgotten."""
        said = self.folder / "said"
        lines = said.read_text().splitlines() if said.exists() else []
        said.unlink(missing_ok=True)
        return [line for line in lines if line.startswith("restart")]
