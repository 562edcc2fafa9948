"""Somebody who clicks through the pages of Home Assistant: reads first, and is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from playwright.async_api import Locator, Page

CONFIG: Final = "ui.panel.config.integrations"
SUBMIT: Final = f"{CONFIG}.config_flow.submit"
FINISH: Final = f"{CONFIG}.config_flow.finish"
FINISH_UNNAMED: Final = f"{CONFIG}.config_flow.finish_skip"
"""At the end of a flow that made a device, which could be named and put into a room."""
CLOSE: Final = f"{CONFIG}.config_flow.close"
CONFIGURE: Final = f"{CONFIG}.config_entry.configure"
DELETE: Final = f"{CONFIG}.config_entry.delete"
MENU: Final = "ui.common.menu"
CONFIRM: Final = "ui.common.ok"


@dataclass(slots=True)
class Hand:
    """One pointer and one keyboard, and how often each was used."""

    page: Page
    texts: Mapping[str, Any]
    """The integration's own translations into the user's language."""
    n_clicks: int = 0
    n_typed: int = 0
    """Fields that were typed into, searches included."""

    async def open(self, address: str) -> None:
        """Open an address, once the last dialog is closed and out of the history.

        It goes back in the history a little after it closed, which would cut the way short.
        """
        await self.page.wait_for_function("() => !window.history.state?.dialog")
        await self.page.goto(address)

    async def click(self, target: Locator) -> None:
        """Click once."""
        self.n_clicks += 1
        await target.click()

    async def type(self, field: Locator, value: str) -> None:
        """Type into a field, in place of what stands there."""
        self.n_typed += 1
        await field.fill(value)

    async def press(self, key: str, within: Locator | None = None) -> None:
        """Press a button of Home Assistant's own, by the word its frontend has for it."""
        name = await self.word(key)
        where = within or self.page
        await self.click(where.get_by_role("button", name=name, exact=True))

    async def word(self, key: str) -> str:
        """What the frontend calls something, in the user's language, once it has loaded that."""
        word = await self.page.wait_for_function(
            "key => document.querySelector('home-assistant').hass?.localize(key)",
            arg=key,
        )
        return str(await word.json_value())

    async def see(self, text: str) -> None:
        """Wait for a text."""
        await self.page.get_by_text(text, exact=True).wait_for()

    async def see_value(self, name: str, value: str) -> None:
        """Wait for a value beside a name, not as the end of a longer value."""
        pattern = r"\b" + r"\s+".join(re.escape(word) for word in value.split())
        named = self.page.get_by_text(name, exact=True)
        row = self.page.locator("hui-generic-entity-row").filter(has=named)
        await row.filter(has_text=re.compile(pattern)).wait_for()

    async def everything_shown(self) -> str:
        """The source of the page with all its shadow roots, and what its fields hold."""
        content: str = await self.page.locator("*").evaluate_all(
            "all => all.flatMap(one => [one.outerHTML, one.shadowRoot?.innerHTML, one.value])"
            ".join(' ')"
        )
        return content


@dataclass(frozen=True, slots=True)
class Dialog:
    """The steps of one flow, found by their texts."""

    hand: Hand
    flow: Mapping[str, Any]
    """Of the translations."""
    placeholders: Mapping[str, str]
    """What the descriptions name."""

    async def arrive(self, step: str) -> None:
        """Read the title of a step and what it explains."""
        texts = self.flow["step"][step]
        await self.hand.see(texts["title"])
        description = texts.get("description", "").format(**self.placeholders)
        for paragraph in filter(None, description.split("\n\n")):
            await self.hand.see(paragraph)

    async def choose(self, step: str, option: str) -> None:
        """Take one way of a menu."""
        await self.arrive(step)
        label = self.flow["step"][step]["menu_options"][option]
        await self.hand.click(self.hand.page.get_by_text(label, exact=True))

    async def write(self, step: str, **typed: str) -> None:
        """Type into fields of a step, which are found by their labels."""
        await self.arrive(step)
        for field, value in typed.items():
            await self.hand.type(self.box(step, field), value)

    async def fill_in(self, step: str, **typed: str) -> None:
        """Type into fields of a step and send it; without any, take it as it is suggested."""
        await self.write(step, **typed)
        await self.submit()

    async def tick(self, question: str, option: str) -> None:
        """Choose one answer of a list that is all shown."""
        label = self.hand.texts["selector"][question]["options"][option]
        await self.hand.click(self.hand.page.get_by_text(label, exact=True))

    async def pick(self, step: str, field: str, entity: str) -> None:
        """Look an entity up by its name and take it, in place of the first one chosen so far."""
        page = self.hand.page
        label = self.flow["step"][step]["data"][field]
        asked = page.locator("ha-selector-entity")
        picker = asked.filter(has=page.get_by_text(label, exact=True))
        await self.hand.click(picker.locator("ha-entity-picker").first)
        search = picker.get_by_role("textbox")
        await self.hand.type(search, entity)
        found = page.locator("ha-combo-box-item")
        await self.hand.click(found.filter(has=page.get_by_text(entity, exact=True)))
        # The form knows the choice once the list has closed, and no sooner.
        await search.wait_for(state="hidden")

    async def submit(self) -> None:
        """Send the form."""
        await self.hand.press(SUBMIT)

    async def read_error(self, error: str) -> None:
        """Wait for what is said of a wrong answer."""
        await self.hand.see(self.flow["error"][error])

    async def read_end(self, reason: str) -> None:
        """Wait for what is said where a flow ends without making anything."""
        await self.hand.see(self.flow["abort"][reason])

    def box(self, step: str, field: str) -> Locator:
        """What a field of text or a number is typed into."""
        label = re.escape(self.flow["step"][step]["data"][field])
        name = re.compile(rf"^{label}\W*$")  # what must be answered has a star
        page = self.hand.page
        text = page.get_by_role("textbox", name=name)
        return text.or_(page.get_by_role("spinbutton", name=name))
