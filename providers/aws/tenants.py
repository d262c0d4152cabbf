"""Which source shows which account: one that two profiles lead to is shown, and paced, once."""

from __future__ import annotations

from providers.aws.budget import Pace


class Tenants:
    """Accounts by their ids, as the profiles find out whose they are."""

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str], str] = {}
        self._paces: dict[str, Pace] = {}

    def take(self, account: str, region: str, source: str) -> str:
        """That source shows it from now on, if no other does: "" then, else the other's name."""
        holder = self._shown.setdefault((account, region), source)
        return "" if holder == source else holder

    def leave(self, source: str) -> None:
        """It shows nothing any more; another may."""
        self._shown = {place: holder for place, holder in self._shown.items() if holder != source}

    def pace(self, account: str, pace: Pace) -> Pace:
        """The one pace of that account: the first that came."""
        return self._paces.setdefault(account, pace)
