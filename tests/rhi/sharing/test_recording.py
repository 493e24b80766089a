"""Recording what was shared, and what goes against the child's wish."""

import pytest
from django.db import IntegrityError, transaction

from rhi.actions.sharing import ShareRefused, approvers
from rhi.models import Notice, Share
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import london
from tests.rhi.sharing.written import HARROW, LOOKED_AFTER, NOW, a_referral, held_and_written, member, share, wishes
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

OVERRIDE = {"basis": "harm", "because": "He said that he will be hurt tonight."}


def test_a_share_keeps_who_what_how_when_and_on_what_basis(referral, robin):
    row = share(referral, robin, "police", name=" Missing team ", basis="task", now=NOW)

    assert (row.to, row.name, row.what, row.how, row.basis) == (
        "police",
        "Missing team",
        "details",
        "secure_email",
        "task",
    )
    assert (row.shared_at, row.by, row.at, row.against_wish) == (NOW, robin, NOW, False)
    line = AuditEvent.objects.get(type="shared")
    assert (line.children, line.detail["to"], line.detail["referral"]) == (["C1"], "police", referral.pk)
    assert "station" not in str(line.detail)


@pytest.mark.clause("SOM-4.15a")
def test_agreed_for_the_placement_only_its_share_with_details_is_recorded_without_an_override(tmp_path):
    referral = a_referral(tmp_path, involvements=[LOOKED_AFTER])
    robin = member()
    held_and_written(referral, robin, **wishes(placement="agrees", parent="does_not_agree"))

    with pytest.raises(ShareRefused, match="The child does not agree that they learn what was said"):
        share(referral, robin, "parent", basis="agreed")
    row = share(referral, robin, "placement", basis="agreed")

    assert list(Share.objects.all()) == [row]
    assert not row.against_wish


def test_an_override_keeps_its_reason_and_approver_who_is_told(referral, robin, sam):
    held_and_written(referral, robin, **wishes(parent="does_not_agree"))

    row = share(referral, robin, "parent", **OVERRIDE, approved_by=sam)

    assert (row.against_wish, row.because, row.approved_by) == (True, OVERRIDE["because"], sam)
    notice = Notice.objects.get(kind="shared")
    assert (notice.to, notice.referral, notice.by) == (sam, referral, robin)
    assert "Parent" in notice.about
    assert "hurt tonight" not in notice.about


def test_nobody_approves_their_own_override(referral, sam):
    held_and_written(referral, sam, **wishes(parent="does_not_agree"))

    with pytest.raises(ShareRefused, match="other than yourself"):
        share(referral, sam, "parent", **OVERRIDE, approved_by=sam)
    assert not Share.objects.exists()


def test_who_can_approve_is_a_leader_or_coordinator_who_sees_the_child(referral, robin, sam):
    priya = make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)
    make_person("kim.west@example.org", "Kim West", Role.TEAM_LEADER)  # of another team
    gone = member("lou.east@example.org", "Lou East", Role.TEAM_LEADER)
    gone.left_on = london("2026-05-01 00:00").date()
    gone.save()

    assert approvers(referral, by=robin, now=NOW) == [priya, sam]

    referral.child.restricted = True
    referral.child.save()
    assert approvers(referral, by=robin, now=NOW) == [priya]  # nobody is named yet, which coordinators do


def test_a_reason_and_an_approver_that_nothing_calls_for_are_left_out(referral, robin, sam):
    row = share(referral, robin, "police", because="To be safe", approved_by=sam)

    assert (row.against_wish, row.because, row.approved_by) == (False, "", None)
    assert not Notice.objects.filter(kind="shared").exists()


def test_it_cannot_lie_in_the_future_or_reach_nobody(referral, robin):
    with pytest.raises(ShareRefused, match="future"):
        share(referral, robin, "police", shared_at=london("2026-05-14 09:01"))
    with pytest.raises(ShareRefused, match="Say who received it"):
        share(referral, robin, "police", name="  ")


def test_the_database_keeps_reason_approver_and_wish_together(referral, robin):
    row = share(referral, robin, "police")
    for wrong in ({"against_wish": True}, {"because": "Risk"}, {"approved_by": robin}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Share.objects.filter(pk=row.pk).update(**wrong)


@pytest.mark.clause("SOM-8.1.3b")
def test_the_placement_of_another_authoritys_child_gets_the_form_by_consent_or_by_a_concern(tmp_path):
    referral = a_referral(tmp_path, responsible_authority=HARROW, involvements=[LOOKED_AFTER])
    robin = member()
    sam = make_person("sam.okoro@example.org", "Sam Okoro", Role.COORDINATOR)
    held_and_written(referral, robin, **wishes(placement="not_asked"))

    with pytest.raises(ShareRefused, match="Tell them only that they should ask the child’s social worker"):
        share(referral, robin, "placement", "form", because="They asked", approved_by=sam)
    with pytest.raises(ShareRefused, match="Say why"):
        share(referral, robin, "placement", "form", basis="harm", approved_by=sam)
    with pytest.raises(ShareRefused, match="Choose who approved"):
        share(referral, robin, "placement", "form", **OVERRIDE)
    concern = share(referral, robin, "placement", "form", **OVERRIDE, approved_by=sam)

    assert concern.against_wish
    assert Share.objects.count() == 1


@pytest.mark.clause("SOM-8.1.3b")
def test_with_consent_the_placement_of_another_authoritys_child_gets_the_form(tmp_path):
    referral = a_referral(tmp_path, responsible_authority=HARROW, involvements=[LOOKED_AFTER])
    robin = member()
    held_and_written(referral, robin, **wishes(placement="agrees"))

    assert not share(referral, robin, "placement", "form", basis="agreed").against_wish


@pytest.mark.clause("SOM-8.1.3c")
def test_that_the_placement_was_advised_to_ask_the_social_worker_is_recorded(tmp_path):
    referral = a_referral(tmp_path, responsible_authority=HARROW, involvements=[LOOKED_AFTER])
    robin = member()
    held_and_written(referral, robin)
    [asked] = referral.tasks.filter(kind="share", item="placement")
    assert asked.about.startswith("Advise the placement to ask the child’s social worker")

    row = share(referral, robin, "placement", "ask_social_worker", how="phone")

    assert (row.what, row.shared_at) == ("ask_social_worker", NOW)
    asked.refresh_from_db()
    assert asked.done_at == NOW
