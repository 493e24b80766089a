"""What is sent about a referral: who holds it, reaching the child, the interview and its form."""

from rhi.models import Appointment, Interview, Outcome
from rhi.questions.shapes import Situation
from routing.models import Referral
from tests.rhi.replay.recipes import sends
from tests.rhi.replay.scene import TYPED_THURSDAY, TYPED_WEDNESDAY, days_ahead
from tests.rhi.writing import SLUGS, answer_all
from tests.staff.people import now


@sends("rhi:assign")
def assign(scene):
    referral = scene.referral()
    return scene.from_page(scene.sam, "rhi:assign", referral.pk, holder=str(scene.robin.pk), reason="Knows her.")


@sends("rhi:assign_many")
def assign_many(scene):
    referrals = [scene.referral(), scene.referral()]
    keys = [str(each.pk) for each in referrals]
    shown = {f"holding-{each.pk}": str(scene.holding(each)) for each in referrals}
    data = {"listed": keys, "referrals": keys, "holder": str(scene.robin.pk), "reason": "Room."} | shown
    return scene.plain(scene.sam, "rhi:assign_many", scene.taunton.pk, **data)


@sends("rhi:hand_over")
def hand_over(scene):
    referral = scene.referral()
    return scene.from_page(scene.priya, "rhi:hand_over", referral.pk, team=str(scene.mendip.pk), reason="Moved.")


@sends("rhi:override")
def override(scene):
    referral = scene.referral()
    typed = {"to": "team", "team": str(scene.mendip.pk), "reason": "They know the family."}
    return scene.from_page(scene.priya, "rhi:override", referral.pk, **typed)


@sends("rhi:settle")
def settle(scene):
    referral = scene.referral()
    Referral.objects.filter(pk=referral.pk).update(question="Who holds this interview?")
    return scene.from_page(scene.sam, "rhi:settle", referral.pk, team=str(scene.taunton.pk), reason="Ours.")


@sends("rhi:settle_task", "done")
def tick_off(scene):
    task = scene.task()
    return scene.from_page(scene.robin, "rhi:settle_task", task.referral_id, task.pk, answer="done")


@sends("rhi:settle_task", "set aside")
def set_aside(scene):
    task = scene.task()
    typed = {"answer": "set_aside", "because": "They know already."}
    return scene.from_page(scene.robin, "rhi:settle_task", task.referral_id, task.pk, **typed)


@sends("rhi:log_attempt")
def log_attempt(scene):
    typed = {"result": "no_answer", "attempted_at": TYPED_WEDNESDAY, "note": "Rang for a minute."}
    return scene.from_page(scene.robin, "rhi:log_attempt", scene.referral().pk, **typed)


@sends("rhi:record_offer")
def record_offer(scene):
    typed = {"to": "child", "offered_at": TYPED_WEDNESDAY}
    return scene.from_page(scene.robin, "rhi:record_offer", scene.referral().pk, **typed)


@sends("rhi:record_response")
def record_response(scene):
    offer = scene.offer()
    typed = {"response": "accepted", "responded_at": TYPED_WEDNESDAY}
    return scene.from_page(scene.robin, "rhi:record_response", offer.interview.referral_id, offer.pk, **typed)


@sends("rhi:book")
def book(scene):
    typed = {"at": days_ahead(3), "place": "At school"}
    return scene.from_page(scene.robin, "rhi:book", scene.referral().pk, **typed)


@sends("rhi:move")
def move(scene):
    booked = scene.appointment()
    typed = {"at": days_ahead(3), "place": "At home", "because": "She is ill."}
    return scene.from_page(scene.robin, "rhi:move", booked.interview.referral_id, booked.pk, **typed)


@sends("rhi:cancel")
def cancel(scene):
    booked: Appointment = scene.appointment()
    return scene.from_page(scene.robin, "rhi:cancel", booked.interview.referral_id, booked.pk, because="She is ill.")


def _take_back(scene, referral, kind, key):
    return scene.from_page(scene.robin, "rhi:take_back", referral, kind, key, because="A slip.")


