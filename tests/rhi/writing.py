"""What tests of the interview's form share: who works on it, an interview held, a section saved as a browser does."""

import re
from html import unescape

from django.urls import reverse

from rhi.actions.outcomes_by_hand import record_held
from rhi.models import Answer
from rhi.questions import SECTIONS, missing
from rhi.questions.shapes import Kind
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import london
from tests.staff.people import make_person, now

TAUNTON = "Family Intervention Service: Taunton"
SLUGS = {section.letter: section.slug for section in SECTIONS}


def member(email, name, role=Role.CASEWORKER):
    person = make_person(email, name, role)
    Membership.objects.create(user=person, team=Team.objects.get(name=TAUNTON))
    return person


def hold(referral, by):
    return record_held(
        referral, held_at=london("2026-05-13 10:00"), method="face_to_face", place="home", by=by, now=now()
    )


def address(referral, letter):
    return reverse("rhi:form_section", args=[referral.pk, SLUGS[letter]])


def words(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def shown(response):
    """How the page says that it showed its questions."""
    return re.search(r'name="shown"\s+value="([^"]*)"', response.content.decode())[1]


def save(client, referral, letter, answers, *, seen=None, **more):
    seen = seen if seen is not None else shown(client.get(address(referral, letter)))
    return client.post(address(referral, letter), {"shown": seen, **answers, **more})


def stored():
    return {answer.question: answer.value for answer in Answer.objects.all()}


def answer_all(referral, by, situation, *, at):
    """Answer everything that is required, as shortly as can be."""
    interview = referral.interviews.get()
    Answer.objects.filter(interview=interview).delete()
    answers = {}
    while lacking := missing(situation, answers):  # an answer may ask for another
        answers |= {each.question.key: shortest(each.question) for each in lacking}
    for key, value in answers.items():
        Answer.objects.create(child=referral.child, interview=interview, question=key, value=value, by=by, at=at)


def shortest(question):
    value = {part.name: filled(part) for part in question.parts if not part.optional}
    value |= {part.name: filled(part) for part in question.parts if part.demanded(value)}
    if question.columns:
        value["rows"] = [{part.name: filled(part) for part in question.columns if not part.optional}]
    return value


def filled(part):
    if part.kind is Kind.MULTI:
        return [part.options[0].code]
    if part.kind is Kind.DATE:
        return "2026-05-13"
    return part.options[0].code if part.options else f"Words for {part.name}"
