"""Sections G, H, K and L: the child's account. Asked when an interview was held; every question may go unanswered."""

from __future__ import annotations

from typing import Any

from rhi.questions.shapes import (
    CHILD_MAY,
    INSTEAD,
    MAIN,
    YES_NO,
    Kind,
    Option,
    Part,
    Question,
    Rule,
    Section,
    Voice,
    choice,
    detail,
    multi,
    options,
    text,
    to_child,
)

HELD: dict[str, Any] = {"required": Rule.HELD}
ALONE = Option("alone", "Was alone", alone=True)
YES_NO_NOT_KNOWN = options("Yes", "No", "Not known")
TRAVEL = options(
    "On foot",
    "Bus or tram",
    "Train",
    "Taxi or private hire",
    "Someone's car",
    "Bicycle, e-bike or e-scooter",
    "Stolen or unknown vehicle",
    "Other",
)


WHY = Section(
    "G",
    "Before: why",
    (
        to_child(
            text(
                "child_own_account",
                "In your own words, what was going on before you left?",
                long=True,
                hint="Write what the child says, as the child says it.",
                **HELD,
            )
        ),
        to_child(choice("thinks_was_missing", "Do you feel that you were missing?", YES_NO, **HELD)),
        to_child(
            choice(
                "planned",
                "Was it planned?",
                options(
                    "Planned",
                    "On the spur of the moment",
                    "Made or persuaded to go",
                    "Did not mean to be missing (late, lost, phone)",
                ),
                **HELD,
            )
        ),
        to_child(
            multi(
                "push_factors",
                "What did you want to get away from?",
                options(
                    "Argument with parent or carer",
                    "Argument with other child or sibling",
                    "Rules, boundaries or sanctions",
                    "Not happy with placement or staff",
                    "New to or moving placement",
                    "Family breakdown or separation",
                    "Domestic abuse at home",
                    "Abuse or neglect",
                    "Parent's substance misuse",
                    "Parent's mental health",
                    "Bullying",
                    "School problem or exclusion",
                    "Loneliness or isolation",
                    "Feels not listened to",
                    "Own mental health",
                    "Identity, sexuality or gender",
                    "Forced marriage, FGM or honour-based abuse",
                    "Contact or court worries",
                    "Other",
                    "None of these",
                    alone=("None of these",),
                ),
                detail("In the child's words", quoted=True),
                **HELD,
            )
        ),
        to_child(
            multi(
                "pull_factors",
                "What did you want to go to?",
                options(
                    "See family",
                    "See friends",
                    "Boyfriend, girlfriend or partner",
                    "Parties or going out",
                    "Drugs or alcohol",
                    "Money or gifts",
                    "Work or earning",
                    "Online contact",
                    "Older person or people",
                    "Gang or group",
                    "Return to home area",
                    "Peer pressure",
                    "Told or made to go",
                    "Place where feels safe",
                    "Excitement",
                    "Other",
                    "None of these",
                    alone=("None of these",),
                ),
                detail("In the child's words", quoted=True),
                **HELD,
            )
        ),
        to_child(
            text(
                "worry_at_home_or_placement",
                "Is anything making you unsafe or unhappy where you live?",
                long=True,
                **HELD,
            )
        ),
    ),
    asked=Rule.HELD,
)

