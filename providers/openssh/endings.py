"""Why ssh gave up, from what it said on its terminal, as a sentence and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from providers.processes import printed
from providers.sessions import Ending
from providers.text import clean

GAVE_UP = 255
"""The status with which ssh ends by itself; a remote command may end with it too."""
_KEYGEN_SECONDS = 2.0
_LAST_LINES = 3
"""Of the screen, among which ssh says why a session that stood is over."""

_Tell = Callable[[re.Match[str]], tuple[str, str]]
"""What was found → the detail and the remedy."""


async def explained(said: bytes, label: str, *, stood: bool = False) -> Ending:
    """The ending of an ssh that gave up; `said` is the last of what was on its terminal.

    Only what ssh itself is known to say becomes a part of it. Once the login `stood` the terminal was the
    remote program's and showed what was typed: from then on nothing that was on it is quoted.
    """
    text = clean_text(said)
    if stood:
        return _cut(text, label)
    if change := _Change.found(text):
        return await change.ending()
    for pattern, tell in (*_KEYS, *_REASONS):
        if match := pattern.search(text):
            detail, remedy = tell(match)
            final = (pattern, tell) in _KEYS
            return Ending(GAVE_UP, clean(detail, limit=400), remedy, final=final)
    return Ending(
        GAVE_UP,
        clean(
            f"ssh to {label} ended with status {GAVE_UP} before it was logged in, and not for a known reason"
        ),
        "what it said is on its screen",
    )


def _cut(text: str, label: str) -> Ending:
    """Of a session that stood, in fixed words; ssh's own come last, perhaps right behind what was typed."""
    end = "\n".join([line for line in text.splitlines() if line][-_LAST_LINES:])
    for pattern, detail, remedy in _CUTS:
        if pattern.search(end):
            return Ending(GAVE_UP, detail, remedy)
    return Ending(
        GAVE_UP, clean(f"ssh to {label} ended with status {GAVE_UP}, without a word why"), "open it again"
    )


def clean_text(said: bytes) -> str:
    """Lines without what drives a terminal."""
    lines = said.decode("utf-8", "replace").replace("\r", "\n").split("\n")
    return "\n".join(clean(line.strip(), limit=1000) for line in lines)


# ---- a key that is another one than before -----------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    """What ssh says of a changed key: whose, the fingerprint shown, and where the kept one is."""

    host: str
    kind: str
    shown: str
    file: str
    line: int

    @staticmethod
    def found(text: str) -> _Change | None:
        host = re.search(r"^Host key for (\S+) has changed", text, re.MULTILINE)
        shown = re.search(r"for the (\S+) key sent by the remote host is\s+(\S+?)\.?$", text, re.MULTILINE)
        kept = re.search(r"^Offending (?:\S+ )?key in (.+):(\d+)$", text, re.MULTILINE)
        if not host:
            return None
        file, line = (kept[1], int(kept[2])) if kept else ("", 0)
        return _Change(host[1], shown[1] if shown else "", shown[2] if shown else "", file, line)

    async def ending(self) -> Ending:
        kept = await fingerprint(self.host, self.file, self.line) if self.file else ""
        detail = (
            f"the host key of {self.host} has changed: it shows {self.kind} {self.shown}, "
            f"kept is {kept or 'another one'} ({self.file}:{self.line}): nothing was sent to it"
        )
        remedy = (
            "somebody may be in between; where it is known to be another machine now, "
            f"remove the old key with: ssh-keygen -f {self.file} -R {self.host}"
        )
        return Ending(GAVE_UP, clean(detail), clean(remedy), final=True)


async def fingerprint(host: str, file: str, line: int) -> str:
    """Kind and fingerprint of the key that is kept for the host on that line of the file; "" unknown."""
    try:
        _, said = await printed(("ssh-keygen", "-l", "-F", host, "-f", file), _KEYGEN_SECONDS)
    except OSError:  # also where it did not answer in time
        return ""
    return _on_line(said, line)


def _on_line(said: str, line: int) -> str:
    """Of `# Host h found: line 3`, and then `h ED25519 SHA256:…`."""
    match = re.search(rf"found: line {line}\s*\n\S+ (\S+) (\S+)", said)
    return f"{match[1]} {match[2]}" if match else ""


# ---- everything else ---------------------------------------------------------------------------------


def _fixed(detail: str, remedy: str) -> _Tell:
    """Words in which {1} and the like stand for what the pattern found."""
    return lambda match: (detail.format(match[0], *match.groups("")), remedy)


def _reasons(table: Sequence[tuple[str, str, str]]) -> list[tuple[re.Pattern[str], _Tell]]:
    return [(re.compile(pattern, re.MULTILINE), _fixed(detail, remedy)) for pattern, detail, remedy in table]


_SYSTEM = r"([A-Za-z][A-Za-z ,/-]{1,80})"
"""What the system's library says of an error."""
_LOST = r"(?:Broken pipe|Connection (?:reset by peer|timed out|refused)|No route to host|Network is \w+)"

