"""The configuration that ssh is run with: how host keys are checked comes first, then the user's own.

Of each setting ssh takes the first value that it finds. It must be a file: to the ssh that opens a jump host
`-F` is handed on, and no `-o` is.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable, Sequence

from providers.contract import Refused
from providers.openssh.options import keeps_keys
from providers.openssh.resolving import Resolved

USER_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
SYSTEM_FILES = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
_ALWAYS = {
    "CheckHostIP": "no",  # else a key is written down for an address without a question
    "UpdateHostKeys": "no",  # the same, for further keys of a server
    "VerifyHostKeyDNS": "no",
    "NoHostAuthenticationForLocalhost": "no",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "PermitLocalCommand": "no",
    "RemoteCommand": "none",
    "ConnectTimeout": "10",
    "ServerAliveInterval": "15",
    "ServerAliveCountMax": "3",
    "LogLevel": "INFO",  # under QUIET it would not say why it ended
}
_PREFIX = "quarterdeck-ssh-"
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


def text(machines: Sequence[Resolved]) -> str:
    """For these machines and, as strictly, for any other one that ssh may come to."""
    parts = ["# The first value counts: how host keys are checked, and then the user's own configuration.\n"]
    parts += [_block(f"Host {machine.destination.host}", _checks(machine)) for machine in machines]
    anywhere = {
        "StrictHostKeyChecking": "ask",
        "UserKnownHostsFile": " ".join(USER_FILES),
        "GlobalKnownHostsFile": " ".join(SYSTEM_FILES),
    }
    # Older ones do not know it; those that do print it only where it is set.
    if any("knownhostscommand" in machine.settings for machine in machines):
        anywhere["KnownHostsCommand"] = "none"
    parts.append(_block("Host *", anywhere | _ALWAYS))
    parts += ["Match all\n", *(f"  Include {_quoted(file)}\n" for file in machines[0].files)]
    return "".join(parts)


def weaknesses(machine: Resolved) -> list[str]:
    """Settings under which a host key would not be checked, as they are in the end."""
    settings = machine.settings
    found = [
        f"{keyword} {settings[keyword]}"
        for keyword, fine in _MUST.items()
        if settings.get(keyword, fine[0]) not in fine
    ]
    for keyword in ("userknownhostsfile", "globalknownhostsfile"):
        found += [f"{keyword} {file}" for file in _files(settings.get(keyword, "")) if not keeps_keys(file)]
    return found


_MUST = {
    "stricthostkeychecking": ("true", "yes", "ask"),
    "nohostauthenticationforlocalhost": ("no", "false"),
    "verifyhostkeydns": ("no", "false"),
    "knownhostscommand": ("none",),
}


def _checks(machine: Resolved) -> dict[str, str]:
    settings = machine.settings
    strict = settings.get("stricthostkeychecking", "") in ("true", "yes")
    return {
        "StrictHostKeyChecking": "yes" if strict else "ask",
        "UserKnownHostsFile": _kept(settings.get("userknownhostsfile", ""), USER_FILES),
        "GlobalKnownHostsFile": _kept(settings.get("globalknownhostsfile", ""), SYSTEM_FILES),
    }


def _kept(files: str, usual: Iterable[str]) -> str:
    """The user's own files where any can keep keys, or else the usual ones."""
    own = [file for file in _files(files) if keeps_keys(file)]
    return " ".join(_quoted(file) for file in own or usual)


def _files(value: str) -> list[str]:
    # ssh prints names with blanks in them as they are.
    return [value] if os.path.isfile(value) else value.split()


def _quoted(file: str) -> str:
    if '"' in file or not file.isprintable():
        raise Refused(f"{file!r}: ssh can't be given a file of that name", "give it a plainer name")
    return f'"{file}"' if " " in file else file


def _block(head: str, settings: dict[str, str]) -> str:
    return f"{head}\n" + "".join(f"  {keyword} {value}\n" for keyword, value in settings.items())


def write(content: str) -> str:
    """Into a file that only this user may read; remove() it when ssh has ended."""
    folder = _folder()
    _sweep(folder)
    descriptor, path = tempfile.mkstemp(dir=folder, prefix=f"{_PREFIX}{os.getpid()}-")
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    return path


def remove(path: str) -> None:
    """It is no longer needed."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def _folder() -> str:
    # ssh puts the name unquoted into the command line of a jump host's.
    places = (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir())
    usable = (place for place in places if _PLAIN.fullmatch(place) and os.access(place, os.W_OK))
    return next(usable, "/tmp")


def _sweep(folder: str) -> None:
    """Remove what engines that were killed have left."""
    for name in os.listdir(folder):
        number = name.removeprefix(_PREFIX).partition("-")[0] if name.startswith(_PREFIX) else ""
        if number.isdecimal() and len(number) < 10 and not _alive(int(number)):
            remove(os.path.join(folder, name))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
