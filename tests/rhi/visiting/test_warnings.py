"""Warnings for visitors: two people, a dog, times at which nobody rings. They hold until somebody ends them."""

from datetime import time

import pytest
from django.db import IntegrityError, transaction

from rhi import contact
from rhi.actions import papers, visitor_warnings
from rhi.models import VisitorWarning
from rhi.questions import missing
from rhi.questions.shapes import Situation
from rhi.views.contact_panel import contact_panel
from rhi.views.marks import referral_mark
from staff.permissions import Role
from tests.records import NOW, london, publish
from tests.rhi import case_work
from tests.rhi.visiting.doing import about, check, file, page, read, trail, warn
from tests.rhi.writing import TAUNTON, words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

DOG = {"kind": "dog", "note": "In the yard behind the house."}


# Recording


def test_a_warning_is_recorded_with_who_did_and_stands_on_the_trail(signed_in, referral, robin):
    response = signed_in.post(about("new_warning", referral.child) + f"?referral={referral.pk}", DOG)

    assert response.url == page("referral", referral)
    warning = VisitorWarning.objects.get()
    assert (warning.kind, warning.note, warning.by) == ("dog", "In the yard behind the house.", robin)
    assert [event.detail for event in trail("warning_recorded")] == [{"kind": "dog"}]


def test_whoever_comes_from_the_childs_page_goes_back_there(signed_in, referral):
    assert signed_in.post(about("new_warning", referral.child), DOG).url == about("child", referral.child)


def test_another_childs_referral_leads_nowhere(signed_in, referral, tmp_path):
    other = case_work.case(tmp_path, number=2)

    response = signed_in.post(about("new_warning", referral.child) + f"?referral={other.pk}", DOG)

    assert response.url == about("child", referral.child)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({}, "Choose what they must know"),
        ({"kind": "not_before"}, "Enter the time, like 16:00"),
        ({"kind": "not_before", "time_not_before": "noonish", "note": "School."}, "Enter a time like 16:00"),
        ({"kind": "other"}, "Say what the visitor must know"),
        ({"kind": "not_before", "time_not_before": "21:00", "note": "School."}, "leave no time at all"),
    ],
)
def test_what_says_nothing_is_refused_and_nothing_typed_is_lost(signed_in, referral, typed, why):
    response = signed_in.post(about("new_warning", referral.child), typed)

    assert why in words(response)
    assert typed.get("note", "") in words(response)
    assert not VisitorWarning.objects.exists()


@pytest.mark.parametrize("typed", ["16:00", "16.00", "1600", "4pm", "4:00 pm".replace(" ", "")])
def test_a_time_is_read_as_people_type_it(signed_in, referral, typed):
    signed_in.post(about("new_warning", referral.child), {"kind": "not_before", "time_not_before": typed})

    assert VisitorWarning.objects.get().words == "Do not ring before 16:00"


def test_the_same_warning_sent_twice_stands_once(referral, robin):
    assert warn(referral.child, robin) == warn(referral.child, robin)
    assert VisitorWarning.objects.count() == 1


def test_a_second_time_of_a_kind_asks_to_end_the_first(referral, robin):
    warn(referral.child, robin, "not_before", time_of_day=time(16))

    with pytest.raises(visitor_warnings.WarningRefused, match="“Do not ring before 16:00” stands already"):
        warn(referral.child, robin, "not_before", time_of_day=time(17))


def test_warnings_that_leave_no_time_are_refused(referral, robin):
    warn(referral.child, robin, "not_before", time_of_day=time(16))

    with pytest.raises(visitor_warnings.WarningRefused, match="leave no time at all"):
        warn(referral.child, robin, "not_after", time_of_day=time(16))


def test_a_warning_about_a_time_has_one(referral, robin):
    with pytest.raises(IntegrityError), transaction.atomic():
        VisitorWarning.objects.create(child=referral.child, kind="not_before", by=robin, at=NOW)


def test_whoever_may_only_read_the_child_records_none(client, referral):
    client.force_login(make_person("kim.poe@example.org", "Kim Poe"))

    assert client.post(about("new_warning", referral.child), DOG).status_code == 404
    assert not VisitorWarning.objects.exists()


# Ending


def test_it_holds_until_somebody_ends_it_with_a_reason(signed_in, referral, robin):
    warning = warn(referral.child, robin, note="In the yard.")

    signed_in.post(about("end_warning", referral.child, warning.pk), {"because": "The dog has been given away."})

    assert list(visitor_warnings.in_force([referral.child_id])) == []
    said = read(signed_in, "child", referral.child)
    assert "1 ended warning Dog: In the yard." in said
    assert "The dog has been given away." in said
    assert len(trail("warning_ended")) == 1


def test_without_a_reason_it_goes_on(signed_in, referral, robin):
    warning = warn(referral.child, robin)

    signed_in.post(about("end_warning", referral.child, warning.pk), {"because": " "})

    assert list(visitor_warnings.in_force([referral.child_id])) == [warning]


def test_ending_it_twice_says_who_was_first(signed_in, referral, robin):
    warning = warn(referral.child, robin)
    visitor_warnings.end(warning, because="Gone.", by=robin, now=NOW)

    said = words(signed_in.post(about("end_warning", referral.child, warning.pk), {"because": "Gone too."}))

    assert "Robin Hale ended this warning" in said


# Where it is seen


@pytest.mark.parametrize("name", ["referral", "log_attempt", "book"])
def test_it_stands_on_the_pages_from_which_somebody_rings_or_visits(signed_in, referral, robin, name):
    warn(referral.child, robin, "two_people", note="Father was violent.")

    assert "Before you visit or ring ! Do not visit alone Father was violent." in read(signed_in, name, referral)


