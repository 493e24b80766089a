"""A double click, a form sent again, Back and sent again: whatever changes something changes it once.

Every address of the site that takes a POST is brought to where it succeeds, and the very same request is sent three
times at the same moment, then once more. The database must differ from before as if it had been sent once.
"""

import random
import re

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.rhi.matrix.table import rows
from tests.rhi.matrix.world import undone
from tests.rhi.replay import following, records, referrals, service  # noqa: F401 they enter their recipes
from tests.rhi.replay.recipes import EXEMPT, READING, RECIPES
from tests.rhi.replay.scene import Scene
from tests.rhi.replay.sending import AtOnce, ask, effect, emails, everything
from tests.rhi.test_matrix import names
from tests.soak import evidence, full, soak_count

#: What of a page says what has become of it, where it does not lead on to another.
SAYS = re.compile(r'govuk-error-summary|^file$|govuk-notification-banner|"saved"|Decided|has been settled')
REFUSED_AT_ONCE = "M"  # what docs/permissions.md says of an address that takes no POST

pytestmark = pytest.mark.django_db


def taking_posts():
    """The addresses that take a POST: of the whole site those of which nobody is told that they do not."""
    refusing = {row.name for row in rows() if any(cell[1] == REFUSED_AT_ONCE for cell in row.cells.values())}
    return set(names(get_resolver().url_patterns)) - refusing


def test_every_address_that_takes_a_post_says_how_it_is_replayed():
    unsaid = taking_posts() - RECIPES.keys() - EXEMPT.keys()
    assert not unsaid, (
        f"Say in tests/rhi/replay how a POST to {sorted(unsaid)} succeeds: a recipe beside its neighbours in"
        " referrals.py, records.py or service.py. Then it is tried that sending it again changes nothing more."
    )


def test_nothing_is_said_of_an_address_that_takes_no_post():
    assert RECIPES.keys() | EXEMPT.keys() <= taking_posts()
    assert not RECIPES.keys() & EXEMPT.keys()


@pytest.fixture
def outbox(settings, tmp_path):
    """A folder in which every email lies that leaves, whichever process sends it."""
    folder = tmp_path / "outbox"
    folder.mkdir()
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(folder)
    settings.NOTIFY_CALLBACK_TOKEN = "a-token"
    return folder


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_what_is_sent_three_times_at_once_and_then_again_has_one_effect(elsewhere, outbox, tmp_path, soak_seed):
    times = soak_count(50)
    chance = random.Random(soak_seed)
    drawn = RECIPES if full() else dict(chance.sample(sorted(RECIPES.items()), len(RECIPES) // 3))
    scene, senders = Scene(tmp_path / "records"), AtOnce(elsewhere)
    faults = []
    try:
        for _ in range(times):
            for name, recipes in drawn.items():
                for kind, recipe in recipes.items():
                    where = f"{name}{f', {kind}' if kind else ''}"
                    faults += [f"{where}: {fault}" for fault in replayed(recipe(scene), senders, outbox, name)]
    finally:
        senders.end()

    assert faults == []
    evidence("replays", seed=soak_seed, n=times, result="one effect each")


def replayed(sent, senders, outbox, name):
    """What is wrong after a request was sent three times at once, and once more."""
    session = signed_in(sent.by)
    before = everything(outbox)
    with undone():
        first = ask(sent, session)
        once = effect(before, everything(outbox))
    before["emails"] = emails(outbox)  # what left is the one thing that is not undone

    said = senders.send(sent, session)

    after = everything(outbox)
    said.append(ask(sent, session))
    yield from (fault for each in [first, *said] for fault in wrong_with(each))
    if said[-1].status == 200 and not SAYS.search(said[-1].words):
        yield f"sent again it says nothing: {said[-1].words[:200]}"
    if not once and name not in READING:
        yield f"sent once it changes nothing: {first.status} {first.to} {errors(first)}"
    if (thrice := effect(before, after)) != once:
        yield f"three at once: too much {dict(thrice - once)}, too little {dict(once - thrice)}"
    if more := effect(after, everything(outbox)):
        yield f"sent again: {dict(more)}"


def signed_in(person):
    """The session of a browser that this person uses."""
    browser = Client()
    browser.force_login(person)
    return browser.cookies["sessionid"].value


def wrong_with(said):
    """Why somebody who pressed twice would not know what has become of it."""
    if said.fault or said.status not in (200, 204, 302, 409):
        yield f"answered {said.status} {said.fault[-1500:]}"


def errors(said):
    """What a page says is wrong, for the message of a test."""
    start = said.words.find("govuk-error-summary")
    return " ".join(said.words[start : start + 600].split()) if start > 0 else ""
