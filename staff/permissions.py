"""What each role may do, as one table, and the one door through which a view is reached.

Whom or what somebody may see is another question: the scoping queries of episodes and routing answer that. What
the state of a record allows is a third: actions answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponseBase


class Role(TextChoices):
    """What a person comes to do."""

    CASEWORKER = "caseworker", "Caseworker"
    TEAM_LEADER = "team_leader", "Team leader"
    COORDINATOR = "coordinator", "Missing coordinator"
    MANAGER = "manager", "Manager"
    INTERVIEWER = "interviewer", "Provider interviewer"
    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"


class Permission(TextChoices):
    """What can be done here, each named for the sentence "may …"."""

    SEE_WORK = "see_work", "see their own work"
    SEE_REFERRALS = "see_referrals", "open the referrals that they may see"
    WORK_REFERRALS = "work_referrals", "log attempts, offers, appointments, interviews and outcomes"
    SEE_TRAYS = "see_trays", "see their teams' trays"
    ASSIGN = "assign", "say who holds a referral, where they lead the team or may reassign its tray"
    SETTLE_QUESTIONS = "settle_questions", "settle a discussion that is theirs to settle"
    FIND_CHILDREN = "find_children", "search for a child and open the ones they may see"
    OPEN_WITH_REASON = "open_with_reason", "open another team's child after giving a reason"
    RECORD_EPISODES = "record_episodes", "record an episode, a return, or a child"
    CORRECT_RECORDS = "correct_records", "correct and withdraw what was recorded, and take back a colleague’s slip"
    RESTRICT_CHILDREN = "restrict_children", "restrict a child to named people"
    SIGN_OFF = "sign_off", "sign off what somebody else has written up"
    READ_INTERVIEWS = "read_interviews", "read every interview that was written up"
    ESCALATE = "escalate", "put a worry to a manager"
    ANSWER_WORRIES = "answer_worries", "answer a worry that was put to them, with the record before them"
    APPROVE_LETTERS = "approve_letters", "approve, print and pull back the letters of what they hold or lead"
    SEE_REPORTS = "see_reports", "see the figures, and the cases behind each without their names"
    SEE_PROCEDURE = "see_procedure", "read the authority's procedure"
    MANAGE_PEOPLE = "manage_people", "manage people and teams"
    RUN_SERVICE = "run_service", "look after the work in the background"
    SEE_TRAIL = "see_trail", "read who looked at and changed what"


P = Permission

#: The table. Without a row a role may do nothing.
ROLES: dict[Role, frozenset[Permission]] = {
    Role.CASEWORKER: frozenset(
        {
            P.SEE_WORK,
            P.SEE_REFERRALS,
            P.WORK_REFERRALS,
            P.SEE_TRAYS,
            P.ASSIGN,  # where a membership says so (Somerset 4.2)
            P.SETTLE_QUESTIONS,
            P.APPROVE_LETTERS,
            P.FIND_CHILDREN,
            P.OPEN_WITH_REASON,
            P.RECORD_EPISODES,
            P.SEE_PROCEDURE,
        }
    ),
    Role.TEAM_LEADER: frozenset(
        {
            P.SEE_WORK,
            P.SEE_REFERRALS,
            P.WORK_REFERRALS,
            P.SEE_TRAYS,
            P.ASSIGN,
            P.SETTLE_QUESTIONS,
            P.FIND_CHILDREN,
            P.OPEN_WITH_REASON,
            P.RECORD_EPISODES,
            P.CORRECT_RECORDS,
            P.SIGN_OFF,
            P.ESCALATE,
            P.ANSWER_WORRIES,
            P.APPROVE_LETTERS,
            P.SEE_REPORTS,
            P.SEE_PROCEDURE,
        }
    ),
    Role.COORDINATOR: frozenset(
        {
            P.SEE_WORK,
            P.SEE_REFERRALS,
            P.WORK_REFERRALS,
            P.SEE_TRAYS,
            P.ASSIGN,
            P.SETTLE_QUESTIONS,
            P.FIND_CHILDREN,
            P.OPEN_WITH_REASON,
            P.RECORD_EPISODES,
            P.CORRECT_RECORDS,
            P.RESTRICT_CHILDREN,
            P.SIGN_OFF,
            P.READ_INTERVIEWS,
            P.ESCALATE,
            P.ANSWER_WORRIES,
            P.APPROVE_LETTERS,
            P.SEE_REPORTS,
            P.SEE_PROCEDURE,
        }
    ),
    Role.MANAGER: frozenset({P.SEE_WORK, P.ANSWER_WORRIES, P.SEE_REPORTS, P.SEE_PROCEDURE}),
    Role.INTERVIEWER: frozenset({P.SEE_WORK, P.SEE_REFERRALS, P.WORK_REFERRALS, P.SEE_PROCEDURE}),
    Role.ADMINISTRATOR: frozenset({P.MANAGE_PEOPLE, P.RUN_SERVICE, P.SEE_PROCEDURE}),
    Role.AUDITOR: frozenset({P.SEE_TRAIL, P.SEE_PROCEDURE}),
}


class Person(Protocol):
    """As much of a user as permissions need."""

    role: str


def allowed(person: Person, permission: Permission) -> bool:
    """Whether the person's role may do this at all."""
    return permission in ROLES[Role(person.role)]


class Denied(Http404):
    """Somebody asked for what they may not see. Answered exactly like what does not exist, and put on the trail.

    `subject` names the record where there is one (`routing.Referral:12`), `children` its child_id.
    """

    def __init__(self, because: str, *, subject: str = "", children: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.because, self.subject, self.children = because, subject, children


In = ParamSpec("In")
Out = TypeVar("Out", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, In], Out]


def requires(permission: Permission) -> Callable[[View[In, Out]], View[In, Out]]:
    """The one door: the view is reached by whose role may do this. Anybody else gets Denied.

    The view's `permission` says which, for the test that walks every address.
    """

    def door(view: View[In, Out]) -> View[In, Out]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: In.args, **kwargs: In.kwargs) -> Out:
            if not allowed(cast(Person, request.user), permission):
                raise Denied(f"The role may not {permission.label}.")
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by tests
        return guarded

    return door