def test_it_stands_at_the_top_of_the_childs_page(signed_in, referral, robin):
    warn(referral.child, robin, "other", note="Ring the neighbour first.")

    assert "Before you visit or ring ! Ring the neighbour first." in read(signed_in, "child", referral.child)


def test_the_tray_marks_who_has_one(client, referral, robin):
    leader = case_work.member("lea@example.org", Role.TEAM_LEADER)
    client.force_login(leader)
    team = leader.teams.get(name=TAUNTON)
    assert "Warning for visitors" not in words(client.get(f"/trays/{team.pk}/"))

    warn(referral.child, robin)

    assert "Warning for visitors" in words(client.get(f"/trays/{team.pk}/"))


def test_what_has_happened_tells_of_it(signed_in, referral, robin):
    warning = warn(referral.child, robin, "not_before", time_of_day=time(16))
    visitor_warnings.end(warning, because="School holidays.", by=robin, now=NOW)

    said = read(signed_in, "referral", referral)

    assert "Warning ended: Do not ring before 16:00" in said
    assert "Warning for visitors: Do not ring before 16:00" in said


# When to try


def test_no_time_is_suggested_before_the_warning_allows_it(signed_in, referral, robin):
    assert contact_panel(referral, now=london("2026-05-13 10:00")).suggestion.at == london("2026-05-13 10:00")

    warn(referral.child, robin, "not_before", time_of_day=time(16))

    assert contact_panel(referral, now=london("2026-05-13 10:00")).suggestion.at == london("2026-05-13 16:00")


def test_after_the_last_hour_the_next_day_is_suggested():
    version = publish("somerset")
    rules, calendar = version.procedure.contact, version.calendar
    hours = contact.allowed_by([("not_after", time(18)), ("dog", None)])

    found = contact.next_suggested([], rules, calendar, hours=hours, now=london("2026-05-13 18:30"))

    assert (hours, found.at) == ((time(8), time(18)), london("2026-05-14 08:00"))


def test_where_the_warnings_leave_no_time_that_is_asked_for_the_panel_says_so():
    """Three calls in the evening: another part of the day is still asked for, and none may be used."""
    version = publish("somerset")
    rules, calendar = version.procedure.contact, version.calendar
    made = [
        contact.Attempt(london(f"2026-05-1{day} 18:00"), "phone", whom, "no_answer")
        for day, whom in [(2, "child"), (3, "parent"), (4, "child")]
    ]

    found = contact.next_suggested(
        made, rules, calendar, hours=contact.Hours(time(17, 30), time(20)), now=london("2026-05-15 10:00")
    )

    assert found.at == london("2026-05-15 17:30")
    assert found.because == "The warnings leave no other time of day, although one is asked for."


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_many_there_are(signed_in, referral, robin, django_assert_num_queries, rows):
    for number in range(rows):
        warn(referral.child, robin, "other", note=f"Word {number}")
    signed_in.get(about("new_warning", referral.child))

    # session, person, child; the warnings; the audit row (3)
    with django_assert_num_queries(7):
        response = signed_in.get(about("new_warning", referral.child))
    assert len(response.context["warnings"]) == rows


# A page that stays open


def test_an_open_referral_page_offers_to_show_what_came_since(referral, robin):
    marks = [referral_mark(referral)]

    warning = warn(referral.child, robin)
    marks.append(referral_mark(referral))
    visitor_warnings.end(warning, because="Gone.", by=robin, now=NOW)
    marks.append(referral_mark(referral))
    check(referral, robin)
    marks.append(referral_mark(referral))
    paper = file(referral, robin)
    marks.append(referral_mark(referral))
    papers.take_out(referral, paper, because="Wrong child.", by=robin, now=NOW)
    marks.append(referral_mark(referral))

    assert len(set(marks)) == 6


# An interpreter (Somerset 6)


@pytest.fixture
def speaks_tigrinya(referral):
    referral.child.interpreter_needed, referral.child.language = True, "Tigrinya"
    referral.child.save(update_fields=["interpreter_needed", "language"])


@pytest.mark.clause("SOM-6b")
@pytest.mark.parametrize("name", ["referral", "log_attempt"])
def test_before_the_first_call_the_page_says_that_an_interpreter_is_needed(signed_in, referral, speaks_tigrinya, name):
    assert "Interpreter needed: Tigrinya" in read(signed_in, name, referral)


@pytest.mark.clause("SOM-6b")
def test_the_tray_and_my_work_say_it_too(client, referral, robin, speaks_tigrinya):
    case_work.give(referral, robin)
    client.force_login(robin)

    assert "Interpreter needed: Tigrinya" in words(client.get("/"))
    assert "Interpreter needed: Tigrinya" in words(client.get(f"/trays/{robin.teams.get(name=TAUNTON).pk}/"))


def test_no_tray_says_it_of_a_child_who_needs_none(client, referral, robin):
    client.force_login(robin)

    assert "Interpreter needed" not in words(client.get(f"/trays/{robin.teams.get(name=TAUNTON).pk}/"))


@pytest.mark.clause("SOM-6b")
def test_the_form_asks_who_interpreted():
    held = Situation(held=True)
    asked = {each.question.key for each in missing(held, {"present": {"answer": ["interpreter"]}})}

    assert "interpreter_used" in asked
    assert "interpreter_used" not in {each.question.key for each in missing(held, {"present": {"answer": ["parent"]}})}
