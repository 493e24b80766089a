"""The whole form of a held interview by key events alone, from My work to written up; and at 400% zoom.

Whatever has the focus can be seen: it lies in the window, and nothing lies over it (WCAG 2.2, 2.4.7 and 2.4.11).
"""

from datetime import timedelta

import pytest

from rhi.actions.outcomes_by_hand import record_held
from rhi.models import SubmittedForm
from rhi.questions import SECTIONS, sections_for
from rhi.questions.shapes import Situation
from tests.browser.filling import answers, fill
from tests.browser.test_journeys import reach_and_hold
from tests.browser.walking import KEYS, TOO_WIDE, Walk
from tests.rhi.writing import SLUGS
from tests.staff.people import PASSWORD, now

#: A window of 1280 by 1024 at 400% zoom.
ZOOMED = {"width": 320, "height": 256}
#: What has the focus, as far as nobody can see it: out of the window, or beneath something else.
UNSEEN = """() => {
  const field = document.activeElement;
  if (!field || field === document.body) return null;
  const box = field.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const name = field.outerHTML.slice(0, 150);
  if (right - left < 1 || bottom - top < 1) return `out of sight: ${name}`;
  const own = (each) => each && (field.contains(each) || each.contains(field) || field.labels?.[0]?.contains(each));
  for (const across of [0.1, 0.5, 0.9])
    for (const down of [0.1, 0.5, 0.9])
      if (own(document.elementFromPoint(left + (right - left) * across, top + (bottom - top) * down))) return null;
  return `beneath something: ${name}`;
}"""
#: Everything that a key leads to, in the order of the page.
IN_TURN = "input:not([type=hidden]), select, textarea, button, summary, a[href]"


class Keys(Walk):
    """Somebody who has no mouse, and looks at whatever has the focus."""

    def __init__(self, page):
        super().__init__(page, by=KEYS)
        self.unseen = set()

    def sign_in(self, person):
        for words in (person.email, PASSWORD):
            box = self.page.get_by_role("textbox", name="Email address" if "@" in words else "Password")
            self._tab_to(box)
            self.page.keyboard.type(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.interactions = 0

    def _tab_until(self, reached):
        for _ in range(400):
            if hidden := self.page.evaluate(UNSEEN):
                self.unseen.add(hidden)
            if reached():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("No key leads there.")


def hold(desk):
    """Let an interview have been held, of which nothing is written yet; answers its referral."""
    referral, at = desk.referrals[0], now()
    desk.hand(referral, desk.caseworker)
    held_at = at - timedelta(minutes=5)
    record_held(referral, held_at=held_at, method="face_to_face", place="home", by=desk.caseworker, now=at)
    return referral


@pytest.mark.clause("CARD-08")
@pytest.mark.clause("CARD-14")
@pytest.mark.timeout(300)
def test_the_whole_form_is_filled_and_written_up_by_keys_alone(desk, visit):
    desk.hand(desk.referrals[0], desk.caseworker)
    robin = Keys(visit("/account/sign-in/"))
    robin.sign_in(desk.caseworker)
    reach_and_hold(robin)

    situation = Situation(held=True)
    answered = {}
    robin.follow(SECTIONS[0].title)
    for section in sections_for(situation):
        robin.sees(section.title)
        own = answers(section, situation)
        for question in section.asked_in(situation):
            fill(robin, question, own[question.key])
        answered |= own
        if own:
            robin.press("Save and go on")
        else:
            robin.follow("Write up" if section is SECTIONS[-1] else "Go on to")
    robin.sees("Write up")
    robin.press("Write up")

    robin.reads("It waits to be signed off")
    kept = SubmittedForm.objects.get(by=desk.caseworker).document["sections"]
    assert {each["key"]: each["value"] for page in kept for each in page["questions"] if each["value"]} == answered
    assert robin.unseen == set()
    assert robin.complaints == []


def test_shift_and_tab_lead_back_over_a_form_as_tab_leads_on(desk, visit):
    referral = hold(desk)
    robin = Keys(visit("/account/sign-in/"))
    robin.sign_in(desk.caseworker)
    robin.page.goto(f"/referrals/{referral.pk}/form/{SLUGS['G']}/")
    last = robin.page.get_by_role("button", name="Save", exact=True).last

    robin._tab_to(last)
    onward = robin.page.evaluate("document.activeElement.textContent.trim()")
    robin.page.keyboard.press("Shift+Tab")
    before = robin.page.evaluate("document.activeElement.textContent.trim()")

    assert (onward, before) == ("Save", "Save and go on")


@pytest.mark.whole
@pytest.mark.clause("CARD-08")
@pytest.mark.timeout(300)
def test_at_400_per_cent_nothing_scrolls_sideways_and_the_focus_is_always_seen(desk, visit, violations):
    referral = hold(desk)
    robin = Keys(visit("/account/sign-in/"))
    robin.page.set_viewport_size(ZOOMED)
    robin.sign_in(desk.caseworker)
    wide, broken = {}, {}
    for address in ["", *(f"{section.slug}/" for section in SECTIONS), "submit/"]:
        robin.page.goto(f"/referrals/{referral.pk}/form/{address}")
        if found := robin.page.evaluate(TOO_WIDE):
            wide[address] = found
        if found := violations(robin.page):
            broken[address] = found
        for _ in range(robin.page.locator(IN_TURN).filter(visible=True).count()):
            robin.page.keyboard.press("Tab")
            if hidden := robin.page.evaluate(UNSEEN):
                robin.unseen.add(f"{address} {hidden}")

    assert wide == {}
    assert broken == {}
    assert robin.unseen == set()
    assert robin.complaints == []
