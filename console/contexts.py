"""Where a key is pressed, beside the panes of data: their kinds are contexts too."""

SHELLS = "shell"
"""On the tabs of the dock."""
PROGRAM = "program"
"""In a shell: every other key is the program's."""
