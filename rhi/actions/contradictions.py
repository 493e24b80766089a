"""What an outcome may say beside what else is recorded: what cannot be is refused, what is odd is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from episodes.models import Episode
from rhi import codes
from rhi.actions.interviews import back_by, minute
from rhi.models import Attempt, Interview, Offer
from rhi.wording import moment
from staff.actions import Refused

Code = codes.OutcomeCode
DIED = "died"
#: What cannot be said of an episode about which an interview was held.
NOT_HELD = frozenset({Code.ACCEPTED_NOT_HELD, Code.NO_CONTACT, Code.NOT_OFFERED, Code.NOT_REQUIRED})
#: By these the child has answered an offer.
ANSWERED = frozenset({codes.Response.ACCEPTED, codes.Response.DECLINED_BY_CHILD})


class OutcomeRefused(Refused):
    """An outcome cannot be recorded like this."""


class Unlikely(OutcomeRefused):
    """Nothing that is logged bears an outcome out; it can be right all the same."""


@dataclass(frozen=True)
class Settled:
    """What became of the interview owed for one episode: a code and, but for completed and covered, its reason."""

    code: str
    reason: str = ""


def refuse(
    settled: Sequence[tuple[Episode, Settled]],
    interview: Interview,
    *,
    recorded: Sequence[str],
    although: bool,
    now: datetime,
) -> None:
    """Refuse outcomes that contradict one another or what is logged of the interview: two queries.

    `recorded` are the codes of the episodes that have their outcome already. `although` lets pass what is only odd.
    Raises OutcomeRefused, and Unlikely.
    """
    offers, attempts = list(interview.offers.order_by("pk")), list(interview.attempts.order_by("attempted_at", "pk"))
    among = [*recorded, *(each.code for _, each in settled)]
    for episode, each in settled:
        _check(each)
        _beside_the_interview(episode, each, interview, among=among, now=now)
        _beside_the_offers(episode, each, offers, now=now)
    _beside_one_another([each for _, each in settled])
    odd = [words for episode, each in settled for words in _odd(episode, each, offers, attempts, now=now)]
    if odd and not although:
        raise Unlikely(" ".join(dict.fromkeys(odd)))


def _check(settled: Settled) -> None:
    """Refuse what is no outcome, and a reason that is none of its own."""
    if settled.code not in Code.values:
        raise OutcomeRefused("Choose an outcome from the list.")
    possible = codes.REASONS[Code(settled.code)]
    if (settled.reason not in possible) if possible else settled.reason:
        raise OutcomeRefused("Choose a reason from the list of this outcome.")


def _beside_the_interview(
    episode: Episode, settled: Settled, interview: Interview, *, among: Sequence[str], now: datetime
) -> None:
    """Refuse what does not go with whether, and when, the interview was held."""
    done = settled.code in codes.DONE
    if done and not interview.held_at:
        raise OutcomeRefused(
            "No interview with the child has been recorded as held, and talking to an adult is not the interview. "
            "Record that it was held first."
        )
    if interview.held_at:
        held = f"The interview was held {moment(interview.held_at, now=now)}"
        of = f"the episode of {moment(episode.last_seen_at, now=now)}"
        about_it = back_by(episode, interview.held_at)
        if done and not about_it and episode.returned_at:
            raise OutcomeRefused(
                f"{held}, before the child was back from {of} ({moment(episode.returned_at, now=now)}), so it cannot "
                "be about that. Choose another outcome. If the time is wrong, take back that it was held and record it "
                "anew."
            )
        apart = settled.code == Code.DECLINED and (settled.reason == "by_parent" or not codes.DONE & {*among})
        if about_it and (settled.code in NOT_HELD or apart):
            raise OutcomeRefused(
                f"{held}, after the child was back from {of}. Choose Completed, Part completed or Covered. "
                "If it was not held, take that back first."
            )
    if settled.code == Code.COVERED and Code.COMPLETED not in among:
        raise OutcomeRefused("An episode is covered by an interview that is completed for another one. Choose which.")


def _since(episode: Episode, at: datetime | None) -> bool:
    """Whether something can belong to the return from an episode: not known to lie before it."""
    return at is None or episode.returned_at is None or at >= minute(episode.returned_at)


def _beside_the_offers(episode: Episode, settled: Settled, offers: Sequence[Offer], *, now: datetime) -> None:
    """Refuse what does not go with an offer since the return, or with its response."""

    def when(at: datetime | None) -> str:
        return f", {moment(at, now=now)}" if at else ""

    to_child = [offer for offer in offers if offer.to == codes.OfferedTo.CHILD]
    if (settled.code, settled.reason) == (Code.DECLINED, "by_parent"):
        if any(offer.response != codes.Response.NOT_ASKED for offer in to_child):
            raise OutcomeRefused(
                "The child was asked, so the child’s own answer counts. "
                "A parent or carer declines only where the child could not be asked."
            )
        if all(offer.response != codes.Response.DECLINED_BY_PARENT for offer in offers):
            raise OutcomeRefused(
                "No parent or carer is recorded as having declined. Record the offer to them with their answer first."
            )
    for offer in to_child:
        if settled.code == Code.NO_CONTACT and offer.response in ANSWERED and _since(episode, offer.responded_at):
            raise OutcomeRefused(
                f"The child answered the offer ({offer.get_response_display()}{when(offer.responded_at)}), so there "
                "was contact. Choose Declined, or Accepted, not held. If the response is wrong, correct it first."
            )
        if (
            settled.code == Code.NOT_OFFERED
            and offer.response != codes.Response.NOT_ASKED
            and _since(episode, offer.offered_at)
        ):
            raise OutcomeRefused(
                f"An offer to the child is recorded{when(offer.offered_at)}. Choose what came of it. "
                "If it was not made, take it back first."
            )


def _beside_one_another(settled: Sequence[Settled]) -> None:
    """Refuse outcomes of one child that cannot both be."""
    reasons = {each.reason for each in settled if each.code not in codes.DONE}
    if any((each.code, each.reason) == (Code.NOT_REQUIRED, DIED) for each in settled) and reasons != {DIED}:
        raise OutcomeRefused(
            "You say of one episode that the child has died. Then no other is owed an interview either: choose "
            "“Not required: died” for each."
        )


def _odd(
    episode: Episode, settled: Settled, offers: Sequence[Offer], attempts: Sequence[Attempt], *, now: datetime
) -> Iterator[str]:
    """What is odd but possible about an outcome, in words that say what to do."""
    back = f" since the return, {moment(episode.returned_at, now=now)}" if episode.returned_at else ""
    since = [attempt for attempt in attempts if _since(episode, attempt.attempted_at)]
    offered = [offer for offer in offers if _since(episode, offer.offered_at)]
    responses = {offer.response for offer in offers if _since(episode, offer.responded_at)}
    if settled.code == Code.NO_CONTACT and not since and not offered:
        yield f"No attempt to reach the child is logged{back}. Log the attempts first."
    if settled.code == Code.NO_CONTACT:
        for attempt in since:
            if attempt.result == codes.Result.SPOKE_TO_CHILD:
                at = moment(attempt.attempted_at, now=now)
                yield f"An attempt says that the child was spoken to, {at}. Choose another outcome, or correct that."
    by_child = settled.code == Code.DECLINED and settled.reason != "by_parent"
    if by_child and codes.Response.DECLINED_BY_CHILD not in responses:
        yield f"No refusal by the child is recorded{back}. Record the offer and the child’s answer first."
    if settled.code == Code.ACCEPTED_NOT_HELD and codes.Response.ACCEPTED not in responses:
        yield f"No acceptance is recorded{back}. Record the offer and its answer first."
