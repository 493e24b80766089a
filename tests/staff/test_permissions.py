"""What each role may do at all, and the one door."""

from dataclasses import dataclass

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver

from staff.permissions import ROLES, Denied, Permission, Role, allowed, requires

CASE_WORK = {
    Permission.SEE_REFERRALS,
    Permission.WORK_REFERRALS,
    Permission.SEE_TRAYS,
    Permission.ASSIGN,
    Permission.SETTLE_QUESTIONS,
    Permission.FIND_CHILDREN,
    Permission.OPEN_WITH_REASON,
    Permission.RECORD_EPISODES,
    Permission.CORRECT_RECORDS,
    Permission.RESTRICT_CHILDREN,
    Permission.SIGN_OFF,
}


@dataclass
class Somebody:
    role: str


@requires(Permission.SIGN_OFF)
def a_page(request, words="reached"):
    return HttpResponse(words)


def asked_by(role):
    request = RequestFactory().get("/")
    request.user = Somebody(role)
    return request


def doors(patterns):
    """The permission of every page that has one."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if permission := getattr(pattern.callback, "permission", None):
                yield permission
        else:
            yield from doors(pattern.url_patterns)


def test_every_role_has_its_row():
    assert set(ROLES) == set(Role)


def test_everything_that_can_be_done_somebody_may_do():
    assert set().union(*ROLES.values()) == set(Permission)


def test_everything_that_can_be_done_has_a_page_where_it_is_asked_for():
    assert set(doors(get_resolver().url_patterns)) == set(Permission)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_runs_and_inspects_the_system_sees_no_case(role):
    assert ROLES[role] & CASE_WORK == set()


def test_only_an_administrator_manages_people_and_only_an_auditor_reads_the_trail():
    assert [role for role in Role if allowed(Somebody(role), Permission.MANAGE_PEOPLE)] == [Role.ADMINISTRATOR]
    assert [role for role in Role if allowed(Somebody(role), Permission.SEE_TRAIL)] == [Role.AUDITOR]


def test_everybody_may_read_the_procedure():
    assert all(allowed(Somebody(role), Permission.SEE_PROCEDURE) for role in Role)


def test_who_answers_for_the_service_sees_its_figures():
    assert [role for role in Role if allowed(Somebody(role), Permission.SEE_REPORTS)] == [
        Role.TEAM_LEADER,
        Role.COORDINATOR,
        Role.MANAGER,
    ]


def test_a_provider_finds_no_children_and_sees_no_tray():
    assert ROLES[Role.INTERVIEWER] & CASE_WORK == {Permission.SEE_REFERRALS, Permission.WORK_REFERRALS}


def test_the_door_lets_through_whose_role_may():
    assert a_page(asked_by(Role.TEAM_LEADER), words="in").content == b"in"


def test_the_door_answers_anybody_else_as_if_the_page_were_none():
    with pytest.raises(Denied) as refusal:
        a_page(asked_by(Role.CASEWORKER))

    assert isinstance(refusal.value, Http404)
    assert refusal.value.because == "The role may not sign off what somebody else has written up."
    assert (refusal.value.subject, refusal.value.children) == ("", ())
