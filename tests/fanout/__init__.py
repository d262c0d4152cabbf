"""One command on many hosts: the engine's staging, the folding, the screen and the command line."""
