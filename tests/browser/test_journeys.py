"""The first working day: what each person does from the first page to the last, with scripts, without, and by keys."""

from datetime import timedelta

import pytest

from procedures.calendar import LONDON
from rhi.models import Answer, Attempt, Interview, Offer, Outcome
from routing.models import Allocation
from staff.models import AuditEvent
from tests.browser.walking import KEYS, MOUSE, Walk
from tests.desk import NAMES, set_up
from tests.staff.people import now

WAYS = {
    "desktop": {"width": 1280},
    "phone": {"width": 320},
    "no-scripts": {"width": 1280, "scripts": False},
    "keys": {"width": 1280},
}


@pytest.fixture(params=list(WAYS))
def way(request):
    return request.param


@pytest.fixture
def desk(tmp_path):
    return set_up(tmp_path)


@pytest.fixture
def walk(visit, violations, way):
    """Somebody's window: `walk(person)`."""

    def opened(person):
        looks = violations if way in ("desktop", "phone") else None
        walker = Walk(visit("/account/sign-in/", **WAYS[way]), by=KEYS if way == "keys" else MOUSE, violations=looks)
        walker.sign_in(person)
        return walker

    return opened


def minutes_ago(number):
    """A local time as a browser's own control takes it; which keys fill that depends on the browser's language."""
    return f"{(now() - timedelta(minutes=number)).astimezone(LONDON):%Y-%m-%dT%H:%M}"


NOT_TOLD = {"Not asked", "Declined to say", "Was alone", "With nobody so far"}
A_DAY = "20/11/2026"
"""Fits a short answer as well as a date."""


def answer_everything(page):
    """Fill whatever is still empty on a page of the form, as far as it is shown."""
    for group in page.locator("main fieldset:visible").all():
        if group.locator("input:checked").count() or group.locator("fieldset").count():
            continue
        choices = [each for each in group.locator("label:visible").all() if each.inner_text() not in NOT_TOLD]
        boxes = group.locator("input[type=radio], input[type=checkbox]").count()
        if boxes and choices:
            choices[0].click()
    for box in page.locator("main textarea:visible, main input[type=text]:visible").all():
        if not box.input_value():
            box.fill(A_DAY)
    for chooser in page.locator("main select:visible").all():
        if not chooser.input_value() and not NOT_TOLD & set(chooser.locator("option").all_inner_texts()):
            chooser.select_option(index=1)


def test_a_caseworker_logs_an_attempt_offers_holds_and_begins_the_form(desk, walk, way):
    referral = desk.referrals[0]
    desk.hand(referral, desk.caseworker)
    robin = walk(desk.caseworker)
    robin.sees("My work")

    robin.follow("Log attempt for Ash Ferris")
    robin.sees("Log an attempt")
    robin.choose("Spoke to the child")
    robin.press("Save")
    assert Attempt.objects.get().result == "spoke_to_child"

    robin.page.goto(f"/referrals/{referral.pk}/")
    robin.sees("Return home interview")
    robin.follow("Record an offer")
    robin.sees("Record an offer")
    robin.choose("Child")
    robin.choose("Phone", among="How was it put")
    robin.choose("Face to face")
    robin.press("Save")
    robin.page.goto(f"/referrals/{referral.pk}/offers/{Offer.objects.get().pk}/response/?response=accepted")
    robin.press("Save")
    assert Offer.objects.get().response == "accepted"

    robin.page.goto(f"/referrals/{referral.pk}/held/")
    robin.sees("Record that the interview was held")
    robin.page.get_by_label("When did it begin?").fill(minutes_ago(20))
    robin.choose("Face to face")
    robin.press("Save")
    assert Interview.objects.get().method == "face_to_face"

    robin.page.goto(f"/referrals/{referral.pk}/outcomes/")
    robin.sees("Record the outcome")
    robin.choose("Completed")
    robin.press("Save")
    assert Outcome.objects.get().code == "completed"

    robin.page.goto(f"/referrals/{referral.pk}/form/")
    robin.sees("Interview form")
    robin.follow("How the interview was held")
    robin.sees("How the interview was held")
    answer_everything(robin.page)
    robin.press("Save and go on")
    robin.sees("Before: why")
    assert Answer.objects.filter(interview=Interview.objects.get(), by=desk.caseworker).count() >= 5
    assert robin.complaints == []


def test_a_leader_reassigns_ten_at_once(desk, walk):
    sam = walk(desk.leader)
    sam.page.goto(f"/trays/{desk.tray.pk}/")
    sam.sees(desk.tray.name)

    sam.tick(*(f"Choose {first} {last}" for first, last in NAMES[:10]))
    sam.press("Assign the ticked")
    sam.sees("Assign several at once")
    sam.choose("Nia Frost")
    sam.write("Reason (optional)", "Robin is on leave")
    sam.press("Save")

    held = Allocation.objects.filter(worker=desk.colleague, until__isnull=True)
    assert held.count() == 10
    assert set(held.values_list("because", flat=True)) == {"Robin is on leave"}
    assert sam.complaints == []


def test_a_leader_settles_a_discussion(tmp_path, walk):
    desk = set_up(tmp_path, procedure="surrey")
    referral = desk.referrals[0]
    asking = Allocation.objects.get(referral=referral, until__isnull=True).team
    assert asking == desk.tray
    sam = walk(desk.leader)
    sam.page.goto(f"/referrals/{referral.pk}/")

    sam.follow("Settle")
    sam.sees("Settle the discussion")
    sam.page.get_by_role("radio").first.check()
    sam.write("Reason", "They know the family")
    sam.press("Settle")

    referral.refresh_from_db()
    assert referral.question_settled_at is not None
    assert AuditEvent.objects.filter(type="discussion_settled", by_id=desk.leader.pk).count() == 1
    assert sam.complaints == []


def test_a_provider_sees_only_her_own(desk, walk):
    mine, other = desk.referrals[:2]
    desk.hand(mine, desk.interviewer, desk.provider)
    jo = walk(desk.interviewer)

    jo.sees("My work")
    jo.reads("Ash Ferris")
    assert "Briar Holt" not in jo.page.content()
    jo.page.goto(f"/referrals/{mine.pk}/")
    jo.sees("Return home interview")
    jo.page.goto(f"/referrals/{other.pk}/")
    jo.sees("Page not found")
