"""A text that is missing, or asks for what no letter has, keeps the site from starting and is named."""

import re
import shutil
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from rhi.letters import texts
from rhi.letters.checking import faults


@pytest.fixture
def at(tmp_path, settings):
    """A copy of the shipped texts to spoil."""
    folder = tmp_path / "templates" / "letters"
    shutil.copytree(Path(settings.BASE_DIR) / "templates" / "letters", folder)
    return folder


def spoil(at, file, *, before, after):
    text = (at / file).read_text()
    assert before in text
    (at / file).write_text(text.replace(before, after))


def test_nothing_is_wrong_with_the_shipped_texts():
    assert faults(texts.folder()) == []
    assert [error for error in run_checks() if error.id == "rhi.E001"] == []


@pytest.mark.parametrize(
    ("file", "before", "after", "fault"),
    [
        (
            "chase/child.en.html",
            "{{ child }}",
            "{{ childs_name }}",
            "templates/letters/chase/child.en.html merges in childs_name, which letters do not have.",
        ),
        (
            "parts/help.en.html",
            "{% if out_of_hours_is_free %}",
            "{% if phone and not out_of_hours_free %}",
            "templates/letters/parts/help.en.html merges in out_of_hours_free, which letters do not have.",
        ),
        (
            "parts/help.en.html",
            "{{ service.what }}",
            "{{ service.phone }}",
            "templates/letters/parts/help.en.html merges in service.phone, which letters do not have.",
        ),
        (
            "parts/help.en.html",
            "in services %}",
            "in all_services %}",
            "templates/letters/parts/help.en.html merges in all_services, which letters do not have.",
        ),
        (
            "parts/who.en.html",
            "{{ we_are }}",
            "{{ we_are|safe }}",
            "templates/letters/parts/who.en.html changes we_are by a filter, which letters do not have.",
        ),
        (
            "parts/who.en.html",
            "<p>",
            "<p>{% now 'Y' %} ",
            "templates/letters/parts/who.en.html uses a tag that letters do not have (now).",
        ),
        (
            "refusal/carer.en.html",
            '{% include "parts/who.en.html" %}',
            '{% include "parts/who.en.html" with phone="999" %}',
            "templates/letters/refusal/carer.en.html includes a part otherwise than by its name alone.",
        ),
        (
            "refusal/carer.en.html",
            '{% include "parts/who.en.html" %}',
            "{% include we_are %}",
            "templates/letters/refusal/carer.en.html includes a part otherwise than by its name alone.",
        ),
        (
            "refusal/carer.en.html",
            '{% include "parts/who.en.html" %}',
            '{% include "parts/we.en.html" %}',
            "templates/letters/parts/we.en.html is missing, so refusal/carer.en.html cannot be written.",
        ),
        (
            "refusal/carer.en.html",
            '{% include "parts/help.en.html" %}',
            "",
            "refusal/carer.en.html does not say out_of_hours, as every letter must.",
        ),
    ],
)
def test_a_text_that_no_letter_can_be_written_from_is_named(at, file, before, after, fault):
    spoil(at, file, before=before, after=after)

    assert fault in faults(at)


def test_a_text_that_cannot_be_read_is_named(at):
    spoil(at, "signposting/child.en.html", before="{{ child }}", after="{% if child %}")

    (fault,) = faults(at)
    assert fault.startswith("signposting/child.en.html cannot be written: Unclosed tag")


@pytest.mark.parametrize("name", ["no_contact/child.en.html", "chase/carer.en.html"])
def test_a_text_that_is_missing_is_named(at, name):
    (at / name).unlink()

    assert faults(at) == [f"templates/letters/{name} is missing, so {name} cannot be written."]


def test_a_language_has_every_text_or_none(at):
    shutil.copy(at / "chase/child.en.html", at / "chase/child.pl.html")

    found = faults(at)

    assert (
        "templates/letters/no_contact/carer.pl.html is missing, so no_contact/carer.pl.html cannot be written." in found
    )
    assert "templates/letters/parts/contact.pl.html is missing, so chase/child.pl.html cannot be written." in found


