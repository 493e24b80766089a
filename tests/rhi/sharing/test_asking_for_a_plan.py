"""The email to the allocated social worker when an interview was held (Somerset 4.16)."""

import pytest
from django.urls import reverse

from episodes.models import Involvement
from jobs import work
from rhi.actions import slips
from rhi.delivery import emails
from rhi.models import Email
from staff.models import User
from staff.permissions import Role
from tests.records import involvement, london
from tests.rhi.sharing.written import HARROW, NOW, a_referral, hold, member
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

SERVICES = ["looked_after", "child_protection", "child_in_need", "assessment"]


def case(folder, service="child_in_need", **more):
    """A referral of a child whose social worker is Ann; Robin, of the team that holds it, held no interview yet."""
    ann = make_person("ann@example.org", "Ann Lee")
    referral = a_referral(folder, involvements=[involvement(service, team="Social work", **more)])
    return referral, ann, make_person("robin.hale@example.org", "Robin Hale", Role.COORDINATOR)


def taken_back(referral, by):
    slips.take_back(referral, kind="held", record=referral.interviews.get().pk, because="The wrong day", by=by, now=NOW)


@pytest.mark.clause("SOM-4.16")
@pytest.mark.parametrize("service", SERVICES)
def test_the_social_worker_gets_one_email_with_date_link_and_request_and_no_name(tmp_path, client, settings, service):
    settings.SITE_URL = "https://rhi.example.org"
    referral, ann, robin = case(tmp_path, service)

    hold(referral, robin)

    email = Email.objects.get()
    message = emails.compose(email)
    assert (email.to, email.kind, message.to) == (ann, "interview_held", ["ann@example.org"])
    assert message.subject == "Interview held: please make or update the prevention plan"
    assert message.body == (
        "A return home interview was held on Wed 13 May 2026 with a child whose social worker you are.\n\n"
        "Please make or update the prevention plan for missing episodes.\n\n"
        f"Read the interview: https://rhi.example.org/referrals/{referral.pk}/\n\n"
        "This email names nobody, so that it can be lost without harm. Nobody reads what is answered to it.\n"
    )
    client.force_login(ann)
    page = client.get(reverse("rhi:referral", args=[referral.pk]))
    assert page.status_code == 200
    assert "Robin Example" in page.content.decode()


def test_whoever_was_never_invited_and_could_not_follow_the_link_gets_none(tmp_path):
    referral, ann, robin = case(tmp_path)
    ann.set_unusable_password()
    ann.save(update_fields=["password"])

    hold(referral, robin)

    assert not Email.objects.exists()


@pytest.mark.parametrize("service", ["family_service", "youth_justice", "care_leaver"])
def test_nobody_else_who_works_with_the_child_is_asked(tmp_path, service):
    referral, _, robin = case(tmp_path, service)

    hold(referral, robin)

    assert not Email.objects.exists()


def test_where_the_procedure_does_not_say_so_nobody_is_asked(tmp_path):
    make_person("ann@example.org", "Ann Lee")
    referral = a_referral(tmp_path, procedure="nottinghamshire", involvements=[involvement()])

    hold(referral, make_person("robin.hale@example.org", "Robin Hale"))

    assert not Email.objects.exists()


def test_whoever_held_it_herself_is_not_asked(tmp_path):
    referral, ann, _ = case(tmp_path)

    hold(referral, ann)

    assert not Email.objects.exists()


@pytest.mark.parametrize("gone", [{"is_active": False}, {"left_on": london("2026-05-01 00:00").date()}])
def test_somebody_who_has_left_is_not_asked(tmp_path, gone):
    referral, ann, robin = case(tmp_path)
    User.objects.filter(pk=ann.pk).update(**gone)

    hold(referral, robin)

    assert not Email.objects.exists()


def test_of_a_restricted_child_only_who_is_named_is_asked(tmp_path):
    referral, _, robin = case(tmp_path)
    referral.child.restricted = True
    referral.child.save()

    hold(referral, robin)

    assert not Email.objects.exists()


def test_a_social_worker_of_two_services_is_asked_once(tmp_path):
    referral, ann, robin = case(tmp_path)
    Involvement.objects.create(child=referral.child, service="assessment", start="2026-02-01", worker=ann)

    hold(referral, robin)

    assert Email.objects.count() == 1


def test_taken_back_and_recorded_again_it_is_sent_again_only_for_another_day(tmp_path):
    referral, _, robin = case(tmp_path)
    hold(referral, robin)
    work.do(Email.objects.get().job_id, now=NOW)

    taken_back(referral, robin)
    hold(referral, robin, at=london("2026-05-13 15:00"))
    assert Email.objects.count() == 1

    taken_back(referral, robin)
    hold(referral, robin, at=london("2026-05-12 15:00"))
    assert Email.objects.count() == 2
    assert "Tue 12 May 2026" in emails.compose(Email.objects.latest("pk")).body


def test_what_was_taken_back_before_it_went_does_not_go_and_is_asked_when_it_was_held_after_all(tmp_path, mailoutbox):
    referral, _, robin = case(tmp_path)
    hold(referral, robin)
    first = Email.objects.get()
    taken_back(referral, robin)

    work.do(first.job_id, now=NOW)
    first.refresh_from_db()
    assert (first.state, mailoutbox) == (Email.State.CANCELLED, [])

    hold(referral, robin)
    second = Email.objects.exclude(pk=first.pk).get()
    work.do(second.job_id, now=NOW)

    assert [message.to for message in mailoutbox] == [["ann@example.org"]]


def test_the_referral_says_who_was_asked_and_when_nobody_is_known(tmp_path, client):
    referral, _, robin = case(tmp_path)
    hold(referral, robin)
    client.force_login(robin)
    address = reverse("rhi:referral", args=[referral.pk])
    assert "Ann Lee was asked by email for the prevention plan" in " ".join(
        client.get(address).content.decode().split()
    )

    Email.objects.all().delete()
    assert "Nobody was asked by email for the prevention plan" in client.get(address).content.decode()


def test_of_another_authoritys_social_worker_there_is_no_email(tmp_path):
    referral = a_referral(
        tmp_path,
        responsible_authority=HARROW,
        involvements=[involvement("looked_after", team="", worker_email="kim.lowe@harrow.example.org")],
    )

    hold(referral, member())

    assert not Email.objects.exists()