@sends("rhi:take_back", "an attempt")
def take_back_attempt(scene):
    attempt = scene.attempt()
    return _take_back(scene, attempt.interview.referral_id, "attempt", attempt.pk)


@sends("rhi:take_back", "an offer")
def take_back_offer(scene):
    offer = scene.offer()
    return _take_back(scene, offer.interview.referral_id, "offer", offer.pk)


@sends("rhi:take_back", "a response")
def take_back_response(scene):
    offer = scene.offer(accepted=True)
    return _take_back(scene, offer.interview.referral_id, "response", offer.pk)


@sends("rhi:take_back", "that it was held")
def take_back_held(scene):
    interview = Interview.objects.get(referral=scene.held())
    return _take_back(scene, interview.referral_id, "held", interview.pk)


@sends("rhi:take_back", "an outcome")
def take_back_outcome(scene):
    referral = scene.settled()
    outcome = Outcome.objects.get(episode__in=scene.episodes_of(referral))
    return _take_back(scene, referral.pk, "outcome", outcome.pk)


@sends("rhi:record_held")
def record_held(scene):
    typed = {"held_at": TYPED_THURSDAY, "method": "face_to_face", "place": "home"}
    return scene.from_page(scene.robin, "rhi:record_held", scene.held_by(scene.robin).pk, **typed)


@sends("rhi:record_outcomes", "no contact")
def record_outcomes(scene):
    referral = scene.referral()
    (episode,) = scene.episodes_of(referral)
    typed = {f"outcome_{episode}": "not_offered", f"reason_{episode}_not_offered": "hospital"}
    return scene.from_page(scene.robin, "rhi:record_outcomes", referral.pk, **typed)


@sends("rhi:record_outcomes", "completed")
def record_completed(scene):
    referral = scene.held()
    (episode,) = scene.episodes_of(referral)
    return scene.from_page(scene.robin, "rhi:record_outcomes", referral.pk, **{f"outcome_{episode}": "completed"})


@sends("rhi:form_section")
def form_section(scene):
    typed = {"analysis": "A quarrel at home."}
    return scene.from_page(scene.robin, "rhi:form_section", scene.held().pk, SLUGS["N"], **typed)


@sends("rhi:form_section", "a row of a table")
def form_section_with_a_row(scene):
    sent = scene.from_page(scene.robin, "rhi:form_section", scene.held().pk, SLUGS["H"], activities="Walked.")
    row = next(name for name in sent.data if name.startswith("where_went") and "place" in name)
    sent.data[row] = ["The park"]
    return sent


@sends("rhi:keep_section")
def keep_section(scene):
    referral = scene.held()
    sent = scene.from_page(scene.robin, "rhi:form_section", referral.pk, SLUGS["N"], analysis="A quarrel at home.")
    return scene.plain(scene.robin, "rhi:keep_section", referral.pk, SLUGS["N"], **sent.data | {"turn": ["1"]})


@sends("rhi:submit")
def submit(scene):
    return scene.plain(scene.robin, "rhi:submit", scene.answered().pk)


@sends("rhi:submit", "of a held interview")
def submit_held(scene):
    referral = scene.settled(scene.held(), "completed", "")
    answer_all(referral, scene.robin, Situation(held=True), at=now())
    return scene.plain(scene.robin, "rhi:submit", referral.pk)


@sends("rhi:sign_off")
def sign_off(scene):
    return scene.from_page(scene.sam, "rhi:sign_off", scene.written_up().pk, comment="Clear.")


@sends("rhi:send_back")
def send_back(scene):
    return scene.from_page(scene.sam, "rhi:send_back", scene.written_up().pk, because="Say who drove her.")


@sends("rhi:write_letter")
def write_letter(scene):
    typed = {"kind": "signposting", "to": "child", "because": "She asked for it.", "leaflets": "Childline"}
    return scene.from_page(scene.robin, "rhi:write_letter", scene.referral().pk, **typed)
