"""Letters to children and families: proposed, approved by a person, frozen, and handed over once."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from episodes.models import CODE, NAME, Carer, Child
from jobs.models import Handover, Job
from rhi.models.interviews import Interview
from routing.models import Referral
from staff.models import Team, User
from staff.permissions import Role


class LetterKind(models.TextChoices):
    """What a letter is for (docs/rules.md)."""

    NO_CONTACT = "no_contact", "We could not reach you"
    REFUSAL = "refusal", "You said no: what else there is"
    CHASE = "chase", "We would still like to hear from you"
    SIGNPOSTING = "signposting", "Services that can help"


class LetterQuerySet(QuerySet["Letter"]):
    """Letters, for whom, and by what is to be done with them."""

    def visible_to(self, user: User, now: datetime) -> Self:
        """Those of referrals that a person may see at an instant."""
        return self.filter(referral__in=Referral.objects.visible_to(user, now).values("pk"))

    def approvable_by(self, user: User, now: datetime) -> Self:
        """Those of referrals that a person holds, or may assign: of the teams that they lead or may reassign.

        Of a provider's referrals nobody of the provider may: a leader may whose team works with the child.
        """
        held = Referral.objects.visible_to(user, now).filter(
            allocations__worker=user.pk, allocations__until__isnull=True
        )
        ways = [held, Referral.objects.assignable_by(user, now)]
        if user.role == Role.TEAM_LEADER:
            bought = {"allocations__team__kind": Team.Kind.PROVIDER, "allocations__until__isnull": True}
            ways.append(Referral.objects.workable_by(user, now).filter(**bought))
        # Asked of each letter that waits, which are few; IN would list every referral that the person may see.
        theirs = (Q(Exists(way.filter(pk=OuterRef("referral")))) for way in ways)
        return self.filter(reduce(or_, theirs))

    def to_approve(self) -> Self:
        """Proposed, waiting for a person; of a restricted child also for the second one."""
        return self.filter(state=Letter.State.PROPOSED)

    def waiting(self) -> Self:
        """All that wait for a person: to be approved, to be printed and posted, or to be put right."""
        return self.filter(
            Q(state=Letter.State.PROPOSED) | Q(state=Letter.State.APPROVED, channel=Letter.Channel.PRINT) | _is_stuck()
        )

    def numbers(self, *, long_since: datetime) -> dict[str, int]:
        """How many wait for what: one query. `old_letters` have waited for somebody since that instant or longer.

        Named as emails count them (rhi.delivery.emails.WORDS).
        """
        proposed = Q(state=Letter.State.PROPOSED)
        approved = Q(state=Letter.State.APPROVED, channel=Letter.Channel.PRINT)
        old = (proposed & Q(proposed_at__lte=long_since)) | (approved & Q(approved_at__lte=long_since))
        numbers: dict[str, int] = self.waiting().aggregate(
            letters=Count("pk", filter=proposed),
            posting=Count("pk", filter=approved),
            old_letters=Count("pk", filter=old),
            stuck_letters=Count("pk", filter=_is_stuck()),
        )
        return numbers

    def stuck(self) -> Self:
        """Failed, given up, or nobody knows whether they went: a person decides what becomes of them."""
        return self.filter(_is_stuck())

    def to_print(self) -> Self:
        """Approved for the print queue and not yet posted."""
        return self.filter(state=Letter.State.APPROVED, channel=Letter.Channel.PRINT)


def _is_stuck() -> Q:
    given_up = Q(state=Letter.State.APPROVED, job__state__in=[Job.State.DEAD, Job.State.SET_ASIDE])
    return Q(state__in=[Letter.State.FAILED, Letter.State.UNCERTAIN]) | given_up


class Letter(Handover):
    """One letter to one person. Proposed; approved, whereby addressee, text and PDF are frozen; then handed over.

    Of the print queue, sent means that somebody marked it as posted (`settled_by`, `sent_at`).
    """

    class To(models.TextChoices):
        CHILD = "child", "Child"
        CARER = "carer", "Parent or carer"

    class Channel(models.TextChoices):
        PRINT = "print", "Print queue"
        NOTIFY = "notify", "GOV.UK Notify"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="letters")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="letters")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=CODE, choices=LetterKind)
    step = models.PositiveSmallIntegerField(default=1, help_text="Of a chase letter: the first, the second.")
    to = models.CharField(max_length=CODE, choices=To)
    carer = models.ForeignKey(Carer, null=True, blank=True, on_delete=models.PROTECT, related_name="letters")
    because = models.CharField(max_length=500, help_text="Why this person, in words.")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    although = models.CharField(
        max_length=500,
        blank=True,
        help_text="What the rules said against somebody whom a worker chose all the same.",
    )
    placement = models.CharField(
        max_length=20, blank=True, help_text="What told then whether the child lives in the same placement."
    )
    language = models.CharField(max_length=20, default="en")
    leaflets = models.JSONField(default=list, help_text="What is enclosed, by name.")

    addressee = models.CharField(max_length=NAME, blank=True, help_text="Frozen when approved, like all that follows.")
    address = models.JSONField(default=list, help_text="The lines under the name; the last is the postcode.")
    text_version = models.CharField(max_length=64, blank=True, help_text="Of the template, by its content.")
    pdf = models.BinaryField(null=True)
    pages = models.PositiveSmallIntegerField(null=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seconded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Of flagged children."
    )
    channel = models.CharField(max_length=CODE, choices=Channel, default=Channel.PRINT)
    printed_at = models.DateTimeField(null=True, blank=True, help_text="When it was last opened to be printed.")

    outside_id = models.CharField(max_length=100, blank=True, help_text="GOV.UK Notify's own id of it.")
    outside_status = models.CharField(max_length=50, blank=True, help_text="GOV.UK Notify's last word on it.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When that word was last asked for.")
    returned_at = models.DateTimeField(null=True, blank=True, help_text="When it came back as undeliverable.")
    address_confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text="Of one that came back: when somebody said that the address is right."
    )
    address_confirmed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Who said so."
    )
    confirmed_beside = models.CharField(
        max_length=64, blank=True, help_text="Which address somebody said is right, and beside which doubts."
    )
    cancelled_because = models.CharField(max_length=1000, blank=True)
    rested_on_slip = models.BooleanField(
        default=False, help_text="Cancelled because what called for it was taken back: it may be proposed again."
    )

    objects = LetterQuerySet.as_manager()

    class Meta(Handover.Meta):
        constraints = [
            *Handover.constraints("letter"),
            models.UniqueConstraint(
                name="one_letter_of_a_kind_and_step_to_the_child",
                fields=["interview", "kind", "step"],
                condition=Q(to="child") & ~Q(kind="signposting") & ~Q(state="cancelled"),
            ),
            models.UniqueConstraint(
                name="one_letter_of_a_kind_and_step_to_a_carer",
                fields=["interview", "kind", "step", "carer"],
                condition=Q(to="carer") & ~Q(kind="signposting") & ~Q(state="cancelled"),
            ),
            models.CheckConstraint(
                name="letter_to_a_carer_names_the_carer",
                condition=Q(to="child", carer__isnull=True) | Q(to="carer", carer__isnull=False),
            ),
            models.CheckConstraint(
                name="approved_letter_is_frozen",
                condition=Q(state__in=["proposed", "cancelled"])
                | (Q(approved_at__isnull=False, approved_by__isnull=False, pdf__isnull=False) & ~Q(addressee="")),
            ),
            models.CheckConstraint(
                name="letter_that_rested_on_a_slip_is_cancelled",
                condition=Q(rested_on_slip=False) | Q(state="cancelled"),
            ),
            models.CheckConstraint(
                name="seconded_by_somebody_else",
                condition=Q(seconded_by__isnull=True) | ~Q(seconded_by=models.F("approved_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "channel"], name="letter_by_state"),
            # Few among all of them, and asked for whenever a letter is looked at.
            models.Index(fields=["returned_at"], name="letter_came_back", condition=Q(returned_at__isnull=False)),
        ]
