"""The coded answers of attempts, offers, interviews and outcomes, with their words (docs/records.md)."""

from django.db import models


class Method(models.TextChoices):
    """How an interview was held."""

    FACE_TO_FACE = "face_to_face", "Face to face"
    TELEPHONE = "telephone", "Telephone"
    VIDEO = "video", "Video"
    OTHER = "other", "Other"


class Independence(models.TextChoices):
    """Whether whoever held an interview is independent of the child's care, as the form's question has it."""

    INDEPENDENT = "independent", "Independent (not caring for the child, not placement, not allocated worker)"
    ASKED_FOR = "asked_for", "Allocated worker - child asked for them"
    LOCAL_POLICY = "local_policy", "Allocated worker - local policy"
    ELSEWHERE = "elsewhere", "Other LA or provider"
    NOT_INDEPENDENT = "not_independent", "Not independent (explain)"


class Records(models.TextChoices):
    """Which records are looked into before a first contact (Somerset 4.4)."""

    MAIN = "main", "The main children’s record"
    EARLY_HELP = "early_help", "The early help record"
    YOUTH_JUSTICE = "youth_justice", "Youth justice"
    POLICE = "police", "Police"
    HEALTH = "health", "Health"
    EDUCATION = "education", "Education"
    OTHER = "other", "Other"


class AttemptMethod(models.TextChoices):
    """How somebody was tried."""

    PHONE = "phone", "Phone call"
    TEXT = "text", "Text"
    VIDEO = "video", "Video call"
    EMAIL = "email", "Email"
    HOME_VISIT = "home_visit", "Home visit"
    PLACEMENT_VISIT = "placement_visit", "Placement visit"
    SCHOOL_VISIT = "school_visit", "School visit"
    LETTER = "letter", "Letter"
    VIA_SOCIAL_WORKER = "via_social_worker", "Through the social worker"
    VIA_PLACEMENT = "via_placement", "Through the placement or carer"
    OTHER = "other", "Other"


class Contacted(models.TextChoices):
    """Who was tried."""

    CHILD = "child", "Child"
    PARENT = "parent", "Parent"
    FOSTER_CARER = "foster_carer", "Foster carer"
    PLACEMENT_STAFF = "placement_staff", "Placement staff"
    SCHOOL = "school", "School"
    SOCIAL_WORKER = "social_worker", "Social worker"
    OTHER = "other", "Other"


class Result(models.TextChoices):
    """What came of an attempt."""

    SPOKE_TO_CHILD = "spoke_to_child", "Spoke to the child"
    SPOKE_TO_CARER = "spoke_to_carer", "Spoke to a parent or carer"
    LEFT_MESSAGE = "left_message", "Left a message"
    NO_ANSWER = "no_answer", "No answer"
    NUMBER_NOT_IN_USE = "number_not_in_use", "Number not in use"
    NOT_AT_ADDRESS = "not_at_address", "Not at the address"
    CHILD_MISSING_AGAIN = "child_missing_again", "Child missing again"
    REFUSED_TO_TALK = "refused_to_talk", "Refused to talk"
    APPOINTMENT_MADE = "appointment_made", "Appointment made"
    REARRANGED = "rearranged", "Rearranged"


class OfferRoute(models.TextChoices):
    """How an offer was put."""

    IN_PERSON = "in_person", "In person"
    PHONE = "phone", "Phone"
    TEXT = "text", "Text"
    VIDEO = "video", "Video"
    LETTER = "letter", "Letter"
    VIA_CARER = "via_carer", "Through a parent or carer"
    VIA_SOCIAL_WORKER = "via_social_worker", "Through the social worker"


class OfferedTo(models.TextChoices):
    """To whom an interview was offered; one offer to both is two offers."""

    CHILD = "child", "Child"
    PARENT = "parent", "Parent or carer"
    NOT_RECORDED = "not_recorded", "Not recorded to whom"


class Response(models.TextChoices):
    """What came back."""

    ACCEPTED = "accepted", "Accepted"
    DECLINED_BY_CHILD = "declined_by_child", "Declined by the child"
    DECLINED_BY_PARENT = "declined_by_parent", "Declined by a parent or carer"
    NO_RESPONSE = "no_response", "No response"
    NOT_ASKED = "not_asked", "Could not be asked"


