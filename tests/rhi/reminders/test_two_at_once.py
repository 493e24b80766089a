"""Two workers that run reminders at the same moment tell everything once, and write to everybody once."""

import pytest
from django.db import transaction

from rhi.actions import bundling, reminding
from rhi.models import Email, Notice
from tests.records import london
from tests.rhi.reminders.week import give, leader, person, returned

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def remind():
    with transaction.atomic():
        reminding.remind(now=london("2026-06-10 10:30"))


def test_what_two_workers_tell_at_once_is_told_once(tmp_path, elsewhere):
    give(returned(tmp_path), person("Ann"))
    leader()

    elsewhere.race(remind, rivals=3)

    notices, emails = elsewhere.call(
        lambda: (list(Notice.objects.values_list("to__name", "kind", "email__to__name")), Email.objects.count())
    )
    told = ["due", "due"]  # within 72 hours, and the offer
    assert sorted(notices) == [(name, kind, name) for name in ("Ann", "Sam") for kind in told]
    assert emails == 2


def mail():
    with transaction.atomic():
        bundling.send(now=london("2026-06-10 10:30"))


def test_what_waits_is_mailed_once_though_three_look_at_once(tmp_path, elsewhere):
    referral, ann = returned(tmp_path), person("Ann")
    for number in range(20):
        Notice.objects.create(
            child=referral.child, to=ann, kind="due", key=str(number), about="Soon.", at=london("2026-06-10 10:00")
        )

    elsewhere.race(mail, rivals=3)

    assert elsewhere.call(lambda: list(Email.objects.values_list("numbers", flat=True))) == [{"due": 20}]
