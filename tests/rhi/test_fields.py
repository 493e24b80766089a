"""A local time is typed, read as the instant it means, and asked about on the nights when the clocks change."""

from datetime import datetime

import pytest
from django.template import Context, Template

from rhi.forms.fields import DeskForm, MomentField, ReasonField
from tests.records import london

NOW = london("2026-11-23 12:00")
TWICE = "2026-10-25T01:30"
NEVER = "2026-03-29T01:30"


class Form(DeskForm):
    at = MomentField(label="When", now=NOW)
    because = ReasonField()


def typed(local, which=""):
    return Form({"at": local, "at_which": which, "because": "So."})


def page(form):
    return Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))


def instant(form):
    assert form.is_valid(), form.errors
    return form.cleaned_data["at"].isoformat()


def refusals(form):
    return {name: list(said) for name, said in form.errors.items()}


# What can be typed


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-11-23T07:05", "2026-11-23T07:05:00+00:00"),
        ("2026-07-01T07:05", "2026-07-01T06:05:00+00:00"),
        ("2026-07-01T07:05:30", "2026-07-01T06:05:30+00:00"),
        ("2026-07-01 07:05", "2026-07-01T06:05:00+00:00"),
        ("01/07/2026 07:05", "2026-07-01T06:05:00+00:00"),
        (" 1/7/2026, 7:05 ", "2026-07-01T06:05:00+00:00"),
    ],
)
def test_a_local_time_is_read_as_the_instant_it_means_in_england(local, utc):
    assert instant(typed(local)) == utc


@pytest.mark.parametrize("local", ["yesterday", "2026-11-23", "31/02/2026 10:00", "23/11/26 10:00", "2026-11-23T25:00"])
def test_what_is_no_date_and_time_is_refused_and_shown_again_as_it_was_typed(local):
    form = typed(local)

    assert refusals(form) == {"at": ["Enter a date and time like 23/11/2026 14:05"]}
    assert f'value="{local}"' in page(form)
    assert 'type="text"' in page(form)


@pytest.mark.parametrize("local", ["0026-11-23T10:00", "9999-12-31T23:59"])
def test_a_year_beyond_anybodys_life_is_refused(local):
    form = typed(local)

    assert refusals(form) == {"at": ["Enter a date and time like 23/11/2026 14:05"]}
    assert f'value="{local}"' in page(form)


def test_an_empty_time_is_asked_for():
    assert refusals(typed(" ")) == {"at": ["Enter the date and time"]}


def test_an_optional_time_may_be_left_empty():
    class Optional(DeskForm):
        at = MomentField(now=NOW, required=False)

    form = Optional({"at": ""})
    assert form.is_valid()
    assert form.cleaned_data == {"at": None}


def test_what_was_typed_is_never_run_as_markup():
    assert "<script>" not in page(typed("<script>"))


# Before and after now


def test_a_time_to_come_is_refused_where_something_has_happened():
    assert refusals(typed("2026-11-23T12:01")) == {"at": ["This lies in the future. Enter a time that has passed"]}
    assert instant(typed("2026-11-23T12:00")) == "2026-11-23T12:00:00+00:00"


@pytest.mark.parametrize(
    ("local", "said"),
    [("2026-11-23T12:00", {"at": ["This lies in the past. Enter a time to come"]}), ("2026-11-23T12:01", {})],
)
def test_a_time_that_has_passed_is_refused_where_something_is_planned(local, said):
    class Planned(DeskForm):
        at = MomentField(now=NOW, future=True)

    assert refusals(Planned({"at": local})) == said


def test_a_field_may_take_both():
    class Either(DeskForm):
        at = MomentField(now=NOW, future=None)

    assert instant(Either({"at": "2027-01-01T10:00"})) == "2027-01-01T10:00:00+00:00"
    assert instant(Either({"at": "2025-01-01T10:00"})) == "2025-01-01T10:00:00+00:00"


# The nights when the clocks change