def test_an_authoritys_own_text_is_held_to_the_same(at):
    (at / "croydon" / "chase").mkdir(parents=True)
    (at / "croydon" / "chase" / "child.en.html").write_text("<p>{{ school }}</p>")
    (at / "croydon" / "chase" / "chidl.en.html").write_text("<p>Never read</p>")

    found = faults(at)

    assert "templates/letters/croydon/chase/child.en.html merges in school, which letters do not have." in found
    assert "chase/child.en.html of croydon does not say out_of_hours, as every letter must." in found
    assert "templates/letters/croydon/chase/chidl.en.html is used by no letter." in found


def own(at, file, text):
    """Croydon's own text of a file."""
    path = at / "croydon" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


HOW = (
    "<h2>How to say yes</h2><p>Ring us{% if phone %} on {{ phone }}{% endif %}, or send an email to {{ mailbox }}. "
    "Tell us that your letter says {{ reference }}.</p>"
)
HELP = (
    "<h2>Help</h2><p>If someone is in danger now, ring 999. At night, ring {{ out_of_hours }}. "
    "{% if out_of_hours_is_free %}It is free.{% else %}It is not free.{% endif %}</p>"
    "<ul>{% for service in services %}<li>{{ service.name }}: {{ service.what }}</li>{% endfor %}</ul>"
)


def test_an_authoritys_own_plain_words_are_taken(at):
    own(at, "parts/yes_child.en.html", HOW)
    own(at, "parts/help.en.html", HELP)

    assert faults(at) == []


@pytest.mark.parametrize(
    ("file", "words", "before", "after", "fault"),
    [
        (
            "parts/yes_child.en.html",
            HOW,
            "<h2>How to say yes</h2>",
            "",
            "does not say how to say yes: neither its paragraph with the phone number and the mailbox nor the heading",
        ),
        (
            "parts/yes_child.en.html",
            HOW,
            " on {{ phone }}",
            "",
            "does not say how to say yes: no paragraph of it names the phone number and the mailbox.",
        ),
        (
            "parts/yes_child.en.html",
            HOW,
            ", or send an email to {{ mailbox }}.",
            ". {% if mailbox %}We have an email address, too.{% endif %}",
            "does not say how to say yes: no paragraph of it names the phone number and the mailbox.",
        ),
        (
            "parts/yes_child.en.html",
            HOW,
            ", or send an email to {{ mailbox }}.",
            "{% if phone %} or write to {{ mailbox }}{% endif %}.",
            "does not say how to say yes where there is no phone number: no paragraph of it names the mailbox.",
        ),
        (
            "parts/help.en.html",
            HELP,
            "{{ out_of_hours }}",
            "{% if out_of_hours %}us{% endif %}",
            "does not say out_of_hours, as every letter must.",
        ),
        (
            "parts/help.en.html",
            HELP,
            "It is not free.",
            "It is free.",
            "does not say out_of_hours_is_free, as every letter must.",
        ),
        ("parts/help.en.html", HELP, ": {{ service.what }}", "", "does not say services, as every letter must."),
        ("parts/help.en.html", HELP, ", ring 999", ", ring us", "does not say 999, as every letter must."),
        ("parts/who.en.html", "<p>We are {{ we_are }}.</p>", "{{ we_are }}", "us", "does not say we_are, as every"),
        (
            "parts/enclosed.en.html",
            "{% for leaflet in leaflets %}<p>{{ leaflet }}</p>{% endfor %}",
            "{{ leaflet }}",
            "Enclosed",
            "does not say leaflets, as every letter must.",
        ),
    ],
)
def test_what_an_authoritys_own_words_have_lost_is_named_with_the_letter(at, file, words, before, after, fault):
    own(at, file, words)
    assert faults(at) == []
    assert before in words

    own(at, file, words.replace(before, after))
    texts.engine.cache_clear()

    found = faults(at)
    assert [each for each in found if each.startswith(f"refusal/child.en.html of croydon {fault}")] != []
    assert [each for each in found if "of croydon" not in each] == []


