"""Letters on the page of their referral: what it says of when they come, what became of them, and that it is news."""

import re

import pytest
from django.urls import reverse

from rhi.actions import letters
from rhi.models import Letter
from rhi.views import marks
from rhi.views.case import gather
from rhi.views.timeline import timeline
from routing.models import Referral
from tests.records import london
from tests.rhi.letters.families import OVER, approved
from tests.rhi.letters.reading import page

pytestmark = pytest.mark.django_db

AT = london("2026-05-20 09:00")
LATER = london("2026-05-21 09:00")


def told(referral, person, now=LATER):
    """What the timeline says of letters to the child, the newest first: title, facts, words, by whom, whether over."""
    events = timeline(gather(referral, now=now), user=person, now=now)
    return [
        (event.title, event.words, event.by, event.quiet)
        for event in events
        if event.title.startswith(("Letter", "Not known")) and "To Robin Example" in event.facts
    ]


@pytest.fixture
def because(letter):
    return letter.because


def test_a_proposed_letter_stands_in_the_timeline_with_whom_and_why(letter, referral, ann, because):
    assert told(referral, ann) == [("Letter proposed by the procedure", because, "", False)]
    events = timeline(gather(referral, now=LATER), user=ann, now=LATER)
    facts = [(event.at, event.facts) for event in events if event.title.startswith("Letter")]
    assert facts == [
        (OVER, ("We could not reach you", "To Robin Example")),
        (OVER, ("We could not reach you", "To Sam Example")),
    ]


def test_and_when_it_was_approved_posted_and_came_back_and_who_did_it(letter, referral, ann, lee, because):
    approved(letter, ann)
    letters.mark_posted([letter], by=lee, now=AT)
    letters.record_returned(letter, by=lee, now=LATER)

    assert told(referral, ann) == [
        ("Letter came back", "", "", False),
        ("Letter posted", "", "Lee", False),
        ("Letter approved", "", "Ann", False),
        ("Letter proposed by the procedure", because, "", False),
    ]


def test_one_that_was_pulled_back_says_why_and_stands_back(letter, referral, ann, lee, because):
    approved(letter, ann)
    letters.cancel(letter, because="She has moved.", by=lee, now=AT)

    assert told(referral, ann) == [
        ("Letter pulled back", "She has moved.", "Lee", False),
        ("Letter approved", "", "Ann", True),
        ("Letter proposed by the procedure", because, "", True),
    ]


def test_one_that_was_never_approved_is_cancelled(letter, referral, ann):
    letters.cancel(letter, because="She has moved.", by=ann, now=AT)

    assert told(referral, ann)[0] == ("Letter cancelled", "She has moved.", "Ann", False)


@pytest.mark.parametrize(
    ("state", "title"), [("failed", "Letter has not gone out"), ("uncertain", "Not known whether the letter went")]
)
def test_one_that_has_not_gone_or_may_not_have_says_so(letter, referral, ann, state, title):
    approved(letter, ann)
    Letter.objects.filter(pk=letter.pk).update(
        state=state, channel="notify", failure="The line went dead.", sending_since=AT
    )

    assert told(referral, ann)[0] == (title, "The line went dead.", "", False)


def test_a_letter_that_somebody_wrote_says_who(referral, ann):
    letters.write(referral, "signposting", carer=None, because="They asked.", by=ann, now=OVER)

    assert told(referral, ann) == [("Letter proposed", "They asked.", "Ann", False)]


def test_the_page_of_the_referral_shows_them(client, letter, referral, ann):
    client.force_login(ann)

    assert "Letter proposed by the procedure" in page(client, "referral", referral.pk)


# That it is news


def test_a_page_of_the_referral_that_stays_open_offers_what_became_of_a_letter(client, letter, referral, ann, lee):
    client.force_login(ann)
    steps = [
        lambda: approved(letter, lee),
        lambda: letters.mark_posted([letter], by=lee, now=AT),
        lambda: letters.record_returned(letter, by=lee, now=LATER),
        lambda: letters.write(referral, "signposting", carer=None, because="They asked.", by=lee, now=LATER),
        lambda: letters.cancel(Letter.objects.latest("pk"), because="No.", by=lee, now=LATER),
    ]
    for step in steps:
        html = client.get(reverse("rhi:referral", args=[referral.pk])).content.decode()
        (asks,) = re.findall(r'data-rhi-look="([^"]+)"', html)
        assert client.get(asks.replace("&amp;", "&")).json()["says"] == ""

        step()

        assert client.get(asks.replace("&amp;", "&")).json()["says"] == "Somebody has changed this referral"


def test_a_letter_of_another_referral_is_no_news(letter, ann):
    other = Referral(pk=letter.referral_id + 1)
    before = marks.referral_mark(other)

    approved(letter, ann)

    assert marks.referral_mark(other) == before


# When they come


def test_the_page_says_that_one_comes_at_once_with_the_outcome(client, referral, ann):
    client.force_login(ann)

    assert (
        "None yet. One is proposed when nobody was reached and the days for trying are over, or at once with the "
        "outcome “No contact”; or after the child’s refusal." in page(client, "referral", referral.pk)
    )
