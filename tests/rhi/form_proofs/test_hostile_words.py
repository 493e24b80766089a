"""Words that nobody expects, in every field for words: kept to the letter, or refused plainly and still on the page."""

from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from rhi.actions import letters
from rhi.actions.form_facts import case_of
from rhi.forms.sections import name_of
from rhi.models import Answer, Letter
from rhi.questions import SECTIONS
from rhi.questions.shapes import INSTEAD, Kind
from tests.rhi.form_proofs.cases import case
from tests.rhi.replay import following, records, referrals, service  # noqa: F401 they enter their recipes
from tests.rhi.replay.recipes import READING, RECIPES
from tests.rhi.replay.scene import Scene, Sent
from tests.rhi.replay.sending import ask, everything
from tests.rhi.writing import SLUGS, address, shown
from tests.staff.people import now

pytestmark = pytest.mark.django_db

KEPT = {
    "right to left": "before \u202edesrever\u202c \u200fafter",
    "of no width": "in\u200bvis\ufeffi\u2060ble",
    "stacked marks": "Z" + "\u0301\u0335\u0489" * 40 + "algo",
    "joined emoji": "👩🏽‍🚒 and 🏴󠁧󠁢󠁥󠁮󠁧󠁿 and 👨‍👩‍👧‍👦",
    "markup": "</textarea><script>alert(1)</script>{{ 7*7 }}{% debug %} &amp; 'x\" --",
    "other scripts": "العربية ქართული 汉字 \U00020000 ß İ ﬁ",
    "lines": "one\n\n\ttwo\u2028three\u0085four",
}
REFUSED = {"nothing at all": "before \x00 after", "50,000 characters": "word " * 10_000 + "end"}
OF_THE_FORM = {"rhi:form_section", "rhi:keep_section"}  # tried above, part by part
FIELD_OF_WORDS = {Kind.LONG: ("H", "activities"), Kind.TEXT: ("I", "injuries")}


@pytest.fixture
def held(client, tmp_path):
    referral, worker = case(tmp_path, "completed")
    client.force_login(worker)
    return referral


def send(client, referral, letter, *, keeping=False, **typed):
    """Save a section by its button, or as an open page does by itself."""
    seen = {"shown": shown(client.get(address(referral, letter)))}
    if keeping:
        to = reverse("rhi:keep_section", args=[referral.pk, SLUGS[letter]])
        return client.post(to, seen | {"page": "a1", "turn": "1"} | typed)
    return client.post(address(referral, letter), seen | typed)


@pytest.mark.parametrize("keeping", [False, True], ids=["saved", "kept while typing"])
@pytest.mark.parametrize("kind", FIELD_OF_WORDS)
@pytest.mark.parametrize("what", KEPT)
def test_odd_words_are_kept_to_the_letter_shown_again_and_printed(client, held, what, kind, keeping):
    (letter, key), words = FIELD_OF_WORDS[kind], KEPT[what]

    answer = send(client, held, letter, keeping=keeping, **{key: words})

    assert answer.status_code == (200 if keeping else 302)
    assert Answer.objects.get(question=key).value == {"answer": words}
    again = unescape(client.get(address(held, letter)).content.decode())
    printed = unescape(client.get(reverse("rhi:record", args=[held.pk])).content.decode())
    assert words in again
    assert all(line.strip() in printed for line in words.split("\n"))


@pytest.mark.parametrize("kind", FIELD_OF_WORDS)
@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_stored_is_refused_plainly_and_stays_on_the_page(client, held, what, kind):
    (letter, key), words = FIELD_OF_WORDS[kind], REFUSED[what]

    answer = send(client, held, letter, **{key: words})
    kept = send(client, held, letter, keeping=True, **{key: words})

    assert answer.status_code == 200
    assert words in unescape(answer.content.decode())
    why = "invisible character" if "\x00" in words else "longer than"
    assert why in answer.content.decode()
    assert why in kept.json()["refused"][key][1]
    assert not Answer.objects.filter(question=key).exists()


