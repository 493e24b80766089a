"""A correction shows what it changes and what follows before it is made."""

import html
import re

import pytest
from django.urls import reverse

from episodes.actions import correct
from episodes.models import Child, Episode, Finding
from rhi.actions.corrections import correct_episode
from routing.models import Deadline, Referral
from staff.models import AuditEvent
from staff.permissions import Role
from tests import state
from tests.records import NOW, bring, child, episode, interview, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child(phone="01632 960001")], episodes=[episode(police_ref="AS-1")])
    return Child.objects.get()


@pytest.fixture
def coordinator(client):
    person = make_person("kim@example.org", "Kim Coordinator", Role.COORDINATOR)
    client.force_login(person)
    return person


def at(name, record):
    return reverse(f"rhi:{name}", args=[record.pk])


def filled(response):
    """What a browser would send back of a form as it stands: its boxes, its lists and its chosen buttons."""
    page = response.content.decode()
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.S) if 'name="shown"' in each)
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if given.get("type") == "radio" and not re.search(r"\schecked", tag):
            continue
        sent[given["name"]] = given.get("value", "")
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)"\s+selected', options)
        sent[name] = html.unescape(chosen[1]) if chosen else ""
    for name, words in re.findall(r'<textarea name="(\w+)".*?>(.*?)</textarea>', form, re.S):
        sent[name] = html.unescape(words).strip()
    return sent


def look(client, page, changes):
    """Open a page, change some of what stands there, and go on to what would follow."""
    return client.post(page, filled(client.get(page)) | changes | {"step": "look"})


def save(client, page, response):
    return client.post(page, filled(response) | {"step": "save"})


def lines(response):
    return [(line.name, line.before, line.after) for line in response.context["lines"]]


def moves(response):
    return [(move.name, move.before, move.after) for move in response.context["moves"]]


def errors(response):
    return {name: list(said) for name, said in response.context["form"].errors.items()}


# A child


def test_a_childs_correction_shows_old_and_new_and_changes_nothing_yet(client, coordinator, robin):
    response = look(client, at("correct_child", robin), {"phone": "01632 960999", "interpreter_needed": "yes"})

    assert lines(response) == [
        ("Telephone", "01632 960001", "01632 960999"),
        ("Is an interpreter needed?", "Not recorded", "Yes"),
    ]
    robin.refresh_from_db()
    assert robin.phone == "01632 960001"
    assert not AuditEvent.objects.filter(type="record_corrected").exists()


def test_a_childs_correction_is_saved_in_the_second_step(client, coordinator, robin):
    page = at("correct_child", robin)
    response = save(client, page, look(client, page, {"phone": "01632 960999", "authority": "E09000008"}))

    robin.refresh_from_db()
    assert response.headers["Location"] == at("child", robin)
    assert (robin.phone, robin.responsible_authority.name) == ("01632 960999", "Croydon")
    assert sorted(robin.typed) == ["phone", "responsible_authority_id"]


def test_an_area_that_no_record_names_is_corrected_once_it_is_said_to_be_new(client, coordinator, robin):
    page = at("correct_child", robin)
    asked = look(client, page, {"area": "Tauntn"})
    assert list(errors(asked)) == ["area"]
    assert "typed" not in asked.context

    shown = look(client, page, {"area": "Tauntn", "new_area": "on"})
    assert lines(shown) == [("Area", "Taunton", "Tauntn")]
    save(client, page, shown)

    robin.refresh_from_db()
    assert robin.area == "Tauntn"


def test_a_correction_can_be_changed_once_more_with_all_that_was_typed(client, coordinator, robin):
    page = at("correct_child", robin)
    shown = look(client, page, {"phone": "01632 960999"})

    response = client.post(page, filled(shown) | {"step": "change"})

    assert "typed" not in response.context
    assert filled(response)["phone"] == "01632 960999"


def test_a_form_that_was_sent_back_as_it_stood_changes_nothing(client, coordinator, robin):
    for page in (at("correct_child", robin), at("correct_episode", Episode.objects.get())):
        assert errors(look(client, page, {})) == {
            "__all__": ["Nothing is different from what is on record. Change something, or go back."]
        }


def test_another_birthday_may_send_the_referral_elsewhere_and_the_page_says_so(client, coordinator, robin):
    page = at("correct_child", robin)

    response = look(client, page, {"date_of_birth_2": "2020"})

    assert lines(response) == [("Date of birth", "15 January 2012", "15 January 2020")]
    assert response.context["sentences"] == (
        "Something odd will be noted: by what is known now, the referral would go elsewhere.",
    )
    assert not Finding.objects.exists()
    save(client, page, response)
    assert Finding.objects.get().kind == "routed_otherwise"


