"""Small numbers: counted and marked in what is not for publishing, left out of what is, and never to be worked out."""

import io
import json
import random

import pytest
from django.core.management import call_command
from openpyxl import load_workbook
from pypdf import PdfReader

from reporting.charts import chart
from reporting.exports import as_csv, as_json, as_text, as_xlsx, for_publishing
from reporting.exports.document import as_html
from reporting.exports.publishing import NEVER_FEWER, left_out
from reporting.measures import MEASURES, Rate
from reporting.models import Download
from reporting.narrowing import Narrowing
from reporting.tables import HIDDEN, SMALL
from reporting.wording import marking, rates_described, sentence, small_numbers
from staff.models import AuditEvent
from tests.reporting.authority import MAY, set_up
from tests.reporting.tables import APRIL, croydon, table
from tests.reporting.test_downloads import ASKED, ask, run_due, unpacked
from tests.reporting.test_pages import words
from tests.soak import evidence, soak_count

COUNTS = [measure.key for measure in MEASURES if not isinstance(measure, Rate)]


def month(**counts):
    """A month's counts; what is not given is 0."""
    return dict.fromkeys(COUNTS, 0) | counts


# Marking


def test_a_table_of_large_numbers_may_be_published_and_one_with_a_small_one_may_not():
    assert (croydon().small, marking(croydon()), small_numbers(croydon())) == (0, "OFFICIAL", "")
    for number, small in ((0, 0), (1, 1), (4, 1), (5, 0)):
        made = table(episodes=[50], children_missing=[40], away_episodes=[number])
        assert (made.small, marking(made)) == (small, "OFFICIAL-SENSITIVE" if small else "OFFICIAL")


def test_a_rate_is_no_small_number():
    assert table(children_missing=[100], children_offered=[0], episodes=[100]).small == 0


def test_how_many_figures_are_small_stands_beneath_with_what_not_to_do():
    assert small_numbers(table(episodes=[4, 9], children_missing=[4, 3])) == (
        "3 figures are counts from 1 to 4, which could single out a child. Do not publish this as it is."
    )
    assert small_numbers(table(episodes=[9], children_missing=[4])).startswith("1 figure is a count from 1 to 4,")


def test_files_say_it_on_paper_and_in_the_workbook():
    small = table(episodes=[9], children_missing=[4])

    assert f"<strong>Small numbers:</strong> {small_numbers(small)}" in " ".join(as_html(small).split())
    about = load_workbook(io.BytesIO(as_xlsx(small)))["About"]
    assert {row[0].value: row[1].value for row in about}["Small numbers"] == small_numbers(small)
    assert small_numbers(small) in as_text(small)
    assert "mall numbers" not in as_html(croydon())


def test_filtered_figures_are_sensitive_whatever_they_are():
    assert marking(croydon(narrowing=Narrowing(area="Purley"))) == "OFFICIAL-SENSITIVE"


# What is left out


def test_small_counts_are_left_out_and_noughts_are_not():
    made = for_publishing(table(episodes=[60, 60], children_missing=[50, 50], other_authority_episodes=[3, 0]))

    assert list(made.values["other_authority_episodes"].values()) == [HIDDEN, 0]
    assert list(made.values["episodes"].values()) == [60, 60]
    assert made.small == 0
    assert marking(made) == "OFFICIAL"


def test_a_rate_goes_with_its_part_and_with_its_whole():
    made = for_publishing(table(children_missing=[50], children_offered=[3], children_done=[0], episodes=[60]))

    assert made.values["offer_rate"][APRIL] is HIDDEN
    assert str(made.values["children_done_rate"][APRIL]) == "0.00"


def test_what_stands_twice_is_left_out_twice():
    counts = month(children_missing=40, episodes=60, episodes_done=20, children_done=18, late=17, in_time=3)
    counts["held_within_72_hours"] = 3

    assert {"in_time", "held_within_72_hours"} <= left_out(counts)


def test_a_small_count_that_the_others_would_give_away_takes_another_with_it():
    """Of 20 done all are in time or late: 18 late leave 2."""
    counts = month(
        children_missing=40, children_done=18, episodes=60, episodes_done=20, late=18, in_time=2, held_within_72_hours=2
    )

    assert left_out(counts) & {"late", "episodes_done"}


def test_what_is_not_printed_does_not_go_along():
    assert set(for_publishing(croydon()).values) == {measure.key for measure in MEASURES}


def test_a_narrowed_table_is_not_for_publishing():
    with pytest.raises(ValueError, match="only part of the episodes"):
        for_publishing(croydon(narrowing=Narrowing(area="Purley")))


