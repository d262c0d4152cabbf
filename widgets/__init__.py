"""Textual widgets that know rows, lines and time, and nothing about fleets."""
