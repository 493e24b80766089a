"""Our three corrections to the template pack that draws forms (templates/gds)."""

from crispy_forms.utils import render_crispy_form
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Layout
from django import forms
from django.template import Context, Template

PLACES = [("home", "At home"), ("elsewhere", "Somewhere else")]


class WhereForm(forms.Form):
    where = forms.ChoiceField(label="Where did you meet?", choices=PLACES, widget=forms.RadioSelect)
    address = forms.CharField(label="Address", required=False)

    def __init__(self, data=None, *, layout=("where", "address")):
        super().__init__(data)
        self.helper = FormHelper()
        self.helper.layout = Layout(*layout)


def words(html):
    return " ".join(html.split())


def summary(form):
    return words(Template("{% load crispy_forms_gds %}{% error_summary form %}").render(Context({"form": form})))


def test_what_belongs_to_a_choice_follows_it_and_the_stylesheet_shows_it_while_it_is_chosen():
    choices = ConditionalRadios(
        "where", ConditionalQuestion("At home"), ConditionalQuestion("Somewhere else", Field("address"))
    )

    html = words(render_crispy_form(WhereForm(layout=[choices])))

    assert html.count('<div class="govuk-radios__conditional rhi-when-chosen" id="conditional_id_where_2">') == 1
    assert "aria-" not in html.split('id="conditional_id_where_2"')[0]


def test_a_choice_without_further_questions_opens_nothing():
    choices = ConditionalRadios("where", ConditionalQuestion("At home"), ConditionalQuestion("Somewhere else"))

    assert "rhi-when-chosen" not in render_crispy_form(WhereForm(layout=[choices]))


def test_an_error_leads_to_the_first_of_the_choices_that_open_further_questions_too():
    choices = ConditionalRadios("where", ConditionalQuestion("At home"), ConditionalQuestion("Somewhere else"))
    form = WhereForm({}, layout=[choices])

    assert '<a href="#id_where_1">This field is required.</a>' in summary(form)
    assert 'id="id_where_1" value="home"' in words(render_crispy_form(form))


def test_choices_can_stand_in_a_row():
    html = words(render_crispy_form(WhereForm(layout=[Field.radios("where", inline=True)])))

    assert '<div class="govuk-radios govuk-radios--inline " data-module="govuk-radios">' in html


def test_an_error_in_a_choice_leads_to_its_first_button():
    form = WhereForm({})

    assert '<a href="#id_where_1">This field is required.</a>' in summary(form)
    assert 'id="id_where_1"' in render_crispy_form(form)


def test_an_error_of_the_whole_form_leads_to_its_first_field():
    form = WhereForm({"where": "home"})
    form.add_error(None, "The address is missing.")

    assert '<a href="#id_where_1">The address is missing.</a>' in summary(form)


def test_a_form_without_errors_has_no_summary():
    assert summary(WhereForm({"where": "home"})) == ""


def test_an_error_of_the_whole_form_is_drawn_as_the_design_system_does():
    form = WhereForm({"where": "home"})
    form.add_error(None, "The address is missing.")
    form.helper.show_non_field_errors = True

    html = render_crispy_form(form)

    assert "govuk-error-summary__title" in html
    assert "alert-danger" not in html
