"""What is missing leads to its very question, and what the records know is filled in."""

import re

import pytest
from django.urls import reverse

from rhi.actions.form_facts import case_of, facts
from rhi.actions.interviews import of_referral
from rhi.models import Letter
from routing import actions as routing
from routing.actions import Holder
from routing.models import Referral
from tests.records import bring, child, episode, london, publish
from tests.rhi.interview.cases import NOW, give, held
from tests.rhi.writing import words

pytestmark = pytest.mark.django_db


def rows(referral, letter):
    case = case_of(Referral.objects.select_related("child__responsible_authority", "version").get(pk=referral.pk))
    return {row["text"]: row["value"] for block in facts(case, now=NOW)[letter] for row in block["rows"]}


@pytest.mark.parametrize("name", ["form", "submit"])
def test_every_missing_answer_leads_to_its_question(client, referral, robin, name):
    held(referral, robin)
    client.force_login(robin)

    page = client.get(reverse(f"rhi:{name}", args=[referral.pk])).content.decode()

    leads = re.findall(r'href="(/referrals/\d+/form/[a-z-]+/)#(question-\w+)"', page)
    assert len(leads) > 30
    for address in {address for address, _ in leads}:
        section = client.get(address).content.decode()
        for question in [name for each, name in leads if each == address]:
            assert re.search(rf'id="{question}"\s+tabindex="-1"', section), question


def test_a_form_that_lacks_nothing_lists_nothing(client, referral, robin):
    held(referral, robin)
    client.force_login(robin)
    page = reverse("rhi:form", args=[referral.pk])
    assert "What is still needed" in words(client.get(page))

    referral.interviews.update(written_up_at=NOW, written_up_by=robin)

    assert "What is still needed" not in words(client.get(page))


def test_why_somebody_holds_it_is_filled_in_where_a_person_said_so(referral, robin, tray):
    give(referral, robin, tray)
    assert "Why they hold it" not in rows(referral, "C")
    holder = Holder(tray, robin, rule="", because="Knows the family", by=robin)
    routing.allocate([(referral, holder, london("2026-05-12 13:00"))])

    assert rows(referral, "C")["Why they hold it"] == "Knows the family (said by Robin Hale)"


def test_that_another_authoritys_child_lives_here_is_filled_in(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    assert rows(Referral.objects.get(), "B")["Living"] == "In our area, another authority’s child"


def test_when_the_letter_after_a_refusal_went_is_filled_in(referral, robin):
    letter = Letter.objects.create(
        child=referral.child,
        referral=referral,
        interview=of_referral(referral),
        kind="refusal",
        to="child",
        because="The child refused.",
        proposed_at=NOW,
        state=Letter.State.PROPOSED,
    )
    assert "Letter with the services available sent" not in rows(referral, "E")

    letter.state, letter.sent_at = Letter.State.SENT, london("2026-05-14 10:00")
    letter.approved_at, letter.approved_by, letter.pdf, letter.addressee = NOW, robin, b"%PDF", "Robin Example"
    letter.save()

    assert rows(referral, "E")["Letter with the services available sent"] == "Thu 14 May 2026"
