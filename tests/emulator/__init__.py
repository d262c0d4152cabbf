"""Tests of the terminal emulator: against tmux, against xterm's documentation, against hostile bytes."""
