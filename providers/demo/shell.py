"""A shell that only looks like one: enough to try the pane on, for machines that there are not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from providers.sessions import Ending, Size

_HELP = "help  hostname  uptime  ls  df  colours  size  exit"
_FILES = (
    "\x1b[34mbin\x1b[m",
    "\x1b[34metc\x1b[m",
    "\x1b[34mhome\x1b[m",
    "\x1b[36mlib\x1b[m",
    "readme.txt",
    "\x1b[34mvar\x1b[m",
)


class Shell:
    """A Session. Lines are edited with backspace, ctrl-u, ctrl-c and ctrl-d; a few words do something."""

    def __init__(self, name: str, size: Size) -> None:
        self.sent = f"nothing: the shell on {name} is simulated"
        self._name = name
        self._size = size
        self._line = ""
        self._said: asyncio.Queue[bytes] = asyncio.Queue()
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._say("This machine is simulated, and so is this shell: type help.\r\n")
        self._prompt()

    async def read(self) -> bytes:
        """What it says; b"" when it has ended."""
        if self._ending.done() and self._said.empty():
            return b""
        return await self._said.get()

    async def write(self, data: bytes) -> None:
        """Keys, as a terminal sends them."""
        for letter in data.decode("utf-8", "replace"):
            self._take(letter)

    async def end(self) -> None:
        """As ctrl-d does."""
        self._finish(0)

    def resize(self, size: Size) -> None:
        """Known to the word "size"."""
        self._size = size

    async def ended(self) -> Ending:
        """Waits for "exit"."""
        return await asyncio.shield(self._ending)

    async def close(self) -> None:
        """End it now."""
        self._finish(None)

    # ---- lines ---------------------------------------------------------------------------------------

    def _take(self, letter: str) -> None:
        if self._ending.done():
            return
        keys: dict[str, Callable[[], None]] = {
            "\r": self._enter,
            "\x7f": self._rub_out,
            "\x15": self._wipe,
            "\x03": self._break,
            "\x04": self._leave,
        }
        if key := keys.get(letter):
            key()
        elif letter.isprintable():
            self._line += letter
            self._say(letter)

    def _enter(self) -> None:
        line, self._line = self._line.strip(), ""
        self._say("\r\n")
        word = line.partition(" ")[0]
        if word == "exit":
            self._finish(0)
            return
        if word:
            told = _WORDS.get(word, _unknown)(self, word)
            self._say("".join(f"{each}\r\n" for each in told.splitlines()))
        self._prompt()

    def _rub_out(self) -> None:
        if self._line:
            self._line = self._line[:-1]
            self._say("\b \b")

    def _wipe(self) -> None:
        self._say("\b \b" * len(self._line))
        self._line = ""

    def _break(self) -> None:
        self._line = ""
        self._say("^C\r\n")
        self._prompt()

    def _leave(self) -> None:
        if not self._line:
            self._say("exit\r\n")
            self._finish(0)

    def _prompt(self) -> None:
        self._say(f"\x1b[1;32mada@{self._name}\x1b[m:\x1b[1;34m~\x1b[m$ ")

    def _say(self, text: str) -> None:
        if text:  # no bytes would be the end
            self._said.put_nowait(text.encode())

    def _finish(self, status: int | None) -> None:
        if not self._ending.done():
            self._ending.set_result(Ending(status))
            self._said.put_nowait(b"")

    # ---- words ---------------------------------------------------------------------------------------

    def hostname(self, _: str) -> str:
        return self._name

    def size(self, _: str) -> str:
        return f"{self._size.columns} columns, {self._size.rows} rows"

    def colours(self, _: str) -> str:
        blocks = (f"\x1b[48;5;{number}m  " for number in (*range(16), *range(16, 232, 6)))
        return "".join(blocks) + "\x1b[m"


def _unknown(shell: Shell, word: str) -> str:
    return f"{word}: there is no such word in this simulated shell; there are: {_HELP}"


_WORDS: dict[str, Callable[[Shell, str], str]] = {
    "help": lambda shell, word: _HELP,
    "hostname": Shell.hostname,
    "uptime": lambda shell, word: " up 12 days,  3:07,  1 user,  load average: 0.31, 0.27, 0.22",
    "ls": lambda shell, word: "  ".join(_FILES),
    "df": lambda shell, word: "Filesystem  Size  Used  Use%  Mounted on\n/dev/vda1    80G   21G   27%  /",
    "size": Shell.size,
    "colours": Shell.colours,
}
