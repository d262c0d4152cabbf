"""Text that means harm to a terminal or to its reader."""

from __future__ import annotations

HOSTILE = (
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]0;title\x07\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[1;1Hcleared",
    "\x1bP+q544e\x1b\\\x1b_G\x1b\\\x1b^x\x1b\\",
    "\x1bc\x1b#8\x1b(0",
    "\x9b31mred\x9d52;c;eA==\x9c\x90q\x9c",
    "\x1b[6n\x1b[c\x1b[>q\x1b[21t\x05",
    "bell\x07 back\x08\x08 tab\t vt\x0b ff\x0c so\x0e si\x0f del\x7f nul\x00",
    "two\nlines\r\nthree\rfour",
    "\u202eexe.gpj\u202c \u2066isolate\u2069 \u200e\u200f\u061c",
    "zero\u200bwidth\u200d\u2060\ufeff\u00ad",
    "lines\u2028and\u2029paragraphs",
    "tags\U000e0041\U000e0042\U000e007f",
    "surrogate\ud800\udfff",
    "zalgo" + "\u0301\u0302\u0303\u0304" * 30,
    "[bold]markup[/bold] [@click='app.quit']x[/] [/var/lib]",
    "flag🇩🇪 family👩‍👩‍👧 heart❤️ skin👍🏽 wide表示",
    "hangul ᄀᄁᄂ filler ㅤ braille ⠀",
    "x" * 253,
)

FORBIDDEN = frozenset(
    chr(code)
    for code in (
        *range(0x20),
        *range(0x7F, 0xA0),
        0xAD,
        0x61C,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        *range(0xD800, 0xE000),
        *range(0xE0000, 0xE1000),
    )
)
"""Characters that must not reach a terminal as text."""
