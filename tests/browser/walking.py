"""Somebody who uses the site: with a mouse or with keys alone, counted, and every page looked at on the way."""

import re

from tests.browser.test_every_page import watch
from tests.staff.people import PASSWORD

KEYS = "keys"
MOUSE = "mouse"


class Walk:
    """A window of somebody signed in. `interactions` counts clicks, keys that act, and filled field groups."""

    def __init__(self, page, *, by=MOUSE, violations=None):
        self.page, self.by, self.violations = page, by, violations
        self.interactions = 0
        self.complaints = watch(page)

    def sign_in(self, person):
        self.page.goto("/account/sign-in/")
        self.page.get_by_label("Email address").fill(person.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.interactions = 0

    # What a person does

    def follow(self, name, **how):
        """Go through a link, by how its words begin."""
        self._act(self.page.get_by_role("link", name=starting(name), **how).first, "Enter")

    def press(self, name):
        self._act(self.page.get_by_role("button", name=starting(name)).first, "Enter")

    def choose(self, words, *, among=None):
        """Choose a radio button by its words; `among` is the question, where several have such an answer."""
        place = self.page.get_by_role("group", name=starting(among)) if among else self.page
        self._reach_radio(place.get_by_role("radio", name=words, exact=True).first)

    def tick(self, *names):
        """Tick checkboxes of one group: one interaction."""
        for name in names:
            box = self.page.get_by_role("checkbox", name=starting(name)).first
            if self.by == KEYS:
                self._tab_to(box)
                self.page.keyboard.press("Space")
            else:
                box.check()
        self.interactions += 1

    def write(self, label, words):
        box = self.page.get_by_label(label, exact=True).first
        if self.by == KEYS:
            self._tab_to(box)
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(words)
        else:
            box.fill(words)
        self.interactions += 1

    # What is seen

    def sees(self, heading):
        """The page has this heading, sits in its width, and breaks no accessibility rule."""
        title = self.page.get_by_role("heading", level=1)
        assert title.inner_text().replace("\n", " ").endswith(heading), title.inner_text()
        if self.violations:
            assert self.violations(self.page) == {}
        assert self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0

    def reads(self, words):
        assert words in " ".join(self.page.locator("main").inner_text().split()), words

    # How it is done

    def _act(self, target, key):
        self.interactions += 1
        if self.by == KEYS:
            self._tab_to(target)
        with self.page.expect_navigation():
            if self.by == KEYS:
                self.page.keyboard.press(key)
            else:
                target.click()

    def _reach_radio(self, radio):
        self.interactions += 1
        if self.by != KEYS:
            radio.check()
            return
        name = radio.get_attribute("name")
        self._tab_until(lambda: self._focused("name") == name)
        self.page.keyboard.press("Space")
        for _ in range(radio.page.locator(f"input[name='{name}']").count()):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        assert radio.is_checked()

    def _tab_to(self, target):
        mark = "data-walked-to"
        target.evaluate(f"element => element.setAttribute('{mark}', 'yes')")
        self._tab_until(lambda: self._focused(mark) == "yes")
        target.evaluate(f"element => element.removeAttribute('{mark}')")

    def _tab_until(self, reached):
        for _ in range(300):
            if reached():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("No key leads there.")

    def _focused(self, attribute):
        return self.page.evaluate(
            "name => document.activeElement && document.activeElement.getAttribute(name)", attribute
        )


def starting(words):
    return re.compile(f"^{re.escape(words)}")
