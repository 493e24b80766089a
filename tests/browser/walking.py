"""Somebody who uses the site: with a mouse or with keys alone, counted, and every page looked at on the way."""

import re
from contextlib import contextmanager

from playwright.sync_api import expect

from tests.browser.test_every_page import watch
from tests.staff.people import PASSWORD

#: What of a page makes somebody scroll sideways, the innermost elements only.
TOO_WIDE = """() => {
  const page = document.documentElement;
  if (page.scrollWidth === page.clientWidth) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    (each) => each.getBoundingClientRect().right + window.scrollX > page.clientWidth
  );
  const inner = wide.filter((each) => !wide.some((other) => other !== each && each.contains(other)));
  return [`${page.scrollWidth - page.clientWidth} px`, ...inner.map((each) => each.outerHTML.slice(0, 200))];
}"""
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

    @contextmanager
    def at_most(self, number):
        """What is done here takes no more interactions than these."""
        before = self.interactions
        yield
        assert 0 < self.interactions - before <= number

    # What a person does

    def follow(self, name):
        """Go through a link, by how its words begin."""
        self._act(self._shown(self.page.get_by_role("link", name=starting(name))))

    def press(self, name):
        """Press a button, or a link that looks like one, by how its words begin."""
        self._act(self._shown(self.page.get_by_role("button", name=starting(name))))

    def choose(self, words, *, among=None):
        """Choose a radio button by its words; `among` is the question, where several have such an answer."""
        place = self.page.get_by_role("group", name=starting(among)) if among else self.page
        self.check(place.get_by_role("radio", name=words, exact=True).first)

    def tick(self, *names):
        """Tick checkboxes of one group: one interaction."""
        self.check_all([self.page.get_by_role("checkbox", name=starting(name)).first for name in names])

    def write(self, label, words):
        self.fill(self.page.get_by_label(label, exact=True).first, words)

    def pick(self, label, option):
        """Choose from a list that opens."""
        self.select(self.page.get_by_label(label, exact=True).first, option)

    def time(self, label, at):
        """Put a local time into the browser's own control for one."""
        self.set_time(self.page.get_by_label(label, exact=True).first, at)

    # The same, by what stands on the page

    def check(self, radio):
        self.interactions += 1
        if self.by != KEYS:
            radio.check()
            return
        name = radio.get_attribute("name")
        self._tab_until(lambda: self._focused("name") == name)
        self.page.keyboard.press("Space")
        for _ in range(self.page.locator(f"input[name='{name}']").count()):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        assert radio.is_checked()

    def check_all(self, boxes):
        for box in boxes:
            if self.by == KEYS:
                self._tab_to(box)
                self.page.keyboard.press("Space")
                assert box.is_checked()
            else:
                box.check()
        self.interactions += 1

    def fill(self, box, words):
        self.interactions += 1
        if self.by != KEYS:
            box.fill(words)
            return
        self._tab_to(box)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def select(self, chooser, option):
        self.interactions += 1
        if self.by != KEYS:
            chooser.select_option(label=option)
            return
        self._tab_to(chooser)
        self.page.keyboard.press("Home")
        for _ in range(chooser.locator("option").all_inner_texts().index(option)):
            self.page.keyboard.press("ArrowDown")
        assert chooser.locator("option:checked").inner_text() == option

    def set_time(self, box, at):
        self.interactions += 1
        wanted = f"{at:%Y-%m-%dT%H:%M}"
        if self.by != KEYS:
            box.fill(wanted)
            return
        self._tab_to(box)
        for day, clock in (("%m%d", "%I%M%p"), ("%d%m", "%H%M")):  # the order is that of the browser's language
            for _ in range(6):
                self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(f"{at:{day}%Y}")
            self.page.keyboard.press("ArrowRight")  # a year may have more digits
            self.page.keyboard.type(f"{at:{clock}}")
            if box.input_value() == wanted:
                return
        raise AssertionError(f"No keys write {wanted} here, but {box.input_value()}.")

    def add(self, place, words):
        """Add a row to a table: without scripts the page is saved and comes back with it."""
        self.interactions += 1
        button = place.get_by_role("button", name=words, exact=True)
        rows = place.get_by_role("group").filter(has=self.page.locator("input, select"))
        number = rows.count()
        if self.by == KEYS:
            self._tab_to(button)
            self.page.keyboard.press("Enter")
        else:
            button.click()
        expect(rows).not_to_have_count(number)

    # What is seen

    def sees(self, heading):
        """The page has this heading, sits in its width, and breaks no accessibility rule."""
        title = self.page.get_by_role("heading", level=1)
        assert title.inner_text().replace("\n", " ").endswith(heading), title.inner_text()
        if self.violations:
            assert not (found := self.violations(self.page)), found
        assert not (wide := self.page.evaluate(TOO_WIDE)), wide

    def reads(self, words):
        said = " ".join(self.page.locator("main").inner_text().split())
        assert words in said, f"{words!r} is not in: {said}"

    # How it is done

    def _shown(self, targets):
        """The first of these that can be seen; on a phone some wait in the menu, which is opened first."""
        menu = self.page.get_by_role("button", name="Menu", exact=True)
        if not targets.first.is_visible() and menu.is_visible():
            self.interactions += 1
            menu.click()
        return targets.first

    def _act(self, target):
        self.interactions += 1
        if self.by == KEYS:
            self._tab_to(target)
        with self.page.expect_navigation():
            if self.by == KEYS:
                self.page.keyboard.press("Enter")
            else:
                target.click()

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
