"""A child whom no file has brought is recorded in the browser; a namesake is asked about, never given away."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from episodes.models import Access, Child
from rhi.models import Notice
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import bring, child, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

WHO = {
    "first_name": "Sam",
    "last_name": "Example",
    "date_of_birth_0": "15",
    "date_of_birth_1": "1",
    "date_of_birth_2": "2012",
    "area": "Taunton",
}


def errors(response):
    return {name: list(said) for name, said in response.context["form"].errors.items()}


@pytest.fixture
def robin(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()])
    return Child.objects.get()


@pytest.fixture
def coordinator(client):
    person = make_person("kim@example.org", "Kim Coordinator", Role.COORDINATOR)
    client.force_login(person)
    return person


@pytest.fixture
def caseworker(client):
    person = make_person("ash@example.org", "Ash Worker")
    client.force_login(person)
    return person


def at(name, record):
    return reverse(f"rhi:{name}", args=[record.pk])


# A child


def test_a_child_recorded_by_hand_is_given_an_id_and_leads_to_the_episode(client, caseworker, robin):
    response = client.post(reverse("rhi:new_child"), WHO)

    sam = Child.objects.get(first_name="Sam")
    assert response.headers["Location"] == at("new_episode", sam)
    assert sam.child_id.startswith("HAND-")
    assert sam.area == "Taunton"


def test_an_area_that_no_record_names_is_asked_about_once(client, caseworker, robin):
    """Its spelling names a tray: a slip would lay the child's referral where nobody looks."""
    slip = WHO | {"area": "Tauntn"}
    asked = client.post(reverse("rhi:new_child"), slip)
    [said] = errors(asked).pop("area")
    assert said.startswith("No record names this area.")
    assert list(errors(asked)) == ["area"]
    assert 'name="new_area"' in asked.content.decode()
    assert not Child.objects.filter(first_name="Sam").exists()

    client.post(reverse("rhi:new_child"), slip | {"new_area": "on"})

    assert Child.objects.get(first_name="Sam").area == "Tauntn"


@pytest.mark.parametrize(("typed", "kept"), [("taunton ", "Taunton"), ("", "")])
def test_a_known_area_is_kept_as_records_spell_it_and_none_is_no_question(client, caseworker, robin, typed, kept):
    page = client.get(reverse("rhi:new_child")).content.decode()
    client.post(reverse("rhi:new_child"), WHO | {"area": typed})

    assert 'name="new_area"' not in page
    assert Child.objects.get(first_name="Sam").area == kept


def test_the_first_area_of_all_is_no_question(client, caseworker):
    publish("somerset")
    client.post(reverse("rhi:new_child"), WHO)

    assert Child.objects.get().area == "Taunton"


def test_a_person_id_that_was_typed_is_the_childs(client, caseworker, robin):
    client.post(reverse("rhi:new_child"), WHO | {"child_id": "LCS-77"})

    assert Child.objects.filter(child_id="LCS-77").exists()


def test_a_person_id_that_is_taken_is_refused_in_the_same_words_whoever_may_see_it(client, caseworker, robin):
    Child.objects.update(restricted=True)

    response = client.post(reverse("rhi:new_child"), WHO | {"child_id": "C1"})

    assert errors(response) == {
        "__all__": ["A child with this person ID is on record already. Ask the missing coordinator."]
    }
    assert response.context["form"]["first_name"].value() == "Sam"


def test_the_recorder_sees_the_child_from_then_on_and_others_of_the_role_do_not(client, caseworker, robin):
    client.post(reverse("rhi:new_child"), WHO)

    sam = Child.objects.get(first_name="Sam")
    other = make_person("lee@example.org", "Lee")
    soon = Access.objects.get(child=sam).since + timedelta(seconds=1)
    assert list(Child.objects.workable_by(caseworker, soon)) == [sam]
    assert list(Child.objects.visible_to(other, soon)) == []


def test_what_was_typed_of_a_new_child_is_marked_and_what_was_left_empty_is_not(client, caseworker, robin):
    client.post(reverse("rhi:new_child"), WHO)

    assert sorted(Child.objects.get(first_name="Sam").typed) == [
        "area",
        "child_id",
        "date_of_birth",
        "first_name",
        "last_name",
    ]


def test_another_authoritys_child_is_recorded_as_theirs(client, caseworker, robin):
    client.post(reverse("rhi:new_child"), WHO | {"authority": "E09000008"})

    assert Child.objects.get(first_name="Sam").responsible_authority.name == "Croydon"