def could_be_another(key, counts, hidden):
    """Whether who sees the rest cannot tell a hidden count: found by trying values, not as the product finds it.

    They know that a small one is from 1 to 4, and which of the counts are never fewer than which.
    """
    rules = [rule for rule in NEVER_FEWER if holds(rule, counts)]
    ranges = {each: near(counts[each]) for each in hidden}

    def fits(known, rest):
        """Whether the counts that are left can be chosen so that every rule holds."""
        for more, fewer in rules:
            most = sum(max(ranges[each]) if each in rest else known[each] for each in more)
            least = sum(min(ranges[each]) if each in rest else known[each] for each in fewer)
            if most < least:
                return False
        if not rest:
            return True
        first, *others = rest
        return any(fits(known | {first: value}, others) for value in ranges[first])

    shown = {each: value for each, value in counts.items() if each not in hidden}
    rest = sorted(hidden - {key}, key=lambda each: [each in (*more, *fewer) for more, fewer in rules], reverse=True)
    return any(fits(shown | {key: value}, rest) for value in ranges[key] if value != counts[key])


def near(number):
    """What a hidden count could be instead, the nearest first."""
    others = SMALL if number in SMALL else range(max(5, number - 2), number + 3)
    return sorted(others, key=lambda other: abs(other - number))


def holds(rule, counts):
    more, fewer = rule
    return sum(counts[each] for each in more) >= sum(counts[each] for each in fewer)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_nothing_that_is_left_out_of_random_months_can_be_worked_out(soak_seed):
    rng = random.Random(f"{soak_seed}-publishing")
    cells = shown = 0
    for number in range(soak_count(10_000)):
        counts = random_month(rng)
        hidden = left_out(counts)
        about = (soak_seed, number, counts, hidden)
        assert {key for key, value in counts.items() if value in SMALL} <= hidden, about
        assert not [key for key in hidden if not counts[key]], about
        if hidden == {key for key in COUNTS if counts[key]}:
            continue  # nothing is shown but noughts
        shown += 1
        for key in hidden:
            assert could_be_another(key, counts, hidden), (key, *about)
            cells += 1
    assert shown > cells / 30
    evidence("left_out_for_publishing", seed=soak_seed, n=cells, result="none can be worked out")


def random_month(rng):
    """The counts of some invented episodes, from a few to a hundred, worked on now well and now badly."""
    well = rng.random()
    counts = month()
    met = {key: set() for key in ("children_missing", "children_offered", "children_done")}
    for number in range(rng.choice([6, 12, 30, 60])):
        in_care = rng.random() < 0.4
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            for key in random_episode(rng, well, in_care):
                if key in met:
                    met[key].add(number)
                else:
                    counts[key] += 1
    return counts | {key: len(children) for key, children in met.items()}


def random_episode(rng, well, in_care):
    """The figures that an episode is in."""
    yield from ("children_missing", "episodes")
    if in_care:
        yield "looked_after_episodes"
    if rng.random() > well + 0.2:
        if rng.random() < 0.5:
            yield rng.choice(["open_late", "open_late", "open_in_time"])
        return
    yield from ("children_offered", "episodes_offered")
    if rng.random() > well + 0.1:
        yield "episodes_declined"
        return
    yield "episodes_accepted"
    if rng.random() < 0.05:
        return
    yield from ("children_done", "episodes_done")
    if in_care:
        yield "looked_after_episodes_done"
    hours = rng.choice([20, 50, 70, 80, 90, 110, 300])
    yield from ("in_time", "held_within_72_hours") if hours <= 72 else ("late",)
    if hours <= 80:
        yield "held_within_72_hours_of_notification"
    if hours <= 90:
        yield "held_within_3_calendar_days"
    if hours <= 110:
        yield "held_within_3_working_days"


# In words, drawings and files


def left(**figures):
    """A month of 3 missing children, for publishing."""
    given = {"children_missing": [3, 50], "children_offered": [1, 30], "episodes": [7, 70]}
    return for_publishing(table(**given | figures))


def test_a_sentence_says_what_is_left_out_and_tells_the_rest():
    told = sentence(left(episodes_done=[0, 0]), APRIL)

    assert told.startswith("In April 2017, small numbers of children are left out. There were 7 missing episodes;")
    assert sentence(left(looked_after_episodes=[2, 0]), APRIL).endswith(
        "Small numbers of looked-after children's episodes are left out."
    )
    assert sentence(left(episodes=[3, 70]), APRIL) == (
        "In April 2017, small numbers of children are left out. Small numbers of episodes are left out."
    )
    assert "left out" not in sentence(left(), APRIL.next)


def test_a_graph_has_no_point_where_a_rate_is_left_out():
    made = left(children_missing=[3, 50])

    assert [len(line.marks) for line in chart(made).lines] == [1, 2, 0]
    assert rates_described(made).startswith("Offer rate, % of children: 60.00% in May 2017; left out in April 2017. ")
    assert rates_described(for_publishing(table(children_missing=[3], episodes=[7]))).startswith(
        "Offer rate, % of children: left out. "
    )


