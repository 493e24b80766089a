"""The monthly table in the browser: what it shows, where its figures lead, and what it says of what it cannot show."""

import re
from datetime import date

import pytest

from procedures.models import Version
from reporting import measures
from reporting.forms import months_before, read
from reporting.tables import Month
from staff.models import AuditEvent, Team
from staff.permissions import Role
from tests.records import publish
from tests.reporting.authority import MAY, TAUNTON, many, people, set_up
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority(tmp_path):
    return set_up(tmp_path)


def words(answer):
    return " ".join(answer.content.decode().split())


def text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def rows(answer):
    """The rows of the table: the measure's name, and the HTML of its cells."""
    found = re.findall(
        r'<tr class="govuk-table__row"><th scope="row" class="govuk-table__header">(.*?)</th>(.*?)</tr>',
        answer.content.decode(),
    )
    return {name: re.findall(r"<td[^>]*>(.*?)</td>", cells) for name, cells in found}


def links(answer):
    """Every figure that leads somewhere: its address and what it says."""
    return [
        (href.replace("&amp;", "&"), figure)
        for cells in rows(answer).values()
        for href, figure in re.findall(r'<a [^>]*href="([^"]+)">([^<]+)</a>', "".join(cells))
    ]


# Who comes here


def test_a_manager_comes_to_the_figures_from_the_first_page(client, authority):
    client.force_login(authority.manager)

    assert '<a class="govuk-link govuk-link--no-visited-state" href="/reports/">' in words(client.get("/"))
    assert 'href="/reports/" aria-current="page">Reports</a>' in words(client.get("/reports/"))


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.INTERVIEWER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_not_see_figures_has_no_link_to_them(client, role):
    client.force_login(make_person(role=role))

    assert "/reports/" not in words(client.get("/"))
    assert client.get("/reports/").status_code == 404


# What it shows


def test_every_measure_is_a_row_and_the_committees_eight_come_first(client, authority):
    client.force_login(authority.manager)

    names = list(rows(client.get(f"/reports/?{MAY}")))

    assert [name.replace("&#x27;", "'") for name in names] == [measure.name for measure in measures.MEASURES]
    assert names[:3] == [
        "Children who went missing",
        "Children who were offered a return home interview",
        "Children with a return home interview done",
    ]


def test_the_figures_of_a_month(client, authority):
    client.force_login(authority.coordinator)

    table = rows(client.get(f"/reports/?{MAY}"))

    assert text(table["Children who went missing"][0]) == "3"
    assert text(table["Missing episodes"][0]) == "4"
    assert text(table["Offer rate, % of children"][0]) == "33.33%"
    assert table["Away without authorisation"] == ["0"]  # plain: of none there is no list


def test_what_has_no_rate_says_none_and_leads_nowhere(client, authority):
    client.force_login(authority.manager)

    page = client.get("/reports/?from=2026-03&to=2026-03")

    assert rows(page)["Offer rate, % of children"] == ["none"]
    assert links(page) == []


def test_every_figure_leads_to_a_list_that_holds_just_as_many(client, authority):
    client.force_login(authority.manager)
    figures = links(client.get(f"/reports/?{MAY}"))

    assert len(figures) >= 12
    for address, figure in figures:
        answer = client.get(address)
        found = answer.context["found"]
        assert answer.status_code == 200, address
        assert answer.context["figure"] == figure, address
        if found.measure.unit != "percent":
            assert found.number == {"children": found.children, "episodes": found.episodes}[found.measure.unit]
            assert len(answer.context["rows"]) == found.episodes


def test_the_graph_the_words_and_the_definitions_stand_beneath(client, authority):
    client.force_login(authority.manager)

    page = words(client.get(f"/reports/?{MAY}"))

    assert '<title id="chart-title">Interviews offered and done, May 2026</title>' in page
    assert "In May 2026, 3 children went missing;" in page
    for measure in measures.MEASURES:
        assert f"<dt>{measure.name.replace(chr(39), '&#x27;')}</dt>" in page
        assert measure.words.replace("'", "&#x27;") in page


