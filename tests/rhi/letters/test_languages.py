"""Where there are texts in another language, whoever writes or approves a letter chooses it and sees it in it."""

import shutil
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from pypdf import PdfReader

from rhi import letters as writing
from rhi.actions import letters
from rhi.actions.letters import LetterRefused
from rhi.letters import texts
from rhi.models import Letter
from tests.rhi.letters.families import OVER, approved
from tests.rhi.letters.reading import page, post, words_of

pytestmark = pytest.mark.django_db

POLISH = "Dzień dobry, piszemy z zespołu"


@pytest.fixture
def polish(tmp_path, settings):
    """Every text once more, as if it were Polish."""
    at = tmp_path / "site" / "templates" / "letters"
    shutil.copytree(Path(settings.BASE_DIR) / "templates" / "letters", at)
    for path in list(at.rglob("*.en.html")):
        path.with_name(path.name.replace(".en.", ".pl.")).write_text(path.read_text().replace(".en.html", ".pl.html"))
    (at / "parts" / "who.pl.html").write_text(f"<p>{POLISH} {{{{ we_are }}}}.</p>")
    settings.BASE_DIR = tmp_path / "site"


def printed(letter):
    pages = PdfReader(BytesIO(bytes(Letter.objects.get(pk=letter.pk).pdf))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


# Where there is none


def test_where_there_are_only_english_texts_no_choice_is_shown(client, letter, referral, ann):
    client.force_login(ann)

    assert writing.languages("somerset") == [("en", "English")]
    assert "language" not in page(client, "write_letter", referral.pk).lower()
    assert "language" not in page(client, "letter", letter.pk).lower()


@pytest.mark.parametrize("language", ["pl", "", "../en"])
def test_a_language_without_texts_is_never_taken(client, letter, referral, ann, language):
    client.force_login(ann)
    typed = {"kind": "signposting", "to": "child", "because": "Asked.", "leaflets": "A", "language": language}
    assert post(client, "write_letter", referral.pk, **typed).status_code == 302
    assert Letter.objects.get(kind="signposting").language == "en"

    assert "We have tried to get in touch" in words_of(
        client.get(reverse("rhi:letter", args=[letter.pk]), {"language": language})
    )
    with pytest.raises(LetterRefused, match="no texts of letters in this language"):
        letters.propose(letter.interview, "chase", to="child", because="A.", language="pl", by=ann, now=OVER)
    with pytest.raises(LetterRefused, match="no texts of letters in this language"):
        approved(letter, ann, language="pl")


# Writing one


def test_whoever_writes_a_letter_chooses_the_language_and_sees_it_in_it(client, referral, ann, polish):
    client.force_login(ann)
    assert "In which language? English Polish – polski" in page(client, "write_letter", referral.pk)

    typed = {"kind": "signposting", "to": "child", "because": "Asked.", "leaflets": "A"}
    assert "Choose one" in words_of(post(client, "write_letter", referral.pk, **typed))
    post(client, "write_letter", referral.pk, **typed, language="pl")

    letter = Letter.objects.get()
    assert letter.language == "pl"
    assert POLISH in page(client, "letter", letter.pk)


def test_the_childs_language_on_record_stands_beside_the_choice(client, letter, referral, ann, polish):
    referral.child.language = "<b>Polish"
    referral.child.save()
    client.force_login(ann)

    for name, key in (("write_letter", referral.pk), ("letter", letter.pk)):
        answer = client.get(reverse(f"rhi:{name}", args=[key]))
        assert "By the records the child’s language is &lt;b&gt;Polish." in answer.content.decode()


# Approving one that the clockwork proposed


def test_whoever_approves_a_letter_chooses_the_language_and_approves_what_they_saw(client, letter, ann, polish):
    client.force_login(ann)
    assert "English : so it is approved Show it in Polish – polski" in page(client, "letter", letter.pk)
    shown = client.get(reverse("rhi:letter", args=[letter.pk]), {"language": "pl"})
    assert POLISH in words_of(shown)
    assert Letter.objects.get(pk=letter.pk).language == "en"

    typed = shown.context["form"].initial
    assert post(client, "letter", letter.pk, **typed).status_code == 302

    letter.refresh_from_db()
    assert (letter.state, letter.language) == ("approved", "pl")
    assert POLISH in printed(letter)
    assert letter.text_version == texts.version(
        writing.content(Letter.objects.select_related("referral__version").get(pk=letter.pk), now=OVER)
    )


def test_what_was_seen_in_one_language_is_not_approved_in_another(client, letter, ann, polish):
    client.force_login(ann)
    seen_in_english = client.get(reverse("rhi:letter", args=[letter.pk])).context["form"].initial

    answer = post(client, "letter", letter.pk, shown=seen_in_english["shown"], language="pl")

    assert "What is on record has changed since you opened this letter." in words_of(answer)
    assert POLISH in words_of(answer)
    assert Letter.objects.get(pk=letter.pk).state == "proposed"


def test_once_it_is_approved_there_is_nothing_to_choose(client, letter, ann, polish):
    approved(letter, ann, language="pl")
    client.force_login(ann)

    assert "Show it in" not in page(client, "letter", letter.pk)