class OutcomeCode(models.TextChoices):
    """What became of the interview owed for an episode; exactly one an episode."""

    COMPLETED = "completed", "Completed"
    COVERED = "covered", "Covered by an interview for several episodes"
    PART_COMPLETED = "part_completed", "Part completed"
    DECLINED = "declined", "Declined"
    ACCEPTED_NOT_HELD = "accepted_not_held", "Accepted, not held"
    NO_CONTACT = "no_contact", "No contact"
    NOT_OFFERED = "not_offered", "Not offered"
    NOT_REQUIRED = "not_required", "Not required"


#: An interview was held.
DONE = frozenset({OutcomeCode.COMPLETED, OutcomeCode.COVERED, OutcomeCode.PART_COMPLETED})

#: The coded reasons that an outcome can have; each but the first two needs one.
REASONS: dict[OutcomeCode, frozenset[str]] = {
    OutcomeCode.COMPLETED: frozenset(),
    OutcomeCode.COVERED: frozenset(),
    OutcomeCode.PART_COMPLETED: frozenset({"child_stopped", "interrupted", "other"}),
    OutcomeCode.DECLINED: frozenset(
        {
            "not_needed",
            "distrust",
            "already_told",
            "ashamed",
            "too_many",
            "communication",
            "by_parent",
            "no_reason",
            "other",
        }
    ),
    OutcomeCode.ACCEPTED_NOT_HELD: frozenset(
        {
            "not_present",
            "refused_on_arrival",
            "missing_again",
            "lapsed",
            "ill_or_custody",
            "worker_absent",
            "distance",
            "other",
        }
    ),
    OutcomeCode.NO_CONTACT: frozenset({"no_answer", "wrong_number", "no_address", "no_fixed_abode", "carer_blocked"}),
    OutcomeCode.NOT_OFFERED: frozenset(
        {
            "missing_again",
            "told_too_late",
            "other_authority",
            "custody",
            "hospital",
            "abroad",
            "under_8",
            "unsafe",
            "asked_to_delay",
            "no_worker",
            "process_error",
            "other",
        }
    ),
    OutcomeCode.NOT_REQUIRED: frozenset({"other_authority", "now_18", "died", "agreed_exception"}),
}

#: The reasons in words.
REASON_WORDS = {
    "child_stopped": "The child stopped",
    "interrupted": "It was interrupted",
    "not_needed": "Says that it is not needed",
    "distrust": "Does not trust the service or the worker",
    "already_told": "Has already told somebody",
    "ashamed": "Ashamed or afraid",
    "too_many": "Too many interviews, or questions felt intrusive",
    "communication": "Language or communication",
    "by_parent": "Declined by a parent or carer, and the child could not be asked",
    "no_reason": "Gave no reason",
    "not_present": "Was not there",
    "refused_on_arrival": "Refused on arrival",
    "missing_again": "Missing again",
    "lapsed": "Rearranged until it lapsed",
    "ill_or_custody": "Ill, in hospital or in custody",
    "worker_absent": "The worker was absent",
    "distance": "Travel or distance",
    "no_answer": "No answer",
    "wrong_number": "Wrong number",
    "no_address": "No address",
    "no_fixed_abode": "No fixed abode",
    "carer_blocked": "A carer prevented contact",
    "told_too_late": "The service was told too late",
    "other_authority": "Another authority's to hold",
    "custody": "In custody",
    "hospital": "In hospital or too ill",
    "abroad": "Abroad",
    "under_8": "Under eight",
    "unsafe": "Unsafe to make contact",
    "asked_to_delay": "Police or a court asked to delay",
    "no_worker": "No worker",
    "process_error": "A mistake of the service",
    "now_18": "Now 18",
    "died": "Died",
    "agreed_exception": "An exception agreed by a manager",
    "other": "Other",
}


def reasons(outcome: str) -> list[tuple[str, str]]:
    """The coded reasons that an outcome can have, with their words, in their order."""
    possible = REASONS[OutcomeCode(outcome)]
    return [(code, words) for code, words in REASON_WORDS.items() if code in possible]