def test_a_record_that_somebody_corrected_meanwhile_is_not_overwritten(client, coordinator, robin):
    page = at("correct_child", robin)
    opened = filled(client.get(page))
    sam = make_person("sam@example.org", "Sam Other", Role.COORDINATOR)
    correct(robin, values={"phone": "01632 960555"}, by=sam, now=NOW)

    response = client.post(page, opened | {"phone": "01632 960999", "step": "look"})

    assert errors(response) == {
        "__all__": [
            (
                "The record has changed since you opened it. Sam Other, Mon 15 Jun, 12:00: corrected a record (phone). "
                "What you typed is kept: look at it once more and go on."
            )
        ]
    }
    assert filled(response)["phone"] == "01632 960999"
    again = client.post(page, filled(response) | {"step": "look"})
    assert lines(again) == [("Telephone", "01632 960555", "01632 960999")]


def test_a_record_that_changes_between_the_two_steps_is_not_overwritten(client, coordinator, robin):
    page = at("correct_child", robin)
    shown = look(client, page, {"phone": "01632 960999"})
    Child.objects.update(phone="01632 960555")

    response = save(client, page, shown)

    assert "The record has changed since you opened it. It came with the records." in errors(response)["__all__"][0]
    robin.refresh_from_db()
    assert robin.phone == "01632 960555"


# An episode

ALL_CLOCKS = [
    (
        "Interview within 72 hours (E1)",
        "Due Fri 15 May, 07:00.",
        "Due Sat 16 May, 07:00.",
    ),
    (
        "Interview within 3 working days (E1)",
        "Due Fri 15 May, 23:59.",
        "Due Mon 18 May, 23:59.",
    ),
]


@pytest.mark.parametrize(("code", "words"), [("E08000019", "Sheffield (as on record, E08000019)"), ("X99", "X99")])
def test_an_authority_by_a_code_that_nobody_chooses_today_stays_when_something_else_is_corrected(
    client, coordinator, tmp_path, code, words
):
    publish("somerset")
    bring(tmp_path, children=[child(responsible_authority=code, sex="U")], episodes=[episode(police_risk="not_known")])
    robin, absence = Child.objects.get(), Episode.objects.get()
    assert f'<option value="{code}" selected>{words}<' in " ".join(
        client.get(at("correct_child", robin)).content.decode().split()
    )

    for name, record, changes in (
        ("correct_child", robin, {"phone": "01632 960999"}),
        ("correct_episode", absence, {"police_ref": "AS-2"}),
    ):
        response = look(client, at(name, record), changes)
        assert len(lines(response)) == 1
        save(client, at(name, record), response)

    robin.refresh_from_db()
    absence.refresh_from_db()
    assert (robin.phone, robin.responsible_authority.code, robin.sex) == ("01632 960999", code, "U")
    assert (absence.police_ref, absence.police_risk) == ("AS-2", "not_known")


def test_times_of_a_return_that_stand_so_on_record_are_not_asked_about(client, coordinator, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(notified_at="2026-05-12T06:00:30")])
    absence = Episode.objects.get()

    assert lines(look(client, at("correct_episode", absence), {"police_ref": "AS-2"})) == [
        ("Police reference", "Not recorded", "AS-2")
    ]
    later = look(client, at("correct_episode", absence), {"returned_exact": "2026-05-12T08:00"})
    assert [*errors(later)] == ["notified_at"]


def test_a_corrected_return_shows_the_clocks_that_move_and_moves_none_yet(client, coordinator, robin):
    before = state.everything()
    absence = Episode.objects.get()

    response = look(client, at("correct_episode", absence), {"returned_exact": "2026-05-13T07:00", "told_before": "on"})

    assert lines(response)[0] == ("When the child came back", "Tue 12 May, 07:00", "Wed 13 May, 07:00")
    assert [(name, old.split(". ")[0] + ".", new.split(". ")[0] + ".") for name, old, new in moves(response)][
        :2
    ] == ALL_CLOCKS
    after = state.everything()
    for table in ("episodes.Episode", "routing.Deadline", "routing.Referral", "rhi.Outcome", "episodes.Finding"):
        assert after[table] == before[table]


def test_a_corrected_return_moves_its_clocks_when_it_is_saved(client, coordinator, robin):
    absence = Episode.objects.get()
    page = at("correct_episode", absence)

    save(client, page, look(client, page, {"returned_exact": "2026-05-13T07:00", "told_before": "on"}))

    assert Deadline.objects.get(name="seventy_two_hours").due_at == london("2026-05-16 07:00")
    assert AuditEvent.objects.get(type="record_corrected").detail == {"fields": ["return_precision", "returned_at"]}


def test_an_exact_return_can_become_one_of_which_the_day_is_known(client, coordinator, robin):
    page = at("correct_episode", Episode.objects.get())
    day = {"known": "date", "returned_day_0": "12", "returned_day_1": "5", "returned_day_2": "2026"}

    save(client, page, look(client, page, day))

    absence = Episode.objects.get()
    assert (absence.returned_at, absence.return_precision) == (london("2026-05-12 00:00"), "date")


