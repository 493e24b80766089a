"""People who save at the same moment, each in a process with a connection of its own, and what each is told."""

import re
import traceback
from dataclasses import dataclass
from html import escape, unescape

import pytest
from django.test import Client

from tests.jobs.conftest import processes

#: What a form says of the state in which it was shown, and so says anew: which held, what stood, what was listed.
STATE = ("holding", "shown", "listed", "referrals")


@dataclass(frozen=True)
class Answer:
    """What somebody was told: the errors of the form that they had sent, and all words of the page."""

    errors: tuple[str, ...]
    words: str


class Rivals:
    """People at pages that they have open already, who save at the same moment, race after race."""

    def __init__(self, elsewhere, people):
        self.elsewhere, self.people = elsewhere, people

    def save(self, *races):
        """Of every race the answers by person: None for who won, else what the others were told.

        A race is an address with what each of the people sends to it.
        """
        gate, answers = processes.Barrier(len(self.people)), processes.Queue()

        def save_all(number):
            race = None
            try:
                client = Client()
                client.force_login(self.people[number])
                for race, (address, typed) in enumerate(races):
                    gate.wait(60)
                    answers.put((race, number, told(client.post(address, typed[number]), typed[number])))
            except BaseException:
                answers.put((race, number, Failure(traceback.format_exc())))  # before the others meet a broken gate
                raise

        started = [self.elsewhere.start(save_all, number) for number in range(len(self.people))]
        try:
            said = [self.heard(answers) for _ in range(len(races) * len(self.people))]
        finally:
            gate.abort()  # nobody waits any longer for who has failed; all have passed it when nobody has
            for process in started:
                process.join(60)
        return [{self.people[by]: answer for race, by, answer in said if race == each} for each in range(len(races))]

    def heard(self, answers):
        """The next answer; when it is that somebody failed, so does the test, at once and with their traceback."""
        race, number, answer = answers.get(timeout=60)
        if isinstance(answer, Failure):
            pytest.fail(f"{self.people[number]} failed in race {race}:\n{answer.traceback}")
        return race, number, answer


@dataclass(frozen=True)
class Failure:
    """What went wrong in a rival's process, handed back in place of an answer."""

    traceback: str


def told(response, typed):
    """What somebody is told who was not the first, once it is sure that what they typed is on the page."""
    if response.status_code == 302:
        return None
    assert response.status_code == 200
    html = response.content.decode()
    form = response.context.get("form")
    for name, value in typed.items():
        if form and not name.startswith(STATE):
            assert is_kept(html, name, str(value)), name
        elif isinstance(value, str) and " " in value:  # in somebody's own words
            assert escape(value) in html, name
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
    return Answer(tuple(each for errors in form.errors.values() for each in errors) if form else (), words)


def is_kept(html, name, value):
    """Whether a form still holds a value under this name: typed, ticked or chosen."""
    value = escape(value)
    for box in re.findall(rf'<input[^>]*\bname="{name}"[^>]*>', html):
        if f'value="{value}"' in box and ("checked" in box or not re.search(r'type="(radio|checkbox)"', box)):
            return True
    for options in re.findall(rf'<select[^>]*\bname="{name}".*?</select>', html, re.DOTALL):
        if re.search(rf'<option value="{re.escape(value)}"[^>]*\bselected', options):
            return True
    texts = re.findall(rf'<textarea[^>]*\bname="{name}"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    return any(text.strip() == value for text in texts)
