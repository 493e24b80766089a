"""Sections M to Q: what parents and placement say, the worker's analysis, actions, sharing and sign-off."""

from __future__ import annotations

from rhi.questions.shapes import (
    CHILD_MAY,
    MAIN,
    YES_NO,
    Kind,
    Option,
    Part,
    Question,
    Rule,
    Section,
    Voice,
    When,
    choice,
    detail,
    fact,
    options,
    text,
)

RISK = options("Low", "Medium", "High", "Immediate")
WISH = (*options("Agrees", "Does not agree"), *CHILD_MAY)

PARENT = Section(
    "M",
    "Parent, carer or placement",
    (
        choice(
            "parent_asked",
            "Was a parent or carer asked for their account?",
            (
                *options("Yes", "No - child asked us not to", "No - unsafe", "No - could not reach"),
                Option("not_applicable", "Not applicable", unless=Rule.DECLINED),
            ),
            hint="When the child refuses, parents or carers must have the chance to say what they know.",
            required=Rule.ALWAYS,
        ),
        text(
            "parent_views",
            "What does the parent or carer say?",
            long=True,
            voice=Voice.CARER,
            hint="If they were asked. Keep it apart from the child's account.",
            when=When("parent_asked", frozenset({"yes"})),
            required=Rule.ALWAYS,
        ),
        choice(
            "carer_response_rating",
            "How do you rate the carer's response?",
            options("Appropriate", "Partly", "Concern", "Not known"),
        ),
        text(
            "placement_views",
            "What does the placement say, and what has it changed?",
            long=True,
            voice=Voice.CARER,
            asked=Rule.LOOKED_AFTER,
            required=Rule.LOOKED_AFTER,
        ),
    ),
)

ANALYSIS = Section(
    "N",
    "Your analysis",
    (
        text(
            "analysis",
            "Summary and analysis",
            long=True,
            hint="What happened, what it means, and what is needed now.",
            required=Rule.ALWAYS,
        ),
        choice(
            "new_info",
            "Is there new information since the last episode?",
            YES_NO,
            detail("What is new", demanded_by=("yes",), kind=Kind.LONG),
            required=Rule.REPEAT,
            asked=Rule.REPEAT,
        ),
        Question(
            "risk_level",
            "How high is the risk?",
            parts=(
                Part("again", Kind.CHOICE, "Of going missing again", RISK),
                Part("harm", Kind.CHOICE, "Of harm", RISK),
                Part("reason", Kind.LONG, "Why do you say so?"),
            ),
            hint="Your own view, not the police's grade.",
            required=Rule.ALWAYS,
        ),
        text("protective_factors", "What is going well?", long=True),
        choice(
            "prevention_plan",
            "Is there a prevention or safety plan?",
            options("Created", "Updated", "Not done (reason)", "SW to do"),
            Part(
                "reason",
                Kind.CHOICE,
                "Which reason applies?",
                optional=True,
                demanded_by=frozenset({"not_done_reason"}),
                small=True,
                listed_as="no_plan_reasons",
            ),
            detail("Why not, and what shows it", demanded_by=("not_done_reason",), kind=Kind.LONG),
            required=Rule.ALWAYS,
        ),
        fact("trigger_review", "Repeat trigger reached"),
    ),
)

ACTIONS = Section(
    "O",
    "Actions",
    (
        Question(
            "actions",
            "What has to be done?",
            columns=(
                Part(
                    "action_type",
                    Kind.CHOICE,
                    "Action",
                    options(
                        "MASH or CSC referral",
                        "Early help referral",
                        "Police intelligence report",
                        "Strategy discussion requested",
                        "CE screening / panel",
                        "Missing panel",
                        "Health",
                        "CAMHS",
                        "Substance misuse",
                        "School",
                        "Placement change or review",
                        "Post-missing support",
                        "Advocacy",
                        "NRM",
                        "Child abduction warning notice suggested",
                        "Safety plan",
                        "Other",
                    ),
                    small=True,
                ),
                Part("action_owner", Kind.TEXT, "Who does it"),
                Part("action_due", Kind.DATE, "Due"),
                Part("action_status", Kind.CHOICE, "Status", options("Open", "Done", "Not needed"), small=True),
            ),
            hint="The social worker's if there is one, otherwise yours.",
            listed=("action_type", "action_owner", "action_due", "action_status"),
        ),
    ),
)

SHARING = Section(
    "P",
    "Sharing",
    (
        Question(
            "child_agrees_share",
            "With whom does the child agree to share?",
            voice=Voice.CHILD,
            parts=tuple(
                Part(name, Kind.CHOICE, words, WISH, small=True)
                for name, words in {
                    "parent": "Parent",
                    "carer_or_placement": "Carer or placement",
                    "school": "School",
                    "health": "Health",
                    "other": "Others",
                }.items()
            ),
            hint="The child's wish. It is not the lawful basis.",
            asked=Rule.HELD,
            required=Rule.HELD,
        ),
        choice(
            "shared_without_agreement",
            "Was anything shared against the child's wish?",
            YES_NO,
            detail("Why, and who approved it", demanded_by=("yes",), kind=Kind.LONG),
            asked=Rule.HELD,
        ),
        fact(
            "shared_with",
            "With whom was it shared?",
            Part(MAIN, Kind.MULTI, "If it was shared with nobody", options("With nobody so far")),
            hint="Whatever you record on the page “Sharing” stands here by itself.",
            asked=Rule.NOT_SHARED,
            required=Rule.NOT_SHARED,
        ),
        choice(
            "placement_told_only_fact",
            "Was the placement told only that the interview took place, and on which day?",
            YES_NO,
            hint="Needed if the child does not agree to share with carers or the placement.",
            asked=Rule.PLACEMENT_NOT_TOLD,
            when=When("child_agrees_share", frozenset({"does_not_agree"}), part="carer_or_placement"),
            required=Rule.PLACEMENT_NOT_TOLD,
        ),
        choice(
            "child_checked_record",
            "Did the child see or check what was written?",
            options("Yes", "No", "Declined", "To follow"),
            asked=Rule.HELD,
            required=Rule.HELD,
        ),
    ),
)

COMPLETION = Section(
    "Q",
    "Write-up and sign-off",
    (
        fact("written_up_at", "Written up"),
        fact("manager", "Signed off by"),
        fact("signed_off_at", "Signed off"),
        fact("clock_result", "Timeliness"),
        fact("amendments", "Added since"),
    ),
)