def test_a_return_that_was_a_mistake_is_cleared_with_all_that_belongs_to_it(client, coordinator, robin):
    page = at("correct_episode", Episode.objects.get())

    save(client, page, look(client, page, {"known": "no"}))

    absence = Episode.objects.get()
    assert (absence.returned_at, absence.return_precision, absence.notified_at) == (None, "", None)
    assert Deadline.objects.get(name="seventy_two_hours").settled == "not_applicable"


def test_a_return_is_not_cleared_where_the_child_is_missing_since(client, coordinator, robin, tmp_path):
    bring(tmp_path / "more", episodes=[episode("E2", last_seen_at="2026-05-20T20:00", returned_at="")])
    page = at("correct_episode", Episode.objects.get(episode_id="E1"))

    response = look(client, page, {"known": "no"})

    assert errors(response) == {"__all__": ["The child is already recorded as missing (E2). Record that return first."]}


def test_the_return_of_a_child_who_is_not_back_is_recorded_elsewhere(client, coordinator, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="", notified_at="")])
    absence = Episode.objects.get()
    page = client.get(at("correct_episode", absence))

    assert at("record_return", absence) in page.content.decode()
    assert "known" not in page.context["form"].fields


def test_an_episode_that_turns_out_to_be_missing_is_routed(client, coordinator, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(kind="away")])
    page = at("correct_episode", Episode.objects.get())

    response = look(client, page, {"kind": "missing"})

    assert "A new referral opens." in response.context["sentences"]
    assert not Referral.objects.exists()
    save(client, page, response)
    assert Referral.objects.get().covered.get().episode.kind == "missing"


def test_the_seconds_that_a_form_does_not_show_are_no_change(client, coordinator, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(last_seen_at="2026-05-11T20:00:41")])
    page = at("correct_episode", Episode.objects.get())

    assert lines(look(client, page, {"police_ref": "AS-2"})) == [("Police reference", "Not recorded", "AS-2")]


def test_an_outcome_that_changes_with_the_times_is_shown(client, coordinator, tmp_path):
    publish("somerset")
    second = episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00")
    held = interview(episode_ids="E1 E2", held_at="2026-05-15T10:00", outcome="completed")
    bring(tmp_path, children=[child()], episodes=[episode(), second], interviews=[held])
    page = at("correct_episode", Episode.objects.get(episode_id="E1"))

    response = look(client, page, {"returned_exact": "2026-05-14T07:00", "told_before": "on"})

    assert [each for each in response.context["sentences"] if "outcome" in each] == [
        "The outcome of E1 changes from “Covered by an interview for several episodes” to “Completed”.",
        "The outcome of E2 changes from “Completed” to “Covered by an interview for several episodes”.",
    ]


def test_an_episode_that_changed_meanwhile_is_not_overwritten_and_says_by_whom(client, coordinator, robin):
    absence = Episode.objects.get()
    page = at("correct_episode", absence)
    opened = filled(client.get(page))
    sam = make_person("sam@example.org", "Sam Other", Role.COORDINATOR)
    correct_episode(absence, values={"notified_at": london("2026-05-12 10:00")}, by=sam, now=NOW)

    (refusal,) = errors(client.post(page, opened | {"police_ref": "AS-2", "step": "look"}))["__all__"]

    assert "Sam Other, Mon 15 Jun, 12:00: corrected a record (notified at)." in refusal


def test_a_return_before_the_last_sight_is_refused_and_what_was_typed_stays(client, coordinator, robin):
    response = look(client, at("correct_episode", Episode.objects.get()), {"last_seen_at": "2026-05-13T10:00"})

    assert errors(response) == {"__all__": ["The return lies before the child was last seen."]}
    assert filled(response)["last_seen_at"] == "2026-05-13T10:00"


# Who, and at what cost


@pytest.mark.parametrize("name", ["correct_episode", "withdraw"])
def test_caseworkers_do_not_correct_episodes(client, robin, name):
    client.force_login(make_person())

    assert client.get(at(name, Episode.objects.get())).status_code == 404


def test_caseworkers_do_not_correct_children(client, robin):
    client.force_login(make_person())

    assert client.get(at("correct_child", robin)).status_code == 404


@pytest.mark.parametrize("absences", [1, 3])
def test_the_pages_cost_the_same_however_many_episodes_there_are(
    client, coordinator, tmp_path, django_assert_num_queries, absences
):
    publish("somerset")
    rows = [
        episode(f"E{day}", last_seen_at=f"2026-05-0{day}T20:00", returned_at=f"2026-05-0{day}T23:00")
        for day in range(1, absences + 1)
    ]
    bring(tmp_path, children=[child()], episodes=rows)
    robin, absence = Child.objects.get(), Episode.objects.earliest("last_seen_at")
    client.get(at("correct_child", robin))
    with django_assert_num_queries(8):
        client.get(at("correct_child", robin))
    with django_assert_num_queries(6):
        client.get(at("correct_episode", absence))
