"""Quarterdeck's own themes, beside all of Textual's."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="quarterdeck",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#d7af5f",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#262626",
    success="#87af5f",
    warning="#d7af5f",
    error="#d75f5f",
    dark=True,
)

LIGHT = Theme(
    name="quarterdeck-light",
    primary="#005f87",
    secondary="#5f8787",
    accent="#875f00",
    foreground="#262626",
    background="#ffffff",
    surface="#eeeeee",
    panel="#dadada",
    success="#3a7700",
    warning="#875f00",
    error="#af0000",
    dark=False,
)

THEMES = (DARK, LIGHT)
