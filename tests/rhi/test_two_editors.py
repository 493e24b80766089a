"""Two people in one form at once, in every order that chance finds: no edit is ever lost without its writer's knowing.

The model is simple. An answer that stands may be replaced only by somebody who wrote it on that very page or to whom
that page has shown it; and whatever somebody wrote either stands or is asked about.
"""

import random

import pytest
from django.test import Client

from rhi.models import Answer
from routing.models import Referral
from tests.records import bring, child, episode, publish
from tests.rhi.form_windows import Window
from tests.rhi.writing import member, stored
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db

QUESTIONS = ["analysis", "protective_factors"]
STEPS = 14


class Editor:
    """Somebody at an open page, over a connection that loses answers and delivers requests late."""

    def __init__(self, client, referral, person, chance):
        self.window = Window(client, referral, person)
        self.name, self.chance = person.name, chance
        self.page = dict.fromkeys(QUESTIONS, "")
        self.known = {question: {""} for question in QUESTIONS}
        self.asked, self.late, self.edits = {}, [], 0
        self.unheard = set()  # what was written since the site last answered

    def write(self):
        """Write something that nobody has written before."""
        question = self.chance.choice(QUESTIONS)
        self.edits += 1
        self.page[question] = f"{self.name} {self.edits}"
        self.known[question].add(self.page[question])
        self.unheard.add(question)

    def choose(self):
        """Say which of two versions stands, where that is asked."""
        return {
            f"keep__{key}": self.chance.choice(["mine", "theirs"]) for key in self.asked if self.chance.random() < 0.6
        }

    def keep(self, *, choices=None):
        """Save, and take in what comes back."""
        choices = self.choose() if choices is None else choices
        answer = self.window.keep(self.page | choices).json()
        assert answer["refused"] == {}
        for question in answer["settled"]:
            self.page[question] = stored().get(question, {}).get("answer", "")
            self.unheard.discard(question)
        self.asked = dict.fromkeys(answer["differing"], "")
        for question, both in answer["differing"].items():
            other = stored()[question].get("answer", "")
            assert other in both
            assert self.page[question] in both
            self.known[question].add(other)
        for question in self.unheard - self.asked.keys():
            assert stored()[question] == {"answer": self.page[question]}
        self.unheard &= self.asked.keys()

    def keep_unheard(self):
        """Save, and hear nothing of it."""
        self.window.send(self.page | self.choose())

    def hold_back(self):
        """Send what will arrive later."""
        self.late.append(self.window.sent(dict(self.page)))

    def arrive(self):
        """Let what was held back arrive."""
        if self.late:
            self.window.arrive(self.late.pop(self.chance.randrange(len(self.late))))


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_no_edit_of_two_editors_is_lost(tmp_path, soak_seed):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    referral = Referral.objects.get()
    robin = member("robin.hale@example.org", "Robin Hale")
    nia = member("nia.frost@example.org", "Nia Frost")
    rounds = soak_count(1000)

    for number in range(rounds):
        chance = random.Random(f"{soak_seed}-{number}")
        Answer.objects.all().delete()
        editors = [Editor(Client(), referral, person, chance) for person in (robin, nia)]
        for _ in range(STEPS):
            editor = chance.choice(editors)
            before = dict(Answer.objects.values_list("question", "value"))
            act = chance.choice(
                [editor.write, editor.write, editor.keep, editor.keep_unheard, editor.hold_back, editor.arrive]
            )
            act()
            for question, value in Answer.objects.values_list("question", "value"):
                old = before.get(question, {})
                if value != old:
                    assert old.get("answer", "") in editor.known[question], f"round {number}: lost {old} of {question}"
        for editor in [*editors, *editors, *editors]:
            editor.keep(choices={f"keep__{key}": "mine" for key in editor.asked})

    evidence("two_editors", seed=soak_seed, n=rounds, result="no edit lost")