def test_recording_a_child_leaves_a_line_without_the_name(client, caseworker, robin):
    client.post(reverse("rhi:new_child"), WHO)

    line = AuditEvent.objects.get(type="child_recorded")
    assert line.by_email == "ash@example.org"
    assert line.children == [Child.objects.get(first_name="Sam").child_id]
    assert line.detail == {}


def test_a_child_without_a_name_or_birth_date_is_asked_for_them(client, caseworker, robin):
    response = client.post(reverse("rhi:new_child"), {"area": "Taunton"})

    assert errors(response) == {
        "first_name": ["Enter the first name"],
        "last_name": ["Enter the last name"],
        "date_of_birth": ["Enter the date of birth"],
    }


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (("31", "2", "2012"), "Enter a day like 23 11 2026"),
        (("1", "1", "2150"), "This day lies in the future"),
        (("1", "1", "12"), "Enter the year with four figures"),
    ],
)
def test_a_birth_date_that_cannot_be_is_refused(client, caseworker, robin, day, refusal):
    boxes = {f"date_of_birth_{number}": part for number, part in enumerate(day)}

    assert errors(client.post(reverse("rhi:new_child"), WHO | boxes)) == {"date_of_birth": [refusal]}


def test_the_same_child_sent_twice_is_recorded_once(client, caseworker, robin):
    answers = [client.post(reverse("rhi:new_child"), WHO) for _ in range(2)]

    recorded = Child.objects.get(first_name="Sam")
    assert [answer.headers["Location"] for answer in answers] == [at("new_episode", recorded)] * 2
    assert AuditEvent.objects.filter(type="child_recorded").count() == 1


def test_the_same_child_sent_twice_by_two_people_is_asked_about(client, caseworker, robin):
    client.post(reverse("rhi:new_child"), WHO)
    client.force_login(make_person("kim@example.org", "Kim Coordinator", Role.COORDINATOR))

    assert [*errors(client.post(reverse("rhi:new_child"), WHO))] == ["__all__"]


def test_the_lists_of_the_form_offer_nothing_twice(client, caseworker, robin):
    fields = client.get(reverse("rhi:new_child")).context["form"].fields

    assert [words for _, words in fields["sex"].choices] == ["Not known", "Female", "Male"]
    names = [words for _, words in fields["authority"].choices]
    assert len(names) == len(set(names))
    codes = {words: code for code, words in fields["authority"].choices}
    assert [codes[name] for name in ("Barnsley", "Sheffield", "North Yorkshire")] == [
        "E08000038",
        "E08000039",
        "E06000065",
    ]
    assert "Somerset" not in names  # which is ours


# A namesake

ROBIN = WHO | {"first_name": "robin"}


def test_a_namesake_whom_the_person_may_see_is_shown_and_asked_about(client, coordinator, robin):
    response = client.post(reverse("rhi:new_child"), ROBIN)

    assert errors(response) == {"__all__": ["A child with this name and date of birth is on record."]}
    assert response.context["seen"] == [robin]
    assert Child.objects.count() == 1
    assert AuditEvent.objects.get(type="child_searched").children == ["C1"]


def test_a_namesake_who_is_said_to_be_somebody_else_is_recorded(client, coordinator, robin):
    client.post(reverse("rhi:new_child"), ROBIN | {"although": "on"})

    assert Child.objects.count() == 2


def test_of_another_teams_namesake_the_person_learns_only_that_there_is_one(client, caseworker, robin):
    response = client.post(reverse("rhi:new_child"), ROBIN)

    assert errors(response) == {
        "__all__": [
            "A child with this name and date of birth is on record in another team. Ask the missing coordinator."
        ]
    }
    assert response.context["seen"] == []
    page = response.content.decode()
    assert re.findall(r"\bC1\b", page) == []  # as a word: a random token may hold these letters
    assert at("child", robin) not in page


def test_nothing_is_said_of_a_restricted_namesake_but_those_named_for_the_child_are_told(client, caseworker, robin):
    named = make_person("jo@example.org", "Jo Named", Role.COORDINATOR)
    Child.objects.update(restricted=True)
    Access.objects.create(child=robin, user=named, basis="restriction", since=london("2026-01-01 09:00"))

    response = client.post(reverse("rhi:new_child"), ROBIN)

    new = Child.objects.exclude(pk=robin.pk).get()
    assert response.headers["Location"] == at("new_episode", new)
    notice = Notice.objects.get()
    assert (notice.to, notice.child) == (named, robin)
    assert notice.about == (
        f"A child of the same name and date of birth was recorded: {new.child_id}. It may be this child."
    )
