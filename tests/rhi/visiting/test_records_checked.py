"""Records checked before the first contact (Somerset 4.4): asked for, kept, and known beside the form."""

import pytest

from rhi.actions import checking
from rhi.models import Answer, RecordsCheck
from rhi.questions import section_named
from rhi.views.next_step import Known, next_step
from tests.records import NOW, london
from tests.rhi import case_work
from tests.rhi.visiting.doing import check, page, read, trail
from tests.rhi.writing import address, hold, save, stored, words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

TYPED = {
    "systems": ["main", "youth_justice"],
    "risks": ["cse"],
    "risks_note": "Seen with older men in spring.",
    "agencies": "Youth justice: Kim Poe",
    "checked_at": "2026-05-12T10:00",
}


# Asked for, never waited for


@pytest.mark.clause("SOM-4.4")
def test_before_the_first_attempt_the_referral_asks_for_the_records(signed_in, referral, robin):
    case_work.give(referral, robin)

    response = signed_in.get(page("referral", referral))

    assert response.context["step"].title == "Check the records, then make the first attempt"
    assert [way["to"] for way in response.context["ways"]][:2] == [
        page("check_records", referral),
        page("log_attempt", referral),
    ]


def test_my_work_asks_for_them_too(signed_in, referral, robin):
    case_work.give(referral, robin)

    assert "Next: Check the records, then make the first attempt" in words(signed_in.get("/"))


def test_once_they_are_recorded_the_first_attempt_is_next(signed_in, referral, robin):
    case_work.give(referral, robin)
    check(referral, robin)

    assert signed_in.get(page("referral", referral)).context["step"].title == "Make the first attempt"
    assert "Next: Make the first attempt" in words(signed_in.get("/"))


def test_an_attempt_waits_for_no_check():
    known = Known(referral=7, now=NOW, worker="Robin Hale", outcomes_missing=1, records_unchecked=True, attempts=1)

    assert next_step(known).title == "Try again"


# Recording


@pytest.mark.clause("SOM-4.4")
def test_a_check_says_which_records_when_by_whom_and_what_was_found(signed_in, referral, robin):
    response = signed_in.post(page("check_records", referral), TYPED)

    assert response.url == page("referral", referral)
    recorded = RecordsCheck.objects.get()
    assert (recorded.systems, recorded.risks) == (["main", "youth_justice"], ["cse"])
    assert (recorded.checked_at, recorded.by) == (london("2026-05-12 10:00"), robin)
    assert [event.by_email for event in trail("records_checked")] == ["robin.hale@example.org"]


@pytest.mark.clause("SOM-4.4")
def test_risks_and_agencies_stand_on_the_referral_and_in_what_has_happened(signed_in, referral, robin):
    check(referral, robin, risks_note="Seen with older men.")

    said = read(signed_in, "referral", referral)

    assert "Known risks CSE, Self-harm or suicide Seen with older men." in said
    assert "Agencies involved Youth justice: Kim Poe" in said
    assert (
        "Records checked by Robin Hale Tue 12 May, 10:00 The main children’s record The early help record Known" in said
    )


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"systems": []}, "Choose at least one of the records"),
        ({"risks": []}, "Choose the risks that you found, or that none is known"),
        ({"risks": ["cse", "none_known"]}, "Choose “None known” or the risks that you found, not both"),
        ({"checked_at": "2199-01-01T10:00"}, "This lies in the future"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(signed_in, referral, typed, why):
    response = signed_in.post(page("check_records", referral), TYPED | typed)

    assert why in words(response)
    assert "Seen with older men in spring." in words(response)
    assert not RecordsCheck.objects.exists()


def test_the_same_check_sent_twice_is_recorded_once(signed_in, referral):
    for _ in range(2):
        signed_in.post(page("check_records", referral), TYPED)

    assert RecordsCheck.objects.count() == 1
    assert len(trail("records_checked")) == 1


def test_that_no_risk_is_known_is_an_answer(signed_in, referral):
    signed_in.post(page("check_records", referral), TYPED | {"risks": ["none_known"], "risks_note": ""})

    recorded = RecordsCheck.objects.get()
    assert recorded.risks == []
    assert checking.risks_in_words(recorded) == ["None known"]


def test_somebody_of_another_team_does_not_find_the_page(client, referral):
    client.force_login(make_person())

    assert client.get(page("check_records", referral)).status_code == 404


# In the form


@pytest.mark.clause("SOM-4.4")
def test_what_the_records_say_stands_beside_the_question_and_answers_nothing(signed_in, referral, robin):
    check(referral, robin)

    said = words(signed_in.get(address(referral, "B")))

    beside = "Known from the records, checked by Robin Hale on Tue 12 May 2026 at 10:00: CSE, Self-harm or suicide"
    assert f"{beside} Take this over and save" in said
    assert "Agencies involved Youth justice: Kim Poe" in said
    assert not Answer.objects.exists()


@pytest.mark.clause("SOM-4.4")
def test_saving_the_page_does_not_take_it_over(signed_in, referral, robin):
    check(referral, robin)

    save(signed_in, referral, "B", {"communication_needs": "Hearing aid"})

    assert stored() == {"communication_needs": {"answer": "Hearing aid"}}


def test_the_button_takes_it_over_beside_what_was_chosen_and_typed(signed_in, referral, robin):
    check(referral, robin)

    typed = {"known_risks": ["substance_misuse"], "communication_needs": "Hearing aid"}
    response = save(signed_in, referral, "B", typed, take="known_risks")

    assert response.url == address(referral, "B") + "#question-known_risks"
    assert stored() == {
        "known_risks": {"answer": ["substance_misuse", "cse", "self_harm_or_suicide"]},
        "communication_needs": {"answer": "Hearing aid"},
    }
    assert "Take this over" not in words(signed_in.get(address(referral, "B")))


def test_taking_risks_over_replaces_that_none_was_known(signed_in, referral, robin):
    check(referral, robin)

    save(signed_in, referral, "B", {"known_risks": ["none_known"]}, take="known_risks")

    assert stored() == {"known_risks": {"answer": ["cse", "self_harm_or_suicide"]}}


def test_that_nothing_was_known_takes_no_risk_away(signed_in, referral, robin):
    check(referral, robin, risks=["none_known"])

    save(signed_in, referral, "B", {"known_risks": ["cse"]}, take="known_risks")

    assert stored() == {"known_risks": {"answer": ["cse"]}}


def test_without_a_check_there_is_nothing_to_take_over(signed_in, referral):
    save(signed_in, referral, "B", {"communication_needs": "None"}, take="known_risks")

    assert stored() == {"communication_needs": {"answer": "None"}}


def test_another_section_asks_nothing_of_it(signed_in, referral, robin):
    hold(referral, robin)
    check(referral, robin)

    assert section_named("the-child-at-the-time").letter == "B"
    assert "Known from the records" not in words(signed_in.get(address(referral, "G")))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_often_they_were_checked(
    signed_in, referral, robin, django_assert_num_queries, rows
):
    for hour in range(rows):
        check(referral, robin, checked_at=london(f"2026-05-12 1{hour}:00"))
    signed_in.get(page("check_records", referral))

    # session, person, referral; the checks; the audit row (3)
    with django_assert_num_queries(7):
        response = signed_in.get(page("check_records", referral))
    assert len(response.context["checks"]) == rows
