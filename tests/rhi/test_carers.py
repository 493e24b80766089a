"""A parent or carer is recorded by hand and put right: whether it is safe to contact them above all."""

import pytest
from django.urls import reverse

from episodes.actions import CorrectionRefused, correct, fingerprint
from episodes.models import Access, Carer, Child, Finding
from rhi.actions import carers
from rhi.actions.carers import OF_CARER
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import NOW, bring, child, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

PAT = {"child_id": "C1", "name": "Pat Example", "relationship": "Mother"}
NEW = {
    "name": "Lee Example",
    "relationship": "Uncle",
    "safe": "no",
    "reason": "Threatened the child",
    "phone": "01632 960111",
    "address_1": "1 Example Street",
    "postcode": "TA1 1AA",
    "email": "lee@example.org",
}


@pytest.fixture
def robin(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], carers=[PAT | {"safe_to_contact": "Y", "phone": "01632 960001"}])
    return Child.objects.get()


@pytest.fixture
def coordinator(client):
    person = make_person("priya@example.org", "Priya Dean", Role.COORDINATOR)
    client.force_login(person)
    return person


@pytest.fixture
def pat(robin):
    return Carer.objects.get()


def new(robin):
    return reverse("rhi:new_carer", args=[robin.pk])


def of(carer):
    return reverse("rhi:correct_carer", args=[carer.child_id, carer.pk])


def save(client, address, fields):
    """Both steps: what is typed is shown first, and then saved."""
    looked = client.post(address, fields | {"step": "look"})
    return looked, client.post(address, fields | {"step": "save", "shown": looked.context["shown"]})


def typed(carer, **other):
    """The form as it stands for a carer, with what a person changes."""
    return {"safe": "yes", "reason": "", "phone": carer.phone} | other


def errors(response):
    return {name: list(said) for name, said in response.context["form"].errors.items()}


def test_a_carer_is_shown_first_and_then_recorded(client, coordinator, robin):
    looked, saved = save(client, new(robin), NEW)

    shown = {line.name: line.after for line in looked.context["lines"]}
    assert shown["Name"], shown["Safe to contact"] == ("Lee Example", "No")
    assert saved.headers["Location"] == reverse("rhi:child", args=[robin.pk])
    lee = Carer.objects.get(name="Lee Example")
    assert (lee.relationship, lee.safe_to_contact, lee.reason) == ("Uncle", False, "Threatened the child")
    assert (lee.phone, lee.address_1, lee.postcode, lee.email) == (
        "01632 960111",
        "1 Example Street",
        "TA1 1AA",
        "lee@example.org",
    )
    assert "Lee Example" in client.get(reverse("rhi:child", args=[robin.pk])).content.decode()


def test_nothing_is_recorded_by_looking(client, coordinator, robin):
    client.post(new(robin), NEW | {"step": "look"})

    assert Carer.objects.count() == 1
    assert not AuditEvent.objects.filter(type="carer_recorded").exists()


def test_the_trail_says_that_a_carer_was_recorded_and_not_who(client, coordinator, robin):
    save(client, new(robin), NEW)

    line = AuditEvent.objects.get(type="carer_recorded")
    lee = Carer.objects.get(name="Lee Example")
    assert (line.subject, line.children, line.by_id, line.detail) == (
        f"episodes.Carer:{lee.pk}",
        ["C1"],
        coordinator.pk,
        {},
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, {"name": ["Enter the name"]}),
        ({"relationship": ""}, {"relationship": ["Enter the relationship, for instance mother"]}),
        ({"safe": ""}, {"safe": ["Say whether it is safe to contact them"]}),
        ({"reason": " "}, {"reason": ["Say why"]}),
        ({"email": "nobody"}, {"email": ["Enter an email address like name@example.org"]}),
    ],
)
def test_what_is_missing_or_wrong_is_asked_for_and_what_was_typed_stays(client, coordinator, robin, fields, said):
    response = client.post(new(robin), NEW | fields)

    assert errors(response) == said
    assert response.context["form"]["phone"].value() == "01632 960111"
    assert Carer.objects.count() == 1


def test_a_carer_of_the_same_name_and_relationship_is_not_recorded_twice(client, coordinator, robin):
    fields = NEW | {"name": "pat example", "relationship": "mother"}

    response = client.post(new(robin), fields | {"step": "look"})

    assert errors(response) == {"__all__": ["pat example, mother, is on record already. Correct that entry instead."]}


# Putting right


def test_a_carer_turns_out_not_to_be_safe(client, coordinator, pat):
    looked, _ = save(client, of(pat), typed(pat, safe="no", reason="Violent"))

    assert [(line.name, line.before, line.after) for line in looked.context["lines"]] == [
        ("Safe to contact", "Yes", "No"),
        ("Why", "Not recorded", "Violent"),
    ]
    pat.refresh_from_db()
    assert (pat.safe_to_contact, pat.reason) == (False, "Violent")
    assert AuditEvent.objects.get(type="record_corrected").detail == {"fields": ["reason", "safe_to_contact"]}


@pytest.mark.parametrize("safe", ["yes", "not_known"])
def test_another_answer_about_safety_needs_its_reason(client, coordinator, pat, safe):
    Carer.objects.update(safe_to_contact=False, reason="")

    assert errors(client.post(of(pat), typed(pat, safe=safe))) == {"reason": ["Say why"]}
    save(client, of(pat), typed(pat, safe=safe, reason="The court order was lifted"))

    pat.refresh_from_db()
    assert pat.safe_to_contact is {"yes": True, "not_known": None}[safe]


