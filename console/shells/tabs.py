"""The tabs: which there are, which one is shown, which are marked, and where what is typed goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console.shells.tab import Tab


class Tabs:
    """In the order that they were opened. Tabs are known by themselves, never by their place."""

    def __init__(self) -> None:
        self._tabs: list[Tab] = []
        self.current: Tab | None = None
        self.broadcasting = False
        """What is typed into a marked tab goes to all that are marked."""

    def __iter__(self) -> Iterator[Tab]:
        return iter(self._tabs)

    def __len__(self) -> int:
        return len(self._tabs)

    @property
    def marked(self) -> Sequence[Tab]:
        """Those that a person marked and that still run."""
        return [tab for tab in self._tabs if tab.marked and tab.running]

    @property
    def place(self) -> int:
        """Where the shown one is, from 0; -1 without one."""
        return self._tabs.index(self.current) if self.current is not None else -1

    def add(self, tab: Tab) -> None:
        """A further one, which is shown. A name that another one has gets a number."""
        names = {other.name for other in self._tabs}
        wanted, number = tab.name, 2
        while tab.name in names:
            tab.name, number = f"{wanted} {number}", number + 1
        self._tabs.append(tab)
        self.current = tab

    def remove(self, tab: Tab) -> None:
        """It is closed; its neighbour is shown instead."""
        at = self._tabs.index(tab)
        self._tabs.remove(tab)
        if tab is self.current:
            self.current = self._tabs[min(at, len(self._tabs) - 1)] if self._tabs else None
        self.settle()

    def show(self, number: int) -> bool:
        """Show the one of that number, from 1; whether there is one."""
        if not 1 <= number <= len(self._tabs):
            return False
        self.current = self._tabs[number - 1]
        return True

    def step(self, steps: int) -> None:
        """Show the one so many further on, round and round."""
        if self._tabs:
            self.current = self._tabs[(self.place + steps) % len(self._tabs)]

    # ---- broadcasting ----------------------------------------------------------------------------

    @property
    def shared(self) -> bool:
        """Whether what is typed now goes to several."""
        return self.broadcasting and self.current is not None and self.current in self.marked

    def toggle_broadcast(self) -> str:
        """Begin or end it; why it can't begin, "" when it did. Only marked ones take part."""
        if self.broadcasting:
            self.broadcasting = False
            return ""
        if self.current is None or not self.current.running:
            return "this one has ended"
        if not self.current.marked:
            return "this tab is not marked"
        if len(self.marked) < 2:
            return "no other tab is marked"
        self.broadcasting = True
        return ""

    def settle(self) -> bool:
        """End the broadcast when fewer than two are left that take part; whether that was so."""
        ends = self.broadcasting and len(self.marked) < 2
        if ends:
            self.broadcasting = False
        return ends

    @property
    def others(self) -> Sequence[Tab]:
        """Those that what is typed into the shown one goes to as well."""
        return [tab for tab in self.marked if tab is not self.current] if self.shared else ()
