"""The first working day: what each person does from the first page to the last, with scripts, without, and by keys."""

from datetime import timedelta

import pytest

from procedures.calendar import LONDON
from rhi.models import Attempt, Interview, Offer, Outcome, SubmittedForm
from rhi.questions import sections_for
from rhi.questions.shapes import Situation
from routing.models import Allocation
from staff.models import AuditEvent
from tests.browser.filling import answers, fill, texts
from tests.browser.walking import KEYS
from tests.desk import NAMES, set_up
from tests.staff.people import now


def minutes_ago(number):
    """A local time as it stands on the wall."""
    return (now() - timedelta(minutes=number)).astimezone(LONDON)


@pytest.mark.clause("CARD-08")  # in a browser, on a phone's width too
@pytest.mark.clause("CARD-14")  # from My work to a submitted form, with scripts and without
def test_a_caseworker_works_a_referral_to_its_end_and_the_leader_signs_it_off(desk, walk):
    desk.hand(desk.referrals[0], desk.caseworker)
    robin = walk(desk.caseworker)

    reach_and_hold(robin)
    interview = Interview.objects.get()
    assert Attempt.objects.get().result == "spoke_to_child"
    assert Offer.objects.get().response == "accepted"
    assert (interview.method, interview.worker) == ("face_to_face", desk.caseworker)
    assert Outcome.objects.get().code == "completed"

    answered = write_up(robin, Situation(held=True))
    kept = SubmittedForm.objects.get(by=desk.caseworker).document["sections"]
    assert {each["key"]: each["value"] for page in kept for each in page["questions"] if each["value"]} == answered

    sam = walk(desk.leader)
    sign_off(sam)
    interview.refresh_from_db()
    assert (interview.signed_off_by, interview.sign_off_comment) == (desk.leader, "Clear and kind")

    for reader in (robin, sam):
        reader.follow("Printable record")
        reader.sees("Record of the interview")
        for value in answered.values():
            for line in texts(value):
                reader.reads(line)
        assert reader.complaints == []
    sam.reads("Signed off")


@pytest.mark.parametrize("way", ["desktop"])
def test_a_refusal_is_written_up_with_the_childs_own_words(desk, walk):
    desk.hand(desk.referrals[0], desk.caseworker)
    robin = walk(desk.caseworker)
    robin.follow("Ash Ferris")
    robin.follow("Record an offer")
    robin.choose("Child")
    robin.press("Save")

    robin.follow("Declined")
    robin.sees("Record the response")
    robin.choose("Has already told somebody")
    robin.press("Save")
    robin.press("Record the outcome")
    robin.sees("Record the outcome")
    robin.press("Save")
    assert Outcome.objects.values_list("code", "reason").get() == ("declined", "already_told")

    answered = write_up(robin, Situation(declined=True))
    assert answered["declined_reason"] == {"answer": "declined_reason answer\nAnd more."}
    kept = SubmittedForm.objects.get().document["sections"]
    assert {each["key"]: each["value"] for page in kept for each in page["questions"] if each["value"]} == answered
    assert robin.complaints == []


def reach_and_hold(robin):
    """From My work to an interview that was held, with its outcome."""
    robin.sees("My work")
    robin.follow("Log attempt for Ash Ferris")
    robin.sees("Log an attempt")
    robin.choose("Spoke to the child")
    robin.press("Save")

    robin.sees("Return home interview")
    robin.press("Record an offer")
    robin.sees("Record an offer")
    robin.choose("Child")
    robin.choose("Phone", among="How was it put")
    robin.choose("Face to face")
    robin.press("Save")
    robin.follow("Accepted")
    robin.sees("Record the response")
    robin.press("Save")

    robin.follow("Record that it was held")
    robin.sees("Record that the interview was held")
    robin.time("When did it begin?", minutes_ago(20))
    robin.choose("Face to face")
    robin.press("Save")
    robin.sees("Interview form")
    robin.follow("Record the outcome")
    robin.sees("Record the outcome")
    robin.choose("Completed")
    robin.press("Save")


def write_up(robin, situation):
    """From the overview of the form through all its sections; the answers that were typed, by question."""
    robin.sees("Interview form")
    typed = {}
    sections = sections_for(situation)
    robin.follow(sections[0].title)
    for section in sections:
        robin.sees(section.title)
        answered = answers(section, situation, briefly=robin.by == KEYS)
        asked = section.asked_in(situation)
        for question in asked:
            if question.key in answered:
                fill(robin, question, answered[question.key])
        if asked:
            robin.press("Save and go on")
        else:
            robin.follow("Write up" if section is sections[-1] else "Go on to")
        typed |= answered
    robin.sees("Write up")
    robin.press("Write up")
    robin.sees("Interview form")
    robin.reads("It waits to be signed off")
    return typed


def sign_off(sam):
    """From the leader's own work to the referral, signed off."""
    sam.follow("Read and sign off")
    sam.sees("Sign off")
    sam.write("Comment (optional)", "Clear and kind")
    sam.press("Sign off")
    sam.sees("Return home interview")


def test_a_leader_reassigns_ten_at_once(desk, walk):
    sam = walk(desk.leader)
    sam.follow(desk.tray.name)
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
    sam.follow("1 question")
    sam.sees(desk.tray.name)
    sam.follow("Ash Ferris")
    sam.sees("Return home interview")

    sam.press("Settle the question")
    sam.sees("Settle the discussion")
    sam.choose(desk.tray.name)
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
    jo.follow("Ash Ferris")
    jo.sees("Return home interview")
    jo.page.goto(f"/referrals/{other.pk}/")
    jo.sees("Page not found")
