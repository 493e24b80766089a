"""How little it takes: the clicks, taps, keys and filled groups that a task needs, from where somebody stands."""

import pytest

from rhi.actions.forms import save_answers
from rhi.actions.outcomes_by_hand import Settled, record_held, record_outcomes
from rhi.actions.signing import write_up
from rhi.models import Attempt, Interview, Offer
from rhi.questions import sections_for
from rhi.questions.shapes import Situation
from routing.models import Allocation
from tests.browser.filling import answers
from tests.browser.walking import Walk
from tests.desk import NAMES
from tests.staff.people import now


@pytest.fixture
def walk(visit):
    """Somebody's window, on the first page that they see: `walk(person)`."""

    def opened(person):
        walker = Walk(visit("/account/sign-in/"))
        walker.sign_in(person)
        walker.sees("My work")
        return walker

    return opened


def test_a_caseworkers_tasks_take_few_steps(desk, walk):
    first, *_ = desk.referrals
    desk.hand(first, desk.caseworker)
    robin = walk(desk.caseworker)

    with robin.at_most(3):  # from My work
        robin.follow("Log attempt for Ash Ferris")
        robin.choose("No answer")
        robin.press("Save")
    assert Attempt.objects.get().result == "no_answer"
    robin.sees("My work")

    with robin.at_most(1):  # from My work
        robin.follow("Ash Ferris")
    robin.sees("Return home interview")

    robin.follow("My work")
    with robin.at_most(4):  # from My work
        robin.follow("Ash Ferris")
        robin.follow("Record an offer")
        robin.choose("Child", among="Offered to")
        robin.press("Save")
    assert Offer.objects.values_list("to", "route", "method").get() == ("child", "phone", "face_to_face")

    with robin.at_most(2):  # from the referral
        robin.follow("Accepted")
        robin.press("Save")
    assert Offer.objects.get().response == "accepted"


def test_a_leaders_tasks_take_few_steps(desk, walk):
    first, *others = desk.referrals
    written_up(desk, first)
    sam = walk(desk.leader)

    with sam.at_most(3):  # from My work
        sam.follow("Read and sign off Ash Ferris")
        sam.press("Sign off")
    assert Interview.objects.get().signed_off_by == desk.leader

    sam.follow("My work")
    sam.follow(desk.tray.name)
    with sam.at_most(3):  # from the tray
        sam.follow("Assign Briar Holt")
        sam.choose("Nia Frost")
        sam.press("Save")
    held = Allocation.objects.filter(worker=desk.colleague, until__isnull=True)
    assert [each.referral for each in held] == [others[0]]

    sam.follow("My work")
    sam.follow(desk.tray.name)
    with sam.at_most(5):  # from the tray
        sam.tick(*(f"Choose {first} {last}" for first, last in NAMES[2:]))
        sam.press("Assign the ticked")
        sam.choose("Nia Frost")
        sam.write("Reason (optional)", "Robin is on leave")
        sam.press("Save")
    sam.sees(desk.tray.name)
    assert held.all().count() == 11


def test_finding_a_child_takes_few_steps(desk, walk):
    priya = walk(desk.coordinator)

    with priya.at_most(3):  # from any page
        priya.follow("Find a child")
        priya.write("Name, person ID or police reference", "Jude Sand")
        priya.press("Find")
    priya.reads("1 child found Jude Sand")

    with priya.at_most(3):  # from the page for finding
        priya.write("Name, person ID or police reference", "Casey Lund")
        priya.press("Find")
        priya.follow("Casey Lund")
    priya.sees("Casey Lund")

    priya.page.go_back()
    priya.reads("1 child found Casey Lund")
    priya.page.go_back()
    priya.reads("1 child found Jude Sand")
    assert "Jude" not in priya.page.url


def written_up(desk, referral):
    """Let the caseworker hold and write up an interview."""
    by, at = desk.caseworker, now()
    record_held(referral, held_at=at, method="face_to_face", by=by, now=at)
    [cover] = referral.covered.all()
    record_outcomes(referral, settled={cover.episode_id: Settled("completed", "")}, by=by, now=at)
    situation = Situation(held=True)
    for section in sections_for(situation):
        save_answers(referral, section=section.letter, values=answers(section, situation), shown={}, by=by, now=at)
    write_up(referral, by=by, now=at)
