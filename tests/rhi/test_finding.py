"""Finding a child by what somebody knows of them."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from episodes import access
from episodes.models import Child
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

TAUNTON = "Family Intervention Service: Taunton"
YEOVIL = "Family Intervention Service: Yeovil"
PAGE = "/children/find/"


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("rhi.views.children.timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def children(tmp_path):
    """Johnny and Siobhan are Taunton's, Niamh is Yeovil's; Siobhan is missing."""
    publish("somerset")
    bring(
        tmp_path,
        children=[
            child("C1", first_name="Johnny", last_name="Holt"),
            child("C2", first_name="Siobhán", last_name="O’Dea"),
            child("C3", first_name="Niamh", last_name="Marsh", area="Yeovil"),
        ],
        episodes=[
            episode("E1", "C1"),
            episode("E2", "C2"),
            episode("E3", "C3", police_ref="POL-0033"),
            episode("E4", "C2", last_seen_at="2026-06-14T20:00", returned_at="", notified_at=""),
        ],
    )


@pytest.fixture
def robin(children):
    """A caseworker in Taunton."""
    robin = make_person()
    Membership.objects.create(user=robin, team=Team.objects.get(name=TAUNTON))
    return robin


@pytest.fixture
def search(client, robin):
    def search(typed, by=robin):
        client.force_login(by)
        return client.post(PAGE, {"words": typed}, follow=True)

    return search


def theirs(response):
    return [hit.child.child_id for hit in response.context["found"].theirs]


def elsewhere(response):
    return [hit.child.child_id for hit in response.context["found"].elsewhere]


def words(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Johnny Holt", ["C1"]),
        ("holt", ["C1"]),
        ("Jonny", ["C1"]),
        ("Shivaun", ["C2"]),
        ("siobhan odea", ["C2"]),
        (" c2 ", ["C2"]),
        ("Nobody", []),
        ("%", []),
        ("- .", []),
    ],
)
def test_a_child_of_ones_own_is_found_by_part_of_a_name_by_sound_and_by_number(search, typed, found):
    response = search(typed)

    assert theirs(response) == found
    assert elsewhere(response) == []


@pytest.mark.parametrize("typed", ["Niamh Marsh", "marsh, niamh", "C3", "pol-0033"])
def test_another_team_s_child_is_shown_for_an_exact_search_with_name_and_age_only(search, typed):
    response = search(typed)

    assert (theirs(response), elsewhere(response)) == ([], ["C3"])
    shown = words(response)
    assert 'Niamh Marsh</span> <span class="rhi-secondary">14 years old</span>' in shown
    assert reverse("rhi:open_with_reason", args=[Child.objects.get(child_id="C3").pk]) in shown
    assert [told for told in ("15 Jan 2012", "Yeovil", "C3<") if told in shown] == []


@pytest.mark.parametrize("typed", ["Niamh", "Neve Marsh", "Nia Mar", "POL-003"])
def test_another_team_s_child_is_not_shown_for_less(search, typed):
    response = search(typed)

    assert (theirs(response), elsewhere(response)) == ([], [])
    assert "Nobody found" in words(response)


@pytest.mark.parametrize("typed", ["Johnny Holt", "C1", "Niamh Marsh", "POL-0033"])
def test_a_restricted_child_is_shown_to_nobody_who_is_not_named(search, typed):
    named = make_person("kit.lowe@example.org", "Kit Lowe", Role.COORDINATOR)
    for each in Child.objects.all():
        access.restrict(each, people=[named], because="A relative.", by=named, now=NOW)
    everybody = [make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)]

    for response in (search(typed), *(search(typed, by=person) for person in everybody)):
        assert (theirs(response), elsewhere(response)) == ([], [])


def test_a_child_whom_a_record_restricts_is_found_by_coordinators_until_somebody_is_named(search):
    Child.objects.filter(child_id="C3").update(restricted=True)
    priya = make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)

    assert theirs(search("Niamh Marsh", by=priya)) == ["C3"]
    assert theirs(search("Niamh Marsh")) == []


def test_whoever_is_named_finds_a_restricted_child_with_its_mark(search, robin):
    priya = make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)
    access.restrict(Child.objects.get(child_id="C1"), people=[robin], because="A relative.", by=priya, now=NOW)

    response = search("Jonny")
    assert theirs(response) == ["C1"]
    assert "Restricted</strong>" in words(response)


def test_a_coordinator_finds_every_child_that_is_not_restricted(search):
    priya = make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)

    assert theirs(search("Neve", by=priya)) == ["C3"]


def test_who_is_missing_now_is_marked(search):
    assert "Missing now" in words(search("Siobhan"))
    assert "Missing now" not in words(search("Johnny"))


def test_the_best_fit_comes_first(search, tmp_path):
    names = [("C4", "Jonny", "Abbot"), ("C5", "Johnny", "Zander"), ("C6", "Johnnie", "Bell")]
    bring(
        tmp_path,
        children=[child(key, first_name=first, last_name=last) for key, first, last in names],
        episodes=[episode(f"E{key}", key) for key, _, _ in names],
    )

    assert theirs(search("Johnny")) == ["C1", "C5", "C4", "C6"]  # as typed by last name, then what sounds alike


def test_many_are_counted_and_the_first_fifty_shown(search, children):
    priya = make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)
    Child.objects.bulk_create(
        Child(child_id=f"D{number}", first_name="Ash", last_name=f"Lee{number:02}", date_of_birth=NOW.date())
        for number in range(53)
    )
    response = search("Ash", by=priya)

    assert len(theirs(response)) == 50
    assert "53 children found" in words(response)
    assert "The first 50 are shown." in words(response)


def test_the_trail_says_who_was_shown_and_never_what_was_typed(search, robin):
    search("Johnny Holt")
    search("Niamh Marsh")
    search("C2")

    events = AuditEvent.objects.filter(type="child_searched").order_by("pk")
    assert list(events.values_list("by_id", "children", "detail")) == [
        (robin.pk, ["C1"], {"kind": "name", "found": 1, "elsewhere": 0}),
        (robin.pk, ["C3"], {"kind": "name", "found": 0, "elsewhere": 1}),
        (robin.pk, ["C2"], {"kind": "reference", "found": 1, "elsewhere": 0}),
    ]


def test_a_name_never_stands_in_an_address(client, robin):
    client.force_login(robin)
    response = client.get(f"{PAGE}?words=Johnny+Holt")

    assert response.context["found"] is None
    assert 'method="post"' in words(response)

    results = client.post(PAGE, {"words": "Johnny Holt"}).headers["Location"]
    assert re.fullmatch(r"/children/find/\?search=[A-Za-z0-9]{12}", results)


def test_back_from_a_child_leads_to_the_search_that_was_there(client, robin):
    client.force_login(robin)
    johnny, siobhan = (client.post(PAGE, {"words": typed}).headers["Location"] for typed in ("Johnny Holt", "Siobhan"))

    for _ in range(2):
        assert theirs(client.get(siobhan)) == ["C2"]
        assert theirs(client.get(johnny)) == ["C1"]
    assert client.get(johnny).context["form"]["words"].value() == "Johnny Holt"
    assert AuditEvent.objects.filter(type="child_searched").count() == 5  # each showing is a reading


def test_the_page_for_finding_begins_empty(client, robin):
    client.force_login(robin)
    client.post(PAGE, {"words": "Johnny Holt"}, follow=True)

    fresh = client.get(PAGE)
    assert fresh.context["found"] is None
    assert "Holt" not in words(fresh)


def test_results_are_kept_for_half_an_hour(client, robin, monkeypatch):
    client.force_login(robin)
    results = client.post(PAGE, {"words": "Johnny Holt"}).headers["Location"]

    for later, found in ((timedelta(minutes=29), True), (timedelta(minutes=30), False)):
        monkeypatch.setattr("rhi.views.children.timezone", SimpleNamespace(now=lambda later=later: NOW + later))
        response = client.get(results)
        assert (response.context["found"] is not None) is found
        assert ("These results are not kept any longer" in words(response)) is not found
        assert ("Holt" in words(response)) is found


def test_only_the_last_ten_searches_are_kept(client, robin):
    client.force_login(robin)
    pages = [client.post(PAGE, {"words": "Johnny"}).headers["Location"] for _ in range(11)]

    assert [client.get(page).context["found"] is not None for page in pages] == [False] + [True] * 10


def test_nobody_sees_the_search_of_whoever_sat_there_before(client, robin):
    client.force_login(robin)
    results = client.post(PAGE, {"words": "Johnny Holt"}).headers["Location"]
    client.post(reverse("account_logout"))

    for person in (robin, make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)):
        client.force_login(person)
        response = client.get(results)
        assert response.context["found"] is None
        assert "Holt" not in words(response)


def test_a_search_that_is_too_long_is_an_error_in_words(search):
    response = search("J" * 10_000)

    assert [*response.context["form"].errors] == ["words"]
    assert len(response.context["form"]["words"].value()) == 201


def test_searching_for_nothing_is_an_error_in_words(search):
    response = search("  ")

    assert response.context["form"].errors == {"words": ["Enter a name, a person ID or a police reference"]}
    assert not AuditEvent.objects.filter(type="child_searched").exists()


@pytest.mark.parametrize("number", [1, 3])
def test_a_search_costs_the_same_however_many_are_found(client, robin, tmp_path, django_assert_num_queries, number):
    keys = [f"D{each}" for each in range(number)]
    bring(
        tmp_path,
        children=[child(key, first_name="Ash", last_name="Lee") for key in keys],
        episodes=[episode(f"E{key}", key) for key in keys],
    )
    client.force_login(robin)
    results = client.post(PAGE, {"words": "Ash"}).headers["Location"]
    client.get(results)

    with django_assert_num_queries(9):  # session, person, reference, names, missing, children, trail in a savepoint
        response = client.get(results)
    assert len(theirs(response)) == number