HARD = (
    "Following notification of your recent missing episode, an independent return home interview is available, which "
    "you are entitled to decline, and appointments are arranged through the Integrated Adolescent Safeguarding Service "
    "of the authority in accordance with statutory guidance."
)


def test_own_words_that_are_too_hard_are_named_with_the_figure_the_file_and_the_sentence(at):
    own(at, "parts/who.en.html", f"<p>We are {{{{ we_are }}}}. {HARD}</p>")

    (fault,) = faults(at)

    assert re.fullmatch(
        r"templates/letters/croydon/parts/who\.en\.html asks for (1\d)\.\d years of school, and may ask for 6 "
        rf"\(Flesch-Kincaid\)\. Its hardest sentence is “{HARD}”",
        fault,
    )


def test_a_letter_that_is_too_hard_as_a_whole_is_named(at):
    own(at, "parts/who.en.html", f"<p>We are {{{{ we_are }}}}. {' '.join([HARD] * 9)}</p>")

    found = [fault for fault in faults(at) if fault.startswith("refusal/child")]
    assert len(found) == 1
    assert re.match(r"refusal/child\.en\.html of croydon as a whole asks for \d+\.\d years of school,", found[0])


def test_a_heading_of_one_long_word_is_not_measured_by_itself(at):
    own(
        at,
        "parts/enclosed.en.html",
        "<h2>Information</h2>{% for leaflet in leaflets %}<p>{{ leaflet }}</p>{% endfor %}",
    )

    assert faults(at) == []


def test_the_names_of_an_authority_and_its_services_are_not_the_texts_choice(at):
    own(at, "parts/end.en.html", "<p>With best wishes,<br>{{ service }}, {{ authority }}</p>")

    assert faults(at) == []


def in_polish(at, folder=""):
    """Every text once more as if it were Polish, in a folder of its own or among the common ones."""
    for path in list(at.glob("*/*.en.html")):
        copy = at / folder / path.parent.name / path.name.replace(".en.", ".pl.")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text().replace(".en.html", ".pl.html"))


@pytest.mark.parametrize("folder", ["", "croydon"])
def test_of_another_language_numbers_and_addresses_are_looked_for_and_no_words(at, folder):
    in_polish(at, folder)
    yes = at / folder / "parts" / "yes_child.pl.html"
    yes.write_text(f"<h2>Jak się zgodzić</h2><p>{HARD * 4} {{{{ phone }}}} {{{{ mailbox }}}} {{{{ reference }}}}</p>")
    assert faults(at) == []

    yes.write_text("<h2>Jak się zgodzić</h2><p>{{ phone }} {{ reference }}</p>")
    texts.engine.cache_clear()

    of = " of croydon" if folder else ""
    assert f"chase/child.pl.html{of} does not say how to say yes" in " ".join(faults(at))


def test_a_language_that_only_one_authority_has_is_offered_to_it_alone(at, settings):
    in_polish(at, "croydon")
    settings.BASE_DIR = at.parent.parent

    assert texts.languages("croydon") == ["en", "pl"]
    assert texts.languages("surrey") == ["en"]


def test_the_site_does_not_start_with_own_words_that_are_too_hard(at, settings):
    own(at, "parts/who.en.html", f"<p>We are {{{{ we_are }}}}. {HARD}</p>")
    settings.BASE_DIR = at.parent.parent

    with pytest.raises(SystemCheckError, match=r"years of school"):
        call_command("check")


def test_a_file_that_no_letter_uses_is_named(at):
    (at / "parts" / "old.en.html").write_text("<p>Old</p>")

    assert faults(at) == ["templates/letters/parts/old.en.html is used by no letter."]


def test_without_any_text_the_english_ones_are_asked_for(tmp_path):
    assert faults(tmp_path)[0] == (
        "templates/letters/no_contact/child.en.html is missing, so no_contact/child.en.html cannot be written."
    )


def test_the_site_does_not_start_with_a_text_that_is_missing(at, settings):
    (at / "chase" / "child.en.html").unlink()
    settings.BASE_DIR = at.parent.parent

    with pytest.raises(SystemCheckError, match=r"templates/letters/chase/child.en.html is missing"):
        call_command("check")
