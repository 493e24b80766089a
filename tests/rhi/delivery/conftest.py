"""A mail server and GOV.UK Notify on loopback, an email and a letter that are on their way to them."""

import pytest

from procedures.actions import source
from rhi.actions import letters, sending
from rhi.actions.interviews import of_referral
from rhi.actions.letter_blocks import content_of
from rhi.actions.letter_facts import around
from rhi.models import Email, Letter, LetterKind
from tests.records import NOW, publish
from tests.rhi import notify_stub, smtp_sink
from tests.rhi.case_work import case, member
from tests.staff.people import make_person

PDF = b"%PDF-1.7 a letter of tests"


@pytest.fixture(autouse=True)
def nothing_else_runs(settings):
    """Reminders and proposals have tests of their own."""
    settings.JOB_MODULES = ["rhi.actions.sending"]


@pytest.fixture
def sink(settings):
    settings.DELIVERY_TIMEOUT = 0.5
    with smtp_sink.standing(settings) as sink:
        yield sink


@pytest.fixture
def notify(settings):
    settings.DELIVERY_TIMEOUT = 0.5
    with notify_stub.standing() as stub:
        settings.NOTIFY_API_KEY, settings.NOTIFY_BASE_URL = notify_stub.KEY, stub.url
        yield stub


@pytest.fixture
def email(db):
    return queue()


def queue(*, to=None, key="notices:1", now=NOW):
    to = to or make_person(f"{key.replace(':', '-')}@example.org")
    return sending.queue_email(to, Email.Kind.NOTICES, key, {"due": 2, "breach": 1}, now=now)


@pytest.fixture
def letter(db, notify, tmp_path):
    """A signposting letter to a child, approved for GOV.UK Notify, with a PDF that costs nothing to draw."""
    referral = case(tmp_path, address_1="1 Example Street", postcode="TA1 1AA")
    leader = member("lea@example.org", "team_leader")
    return approved(referral, leader)


@pytest.fixture
def offering(db, notify, tmp_path):
    """The same of a letter that counts as an offer, where the procedure says that such letters do."""
    publish("somerset", text=source("somerset").replace("counts_as_offer = false", "counts_as_offer = true"))
    referral = case(tmp_path, 2, address_1="1 Example Street", postcode="TA1 1AA")
    return approved(referral, member("lea@example.org", "team_leader"), kind=LetterKind.NO_CONTACT)


def approved(referral, by, kind=LetterKind.SIGNPOSTING):
    row = letters.propose(of_referral(referral), kind, to=Letter.To.CHILD, because="She asked for it.", by=by, now=NOW)
    content = content_of(row, around([referral.pk], now=NOW)[referral.pk], now=NOW)
    row.state, row.channel = Letter.State.APPROVED, Letter.Channel.NOTIFY
    row.addressee, row.address, row.pdf, row.pages = content.addressee, list(content.address), PDF, 1
    row.approved_at, row.approved_by = NOW, by
    row.save()
    sending._give_job(row, now=NOW)
    return row
