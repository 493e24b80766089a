"""What is sent about letters, children, episodes and who is around a child."""

import json
from datetime import date

from django.urls import reverse

from episodes.actions import fingerprint
from episodes.models import Episode, Involvement
from rhi.actions import withdrawing
from rhi.actions.corrections import OF_EPISODE
from rhi.models import Letter
from tests.rhi.replay.recipes import sends
from tests.rhi.replay.scene import TYPED_WEDNESDAY, Sent
from tests.staff.people import now


@sends("rhi:letter", "approved")
def approve(scene):
    return scene.from_page(scene.sam, "rhi:letter", scene.letter().pk)


@sends("rhi:letter", "settled")
def settle_printed(scene):
    letter = scene.approved_letter(state=Letter.State.UNCERTAIN, failure="A backup was restored.")
    return scene.from_page(scene.sam, "rhi:letter", letter.pk, answer="again")


@sends("rhi:cancel_letter")
def cancel_letter(scene):
    return scene.from_page(scene.sam, "rhi:cancel_letter", scene.letter().pk, because="She has called.")


@sends("rhi:letter_came_back")
def came_back(scene):
    letter = scene.approved_letter(state=Letter.State.SENT, sent_at=now())
    return scene.plain(scene.sam, "rhi:letter_came_back", letter.pk)


@sends("rhi:letter_returned")
def notify_says_that_it_came_back(scene):
    letter = scene.approved_letter(state=Letter.State.SENT, sent_at=now(), channel="notify")
    body = json.dumps({"reference": str(letter.reference)})
    return Sent(scene.sam, reverse("rhi:letter_returned"), body, {"authorization": "Bearer a-token"})


@sends("rhi:print_letters")
def print_letters(scene):
    return scene.plain(scene.sam, "rhi:print_letters", letters=[str(scene.approved_letter().pk)])


@sends("rhi:post_letters")
def post_letters(scene):
    letter = scene.approved_letter(printed_at=now())
    return scene.plain(scene.sam, "rhi:post_letters", letters=[str(letter.pk)])


@sends("rhi:new_child")
def new_child(scene):
    typed = {"first_name": "Ash", "last_name": f"Newly{next(scene.numbers)}", "area": "Taunton"}
    typed |= {"date_of_birth_0": "2", "date_of_birth_1": "3", "date_of_birth_2": "2012"}
    return scene.from_page(scene.priya, "rhi:new_child", **typed)


@sends("rhi:open_with_reason")
def open_with_reason(scene):
    child = scene.referral("Mendip").child
    return scene.from_page(scene.robin, "rhi:open_with_reason", child.pk, because="Her brother is ours.")


@sends("rhi:restrict", "named")
def restrict(scene):
    child = scene.referral().child
    data = {"because": "A colleague’s own child.", "near": [str(scene.sam.pk)]}
    return scene.plain(scene.priya, "rhi:restrict", child.pk, **data)


@sends("rhi:restrict", "lifted")
def lift(scene):
    data = {"do": "lift", "lift-because": "She has moved."}
    return scene.plain(scene.priya, "rhi:restrict", scene.restricted().pk, **data)


@sends("rhi:correct_child")
def correct_child(scene):
    child = scene.referral().child
    return scene.second_step(scene.from_page(scene.priya, "rhi:correct_child", child.pk, phone="01632 960001"))


@sends("rhi:new_carer")
def new_carer(scene):
    typed = {"name": "Pat Moss", "relationship": "Aunt", "safe": "yes"}
    return scene.second_step(scene.from_page(scene.priya, "rhi:new_carer", scene.referral().child.pk, **typed))


@sends("rhi:correct_carer")
def correct_carer(scene):
    carer = scene.carer()
    typed = {"safe": "no", "reason": "She was seen to strike him."}
    return scene.second_step(scene.from_page(scene.priya, "rhi:correct_carer", carer.child_id, carer.pk, **typed))


@sends("rhi:new_involvement")
def new_involvement(scene):
    sent = scene.from_page(scene.priya, "rhi:new_involvement", scene.referral().child.pk, service="child_in_need")
    for part, value in enumerate(("5", "1", "2026")):
        sent.data[f"start_{part}"] = [value]
    return scene.second_step(sent)


@sends("rhi:correct_involvement")
def correct_involvement(scene):
    one = Involvement.objects.create(child=scene.referral().child, service="child_in_need", start=date(2026, 1, 5))
    sent = scene.from_page(scene.priya, "rhi:correct_involvement", one.child_id, one.pk)
    for part, value in enumerate(("5", "6", "2026")):
        sent.data[f"end_{part}"] = [value]
    return scene.second_step(sent)


@sends("rhi:new_episode", "still missing")
def new_episode(scene):
    typed = {"kind": "missing", "last_seen_at": TYPED_WEDNESDAY, "known": "no"}
    return scene.from_page(scene.priya, "rhi:new_episode", scene.child().pk, **typed)


@sends("rhi:new_episode", "with its return")
def new_episode_with_return(scene):
    typed = {"kind": "missing", "last_seen_at": TYPED_WEDNESDAY, "known": "exact"}
    typed |= {"returned_exact": "2026-05-13T22:00", "notified_at": "2026-05-14T09:00"}
    return scene.from_page(scene.priya, "rhi:new_episode", scene.child().pk, **typed)


@sends("rhi:record_return")
def record_return(scene):
    typed = {"known": "exact", "returned_exact": "2026-05-13T22:00", "notified_at": "2026-05-14T09:00"}
    return scene.from_page(scene.priya, "rhi:record_return", scene.missing().pk, **typed)


@sends("rhi:correct_episode")
def correct_episode(scene):
    (episode,) = scene.episodes_of(scene.referral())
    return scene.second_step(scene.from_page(scene.priya, "rhi:correct_episode", episode, police_ref="POL-7"))


@sends("rhi:withdraw", "withdrawn")
def withdraw(scene):
    (episode,) = scene.episodes_of(scene.referral())
    typed = {"why": withdrawing.Why.ERROR.value, "because": "It was her sister."}
    return scene.second_step(scene.from_page(scene.priya, "rhi:withdraw", episode, **typed))


@sends("rhi:withdraw", "put back")
def put_back(scene):
    (key,) = scene.episodes_of(scene.referral())
    episode = Episode.objects.get(pk=key)
    withdrawing.withdraw(
        episode,
        why=withdrawing.Why.ERROR,
        because="It was her sister.",
        shown=fingerprint(episode, OF_EPISODE),
        by=scene.priya,
        now=now(),
    )
    why = next(iter(withdrawing.WhyBack)).value
    return scene.second_step(scene.from_page(scene.priya, "rhi:withdraw", key, why=why))
