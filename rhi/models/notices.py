"""What people must be told: in the page, and by email."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from episodes.models import CODE, Child
from jobs.models import Handover
from routing.models import Referral
from staff.models import User


class NoticeKind(models.TextChoices):
    """Why somebody is told. Some a person brought about, the clockwork the rest."""

    OPENED = "opened", "Record opened with a reason"
    RECORDED = "recorded", "Perhaps the same child recorded again"
    EPISODE = "episode", "A child of yours was missing"
    DUE = "due", "Runs out soon"
    BREACH = "breach", "Has run out"
    NOT_ASSIGNED = "not_assigned", "Not assigned"
    NO_ATTEMPT = "no_attempt", "No attempt yet"
    WRITE_UP = "write_up", "To be written up"
    DISCUSSION = "discussion", "Discussion unanswered"
    APPOINTMENT = "appointment", "Booked time passed"
    NO_ADDRESSEE = "no_addressee", "A letter is due that nobody may get"
    LETTER_FAILED = "letter_failed", "A letter has not gone out"
    TAKEN_BACK = "taken_back", "Something that you logged was taken back"
    SENT_BACK = "sent_back", "An interview that you wrote up was sent back"
    EPISODE_MOVED = "episode_moved", "An episode went to another interview"
    RESTRICTED = "restricted", "A child of yours was restricted to others"
    WRITTEN_UP = "written_up", "An interview is to be read"
    ESCALATED = "escalated", "A worry is put to you"
    ANSWERED = "answered", "A worry that you put was answered"
    MENTIONED = "mentioned", "You are mentioned in a case note"
    SHARED = "shared", "Shared against a child’s wish, with your approval"
    TASK_YOURS = "task_yours", "A task became yours"
    TASK_OVERDUE = "task_overdue", "A task is overdue"
    TASK_REVIEW = "task_review", "A task is to be looked at again"


#: What the clocks and marks of a referral's own row say as well, wherever it is shown; or a list of what waits.
REMINDERS = frozenset(
    {
        NoticeKind.DUE,
        NoticeKind.BREACH,
        NoticeKind.NOT_ASSIGNED,
        NoticeKind.NO_ATTEMPT,
        NoticeKind.WRITE_UP,
        NoticeKind.DISCUSSION,
        NoticeKind.APPOINTMENT,
        NoticeKind.WRITTEN_UP,
        NoticeKind.ESCALATED,
    }
)


class Email(Handover):
    """One email to a member of staff: how many things wait, and a link. Nothing of any child (README, invariant 8)."""

    class Kind(models.TextChoices):
        NOTICES = "notices", "Notices"
        DAILY = "daily", "Daily digest"
        WEEKLY = "weekly", "Weekly digest"
        INTERVIEW_HELD = "interview_held", "Interview held: request for the plan"

    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emails")
    kind = models.CharField(max_length=CODE, choices=Kind)
    key = models.CharField(
        max_length=100, unique=True, help_text="What makes it once, for instance daily:2026-11-23:5."
    )
    numbers = models.JSONField(default=dict, help_text="How many of what; never more.")
    made_at = models.DateTimeField()

    class Meta(Handover.Meta):
        constraints = [*Handover.constraints("email")]


class Notice(models.Model):
    """Something that a person must be told about a child, shown in their work until they have seen it.

    What the clockwork makes has a `key`, for instance `due:deadline 12:2026-11-23T18:00Z`: each person gets it once.
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="notices")
    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=CODE, choices=NoticeKind, default=NoticeKind.OPENED)
    key = models.CharField(max_length=100, blank=True)
    referral = models.ForeignKey(
        Referral, null=True, blank=True, on_delete=models.PROTECT, related_name="notices", help_text="Where it leads."
    )
    about = models.CharField(max_length=1000, help_text="In words, without the child's name.")
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    email = models.ForeignKey(Email, null=True, blank=True, on_delete=models.PROTECT, related_name="notices")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="to_each_person_once", fields=["to", "key"], condition=~Q(key="")),
        ]
        indexes = [models.Index("to", name="notice_unseen", condition=Q(seen_at__isnull=True))]


class Noted(models.Model):
    """That a run of the reminders has dealt with something that came about: it told it, or had nothing to tell of it.

    The key is that of the notices. Kept for some weeks, for as long as a run could look at it again.
    """

    key = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(db_index=True, help_text="When it came about.")

    class Meta:
        verbose_name_plural = "noted"


class Preferences(models.Model):
    """How somebody wants to be told, and who is told instead while they are away. Without a row: at once, by day."""

    class ByEmail(models.TextChoices):
        AT_ONCE = "at_once", "As they come, a few at a time"
        DAILY = "daily", "Once a day"
        NEVER = "never", "Not by email"

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="preferences")
    by_email = models.CharField(max_length=CODE, choices=ByEmail, default=ByEmail.AT_ONCE)
    quiet_from = models.TimeField(null=True, blank=True, help_text="Local time.")
    quiet_until = models.TimeField(null=True, blank=True, help_text="Local time; it may lie on the next day.")
    away_from = models.DateField(null=True, blank=True)
    away_until = models.DateField(null=True, blank=True, help_text="The last day away.")
    cover = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(
                name="quiet_hours_have_both_ends",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
            models.CheckConstraint(
                name="away_until_the_first_day_or_later",
                condition=Q(away_from__isnull=True, away_until__isnull=True)
                | Q(away_from__isnull=False, away_until__gte=models.F("away_from")),
            ),
        ]