ASKED = "The clocks changed that night, so this time can mean two instants. Choose which it was"


@pytest.mark.parametrize("local", [TWICE, NEVER])
@pytest.mark.parametrize("which", ["", "both"])
def test_a_time_that_can_mean_two_instants_is_asked_about_and_kept(local, which):
    form = typed(local, which)

    assert refusals(form) == {"at": [ASKED]}
    assert f'value="{local}"' in page(form)
    assert 'name="at_which"' in page(form)


def test_a_time_that_comes_twice_is_offered_as_the_first_and_the_second():
    shown = page(typed(TWICE))

    assert "01:30 the first time, before the clocks went back" in shown
    assert "01:30 the second time, after" in shown


def test_a_time_that_does_not_exist_is_offered_as_before_and_after_the_change():
    shown = page(typed(NEVER))

    assert "00:30, before the clocks went forward" in shown
    assert "02:30, after" in shown


@pytest.mark.parametrize(
    ("local", "which", "utc"),
    [
        (TWICE, "earlier", "2026-10-25T00:30:00+00:00"),
        (TWICE, "later", "2026-10-25T01:30:00+00:00"),
        (NEVER, "earlier", "2026-03-29T00:30:00+00:00"),
        (NEVER, "later", "2026-03-29T01:30:00+00:00"),
    ],
)
def test_the_instant_that_was_chosen_is_taken(local, which, utc):
    assert instant(typed(local, which)) == utc


def test_the_choice_stays_chosen_when_the_form_comes_back():
    form = Form({"at": TWICE, "at_which": "later", "because": ""})

    assert refusals(form) == {"because": ["Say why"]}
    assert page(form).count("checked") == 1
    assert page(form).index("checked") > page(form).index('value="later"')


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-10-25T00:59", "2026-10-24T23:59:00+00:00"),
        ("2026-10-25T02:00", "2026-10-25T02:00:00+00:00"),
        ("2026-03-29T00:59", "2026-03-29T00:59:00+00:00"),
        ("2026-03-29T02:00", "2026-03-29T01:00:00+00:00"),
    ],
)
def test_the_minutes_beside_the_doubtful_hour_are_not_asked_about(local, utc):
    form = typed(local, "later")

    assert instant(form) == utc
    assert 'name="at_which"' not in page(form)


# What stands in the box


@pytest.mark.parametrize(
    ("stored", "shown", "chosen"),
    [
        ("2026-07-01T06:05:00+00:00", "2026-07-01T07:05", None),
        ("2026-10-25T00:30:00+00:00", TWICE, "earlier"),
        ("2026-10-25T01:30:00+00:00", TWICE, "later"),
    ],
)
def test_a_stored_instant_stands_there_as_the_clock_on_the_wall_showed_it(stored, shown, chosen):
    form = Form(initial={"at": datetime.fromisoformat(stored)})

    assert f'value="{shown}"' in page(form)
    assert form.fields["at"].widget.format_value(datetime.fromisoformat(stored)).which == (chosen or "")


def test_the_same_time_typed_again_is_no_change():
    stored = london("2026-07-01 07:05")

    assert Form({"at": "2026-07-01T07:05", "because": ""}, initial={"at": stored}).changed_data == []
    assert Form({"at": "2026-07-01T07:06", "because": ""}, initial={"at": stored}).changed_data == ["at"]
    assert Form({"at": "yesterday", "because": ""}, initial={"at": stored}).changed_data == ["at"]


def test_an_error_is_told_to_whoever_hears_the_page():
    shown = page(typed("yesterday"))

    assert 'aria-describedby="id_at_1_error"' in shown
    assert "govuk-input--error" in shown
    assert shown.count('id="id_at"') == 1


def test_a_reason_is_asked_for_and_has_its_limit():
    assert refusals(Form({"at": "2026-07-01T07:05", "because": " "})) == {"because": ["Say why"]}
    assert "because" in Form({"at": "2026-07-01T07:05", "because": "x" * 1001}).errors