WHILE = Section(
    "H",
    "While missing",
    (
        to_child(
            Question(
                "where_went",
                "Where did you go?",
                columns=(
                    Part("place", Kind.TEXT, "Place"),
                    Part("area", Kind.TEXT, "Area or postcode", optional=True),
                    Part("from", Kind.TEXT, "From", optional=True),
                    Part("to", Kind.TEXT, "To", optional=True),
                    Part("safe", Kind.CHOICE, "Safe?", YES_NO_NOT_KNOWN, optional=True, small=True),
                ),
                hint="Places in order.",
                **HELD,
            )
        ),
        to_child(
            multi(
                "where_slept",
                "Where did you sleep?",
                options(
                    "Friend's home",
                    "Family",
                    "Partner's home",
                    "Stranger or new acquaintance",
                    "Hotel, B&B or rental",
                    "Outdoors, street or park",
                    "Vehicle",
                    "Squat, trap house or party house",
                    "Hospital",
                    "Police station",
                    "Did not sleep",
                    "Not overnight",
                    alone=("Not overnight",),
                ),
                **HELD,
            )
        ),
        Question(
            "who_with",
            "Who were you with?",
            voice=Voice.CHILD,
            parts=(Part(INSTEAD, Kind.MULTI, "If there is nobody to name", (ALONE, *CHILD_MAY), optional=True),),
            columns=(
                Part("name", Kind.TEXT, "Name or nickname"),
                Part("age", Kind.TEXT, "Age, or about", optional=True),
                Part("relationship", Kind.TEXT, "Relationship", optional=True),
                Part("how_met", Kind.TEXT, "How they met", optional=True),
                Part("contact", Kind.TEXT, "Contact or social media handle", optional=True),
                Part("also_missing", Kind.CHOICE, "Also missing?", YES_NO_NOT_KNOWN, optional=True, small=True),
                Part("concern", Kind.CHOICE, "A concern?", YES_NO, optional=True, small=True),
            ),
            third_party=True,
            **HELD,
        ),
        to_child(
            Question(
                "travel",
                "How did you travel?",
                parts=(
                    Part("there", Kind.MULTI, "On the way there", TRAVEL),
                    Part("back", Kind.MULTI, "On the way back", TRAVEL),
                    Part("detail", Kind.TEXT, "Who paid, and which vehicle", optional=True),
                ),
                **HELD,
            )
        ),
        to_child(
            multi(
                "money_phone",
                "Did you have money, a phone or gifts?",
                options(
                    "Had own money",
                    "Given money",
                    "New phone or SIM",
                    "Unexplained gifts",
                    "Phone off or taken",
                    "Phone used to stay in touch",
                    "None of these",
                    alone=("None of these",),
                ),
                **HELD,
            )
        ),
        to_child(text("activities", "What did you do?", long=True, **HELD)),
        to_child(choice("alcohol", "Did you drink alcohol?", YES_NO, **HELD)),
        to_child(
            choice(
                "drugs",
                "Did you take drugs?",
                YES_NO,
                detail("What, from whom, with what effects"),
                **HELD,
            )
        ),
        to_child(
            multi(
                "crime_involved",
                "Was there any crime: as victim, witness or made to take part?",
                options(
                    "Victim",
                    "Witness",
                    "Made or encouraged to offend",
                    "Offended",
                    "Carried items for someone",
                    "None disclosed",
                    alone=("None disclosed",),
                ),
                **HELD,
            )
        ),
        to_child(text("kept_safe", "What helped keep you safe? Who could you have called?", long=True)),
    ),
    asked=Rule.HELD,
)

BACK = Section(
    "K",
    "Coming back",
    (
        to_child(text("why_returned", "What made you come back? Who brought you?", long=True, **HELD)),
        to_child(text("feelings_now", "How are you feeling now?", long=True, **HELD)),
        to_child(
            text(
                "response_on_return",
                "How were you treated when you came back?",
                long=True,
                hint="At home, at the placement, by the police.",
            )
        ),
        to_child(choice("likely_again", "Might it happen again?", options("Yes", "Maybe", "No"), **HELD)),
        Question(
            "feels_safe",
            "Do you feel safe where you live?",
            voice=Voice.CHILD,
            parts=(
                Part(
                    MAIN,
                    Kind.CHOICE,
                    "From 0, not safe at all, to 10, completely safe",
                    tuple(Option(str(step), str(step)) for step in range(11)),
                    small=True,
                ),
                Part("detail", Kind.TEXT, "In the child's words", optional=True, quoted=True),
                Part(INSTEAD, Kind.MULTI, "If there is no answer", CHILD_MAY, optional=True),
            ),
            **HELD,
        ),
    ),
    asked=Rule.HELD,
)

HELP = Section(
    "L",
    "What would help",
    (
        to_child(text("would_help", "What would help you not go missing?", long=True, **HELD)),
        to_child(text("trusted_adult", "Is there an adult you trust, and how can they be reached?", third_party=True)),
        to_child(
            multi(
                "wants_support",
                "Which support would you like?",
                options(
                    "Someone to talk to",
                    "Change at placement or home",
                    "Contact with family",
                    "School help",
                    "Health or CAMHS",
                    "Substance misuse service",
                    "Advocate or independent visitor",
                    "Activities",
                    "Mediation",
                    "None",
                    alone=("None",),
                ),
                **HELD,
            )
        ),
        multi(
            "safety_info_given",
            "Which information about staying safe was given?",
            options(
                "Helpline numbers (Missing People 116 000, Childline 0800 1111)",
                "Text/online support",
                "Local out-of-hours number",
                "Safety plan copy",
                "Leaflet",
                "Declined",
                "None given",
                alone=("Declined", "None given"),
            ),
            **HELD,
        ),
    ),
    asked=Rule.HELD,
)
