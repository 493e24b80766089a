"""The list of cases behind a figure: the same for everybody, but for the names of children."""

import re

import pytest

from episodes.models import Access, Child
from reporting.names import pseudonym
from staff.models import AuditEvent
from tests.reporting.authority import MAY, many, people, set_up
from tests.reporting.test_pages import words
from tests.staff.people import now

pytestmark = pytest.mark.django_db

ALL = f"/reports/cases/episodes/2026-05/?{MAY}"
NAMES = ["Ash Ferris", "Briar Holt", "Casey Lund", "C-ASH", "C-BRIAR", "C-CASEY"]


@pytest.fixture
def authority(tmp_path):
    return set_up(tmp_path)


def shown(answer):
    """The list: each episode with what stands in the place of the child's name."""
    return {row.case.episode_id: row.name for row in answer.context["rows"]}


def code(child_id):
    return pseudonym(Child.objects.get(child_id=child_id).pk)


def test_a_manager_sees_every_case_without_a_name_and_the_same_child_as_the_same(client, authority):
    client.force_login(authority.manager)

    page = client.get(ALL)

    assert shown(page) == {"E-1": code("C-ASH"), "E-2": code("C-ASH"), "E-3": code("C-BRIAR"), "E-4": code("C-CASEY")}
    assert len({code("C-ASH"), code("C-BRIAR"), code("C-CASEY")}) == 3
    assert [name for name in NAMES if name in words(page)] == []
    assert "/children/" not in words(page)
    assert "Without names: your role sees figures" in words(page)
    assert "The list holds 4 episodes of 3 children." in words(page)


def test_a_leader_sees_the_names_of_the_children_whom_she_may_open_and_no_other(client, authority):
    client.force_login(authority.leader)
    ash = Child.objects.get(child_id="C-ASH")

    page = client.get(ALL)

    assert shown(page) == {"E-1": "Ash Ferris", "E-2": "Ash Ferris", "E-3": "Briar Holt", "E-4": code("C-CASEY")}
    assert f'<a class="govuk-link" href="/children/{ash.pk}/">Ash Ferris</a>' in words(page)
    assert client.get(f"/children/{ash.pk}/").status_code == 200
    assert "Named are the children whose record you may open." in words(page)
    assert "Casey" not in words(page)
    assert "C-CASEY" not in words(page)


def test_a_restricted_child_is_named_to_the_people_who_are_named_for_them(client, authority):
    casey = Child.objects.get(child_id="C-CASEY")
    Access.objects.create(child=casey, user=authority.leader, basis=Access.Basis.RESTRICTION, since=now())
    client.force_login(authority.coordinator)
    others = shown(client.get(ALL))
    client.force_login(authority.leader)

    assert others["E-4"] == code("C-CASEY")
    assert others["E-1"] == "Ash Ferris"
    assert shown(client.get(ALL))["E-4"] == "Casey Lund"


def test_each_case_says_why_it_is_here(client, authority):
    client.force_login(authority.manager)

    page = client.get(f"/reports/cases/episodes_done/2026-05/?{MAY}")

    (row,) = page.context["rows"]
    assert row.case.episode_id == "E-1"
    assert row.case.reason in words(page)
    assert "Wed 13 May 2026" in row.case.reason


def test_the_list_of_a_rate_says_which_cases_count_and_begins_with_them(client, authority):
    client.force_login(authority.manager)

    page = client.get(f"/reports/cases/episodes_done_rate/2026-05/?{MAY}")

    assert "Interviews done, % of episodes: 25.00% (1 of 4 episodes)" in words(page)
    assert "The cases, first those that count, in the order in which" in words(page)
    assert [row.case.counts for row in page.context["rows"]] == [True, False, False, False]
    assert re.findall(r'data-label="Counts">(\w+)<', page.content.decode()) == ["Yes", "No", "No", "No"]