# Each at the end of a line, with no part of it kept.
_CUTS = [
    (re.compile(rf"{pattern}$", re.MULTILINE), detail, remedy)
    for pattern, detail, remedy in (
        (
            r"Timeout, server \S+ not responding\.",
            "the connection was lost: the host has not answered for 45 s",
            "it may be down, or the network to it",
        ),
        (
            r"Connection to \S+ closed by remote host\.",
            "the connection was lost: the host closed it",
            "it may be restarting; open it again",
        ),
        (
            rf"(?:client_loop: send disconnect|packet_write_wait: .*|Read from remote host .*): {_LOST}",
            "the connection was lost: the network or the host cut it",
            "it may be restarting; open it again",
        ),
        (
            r"(?:Connection (?:reset|closed) by \S+ port \d+|ssh_dispatch_run_fatal: .*)",
            "the connection was lost: the network or the host cut it",
            "it may be restarting; open it again",
        ),
        (
            r"(?:Received disconnect|Disconnected) from \S+ port \d+(?::\d+: .*)?",
            "the connection was lost: the host ended it",
            "it may be restarting, or may not want this user any more; open it again",
        ),
        (r"(?:C|Shared c)onnection to \S+ closed\.", "what ran there ended with status 255", ""),
    )
]

# The first that is found counts: of two hops the one that failed says why, the others only that it is gone.
_KEYS = _reasons(
    (
        (
            r"^The (\S+) host key for (\S+) is marked as revoked",
            "the {1} host key of {2} is revoked: nothing was sent to it",
            "make a new host key there; who has the old one can pose as it",
        ),
        (
            r"^Certificate invalid: ([\w ,-]{1,80})$",
            "the host certificate is not valid: {1}",
            "have it signed anew, or keep the host's own key in known_hosts",
        ),
        (
            r"^No (\S+) host key is known for (\S+) and",
            "the host key of {2} is not known, and the configuration asks for strict checking",
            "add its key to known_hosts when you know that it is its own",
        ),
        (
            r"^Host key verification failed",
            "the host key was not accepted: nothing was sent to it",
            "compare its fingerprint with one from another source, then open it again",
        ),
    )
)
"""A host's key that was refused, whose rule is the same for every way over SSH."""

_REASONS = _reasons(
    (
        (
            r"^(\S+?): Permission denied \(([\w@.,-]{0,200})\)",
            "{1}: permission denied; the server takes {2}",
            "check user and key, and whether the agent has it: ssh-add -l",
        ),
        (
            r"Too many authentication failures",
            "the server refused after too many keys",
            "name the key in the configuration, with IdentitiesOnly yes in the one of ssh",
        ),
        (
            r"connect to host (\S+) port (\d+): Connection refused",
            "{1}:{2} refused the connection: nothing listens there, or a firewall answers",
            "is it the right address and port, and does its SSH server run?",
        ),
        (
            r"connect to host (\S+) port (\d+): (?:Connection|Operation) timed out",
            "{1}:{2} did not answer",
            "it may be down, or a firewall or a security group drops it; a jump host may be needed",
        ),
        (
            rf"connect to host (\S+) port (\d+): {_SYSTEM}$",
            "{1}:{2} can't be reached: {3}",
            "the network may not lead there from here; a jump host may be needed",
        ),
        (
            rf"Could not resolve hostname (\S+?): {_SYSTEM}$",
            "the name {1} is not known: {2}",
            'take another address for it in the configuration: address = "private" or "public"',
        ),
        (
            r"open failed: administratively prohibited(?:: (.+))?$",
            "the jump host does not let connections through",
            "AllowTcpForwarding must be on there",
        ),
        (
            r"open failed: connect failed: (.{1,120})$",
            "the jump host can't reach it: {1}",
            "is it the right address, as seen from the jump host?",
        ),
        (
            r"Unable to negotiate with (\S+) port \d+: (no matching .{1,200})$",
            "{1} and this ssh have no algorithm in common: {2}",
            "update the older of the two",
        ),
        (
            r"banner line too long|No SSH version received|banner line contains invalid|"
            r"Connection to (\S+) port \d+: invalid format",
            "what listens there is no SSH server",
            "is it the right port?",
        ),
        (
            r"timed out during banner exchange",
            "it took the connection and then said nothing",
            "it may be overloaded, or hang; try again, or look at it through its cloud",
        ),
        (
            r"^Timeout, server (\S+) not responding",
            "{1} has not answered for 45 s",
            "it may be down, or the network to it",
        ),
        (
            rf"^kex_exchange_identification: (?:read: )?{_SYSTEM}$",
            "the server ended the connection before it said a word of SSH: {1}",
            "is it an SSH server's port? If so, it may refuse so many at once (MaxStartups), or this address",
        ),
        (
            r"[Bb]ad configuration option: (\S{1,80})$",
            "ssh's configuration has a setting that it does not know: {1}",
            "correct the file that it names",
        ),
        (
            r"Bad owner or permissions on (.+)$",
            "ssh refuses its configuration {1}: others may write it",
            "take that right away: chmod go-w",
        ),
        (
            r"client_loop: send disconnect|Connection to \S+ closed by remote host|"
            r"Connection (?:reset|closed) by \S+",
            "the connection was lost before the login was through: {0}",
            "it may be restarting; open it again",
        ),
    )
)
