"""Whenever contact succeeds an interview is offered (Somerset 4.9): who was spoken to and not offered one is found."""

import pytest

from episodes.models import Finding
from rhi import findings
from rhi.actions import slips
from rhi.models import Attempt
from tests.records import NOW
from tests.rhi import case_work
from tests.rhi.contact.sent import attempt, offer
from tests.rhi.visiting.doing import page

pytestmark = pytest.mark.django_db


def open_ones():
    rows = Finding.objects.filter(kind=Finding.Kind.SPOKEN_NOT_OFFERED, settled_at__isnull=True)
    return list(rows.values_list("child__child_id", "record"))


@pytest.mark.clause("SOM-4.9")
def test_the_next_step_is_the_offer_and_until_then_it_is_a_finding(signed_in, referral, robin):
    case_work.give(referral, robin)

    signed_in.post(page("log_attempt", referral), attempt(result="spoke_to_child"))

    assert signed_in.get(page("referral", referral)).context["step"].title == "Offer the interview"
    assert open_ones() == [("C1", "episodes.csv E1")]


@pytest.mark.clause("SOM-4.9")
def test_the_offer_settles_it(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(result="spoke_to_child"))

    signed_in.post(page("record_offer", referral), offer())

    assert open_ones() == []


def test_an_offer_to_a_parent_alone_does_not(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(result="spoke_to_child"))

    signed_in.post(page("record_offer", referral), offer(to="parent"))

    assert open_ones() == [("C1", "episodes.csv E1")]


def test_who_was_not_spoken_to_is_not_found(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(result="spoke_to_carer", contacted="parent"))

    assert open_ones() == []


def test_a_slip_taken_back_is_not_found_any_more(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(result="spoke_to_child"))

    logged = Attempt.objects.get()
    signed_in.post(page("take_back", referral, slips.Kind.ATTEMPT, logged.pk), {"because": "Another child."})

    assert open_ones() == []


def test_an_outcome_that_says_why_none_was_offered_explains_it(referral, robin):
    case_work.settle(referral, robin, "not_offered", "hospital")
    Attempt.objects.create(
        child=referral.child,
        interview=referral.interviews.get(),
        attempted_at=NOW,
        method="phone",
        contacted="child",
        result="spoke_to_child",
    )
    findings.refresh([referral.child_id], now=NOW)

    assert open_ones() == []