@pytest.mark.parametrize("letter", [each.letter for each in SECTIONS if each.letter not in "ADEQ"])
def test_every_field_for_words_of_the_form_keeps_them(client, held, letter):
    section = next(each for each in SECTIONS if each.letter == letter)
    texts, typed = list(KEPT.values()), {}
    for question in section.asked_in(case_of(held).situation):
        parts = [(part, None) for part in question.parts if part.name != INSTEAD]
        for part, row in parts + [(part, 0) for part in question.columns]:
            if part.kind in (Kind.TEXT, Kind.LONG):
                typed[name_of(question, part, row)] = texts[len(typed) % len(texts)]

    answer = send(client, held, letter, **typed)

    assert answer.status_code == 302
    again = unescape(client.get(address(held, letter)).content.decode())
    assert [name for name, words in typed.items() if words not in again] == []


def test_half_a_character_leaves_the_words_around_it(client, held):
    """No browser sends half a surrogate pair, but a program can."""
    seen = urlencode({"shown": shown(client.get(address(held, "H")))})
    for to in (address(held, "H"), reverse("rhi:keep_section", args=[held.pk, SLUGS["H"]])):
        body = f"{seen}&activities=before+%ED%A0%80+after"
        answer = client.post(to, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (200, 302)
        kept = Answer.objects.get(question="activities").value["answer"]
        assert kept.startswith("before ")
        assert kept.endswith(" after")
        kept.encode()  # nothing that could not be stored or printed


def in_own_words(sent):
    """The fields of a request that hold words of somebody's own."""
    texts = {name: value for name, value in sent.data.items() if not isinstance(value[0] if value else "", bytes)}
    return [name for name, value in texts.items() if " " in "".join(value) and not isinstance(value, bytes)]


@pytest.mark.timeout(600)
def test_every_other_field_for_words_keeps_them_or_refuses_them_plainly(tmp_path, settings):
    settings.NOTIFY_CALLBACK_TOKEN = "a-token"
    scene, outbox, faults = Scene(tmp_path / "records"), tmp_path / "outbox", []
    outbox.mkdir()
    for name, recipes in RECIPES.items():
        for kind, recipe in recipes.items():
            if name in READING or name in OF_THE_FORM:
                continue
            sent = recipe(scene)
            for field in [] if isinstance(sent.data, str) else in_own_words(sent):
                # Once something is kept the request has had its effect, and a further one would be refused for that.
                for words in [*REFUSED.values(), "\u202e".join(KEPT.values())]:
                    done, why = tried(sent, field, words, outbox)
                    faults += [f"{name} {kind} {field}: {each}" for each in why]
                    if done:
                        break

    assert faults == []


def tried(sent, field, words, outbox):
    """Whether a request with these words in this field was done, and what is wrong with its answer."""
    browser = Client()
    browser.force_login(sent.by)
    typed = sent.data | {field: [words]}
    before = everything(outbox)
    answer = ask(Sent(sent.by, sent.address, typed), browser.cookies["sessionid"].value)
    if answer.status not in (200, 302):
        return True, [f"answered {answer.status} {answer.fault[-600:]}"]
    if answer.status == 302:
        after = everything(outbox)
        changed = repr([row for label in after for key, row in after[label].items() if before[label].get(key) != row])
        return True, [] if repr(words.strip())[1:-1] in changed else ["not kept to the letter"]
    page = unescape(answer.words)
    on_page = "".join(words.split()) in "".join(page.split())
    said = "govuk-error-summary" in answer.words
    return False, [why for why, so in {"not kept on the page": on_page, "says nothing": said}.items() if not so]


def test_a_letter_with_odd_words_is_drawn(tmp_path):
    scene = Scene(tmp_path)
    letter = scene.letter(leaflets=list(KEPT.values()))

    approved = letters.approve(letter, channel="print", by=scene.sam, now=now())

    assert bytes(Letter.objects.get(pk=approved.pk).pdf).startswith(b"%PDF")
