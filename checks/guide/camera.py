"""Somebody's window on the demonstration, and pictures of what it shows."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image  # comes with WeasyPrint
from playwright.sync_api import Locator, Page

WIDTH = 1280
COLOURS = 96
"""The pages have few: so a picture of one takes a third of the bytes, and nobody sees a difference."""


class Camera:
    """One person's window. What they do goes by the words on the page, as a person's hands do.

    `at` is the local time for them.
    """

    def __init__(self, page: Page, folder: Path, at: datetime) -> None:
        self.page, self.folder, self.at = page, folder, at.astimezone(ZoneInfo("Europe/London"))

    def sees(self, heading: str) -> None:
        """Wait for the page with this main heading; raises TimeoutError when it does not come."""
        self.page.get_by_role("heading", level=1, name=heading).wait_for()

    def follow(self, words: str, *, within: Locator | None = None) -> None:
        """Go through the first link with these words, also where it looks like a button."""
        place = within or self.page.locator("body")
        link = place.get_by_role("link", name=words)
        link.or_(place.get_by_role("button", name=words)).first.click()

    def menu(self, words: str) -> None:
        """Go through a link of the menu."""
        self.page.get_by_role("navigation", name="Menu").get_by_role("link", name=words).click()

    def press(self, words: str) -> None:
        """Press the first button with exactly these words."""
        self.page.get_by_role("main").get_by_role("button", name=words, exact=True).first.click()

    def choose(self, words: str, *, among: str = "") -> None:
        """Choose a radio button by its words, of the question that is worded like `among`."""
        place = self.page.get_by_role("group", name=among) if among else self.page
        place.get_by_role("radio", name=words, exact=True).first.check()

    def write(self, label: str, words: str) -> None:
        """Fill in the field with this label."""
        self.page.get_by_label(label, exact=True).first.fill(words)

    def take(self, name: str, *, height: int, at: Locator | None = None) -> None:
        """Save a picture of the page, from its top or from `at`, so many CSS pixels high or as high as it is."""
        self.page.evaluate("document.activeElement?.blur()")
        top = 0 if at is None else max(0, int(at.evaluate("e => e.getBoundingClientRect().top + scrollY")) - 20)
        whole = int(self.page.evaluate("document.documentElement.scrollHeight"))
        shot = self.page.screenshot(full_page=True, animations="disabled", caret="hide")
        image = Image.open(BytesIO(shot)).convert("RGB")
        image = image.crop((0, top, WIDTH, min(whole, top + height)))
        few = image.quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(self.folder / f"{name}.png", optimize=True)
