"""Who acts: people, their teams, and the trail of what they did."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from staff.permissions import ROLES, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str, role: str = Role.CASEWORKER, password: str | None = None) -> User:
        """A person on the books; without a password nobody can sign in as them until they are invited."""
        user = self.model(email=email.strip().lower(), name=name, role=role)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who works with the service. Their email is how they sign in and how records name them."""

    email = models.EmailField("email address", max_length=254, unique=True, help_text="Kept in lower case.")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role, default=Role.CASEWORKER)
    is_active = models.BooleanField("may sign in", default=True)
    left_on = models.DateField(
        "left on",
        null=True,
        blank=True,
        help_text="From this day nothing is routed to them, and no record brings them back.",
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_is_lower_case", condition=Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may(self) -> frozenset[str]:
        """What this person's role may do, by name; for templates."""
        return frozenset(ROLES[Role(self.role)])

    def has_left(self, on: date) -> bool:
        """Whether this person had gone by the given local day."""
        return not self.is_active or (self.left_on is not None and self.left_on <= on)


def leavers(on: date) -> QuerySet[User]:
    """Everybody who had gone by the given local day (User.has_left)."""
    return User.objects.filter(Q(is_active=False) | Q(left_on__lte=on))


class Team(models.Model):
    """Some people who share a tray. A provider is a team of its own kind, with the dates of its contract."""

    class Kind(models.TextChoices):
        SERVICE = "service", "Interview service"
        SOCIAL_CARE = "social_care", "Children's social care"
        FAMILY_SERVICE = "family_service", "Family service"
        PROVIDER = "provider", "Provider"

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.SERVICE)
    opened_on = models.DateField(null=True, blank=True, help_text="Of a provider: the first day of its contract.")
    closed_on = models.DateField(null=True, blank=True, help_text="From this day nothing is routed to it.")
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="team_closes_after_it_opens",
                condition=Q(opened_on__isnull=True)
                | Q(closed_on__isnull=True)
                | Q(closed_on__gte=models.F("opened_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_open(self, on: date) -> bool:
        """Whether work may be routed to this team on the given local day."""
        return (self.opened_on is None or self.opened_on <= on) and (self.closed_on is None or on < self.closed_on)


class Membership(models.Model):
    """That a person belongs to a team. Somerset's practitioners may also reassign its tray (Somerset 4.2)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    may_reassign = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_membership_per_person_and_team", fields=["user", "team"])]


class AuditEvent(models.Model):
    """One line of the trail: append-only in the database itself, and without foreign keys, so it outlives the record.

    Written only by staff.audit.record.
    """

    at = models.DateTimeField(db_index=True)
    type = models.CharField(max_length=40, db_index=True)
    by_id = models.BigIntegerField(null=True, db_index=True, help_text="Nobody: the system itself acted.")
    by_email = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=100, blank=True, help_text="For instance episodes.Episode:12.")
    children = models.JSONField(default=list, help_text="The child_id of every child whose record was touched.")
    detail = models.JSONField(default=dict, help_text="What changed; never a child's name or words.")

    class Meta:
        ordering = ["-at", "-pk"]
