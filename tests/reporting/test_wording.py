"""The sentence of a month, and what else documents say of a table in words."""

import pytest

from procedures import actions
from reporting.narrowing import Narrowing
from reporting.tables import Month
from reporting.wording import counted, groups, narrowed, period, sentence, sentences, shown, whole_percent
from staff.models import Team
from tests.records import london
from tests.reporting.tables import ASKED, croydon, table

NOVEMBER = Month(2017, 11)


def month(*, at=ASKED, **figures):
    return sentence(table(NOVEMBER, at=at, **{key: [number] for key, number in figures.items()}), NOVEMBER)


def test_november_2017_is_told_as_the_report_tells_it():
    """There: 98 missing, "73 of these were offered a return interview (74%) and 60 had at least one completed (61%)".
    It cuts the 46.52% of episodes to 46.
    """
    assert sentence(croydon(), NOVEMBER) == (
        "In November 2017, 98 children went missing; 73 of these were offered a return home interview (74%) and 60 had"
        " at least one done (61%). There were 187 missing episodes; an interview was done for 87 of these (47%). Of"
        " 156 episodes of looked-after children, 78 had an interview done (50%)."
    )


def test_a_month_without_episodes():
    assert month(episodes=0) == "In November 2017, no child went missing."


def test_one_child_with_one_episode():
    assert month(children_missing=1, children_offered=1, children_done=1, episodes=1, episodes_done=1) == (
        "In November 2017, 1 child went missing, who was offered a return home interview and had at least one done."
        " There was 1 missing episode, with an interview done."
    )
    assert month(children_missing=1, episodes=1) == (
        "In November 2017, 1 child went missing, who was not offered a return home interview and had none done."
        " There was 1 missing episode, without an interview done."
    )


def test_none_and_one_of_several():
    assert month(children_missing=2, children_offered=1, episodes=1_200, looked_after_episodes=1) == (
        "In November 2017, 2 children went missing; 1 of these was offered a return home interview (50%) and none had"
        " at least one done (0%). There were 1,200 missing episodes; an interview was done for none of these (0%). Of"
        " 1 episode of looked-after children, none had an interview done (0%)."
    )


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2017-12-01 00:00", "In November 2017, no child went missing."),
        ("2017-11-30 23:59", "So far in November 2017, no child went missing."),
        ("2017-11-01 00:00", "So far in November 2017, no child went missing."),
        ("2017-10-31 23:59", "November 2017 has not begun."),
    ],
)
def test_a_month_that_is_not_over_says_so(at, opening):
    assert month(at=london(at), episodes=0) == opening


@pytest.mark.parametrize(
    ("narrowing", "words"),
    [
        (Narrowing(), ""),
        (Narrowing(area="Purley"), "episodes of children from Purley"),
        (Narrowing(age="0-7"), "episodes of children aged under 8"),
        (Narrowing(looked_after="no", age="13-15"), "episodes of children aged 13 to 15 who were not looked after"),
        (
            Narrowing(whose="both", area="Purley", looked_after="yes"),
            "episodes of our own and other authorities' children from Purley who were looked after",
        ),
    ],
)
def test_what_narrows_figures_is_said_in_words(narrowing, words):
    assert narrowed(narrowing) == words


@pytest.mark.django_db
@pytest.mark.parametrize("months", [1, 3])
def test_every_sentence_of_a_narrowed_table_begins_with_what_it_is_of(months, django_assert_num_queries):
    team = Team.objects.create(name="Missing Team", kind=Team.Kind.values[0])
    whole = croydon(months, narrowing=Narrowing(team=team.pk, area="Purley"))

    with django_assert_num_queries(1):  # the team's name
        told = sentences(whole)

    assert len(told) == months
    assert told[-1].startswith(
        "Of episodes held by Missing Team, of children from Purley: in November 2017, 98 children went missing;"
    )


def test_a_narrowed_month_without_episodes_does_not_say_that_no_child_went_missing():
    empty = table(NOVEMBER, episodes=[0], narrowing=Narrowing(area="Purley"))

    assert sentences(empty) == ["Of episodes of children from Purley: in November 2017, there were none."]


def test_other_authorities_children_are_not_mixed_with_our_own_looked_after_ones():
    theirs = croydon(1, narrowing=Narrowing(whose="theirs"))

    assert sentences(theirs)[0].endswith(
        "Our own looked-after children are not among these: of 156 episodes of these looked-after children, 78 had an"
        " interview done (50%)."
    )
    assert counted(theirs)[0].endswith("but for looked-after children's rows, which are always of our own.")


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(1, 200, "1%"), (99, 20_000, "0%"), (1, 8, "13%"), (3, 8, "38%"), (87, 187, "47%"), (0, 3, "0%"), (3, 3, "100%")],
)
def test_whole_percents_are_rounded_half_up(part, whole, words):
    assert whole_percent(part, whole) == words


def test_a_whole_percent_is_not_rounded_twice():
    """46.4951 is 46.50 to two decimals, and would then be 47."""
    assert whole_percent(464_951, 1_000_000) == "46%"


@pytest.mark.parametrize(
    ("first", "months", "words"),
    [
        (Month(2017, 4), 8, "April to November 2017"),
        (Month(2017, 4), 1, "April 2017"),
        (Month(2017, 11), 3, "November 2017 to January 2018"),
    ],
)
def test_a_period_in_words(first, months, words):
    assert period(table(first, episodes=[0] * months).months) == words


def test_every_row_stands_under_a_heading_in_the_order_of_the_table():
    whole = croydon()

    assert [row for group in groups(whole) for row in group.rows] == whole.rows
    assert [len(group.heading) > 0 for group in groups(whole)] == [True] * 5


def test_a_figure_as_people_read_it():
    rows = {measure.key: (measure, values) for measure, values in table(episodes=[1_234], children_missing=[3]).rows}

    assert shown(rows["episodes"][0], 1_234) == "1,234"
    assert shown(rows["offer_rate"][0], rows["offer_rate"][1][0]) == "0.00%"
    assert shown(rows["looked_after_done_rate"][0], rows["looked_after_done_rate"][1][0]) == "none"


def test_what_figures_rest_on_is_said_by_procedure_and_choice():
    (sentences,) = counted(croydon())
    assert sentences == (
        "April to November 2017: by the procedure of Croydon, in force from 1 January 2017. An episode belongs to the"
        " month in which the child was last seen. Children for whom another authority is responsible are left out, but"
        " where they are shown apart."
    )
    assert counted(croydon(narrowing=Narrowing(whose="both")))[0].endswith(
        "Children for whom another authority is responsible are counted too."
    )
    other = actions.source("croydon").replace("[counting]", '[counting]\nkinds = ["missing", "away"]')
    assert counted(croydon(procedure=other))[0].endswith("Episodes without authorisation are counted as episodes too.")
