"""Further arguments for ssh from the configuration: read as ssh reads them, none that weakens a check."""

from __future__ import annotations

import getopt
import os
import pwd
import re
from collections.abc import Sequence
from dataclasses import dataclass

from providers.contract import Refused

_FLAGS = "1246ab:c:e:fgi:kl:m:no:p:qstvxAB:CD:E:F:GI:J:KL:MNO:P:Q:R:S:TVw:W:XYy"
"""As in ssh(1), for getopt."""
_KEYWORD = re.compile(r'[\s"]*([A-Za-z0-9]+)"?(?:\s*=\s*|\s+)?(.*)', re.DOTALL)
_CHECKS = {
    "checkhostip",
    "knownhostscommand",
    "nohostauthenticationforlocalhost",
    "revokedhostkeys",
    "stricthostkeychecking",
    "updatehostkeys",
    "verifyhostkeydns",
}
"""What says how host keys are checked. It may be made stricter."""
_STRICT = {
    "checkhostip": {"yes"},
    "nohostauthenticationforlocalhost": {"no"},
    "stricthostkeychecking": {"yes", "true", "ask"},
    "updatehostkeys": {"no"},
    "verifyhostkeydns": {"no"},
}
_FILES = ("userknownhostsfile", "globalknownhostsfile")
_CORRECT = (
    "correct `options` in [ssh], [clusters.NAME] or [[reach]] of the configuration; ssh(1) has them all"
)
_REMEDY = "take it out of the options in the configuration: a key that is not known is shown and asked about"


@dataclass(frozen=True)
class Options:
    """What is left of them for the command, and the configuration file that they name, "" none."""

    arguments: tuple[str, ...]
    file: str = ""


def checked(options: Sequence[str]) -> Options:
    """Raises Refused for what is no option, and for what would weaken the checks of host keys."""
    try:
        found, rest = getopt.getopt(list(options), _FLAGS)
    except getopt.GetoptError as error:
        raise Refused(f"the option {error.opt!r} is none of ssh's: {error.msg}", _CORRECT) from None
    if rest:
        raise Refused(f"{rest[0]!r} among the options is no option of ssh", _CORRECT)
    arguments: list[str] = []
    file = ""
    for flag, value in found:
        if flag == "-F":
            file = value
            continue
        if flag == "-o":
            _check(value)
        arguments += (flag, value) if value else (flag,)
    return Options(tuple(arguments), file)


def _check(setting: str) -> None:
    match = _KEYWORD.fullmatch(setting)
    if match is None:
        raise Refused(f"{setting!r} is no setting of ssh", _CORRECT)
    keyword, value = match[1].lower(), match[2].strip(' \t"')
    weak = keyword in _CHECKS and value.lower() not in _STRICT.get(keyword, ())
    if weak or (keyword in _FILES and not all(keeps_keys(each) for each in value.split())):
        raise Refused(f"{setting!r} would weaken the check of host keys", _REMEDY)


def keeps_keys(file: str) -> bool:
    """Whether known host keys can be kept there: a file, or none yet, and never "none" or a device."""
    if file.lower() == "none":
        return False
    path = _expanded(file)
    return not os.path.exists(path) or os.path.isfile(path)


def _expanded(file: str) -> str:
    """As ssh does it: by the user's entry in the system, not by HOME."""
    if file == "~" or file.startswith("~/"):
        return pwd.getpwuid(os.getuid()).pw_dir + file[1:]
    return file