def test_files_have_a_c_in_its_place_and_say_what_that_is():
    made = left()
    book = load_workbook(io.BytesIO(as_xlsx(made)))
    cells = {row[0].value: [cell.value for cell in row[1:]] for row in book["Monthly table"]}

    assert as_csv(made).splitlines()[1] == "Children who went missing,c,50"
    assert json.loads(as_json(made))["measures"][0]["months"] == {"2017-04": "c", "2017-05": 50}
    assert cells["Children who went missing"] == ["c", 50]
    assert '<td class="figure">c</td>' in as_html(made)
    assert small_numbers(made).startswith("For publishing, 4 figures are left out, marked “c”:")
    assert small_numbers(made) in " ".join(as_html(made).split())
    assert [len(book["Graphs"]._charts), book["Graphs"]["A1"].value] == [
        0,
        "Interviews offered and done: no graph, as some of its figures are left out.",
    ]


# The command and the page


@pytest.fixture
def manager(client, tmp_path):
    made = set_up(tmp_path).manager
    client.force_login(made)
    return made


@pytest.mark.django_db
def test_the_command_leaves_them_out_when_told_to(manager, capsys):
    call_command("monthly_table", "--from", "2026-05", "--to", "2026-05", "--format", "csv")
    call_command("monthly_table", "--from", "2026-05", "--to", "2026-05", "--format", "csv", "--suppress")

    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("Children who went missing")] == [
        "Children who went missing,3",
        "Children who went missing,c",
    ]


@pytest.mark.django_db
def test_the_page_says_how_files_are_marked_and_offers_some_for_publishing(client, manager):
    page = words(client.get(f"/reports/?{MAY}"))
    narrowed = words(client.get(f"/reports/?{MAY}&area=Taunton"))
    nothing = words(client.get("/reports/?from=2026-06&to=2026-06"))

    assert "PDF and Excel are marked <strong>OFFICIAL-SENSITIVE</strong>: " in page
    assert "counts from 1 to 4, which could single out a child. Do not publish this as it is." in page
    assert "For publishing: small numbers left out" in page
    assert f'href="/reports/file/xlsx/?{MAY.replace("&", "&amp;")}&amp;publish=yes"' in page
    assert "For publishing" not in narrowed
    assert "OFFICIAL-SENSITIVE" in narrowed
    assert "PDF and Excel are marked <strong>OFFICIAL</strong>." in nothing
    assert "For publishing" not in nothing


@pytest.mark.django_db
def test_a_file_is_marked_by_its_figures_and_for_publishing_it_has_none_that_is_small(client, manager):
    small, published = client.get(f"/reports/file/xlsx/?{MAY}"), client.get(f"/reports/file/xlsx/?{MAY}&publish=yes")

    assert "OFFICIAL-SENSITIVE" in unpacked(small.content)
    assert "&amp;BOFFICIAL<" in unpacked(published.content)
    assert "OFFICIAL-SENSITIVE" not in unpacked(published.content)
    assert published.headers["Content-Disposition"].endswith('-2026-05-for-publishing.xlsx"')
    column = [row[1].value for row in load_workbook(io.BytesIO(published.content)).worksheets[0].iter_rows(min_row=4)]
    assert {value for value in column if value is not None} == {"c", 0}
    lines = AuditEvent.objects.filter(type="figures_downloaded").order_by("pk")
    assert [line.detail.get("for_publishing") for line in lines] == [None, True]


@pytest.mark.slow
@pytest.mark.django_db
def test_a_pdf_for_publishing_is_another_file_than_the_other_of_the_same_page(client, manager):
    places = [ask(client), ask(client, publish="yes")]
    run_due()

    assert len(set(places)) == 2
    assert [each.for_publishing for each in Download.objects.order_by("pk")] == [False, True]
    first, second = (
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(client.get(f"{each}file/").content)).pages)
        for each in places
    )
    assert "OFFICIAL-SENSITIVE" in first
    assert "OFFICIAL" in second
    assert "OFFICIAL-SENSITIVE" not in second
    assert "small numbers left out" in words(client.get(places[1]))


@pytest.mark.django_db
@pytest.mark.parametrize("changed", [{"area": "Taunton"}, {"measure": "episodes", "format": "csv"}])
def test_what_is_narrowed_and_what_is_a_list_is_not_offered_for_publishing(client, manager, changed):
    answer = client.post("/reports/downloads/", ASKED | {"publish": "yes"} | changed, follow=True)

    assert "Only the table of all episodes is for publishing." in words(answer)
    assert not Download.objects.exists()


@pytest.mark.django_db
def test_nor_as_a_file_at_once(client, manager):
    answer = client.get(f"/reports/file/csv/?{MAY}&area=Taunton&publish=yes", follow=True)

    assert "Only the table of all episodes is for publishing." in words(answer)
    assert not AuditEvent.objects.filter(type="figures_downloaded").exists()