def test_the_reason_for_the_answer_before_is_none_for_another_answer(client, coordinator, pat):
    Carer.objects.update(safe_to_contact=False, reason="Violent")

    response = client.post(of(pat), typed(pat, safe="yes", reason="Violent"))

    assert errors(response) == {"reason": ["This was the reason for the answer before. Say why it changes"]}


def test_an_answer_about_safety_keeps_its_reason_from_files_even_when_there_is_none(coordinator, pat, tmp_path):
    shown = fingerprint(pat, OF_CARER)
    carers.correct_carer(pat, values={"safe_to_contact": None}, shown=shown, by=coordinator, now=NOW)

    bring(tmp_path / "later", carers=[PAT | {"safe_to_contact": "N", "reason": "Of another time"}])

    pat.refresh_from_db()
    assert (pat.safe_to_contact, pat.reason) == (None, "")


def test_a_carer_from_the_records_keeps_the_name_by_which_files_know_them(client, coordinator, pat):
    page = client.get(of(pat))
    save(client, of(pat), typed(pat, name="Somebody Else", relationship="Aunt", phone="01632 960002"))

    assert "Name and relationship came with the records" in " ".join(page.content.decode().split())
    pat.refresh_from_db()
    assert (pat.name, pat.relationship, pat.phone) == ("Pat Example", "Mother", "01632 960002")
    with pytest.raises(CorrectionRefused, match="Cannot be corrected: name"):
        correct(pat, values={"name": "Somebody Else"}, by=coordinator, now=NOW)


def test_a_carer_recorded_by_hand_may_be_given_another_name_but_not_anothers(client, coordinator, robin):
    save(client, new(robin), NEW)
    lee = Carer.objects.get(name="Lee Example")

    save(client, of(lee), NEW | {"name": "Leigh Example"})
    lee.refresh_from_db()
    assert lee.name == "Leigh Example"

    taken = client.post(of(lee), NEW | {"name": "Pat Example", "relationship": "Mother", "step": "look"})
    assert errors(taken) == {"__all__": ["Pat Example, Mother, is on record already. Correct that entry instead."]}


def test_whoever_is_too_late_is_told_by_whom_and_keeps_what_they_typed(client, coordinator, pat):
    looked = client.post(of(pat), typed(pat, phone="01632 960002", step="look"))
    other = make_person("kim@example.org", "Kim Coordinator", Role.COORDINATOR)
    shown = looked.context["shown"]
    carers.correct_carer(pat, values={"phone": "01632 960003"}, shown=shown, by=other, now=NOW)

    response = client.post(of(pat), typed(pat, phone="01632 960002", step="save", shown=shown))

    ((said,),) = errors(response).values()
    assert said.startswith("The record has changed since you opened it. Kim Coordinator")
    assert response.context["form"]["phone"].value() == "01632 960002"
    pat.refresh_from_db()
    assert pat.phone == "01632 960003"


# What a file does to it later


def test_no_file_replaces_what_a_person_said_of_a_carers_safety(client, coordinator, pat, tmp_path):
    save(client, of(pat), typed(pat, safe="no", reason="Violent"))

    bring(tmp_path / "later", carers=[PAT | {"safe_to_contact": "Y", "reason": "", "phone": "01632 960009"}])

    pat.refresh_from_db()
    assert (pat.safe_to_contact, pat.reason, pat.phone) == (False, "Violent", "01632 960009")
    finding = Finding.objects.get(kind=Finding.Kind.TYPED_DIFFERS)
    assert finding.detail == "Stays as typed: safe to contact, reason."


@pytest.mark.parametrize(("safe", "stays"), [("no", False), ("not_known", None)])
def test_a_file_that_brings_a_carer_recorded_by_hand_fills_only_what_was_left_empty(
    client, coordinator, robin, tmp_path, safe, stays
):
    save(client, new(robin), NEW | {"safe": safe, "email": ""})

    row = PAT | {"name": "Lee Example", "relationship": "Uncle", "safe_to_contact": "Y", "email": "l@example.org"}
    bring(tmp_path / "later", carers=[row | {"phone": "01632 960999"}])

    lee = Carer.objects.get(name="Lee Example")
    assert (lee.safe_to_contact, lee.phone, lee.email) == (stays, "01632 960111", "l@example.org")


# Who may


def test_a_caseworker_is_offered_nothing_to_correct(client, robin, pat):
    worker = make_person()
    Access.objects.create(child=robin, user=worker, basis="allocation", since=NOW)
    client.force_login(worker)

    page = client.get(reverse("rhi:child", args=[robin.pk])).content.decode()

    assert "Pat Example" in page
    assert of(pat) not in page
    assert client.get(of(pat)).status_code == 404


def test_a_coordinator_is_led_from_the_childs_page(client, coordinator, robin, pat):
    page = client.get(reverse("rhi:child", args=[robin.pk])).content.decode()

    assert of(pat) in page
    assert new(robin) in page


def test_another_childs_carer_is_not_found_by_this_childs_address(client, coordinator, pat, tmp_path):
    bring(tmp_path / "other", children=[child("C2")])
    other = Child.objects.get(child_id="C2")

    assert client.get(reverse("rhi:correct_carer", args=[other.pk, pat.pk])).status_code == 404
