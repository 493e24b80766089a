"""Sections A to F: what is known before the interview, how the child was reached, and how the interview was held."""

from __future__ import annotations

from rhi.questions.shapes import (
    MAIN,
    YES_NO,
    Kind,
    Option,
    Part,
    Question,
    Rule,
    Section,
    When,
    choice,
    detail,
    fact,
    multi,
    options,
    text,
)

#: Also asked where it is recorded that the interview was held.
PLACES = options(
    "Home",
    "Placement",
    "School or college",
    "Youth centre or community venue",
    "Council office",
    "Hospital",
    "Custody",
    "Walk or car",
    "Other",
)

#: Their codes are those that the figures count by (rhi.codes.Independence).
INDEPENDENCE = (
    Option("independent", "Independent (not caring for the child, not placement, not allocated worker)"),
    Option("asked_for", "Allocated worker - child asked for them"),
    Option("local_policy", "Allocated worker - local policy"),
    Option("elsewhere", "Other LA or provider"),
    Option("not_independent", "Not independent (explain)"),
)

EPISODE = Section(
    "A",
    "Episode",
    (
        fact("episode_ref", "Episode"),
        fact("police_ref", "Police reference"),
        fact("episode_type", "Kind"),
        fact("last_seen_at", "Last seen"),
        fact("reported_at", "Reported missing"),
        choice(
            "reported_by",
            "Who reported the child missing?",
            options(
                "Parent",
                "Foster carer",
                "Children's home",
                "Supported accommodation",
                "School",
                "Social worker",
                "Police",
                "Other",
                "Not reported to police",
            ),
            hint="Of several episodes, the last one.",
            required=Rule.ALWAYS,
        ),
        fact("police_risk", "Police risk grade"),
        fact("missing_from", "Missing from"),
        fact("returned_at", "Returned"),
        fact("returned_at_quality", "How sure that time is"),
        fact("service_notified_at", "Service told of the return"),
        fact("notified_via", "Told by"),
        fact("found_how", "How it ended"),
        choice(
            "prevention_interview_done",
            "Have the police held a prevention interview?",
            options("Yes", "No", "Not known"),
            hint="Formerly a safe and well check. It never counts as a return home interview.",
            required=Rule.ALWAYS,
        ),
        fact("linked_episodes", "Episodes covered"),
    ),
)

CHILD = Section(
    "B",
    "The child at the time",
    (
        fact("child_name", "Name"),
        fact("child_id", "Person ID"),
        fact("dob", "Date of birth"),
        fact("sex_gender", "Sex"),
        fact("ethnicity", "Ethnicity"),
        fact("language_interpreter", "Language"),
        text("communication_needs", "Are there communication, SEND or disability needs?"),
        fact("legal_status_group", "Open to"),
        fact("responsible_la", "Responsible authority"),
        fact("placement_location", "Living"),
        fact("host_la", "Host authority"),
        fact("allocated_worker", "Allocated worker"),
        text("iro_or_cp_chair", "Which reviewing officer or child protection chair is to be told?"),
        fact("uasc", "Unaccompanied asylum-seeking child"),
        multi(
            "known_risks",
            "Which risks were known before this episode?",
            options(
                "CSE",
                "CCE / county lines",
                "Modern slavery / NRM referral",
                "Gangs or serious violence",
                "Radicalisation",
                "Self-harm or suicide",
                "Domestic abuse",
                "Substance misuse",
                "Health condition or medication",
                "Previous missing",
                "None known",
                alone=("None known",),
            ),
        ),
        fact("episodes_90d", "Missing in the last 90 days"),
    ),
)

NEED = Section(
    "C",
    "Need and independence",
    (
        fact("rhi_required", "Interview required"),
        fact("route_rule", "Decided by"),
        fact("allocated_team", "Team"),
        fact("allocated_to", "Worker"),
        fact("allocated_at", "Held by them since"),
        choice(
            "independence",
            "Is the interviewer independent of the child's care?",
            INDEPENDENCE,
            detail("Why not independent", demanded_by=("not_independent",)),
            asked=Rule.HELD,
            required=Rule.HELD,
        ),
    ),
)

ATTEMPTS = Section(
    "D",
    "Contact attempts",
    (
        fact("attempt_at", "When"),
        fact("attempt_out_of_hours", "Outside core hours"),
        fact("attempt_method", "How"),
        fact("attempt_target", "Who was tried"),
        fact("attempt_result", "Result"),
        fact("attempt_note", "Note"),
    ),
)

OFFER = Section(
    "E",
    "Offer and outcome",
    (
        fact("offered_at", "Offered to the child"),
        fact("offer_route", "How it was put"),
        fact("offer_to_parent_at", "Offered to a parent or carer"),
        fact("child_response", "The child's response"),
        fact(
            "declined_reason",
            "Why did the child decline?",
            Part(MAIN, Kind.LONG, "In the child's own words", quoted=True),
            hint="Write what the child said. If the child gave no words, say so.",
            asked=Rule.DECLINED,
            required=Rule.DECLINED,
        ),
        fact("outcome", "Outcome"),
        fact(
            "outcome_reason",
            "Why was there no interview?",
            Part(MAIN, Kind.LONG, "Explain what was tried and why no interview was held"),
            asked=Rule.NOT_HELD,
            required=Rule.NOT_HELD,
        ),
        Question(
            "post_decline_letter_sent",
            "When was the letter with the services available sent?",
            parts=(Part(MAIN, Kind.DATE, "When was the letter with the services available sent?"),),
            asked=Rule.DECLINED,
            hint="Leave this empty if it has not been sent yet, or if it is listed above. For example, 23/11/2026.",
        ),
    ),
)

SET_UP = Section(
    "F",
    "How the interview was held",
    (
        fact("interview_at", "Held"),
        fact("interview_method", "How"),
        choice("interview_place", "Where was it held?", PLACES, required=Rule.HELD),
        text("interview_place_detail", "Which place exactly?"),
        choice(
            "seen_alone",
            "Was the child seen alone?",
            options("Yes", "No - child's choice", "No - other reason"),
            detail("The other reason", demanded_by=("no_other_reason",)),
            required=Rule.HELD,
        ),
        multi(
            "present",
            "Who else was present?",
            options(
                "Parent",
                "Carer",
                "Advocate",
                "Interpreter",
                "Teacher",
                "Social worker",
                "Police",
                "Other",
                "Nobody else",
                alone=("Nobody else",),
            ),
            detail("Names and roles"),
            required=Rule.HELD,
            third_party=True,
        ),
        text(
            "interpreter_used",
            "Which interpreter was used?",
            hint="Language and name, if an interpreter was present.",
            when=When("present", frozenset({"interpreter"})),
            required=Rule.HELD,
        ),
        text("interviewer", "Who held the interview?", hint="Name, role and organisation.", required=Rule.HELD),
        choice(
            "explained_confidentiality",
            "Did you explain the purpose, the limits of confidentiality and who will see it?",
            YES_NO,
            required=Rule.HELD,
        ),
    ),
    asked=Rule.HELD,
)
