"""A referral for every outcome, and answers to every part of every question that is asked of it."""

from datetime import date

from episodes.models import Episode, Involvement
from rhi.actions import contact, outcomes_by_hand
from rhi.actions.outcomes_by_hand import Settled
from rhi.forms.sections import name_of
from rhi.questions.shapes import INSTEAD, ROWS, Kind
from routing.models import Referral
from tests.records import bring, child, episode, london, publish
from tests.rhi.writing import member
from tests.staff.people import now

HELD_AT = london("2026-05-14 10:00")
#: What makes the form ask otherwise, beside the outcome.
LOOKED_AFTER, MISSING_BEFORE = "looked after", "missing before"
#: Every outcome that an episode can have, with its reason, and what else is so.
OUTCOMES = {
    "completed": ("completed", ""),
    "completed, looked after and missing before": ("completed", "", LOOKED_AFTER, MISSING_BEFORE),
    "covered by one interview": ("covered", ""),
    "part completed": ("part_completed", "child_stopped"),
    "declined by the child": ("declined", "distrust"),
    "declined by a parent": ("declined", "by_parent"),
    "accepted, not held": ("accepted_not_held", "not_present"),
    "no contact": ("no_contact", "no_answer"),
    "not offered, looked after": ("not_offered", "hospital", LOOKED_AFTER),
    "not required": ("not_required", "now_18"),
}


def case(folder, outcome):
    """A referral that has come to this outcome, and the worker who writes it up."""
    code, reason, *more = OUTCOMES[outcome]
    publish("somerset")
    episodes = [episode("E1")]
    if code == "covered":
        times = {"last_seen_at": "2026-05-12T20:00", "returned_at": "2026-05-13T07:00"}
        episodes.append(episode("E2", notified_at="2026-05-13T09:00", **times))
    bring(folder, children=[child()], episodes=episodes)
    referral = Referral.objects.select_related("child", "version").filter(covered__episode__episode_id="E1").get()
    if LOOKED_AFTER in more:
        Involvement.objects.create(child=referral.child, service="looked_after", start=date(2026, 1, 5))
    if MISSING_BEFORE in more:  # not taken in, or it would make a referral that the later episode joins
        long_ago = {"last_seen_at": london("2025-11-02 20:00"), "returned_at": london("2025-11-03 07:00")}
        Episode.objects.create(child=referral.child, episode_id="E0", kind="missing", **long_ago)
    worker = member("robin.hale@example.org", "Robin Hale")
    settle(referral, code, reason, worker)
    return referral, worker


def settle(referral, code, reason, worker):
    if code in ("completed", "covered", "part_completed"):
        outcomes_by_hand.record_held(
            referral, held_at=HELD_AT, method="face_to_face", place="home", by=worker, now=now()
        )
    if code == "declined":
        to = "parent" if reason == "by_parent" else "child"
        offer = contact.record_offer(
            referral, to=to, offered_at=HELD_AT, route="phone", method="telephone", by=worker, now=now()
        )
        contact.record_response(
            referral,
            offer,
            response=f"declined_by_{to}",
            responded_at=HELD_AT,
            declined_because=reason if to == "child" else "distrust",
            by=worker,
            now=now(),
        )
    covered = list(Episode.objects.filter(cover__referral=referral).order_by("last_seen_at"))
    settled = {each.pk: Settled(code, reason) for each in covered}
    if code == "covered":
        settled[covered[-1].pk] = Settled("completed", "")
    outcomes_by_hand.record_outcomes(referral, settled=settled, although=True, by=worker, now=now())


def answer(question, turn=0):
    """The answer to a question, each turn with other options, so that every option has its turn; as it is stored."""
    value = {}
    for part in question.parts:
        if part.name == INSTEAD or (part.options and not offered(part)):
            continue
        value[part.name] = given(question, part, turn)
    if question.columns:
        # With more rows than options are left for one, a table needs fewer turns.
        value[ROWS] = [
            {part.name: given(question, part, 3 * turn + row, row) for part in question.columns} for row in range(3)
        ]
    return value


def turns(question):
    """The answers to a question in which every one of its options is chosen at least once."""
    parts = [part for part in question.parts if part.name != INSTEAD]
    needed = [len(choices(part)) for part in parts] + [-(-len(choices(part)) // 3) for part in question.columns]
    found = [answer(question, turn) for turn in range(max(needed, default=1) or 1)]
    for part in question.parts:
        if part.name == INSTEAD:
            found += [{INSTEAD: [option.code]} for option in part.options]
    return found


def offered(part):
    return [option.code for option in part.options]


def choices(part):
    """What can be chosen in a part, one thing a turn: of several options all that go together, then each alone."""
    if part.kind is Kind.MULTI:
        together = [option.code for option in part.options if not option.alone]
        return [each for each in [together, *([option.code] for option in part.options if option.alone)] if each]
    return offered(part)


def given(question, part, turn, row=None):
    if part.options:
        return choices(part)[turn % len(choices(part))]
    if part.kind is Kind.DATE:
        return f"2026-05-{1 + turn % 28:02}"
    words = f"{question.key} {part.name}{'' if row is None else f' row {row}'}, turn {turn}"
    return f"{words}\nIn “her” words & more." if part.kind is Kind.LONG else words


def as_sent(question, value):
    """An answer as a browser sends it."""
    sent = {}
    for part in question.parts:
        if part.name in value:
            sent[name_of(question, part)] = _typed(part, value[part.name])
    for number, row in enumerate(value.get(ROWS, ())):
        for part in question.columns:
            if part.name in row:
                sent[name_of(question, part, number)] = _typed(part, row[part.name])
    return sent


def _typed(part, given):
    if part.kind is Kind.DATE:
        year, month, day = given.split("-")
        return f"{day}/{month}/{year}"
    return given


def in_print(question, value):
    """Every line that must stand in print of an answer, in words."""
    parts = [(part, value.get(part.name)) for part in question.parts]
    parts += [(part, row.get(part.name)) for row in value.get(ROWS, ()) for part in question.columns]
    for part, said in parts:
        for code in said if isinstance(said, list) else [said] if said else []:
            if part.options:
                yield part.words(code)
            elif part.kind is Kind.DATE:
                yield f"{int(code[-2:])} May 2026"
            else:
                yield from code.split("\n")
