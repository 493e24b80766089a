"""Every page with records on it, with everything open that opens, and with errors: on a desktop and at 320 px."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import get_resolver

from rhi.actions.forms import save_answers
from rhi.actions.outcomes_by_hand import Settled, record_held, record_outcomes
from rhi.actions.recording import record_episode
from rhi.actions.signing import write_up
from rhi.questions import sections_for
from rhi.questions.shapes import Situation
from routing.actions import Holder, allocate
from tests.browser.desk_pages import ELSEWHERE, NEVER_WRONG, NO_PAGE, PAGES, address
from tests.browser.filling import answers
from tests.browser.test_every_page import WIDTHS, watch
from tests.browser.walking import TOO_WIDE
from tests.rhi.matrix.world import OURS, build
from tests.rhi.test_matrix import names
from tests.staff.people import now

SHARE = 12
#: What folds away or opens, but for answers that bring a further question: of those one is open at a time.
CLOSED = "details:not([open]) > summary, button[aria-expanded='false'], button[aria-label='Show password']"
BRINGS_MORE = "input[type=radio][aria-controls]"
#: Spoil what can be spoiled of a form: choices that are none, times that are none, nothing where words belong.
SPOIL = """form => {
  const seen = new Set();
  for (const field of form.elements) {
    if (["hidden", "submit", "button", "fieldset"].includes(field.type)) continue;
    if (["radio", "checkbox"].includes(field.type)) {
      field.checked = !seen.has(field.name);
      if (field.checked) field.value = "no such choice";
    } else if (field.tagName === "SELECT") {
      field.add(new Option("No such choice", "no such choice", true, true));
    } else {
      field.type = field.type === "datetime-local" ? "text" : field.type;
      const takesWords = field.type !== "date"; // nobody can type words where a browser offers days
      field.value = takesWords && /_at$|^at$|date|due|when/.test(field.name) ? "no time" : "";
    }
    seen.add(field.name);
  }
}"""


class Looking:
    """Goes over pages in one window and gathers what is wrong with them."""

    def __init__(self, page, violations):
        self.page, self.violations = page, violations
        self.faults, self.complaints = [], watch(page)

    def over(self, name, address):
        """A page as it is, with everything open, and with errors."""
        answer = self.page.goto(address)
        if answer.status != 200 or not self.page.url.endswith(address):
            self.faults.append(f"{name} {address}: {answer.status}, {self.page.url}")
        self.with_records(f"{name} {address}")
        form = self.page.locator("main form[method=post]:has(input:not([type=hidden]), select, textarea)")
        if name not in NEVER_WRONG and form.count():
            self.with_errors(f"{name} {address}, with errors", form.first)

    def with_records(self, where):
        for width in WIDTHS:
            self.widen(width)
            self.open_everything(where)
            self.at_this_width(f"{where}, {width} px")
        for more in self.page.locator(BRINGS_MORE).all():
            more.check()
            self.at_this_width(f"{where}, {more.get_attribute('id')}")

    def widen(self, width):
        """Give the window this width, and the page the frame in which it tells its scripts."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def open_everything(self, where):
        while (closed := self.page.locator(CLOSED).filter(visible=True)).count():
            closed.first.click()
        shut = self.page.locator("[aria-expanded='false'], dialog:not([open])").all()
        left = [each.inner_text() for each in shut if each.is_visible()]
        if left:
            self.faults.append(f"{where}: does not open: {left}")

    def with_errors(self, where, form):
        self.widen(WIDTHS[0])
        form.evaluate(SPOIL)
        with self.page.expect_navigation():
            form.locator(".govuk-button[type=submit]:not([data-rhi-add])").first.click()
        if not self.page.title().startswith("Error:"):
            self.faults.append(f"{where}: titled {self.page.title()}")
        if not self.page.locator(".govuk-error-summary").is_visible():
            self.faults.append(f"{where}: no error summary")
        for width in WIDTHS:
            self.widen(width)
            self.at_this_width(f"{where}, {width} px")

    def at_this_width(self, where):
        found = self.violations(self.page)
        if found:
            self.faults.append(f"{where}: {found}")
        if wide := self.page.evaluate(TOO_WIDE):
            self.faults.append(f"{where}: wider than the screen: {wide}")


def shares():
    """The pages of each person, in shares of a size that one test goes over."""
    return [
        pytest.param(column, own[start : start + SHARE], id=f"{column}{start // SHARE + 1}")
        for column in sorted({column for _, column, _ in PAGES})
        for own in [[(name, record) for name, who, record in PAGES if who == column]]
        for start in range(0, len(own), SHARE)
    ]


@pytest.fixture
def world(tmp_path):
    """The small world of the matrix, with more of what happened to its cases."""
    with transaction.atomic():
        made = build(tmp_path)
    worker, at = made.people["C"], now()
    own, concluded, done, other = (made.case(each, "O") for each in ("own", "concluded", "reason", "other"))
    with transaction.atomic():
        allocate([(own.referral, Holder(made.teams[OURS], worker, rule="", because="Given"), at)])
        record_episode(
            other.child,
            values={"kind": "missing", "last_seen_at": at - timedelta(hours=5), "circumstances": "Left after tea."},
            although=False,
            by=made.people["O"],
            now=at,
        )
    answer(concluded.referral, ["Before: why", "While missing"], by=worker)
    record_held(done.referral, held_at=at, method="face_to_face", by=worker, now=at)
    record_outcomes(
        done.referral, settled={done.episode.pk: Settled("completed", "")}, cancel_booked=True, by=worker, now=at
    )
    answer(done.referral, None, by=worker)
    write_up(done.referral, by=worker, now=at)
    return made


def answer(referral, titles, *, by):
    """Answer these sections of the form of a held interview, or all."""
    situation = Situation(held=True)
    for section in sections_for(situation):
        if titles is None or section.title in titles:
            values = answers(section, situation)
            save_answers(referral, section=section.letter, values=values, shown={}, by=by, now=now())


@pytest.fixture
def looking(world, visit, live_server, violations):
    """A window of a person: `looking(column)`."""

    def opened(column):
        page = visit("/health")
        if column in world.sessions:
            page.context.add_cookies([{"name": "sessionid", "value": world.sessions[column], "url": live_server.url}])
        return Looking(page, violations)

    return opened


def test_every_address_is_listed_with_how_it_is_opened():
    listed = [name for name, _, _ in PAGES] + [name for named in ELSEWHERE.values() for name in named] + NO_PAGE
    assert set(listed) == set(names(get_resolver().url_patterns))


@pytest.mark.walk
@pytest.mark.parametrize(("column", "pages"), shares())
def test_every_page_is_sound_with_records_open_and_with_errors(world, looking, column, pages):
    going = looking(column)
    for name, record in pages:
        going.over(name, address(world, name, column, record))
    assert going.faults == []
    assert going.complaints == []