def test_each_version_of_the_procedure_says_which_months_it_governs(client, tmp_path):
    publish("croydon", effective_from=date(2026, 1, 1))
    publish("somerset", effective_from=date(2026, 5, 1))
    client.force_login(people().manager)

    page = words(client.get("/reports/?from=2026-03&to=2026-06"))

    first, second = Version.objects.order_by("effective_from")
    assert f"March to April 2026: by the procedure of {first}" in page
    assert f"May to June 2026: by the procedure of {second}" in page
    assert f'href="/procedure/?version={second.pk}#counting"' in page


def test_a_month_that_is_not_over_says_so(client, authority):
    client.force_login(authority.manager)

    heads = client.get("/reports/").context["heads"]

    assert [remark for _, remark in heads][2:] == [""] * 6 + ["so far"]
    assert "so far" in words(client.get("/reports/"))
    assert "so far" not in words(client.get(f"/reports/?{MAY}"))


def test_without_months_it_shows_the_last_eight_and_the_current_one(client, authority):
    client.force_login(authority.manager)
    today = now().date()

    months = client.get("/reports/").context["table"].months

    assert months[-1] == Month(today.year, today.month)
    assert months[0] == months_before(months[-1], 8)
    assert len(months) == 9


# Months and filters


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("2017-04", Month(2017, 4)),
        ("April 2017", Month(2017, 4)),
        ("  apr   2017 ", Month(2017, 4)),
        ("Sept. 2017", Month(2017, 9)),
        ("4/2017", Month(2017, 4)),
        ("2017/4", Month(2017, 4)),
        ("04.2017", Month(2017, 4)),
        ("13/2017", None),
        ("Ap 2017", None),
        ("Smarch 2017", None),
        ("2017", None),
        ("٢٠١٧-٠٤", None),
        ("", None),
    ],
)
def test_a_month_is_read_as_people_type_it(typed, month):
    assert read(typed) == month


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=May&to=2026-06", "Enter a month like April 2026 or 2026-04"),
        ("from=2026-05&to=", "Enter the last month"),
        ("from=&to=2026-05", "Enter the first month"),
        ("from=2026-06&to=2026-05", "This lies before the first month. Enter June 2026 or a later one"),
        ("from=2010-01&to=2026-01", "These are 193 months. Choose 120 at most"),
        ("from=1999-12&to=2000-02", "Enter a month from January 2000 on"),
        ("from=0001-01&to=0001-02", "Enter a month from January 2000 on"),
        ("from=2026-01&to=9999-12", "or an earlier month: later ones have no figures yet"),
        ("from=9999-12", "or an earlier month: later ones have no figures yet"),
        ("to=9999-12", "or an earlier month: later ones have no figures yet"),
        (f"{MAY}&team=987654", "Choose a team from the list"),
        (f"{MAY}&team=x", "Choose a team from the list"),
        (f"{MAY}&area=Atlantis", "Choose an area from the list"),
        (f"{MAY}&age=30", "Choose an age from the list"),
        (f"{MAY}&looked_after=maybe", "Choose an answer from the list"),
        (f"{MAY}&whose=nobody", "Choose whose children from the list"),
    ],
)
def test_what_cannot_be_shown_is_said_in_words_and_nothing_that_was_typed_is_lost(client, authority, query, said):
    client.force_login(authority.manager)

    page = client.get(f"/reports/?{query}")

    assert said in words(page)
    assert "table" not in page.context
    assert not AuditEvent.objects.filter(type="figures_read").exists()
    for pair in query.split("&")[:2]:
        _, _, typed = pair.partition("=")
        assert not typed or f'value="{typed}"' in words(page)


@pytest.mark.parametrize("query", ["from=9999-12", "to=9999-12"])
def test_of_a_wrong_month_alone_the_other_is_not_asked_for(client, authority, query):
    client.force_login(authority.manager)

    page = client.get(f"/reports/?{query}")

    assert list(page.context["form"].errors) == [query.partition("=")[0]]


