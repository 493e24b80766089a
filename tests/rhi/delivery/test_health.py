"""What the health page says of what is held, given up or uncertain, and where that is dealt with."""

import pytest
from django.urls import reverse

from jobs.models import Hold, Job, Sweep
from rhi.models import Email
from tests.rhi.delivery.conftest import queue
from tests.staff.people import now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def swept():
    Sweep.objects.create(pk=1, at=now())


def background(client):
    answer = client.get("/health", headers={"accept": "application/json"})
    assert answer.status_code == 200  # pages go on
    return answer.json()["checks"]["background"]


def make_uncertain():
    email = queue(key=f"notices:{Email.objects.count()}", now=now())
    Email.objects.filter(pk=email.pk).update(state="uncertain", sending_since=now(), failure="Nobody knows.")
    return email


def test_uncertain_sendings_are_counted(client):
    make_uncertain()
    make_uncertain()

    assert background(client) == {
        "well": False,
        "words": "Uncertain whether they were sent, for a person to settle: 2.",
    }


def test_what_is_given_up_and_what_is_uncertain_are_both_counted(client):
    email = make_uncertain()
    Job.objects.filter(pk=email.job_id).update(state="dead", reason="A fault.", finished_at=now())

    assert background(client)["words"] == (
        "Pieces of work given up, for a person to look at: 1. "
        "Uncertain whether they were sent, for a person to settle: 1."
    )


def test_what_failed_is_counted_until_a_person_has_dealt_with_it(client):
    email = queue(now=now())
    Email.objects.filter(pk=email.pk).update(state="failed", failure="The mail server refused the recipient (550).")
    assert background(client) == {"well": False, "words": "Emails and letters that failed, for a person to look at: 1."}

    Email.objects.filter(pk=email.pk).update(state="cancelled")
    assert background(client)["well"]


def test_that_everything_is_held_is_said_first(client):
    make_uncertain()
    Hold.objects.create(pk=1, since=now(), because="A backup was restored.")

    said = background(client)
    assert said["words"].startswith("Everything is held since ")
    assert "A backup was restored." not in said["words"]  # public: anybody may ask


def test_the_page_leads_to_where_it_is_dealt_with_only_when_there_is_something(client):
    link = reverse("rhi:background")
    assert link not in client.get("/health").content.decode()

    make_uncertain()
    assert link in client.get("/health").content.decode()
