"""An authority's written rules as frozen types. Pure: a procedure is read from TOML text and nothing else.

The shipped files (`procedures/*.toml`) show every value with the clause that it comes from.
"""

from procedures.types.casework import (
    Addressees,
    Contact,
    FollowUp,
    Letters,
    Meeting,
    Methods,
    OutOfHours,
    Plans,
    Screening,
    Trigger,
)
from procedures.types.counting import Basis, Counting, Standards
from procedures.types.deadlines import Clocks, Reminders, WorkingTime
from procedures.types.reading import ProcedureInvalid, read
from procedures.types.routing import DefaultRule, Routing, Rule
from procedures.types.vocabulary import Destination, Kind, MissingAgain, PlacementArea, Service
from procedures.types.whole import Authority, ContactPoint, Guidance, Procedure, Step, Support

__all__ = [
    "Addressees",
    "Authority",
    "Basis",
    "Clocks",
    "Contact",
    "ContactPoint",
    "Counting",
    "DefaultRule",
    "Destination",
    "FollowUp",
    "Guidance",
    "Kind",
    "Letters",
    "Meeting",
    "Methods",
    "MissingAgain",
    "OutOfHours",
    "PlacementArea",
    "Plans",
    "Procedure",
    "ProcedureInvalid",
    "Reminders",
    "Routing",
    "Rule",
    "Screening",
    "Service",
    "Standards",
    "Step",
    "Support",
    "Trigger",
    "WorkingTime",
    "read",
]
