"""Whether a letter that has gone out is an offer, and one that comes back."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from jobs.models import Job
from procedures.actions import source
from rhi import deadlines
from rhi.actions import letters
from rhi.actions.interviews import of_referral
from rhi.actions.letters import LetterRefused
from rhi.models import Letter, Offer
from routing.models import Deadline
from staff import audit
from staff.models import AuditEvent
from staff.permissions import Role
from tests.rhi.letters.families import OVER, approved, family, member, no_contact_letter

pytestmark = pytest.mark.django_db

LATER = OVER + timedelta(hours=1)


@pytest.fixture
def referral(tmp_path):
    return family(tmp_path / "records")


@pytest.fixture
def ann(referral):
    return member()


@pytest.fixture
def lee(referral):
    return member("Lee", Role.TEAM_LEADER)


@pytest.fixture
def letter(referral, ann):
    return no_contact_letter(referral, ann)


def lines(type_):
    return list(AuditEvent.objects.filter(type=type_).order_by("pk"))


# Come back


def test_that_a_letter_came_back_is_recorded_once(letter, ann):
    approved(letter, ann)
    with pytest.raises(LetterRefused, match="has not gone out"):
        letters.record_returned(letter, by=ann, now=LATER)
    letters.mark_posted([letter], by=ann, now=OVER)

    letters.record_returned(letter, by=ann, now=LATER)
    letters.record_returned(letter, now=LATER + timedelta(days=1))

    assert Letter.objects.get(pk=letter.pk).returned_at == LATER
    assert [line.by_id for line in lines(audit.Type.LETTER_RETURNED)] == [ann.pk]


# As an offer


def counting(tmp_path):
    text = source("somerset").replace("counts_as_offer = false", "counts_as_offer = true")
    return family(tmp_path, text=text)


@pytest.mark.clause("SOM-4.6e")
def test_a_posted_letter_is_no_offer_where_the_procedure_says_so(letter, ann):
    approved(letter, ann)
    letters.mark_posted([letter], by=ann, now=LATER)

    assert not Offer.objects.exists()


@pytest.mark.clause("SOM-4.6e")
@pytest.mark.parametrize(("to", "offered_to"), [("child", "child"), ("carer", "parent")])
def test_where_letters_count_posting_one_makes_the_offer_and_the_clocks_follow(tmp_path, to, offered_to):
    referral = counting(tmp_path)
    ann = member()
    letter = approved(no_contact_letter(referral, ann, to=to), ann)
    assert not Offer.objects.exists()

    letters.mark_posted([letter], by=ann, now=LATER)

    offer = Offer.objects.get()
    assert (offer.to, offer.route, offer.offered_at, offer.method) == (offered_to, "letter", LATER, "face_to_face")
    clock = Deadline.objects.get(referral=referral, name="offer")
    assert clock.met_at == (LATER if to == "child" else None)
    assert [line.detail["letter"] for line in lines(audit.Type.OFFER_RECORDED)] == [letter.pk]
    deadlines.refresh([referral.pk])
    assert Deadline.objects.get(pk=clock.pk).met_at == clock.met_at


@pytest.mark.clause("SOM-4.6e")
def test_an_offer_that_was_made_before_stays_and_a_letter_that_came_back_was_none(tmp_path):
    referral = counting(tmp_path)
    ann = member()
    letter = approved(no_contact_letter(referral, ann), ann)
    letters.mark_posted([letter], by=ann, now=LATER)
    assert Offer.objects.count() == 1

    letters.record_returned(letter, now=LATER + timedelta(days=1))

    assert not Offer.objects.exists()
    assert Deadline.objects.get(referral=referral, name="offer").met_at is None


@pytest.mark.clause("SOM-4.6e")
@pytest.mark.parametrize("counts", [False, True])
def test_the_monthly_table_follows_what_the_procedure_says_of_letters(tmp_path, capsys, counts):
    referral = counting(tmp_path) if counts else family(tmp_path)
    ann = member()
    letters.mark_posted([approved(no_contact_letter(referral, ann), ann)], by=ann, now=LATER)

    call_command("monthly_table", "--from", "2026-05", "--to", "2026-05", "--format", "csv")

    offered = [line for line in capsys.readouterr().out.splitlines() if "offered a return home interview" in line]
    assert [line.rsplit(",", 1)[1] for line in offered] == [str(int(counts))]


def test_a_letter_about_services_is_never_an_offer(tmp_path):
    referral = counting(tmp_path)
    ann = member()
    letter = letters.propose(of_referral(referral), "signposting", to="child", because="Asked.", by=ann, now=OVER)
    letters.mark_posted([approved(letter, ann)], by=ann, now=LATER)

    assert not Offer.objects.exists()


def test_no_job_is_made_for_what_is_printed_here(letter, ann):
    approved(letter, ann)

    assert not Job.objects.filter(name__contains="send_letter").exists()
