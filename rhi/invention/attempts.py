"""Tries to reach a child or its carers: rows of attempts.csv."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from rhi.invention.chance import Odds
from rhi.invention.moments import by_day, by_evening, in_office_hours, minutes

METHODS_TO_THE_CHILD = Odds(
    {"phone": 52, "text": 27, "visit": 12, "via_placement": 2, "video": 2, "letter": 2, "email": 2, "other": 1}
)
METHODS_TO_A_CARER = Odds({"phone": 74, "text": 13, "visit": 6, "email": 5, "letter": 1, "other": 1})
METHODS_TO_A_PROFESSIONAL = {
    "school": Odds({"phone": 60, "school_visit": 40}),
    "social_worker": Odds({"via_social_worker": 60, "phone": 25, "email": 15}),
    "other": Odds({"phone": 60, "email": 30, "other": 10}),
}
WHOM = Odds({"child": 47, "carer": 40, "professional": 13})
WHOM_OUT_OF_HOURS = Odds({"child": 50, "carer": 50})

NOT_REACHED = {
    "phone": Odds({"no_answer": 60, "left_message": 31, "number_not_in_use": 5, "refused_to_talk": 1, "rearranged": 3}),
    "text": Odds({"left_message": 60, "no_answer": 40}),
    "video": Odds({"no_answer": 80, "rearranged": 20}),
    "email": Odds({"left_message": 75, "no_answer": 25}),
    "letter": Odds({"left_message": 100}),
    "home_visit": Odds({"not_at_address": 70, "no_answer": 24, "refused_to_talk": 6}),
    "placement_visit": Odds({"not_at_address": 75, "refused_to_talk": 15, "rearranged": 10}),
    "school_visit": Odds({"not_at_address": 80, "rearranged": 20}),
    "via_social_worker": Odds({"left_message": 85, "rearranged": 15}),
    "via_placement": Odds({"left_message": 85, "rearranged": 15}),
    "other": Odds({"left_message": 100}),
}
ANSWERED_BY_THE_CHILD = Odds({"spoke_to_child": 70, "appointment_made": 30})
METHODS_THAT_REACH = Odds({"phone": 70, "visit": 20, "text": 4, "video": 3, "via_placement": 3})
NOTES = {
    "spoke_to_child": (
        "Explained what the interview is for.",
        "Brief call; polite.",
        "Prefers a text first next time.",
    ),
    "spoke_to_carer": ("Will pass it on.", "Says things are calmer at home.", "Asked for a call back in the evening."),
    "left_message": ("Left name and number only.", "Asked to ring back.", ""),
    "no_answer": ("Rang out.", "Went to voicemail; no message left.", ""),
    "number_not_in_use": ("Number not in use; asked the social worker for another.",),
    "not_at_address": ("Nobody in; card left.", "Staff say out with friends.", "No reply at the door."),
    "child_missing_again": ("Reported missing again; interview will cover both.", "Missing again since last night."),
    "refused_to_talk": ("Did not want to talk today.", "Hung up."),
    "appointment_made": ("Agreed to meet after school.", "To meet at the youth centre.", "Home visit agreed."),
    "rearranged": ("Asked for another day.", "Moved at the carer's request."),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A row of attempts.csv."""

    interview_id: str
    attempted_at: datetime
    method: str
    contacted: str
    result: str
    note: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How one child can be reached about one interview.

    `words` says what the general words of the tables above are for this child: who the `carer` is, what a `visit` is
    to, whether a message can go `via_placement`. `professionals` are those who know the child.
    """

    rng: Random
    interview_id: str
    words: Mapping[str, str]
    professionals: tuple[str, ...]

    def attempt(self, at: datetime, method: str, contacted: str, result: str) -> Attempt:
        """One row."""
        note = self.rng.choice(NOTES[result]) if self.rng.random() < 0.4 else ""
        method, contacted = self.words.get(method, method), self.words.get(contacted, contacted)
        return Attempt(self.interview_id, at, method, contacted, result, note)

    def failing(self, at: datetime) -> Attempt:
        """Nobody was spoken to who could say yes or no."""
        whom = (WHOM if in_office_hours(at) else WHOM_OUT_OF_HOURS).draw(self.rng)
        if whom == "child":
            method = METHODS_TO_THE_CHILD.draw(self.rng)
        elif whom == "carer":
            method = METHODS_TO_A_CARER.draw(self.rng)
        else:
            whom = self.rng.choice(self.professionals)
            method = METHODS_TO_A_PROFESSIONAL[whom].draw(self.rng)
        result = NOT_REACHED[self.words.get(method, method)].draw(self.rng)
        return self.attempt(at, method, whom, result)

    def failing_from(self, earliest: datetime, number: int) -> Iterator[Attempt]:
        """So many, hours or a day apart, at different times of the day."""
        for _ in range(number):
            at = by_evening(self.rng, earliest) if self.rng.random() < 0.3 else by_day(self.rng, earliest)
            yield self.failing(at)
            earliest = at + minutes(self.rng, 1.5, 16)
