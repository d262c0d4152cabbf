"""Where a key is pressed, beside the panes of data: their kinds are contexts too."""

SHELLS = "shell"
"""On the tabs of the dock."""
LOGS = "log"
"""On the tab of one that nothing is typed into: as on the tabs, with other keys in the key line."""
PROGRAM = "program"
"""In a shell: every other key is the program's."""