def test_a_filter_narrows_the_figures_says_so_and_stays_in_every_link(client, authority):
    client.force_login(authority.manager)
    team = Team.objects.get(name=TAUNTON)

    page = client.get(f"/reports/?{MAY}&area=Taunton&age=13-15&team={team.pk}&looked_after=no&whose=ours")

    assert text(rows(page)["Children who went missing"][0]) == "2"
    left = f"episodes held by {TAUNTON}, of our own children from Taunton aged 13 to 15 who were not looked after"
    assert f"Only <strong>{left}</strong>." in words(page)
    assert '<details class="govuk-details rhi-report-choosing" >' in words(page)
    ends = {address.partition("?")[2] for address, _ in links(page)}
    assert ends == {f"{MAY}&team={team.pk}&area=Taunton&age=13-15&looked_after=no&whose=ours"}


def test_periods_that_are_asked_for_often_are_offered(client, authority):
    client.force_login(authority.manager)

    for _, query in client.get(f"/reports/?{MAY}").context["periods"]:
        assert "table" in client.get(f"/reports/?{query}").context, query


# Nothing to show


def test_before_anything_is_recorded_it_says_what_will_bring_figures(client):
    publish("somerset")
    client.force_login(people().manager)

    page = client.get("/reports/")

    assert "No episode is on record yet" in words(page)
    assert set(rows(page)["Offer rate, % of children"]) == {"none"}


def test_before_there_is_a_procedure_it_says_who_can_help(client):
    client.force_login(people().manager)

    assert "No procedure has been published, so nothing can be counted yet." in words(client.get("/reports/"))


# Trail and cost


def test_reading_figures_leaves_a_line_with_months_and_filters_and_no_child(client, authority):
    client.force_login(authority.manager)

    client.get(f"/reports/?{MAY}&area=Taunton")

    line = AuditEvent.objects.get(type="figures_read")
    assert line.children == []
    assert line.detail == {"months": "2026-05 to 2026-05", "filters": {"area": "Taunton"}}


@pytest.mark.parametrize("period", ["from=2026-05&to=2026-05", "from=2026-03&to=2026-05"])
@pytest.mark.parametrize("number", [1, 3])
def test_a_table_costs_the_same_with_many_months_and_cases(client, tmp_path, django_assert_num_queries, number, period):
    client.force_login(many(tmp_path, number).manager)
    client.get(f"/reports/?{period}")

    # session, person, teams, areas, versions, figures (6), the earliest episode, and the line in the trail in its
    # transaction
    with django_assert_num_queries(15):
        client.get(f"/reports/?{period}")


# What the figures mean


def test_every_figure_is_explained_with_the_settings_that_change_it(client, authority):
    client.force_login(authority.manager)

    page = words(client.get("/reports/measures/"))

    for measure in measures.MEASURES:
        section = re.search(rf'<section class="rhi-measure" id="{measure.key}" .*?</section>', page)[0]
        assert measure.name.replace("'", "&#x27;") in section
        assert measure.words.replace("'", "&#x27;") in section
        assert section.count("<dt>") == 1 + len(measure.settings)
        assert section.count('href="/procedure/#') == len(measure.settings)
    assert (
        '<a class="govuk-link" href="/procedure/#counting">Other authorities’ children</a> </dt> <dd> Included. </dd>'
        in page
    )


def test_the_settings_stand_under_their_names_on_the_procedure_page(client, authority):
    client.force_login(authority.manager)

    page = client.get("/procedure/").content.decode()

    for name in {name for measure in measures.MEASURES for name in measure.settings}:
        assert f'<dt class="govuk-summary-list__key">{name}</dt>' in page, name


def test_before_there_is_a_procedure_the_figures_are_explained_all_the_same(client):
    client.force_login(people().manager)

    assert "No procedure has been published" in words(client.get("/reports/measures/"))


def test_the_page_of_measures_costs_three_queries(client, authority, django_assert_num_queries):
    client.force_login(authority.manager)
    client.get("/reports/measures/")

    with django_assert_num_queries(3):  # session, person, versions
        client.get("/reports/measures/")
