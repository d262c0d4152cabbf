"""Settings of the configuration file, as a person meets them."""

from console.config import Config, Look
from tests.stories.stage import session


async def test_T5_the_copy_key_writes_to_the_clipboard_unless_that_is_switched_off() -> None:
    async with session() as user:
        assert user.app.clipboard == ""
        await user.press("c")
        assert user.app.clipboard == user.under_cursor != ""
    async with session(config=Config(look=Look(clipboard=False))) as user:
        assert user.under_cursor
        await user.press("c")
        assert user.app.clipboard == ""


async def test_a_theme_that_does_not_exist_is_told_with_those_that_do() -> None:
    async with session(config=Config(look=Look(theme="quarterdek"))) as user:
        assert user.app.theme == "quarterdeck"
        (entry,) = user.app.activity.entries
        assert entry.title == "[look] theme: there is no theme 'quarterdek'"
        assert "quarterdeck" in entry.lines[0]
    async with session(config=Config(look=Look(theme="nord"))) as user:
        assert user.app.theme == "nord"
        assert user.app.activity.entries == []