def test_a_rate_of_children_says_of_how_many_children_it_is(client, authority):
    client.force_login(authority.manager)

    page = client.get(f"/reports/cases/offer_rate/2026-05/?{MAY}")

    assert "Offer rate, % of children: 33.33% (1 of 3 children)" in words(page)
    assert re.findall(r'data-label="Counts">(\w+)<', page.content.decode()) == ["Yes", "Yes", "No", "No"]


@pytest.mark.parametrize("month", ["1999-12", "2030-01"])
@pytest.mark.parametrize("end", ["", "file/csv/"])
def test_a_month_that_the_form_refuses_has_no_list(client, authority, month, end):
    client.force_login(authority.manager)

    assert client.get(f"/reports/cases/episodes/{month}/{end}?{MAY}").status_code == 404


def test_filters_stay_on_the_way_back_and_in_the_heading(client, authority):
    client.force_login(authority.manager)
    query = "from=2026-03&to=2026-06&area=Taunton"

    page = client.get(f"/reports/cases/episodes/2026-05/?{query}")

    assert sorted(shown(page)) == ["E-1", "E-2", "E-3"]
    assert f'<a href="/reports/?{query.replace("&", "&amp;")}" class="govuk-back-link">Back to the table</a>' in words(
        page
    )
    assert "May 2026: only episodes of children from Taunton" in words(page)


def test_filters_that_are_none_lead_to_where_that_is_said(client, authority):
    client.force_login(authority.manager)

    answer = client.get(f"/reports/cases/episodes/2026-05/?{MAY}&age=30")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/reports/?{MAY}&age=30")


@pytest.mark.parametrize(
    "address",
    ["none/2026-05", "held_at_known_time/2026-05", "episodes/2026-13", "episodes/1999-05", "episodes/may"],
)
def test_a_list_of_what_is_no_figure_or_no_month_is_none(client, authority, address):
    client.force_login(authority.manager)

    assert client.get(f"/reports/cases/{address}/?{MAY}").status_code == 404


def test_before_there_is_a_procedure_there_is_no_list(client):
    client.force_login(people().manager)

    assert client.get(ALL).status_code == 404


def test_a_month_without_cases_says_so(client, authority):
    client.force_login(authority.manager)

    assert "No case lies behind this figure." in words(client.get("/reports/cases/episodes/2026-03/"))


def test_pages_hold_each_case_once(client, tmp_path):
    client.force_login(many(tmp_path, 52).manager)

    first, second, third = (client.get(f"{ALL}&page={number}") for number in (1, 2, 3))

    assert len(shown(first)) == 50
    assert len(shown(first) | shown(second)) == 52
    assert (first.context["later"], second.context["later"]) == (f"?{MAY}&page=2", "")
    assert "Nothing lies on this page." in words(third)


def test_reading_a_list_is_one_line_with_the_children_of_that_page(client, authority):
    client.force_login(authority.manager)

    client.get(f"/reports/cases/episodes/2026-05/?{MAY}&area=Taunton")

    line = AuditEvent.objects.get(type="list_read")
    assert line.children == ["C-ASH", "C-BRIAR"]
    assert line.subject == "reporting.Measure:episodes"
    assert line.detail == {"months": "2026-05", "page": 1, "filters": {"area": "Taunton"}}
    assert line.by_email == "morgan.ellis@example.org"


@pytest.mark.parametrize(("who", "queries"), [("manager", 12), ("leader", 13)])
@pytest.mark.parametrize("number", [1, 3])
def test_a_list_costs_the_same_with_many_cases(client, tmp_path, django_assert_num_queries, number, who, queries):
    client.force_login(getattr(many(tmp_path, number), who))
    client.get(ALL)

    # session, person, teams, areas, versions, numbers, page (3), names for whom may have them, line in the trail (3)
    with django_assert_num_queries(queries):
        answer = client.get(ALL)
    assert len(answer.context["rows"]) == number


def test_a_childs_code_tells_nothing_of_the_child():
    codes = {pseudonym(number) for number in range(2_000)}

    assert len(codes) == 2_000
    assert all(re.fullmatch(r"[2-9A-Z]{3}-[2-9A-Z]{4}", each) for each in codes)
