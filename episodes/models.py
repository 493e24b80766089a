"""What happened: children, who cares for them, what they are open to, their absences, and who may see it all."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.lookups import Exact

from procedures import types
from staff.models import Membership, Team, User
from staff.permissions import Permission, Role, allowed

NAME = 200
CODE = 30
LONG = 20_000


class Authority(models.Model):
    """A local authority other than ours, by its code of the Office for National Statistics."""

    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=NAME, blank=True, help_text="Empty: the code is not on the list of authorities.")

    class Meta:
        verbose_name_plural = "authorities"

    def __str__(self) -> str:
        return self.name or self.code


class Typed(models.Model):
    """What files bring and people correct: a field that a person typed is not replaced by a file any more."""

    typed = models.JSONField(
        default=dict, blank=True, help_text="Field name to the instant at which a person typed it."
    )

    class Meta:
        abstract = True


class Address(models.Model):
    """Where somebody lives and how to reach them."""

    address_1 = models.CharField(max_length=NAME, blank=True)
    address_2 = models.CharField(max_length=NAME, blank=True)
    address_3 = models.CharField(max_length=NAME, blank=True)
    address_4 = models.CharField(max_length=NAME, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)

    class Meta:
        abstract = True


def access_of(user: User, now: datetime, **more: object) -> QuerySet[Access]:
    """The rows by which a person, or a team of theirs, may see a child at an instant."""
    teams = Membership.objects.filter(user=user.pk).values("team")
    return Access.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now), Q(user=user.pk) | Q(team__in=teams), since__lte=now, **more
    )


def visible(user: User, now: datetime, *, child: str = "") -> Q:
    """The condition under which a person may see a child; `child` is the path to the child ("child__").

    A restricted child is seen by the people named for them and nobody else; while a record restricts one and nobody
    is named yet, by missing coordinators, who name them. Others are seen by whom access says, for themselves or for a
    team of theirs; a missing coordinator sees all of them. A provider's interviewer sees only what was given to her in
    person, and roles that do no case work see nobody.
    """
    if not allowed(user, Permission.SEE_REFERRALS):
        return Q(pk__in=[])
    key = OuterRef(f"{child}pk")
    named = Q(basis=Access.Basis.RESTRICTION, user=user.pk)
    unrestricted = Q(**{f"{child}restricted": False})
    if user.role == Role.COORDINATOR:
        anybody_named = Access.objects.filter(
            Q(until__isnull=True) | Q(until__gt=now),
            child=key,
            basis=Access.Basis.RESTRICTION,
            since__lte=now,
            user__isnull=False,
        )
        return unrestricted | Q(Exists(access_of(user, now, child=key).filter(named))) | ~Q(Exists(anybody_named))
    if user.role == Role.INTERVIEWER:
        hers = access_of(user, now, child=key, basis=Access.Basis.ALLOCATION).filter(user=user.pk)
        return unrestricted & Q(Exists(hers))
    # One EXISTS rather than two joined by OR: a database can then look up the few rows that a page needs.
    anybody = Q(Exact(OuterRef(f"{child}restricted"), Value(value=False)))
    return Q(Exists(access_of(user, now, child=key).filter(named | anybody)))


def workable(user: User, now: datetime, *, child: str = "") -> Q:
    """The condition under which a person may also change a child's records: not after merely giving a reason."""
    if user.role == Role.COORDINATOR:
        return visible(user, now, child=child)
    own = access_of(user, now, child=OuterRef(f"{child}pk")).exclude(basis=Access.Basis.BREAK_GLASS)
    return visible(user, now, child=child) & Q(Exists(own))


class ChildQuerySet(QuerySet["Child"]):
    """Children, for whom."""

    def visible_to(self, user: User, now: datetime) -> Self:
        """Those whom a person may see at an instant."""
        return self.filter(visible(user, now))

    def workable_by(self, user: User, now: datetime) -> Self:
        """Those whose records a person may change."""
        return self.filter(workable(user, now))


class EpisodeQuerySet(QuerySet["Episode"]):
    """Absences, for whom."""

    def visible_to(self, user: User, now: datetime) -> Self:
        """Those of children whom a person may see at an instant."""
        return self.filter(visible(user, now, child="child__"))

    def workable_by(self, user: User, now: datetime) -> Self:
        """Those that a person may change."""
        return self.filter(workable(user, now, child="child__"))


class Child(Typed, Address):
    """Somebody who was under 18 when they went missing."""

    class Sex(models.TextChoices):
        FEMALE = "F", "Female"
        MALE = "M", "Male"
        UNKNOWN = "U", "Unknown"

    child_id = models.CharField("person ID in the main case system", max_length=50, unique=True)
    first_name = models.CharField(max_length=NAME)
    last_name = models.CharField(max_length=NAME)
    date_of_birth = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    ethnicity = models.CharField(max_length=100, blank=True)
    responsible_authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="children", help_text="Empty: ours."
    )
    area = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=100, blank=True)
    interpreter_needed = models.BooleanField(null=True)
    living_independently = models.BooleanField(null=True)
    uasc = models.BooleanField("unaccompanied asylum-seeking child", null=True)
    restricted = models.BooleanField(default=False, help_text="Only named people may see this child.")

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "children"

    def __str__(self) -> str:
        return self.child_id


class Carer(Typed, Address):
    """A parent or carer of a child, and whether it is safe to contact them."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="carers")
    name = models.CharField(max_length=NAME)
    relationship = models.CharField(max_length=100)
    safe_to_contact = models.BooleanField(null=True, help_text="Not known is treated as not safe: no letter.")
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_carer_per_name_and_relationship", fields=["child", "name", "relationship"]
            )
        ]


class Service(models.TextChoices):
    """What a child can be open to, with the words for people; the order of precedence is types.Service's."""

    LOOKED_AFTER = types.Service.LOOKED_AFTER, "Looked after"
    CHILD_PROTECTION = types.Service.CHILD_PROTECTION, "Child protection"
    CHILD_IN_NEED = types.Service.CHILD_IN_NEED, "Child in need"
    ASSESSMENT = types.Service.ASSESSMENT, "Assessment"
    FAMILY_SERVICE = types.Service.FAMILY_SERVICE, "Family service"
    YOUTH_JUSTICE = types.Service.YOUTH_JUSTICE, "Youth justice"
    CARE_LEAVER = types.Service.CARE_LEAVER, "Care leaver"


class PlacementArea(models.TextChoices):
    """Where our looked-after child lives."""

    IN_AREA = types.PlacementArea.IN_AREA, "In our area"
    NEIGHBOURING = types.PlacementArea.NEIGHBOURING, "In a neighbouring authority"
    OUT_OF_AREA = types.PlacementArea.OUT_OF_AREA, "Further away"


class PlacementKind(models.TextChoices):
    """What a looked-after child's placement is."""

    FOSTER_CARE = "foster_care", "Foster care"
    KINSHIP = "kinship", "Kinship care"
    CHILDRENS_HOME = "childrens_home", "Children's home"
    SUPPORTED_ACCOMMODATION = "supported_accommodation", "Supported accommodation"
    RESIDENTIAL_SCHOOL = "residential_school", "Residential school"
    SECURE = "secure", "Secure accommodation"
    OTHER = "other", "Other"


class Involvement(Typed):
    """That a child is open to a service between two days, both included. Several may be open at once."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="involvements")
    service = models.CharField(max_length=CODE, choices=Service)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="involvements")
    worker = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="involvements")
    worker_elsewhere = models.CharField(max_length=254, blank=True, help_text="Another authority's worker, as text.")
    placement_kind = models.CharField(max_length=CODE, choices=PlacementKind, blank=True)
    placement_area = models.CharField(max_length=CODE, choices=PlacementArea, blank=True)
    host_authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="hosted_involvements"
    )
    placement_provider = models.CharField(max_length=NAME, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_involvement_per_service_and_start", fields=["child", "service", "start"]),
            models.CheckConstraint(
                name="involvement_ends_after_it_starts", condition=Q(end__isnull=True) | Q(end__gte=F("start"))
            ),
        ]


class Kind(models.TextChoices):
    """What an absence was."""

    MISSING = types.Kind.MISSING, "Missing"
    AWAY = types.Kind.AWAY, "Away without authorisation"


class ReturnPrecision(models.TextChoices):
    """How well the time of a return is known."""

    EXACT = "exact", "Exact"
    ESTIMATED = "estimated", "Estimated"
    DATE = "date", "Date only"


class Source(models.TextChoices):
    """Who told the service."""

    POLICE = "police", "Police"
    CASE_SYSTEM = "case_system", "Case system"
    SOCIAL_WORKER = "social_worker", "Social worker"
    PLACEMENT = "placement", "Placement"
    PARENT = "parent", "Parent or carer"
    OTHER_AUTHORITY = "other_authority", "Another authority"
    OTHER = "other", "Other"


class PoliceRisk(models.TextChoices):
    """The police's own grade. It never suppresses an offer."""

    NO_APPARENT_RISK = "no_apparent_risk", "No apparent risk"
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    ABSENT = "absent", "Absent (no longer used)"
    NOT_KNOWN = "not_known", "Not known"


class MissingFrom(models.TextChoices):
    """Where the child went missing from."""

    FAMILY_HOME = "family_home", "Family home"
    FOSTER_CARE = "foster_care", "Foster care"
    CHILDRENS_HOME = "childrens_home", "Children's home"
    SUPPORTED_ACCOMMODATION = "supported_accommodation", "Supported accommodation"
    RESIDENTIAL_SCHOOL = "residential_school", "Residential school"
    HOSPITAL = "hospital", "Hospital"
    SECURE = "secure", "Secure accommodation"
    INDEPENDENT = "independent", "Living independently"
    OTHER = "other", "Other"


class EndedHow(models.TextChoices):
    """How an absence ended."""

    RETURNED = "returned", "Came back"
    FOUND_BY_POLICE = "found_by_police", "Found by the police"
    BROUGHT_BY_CARER = "brought_by_carer", "Brought back by parent, carer or staff"
    BROUGHT_BY_OTHER = "brought_by_other", "Brought back by somebody else"
    HOSPITAL = "hospital", "Found in hospital"
    ARRESTED = "arrested", "Arrested"
    WHEREABOUTS_KNOWN = "whereabouts_known", "Whereabouts became known"
    TURNED_18 = "turned_18", "Turned 18"
    OTHER = "other", "Other"


class Episode(Typed):
    """One absence, from last seen to returned. Facts only; what to do about it is routing's and rhi's."""

    episode_id = models.CharField(max_length=50, unique=True)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="episodes")
    kind = models.CharField(max_length=CODE, choices=Kind)
    last_seen_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    return_precision = models.CharField(max_length=CODE, choices=ReturnPrecision, blank=True)
    notified_at = models.DateTimeField(null=True, blank=True, help_text="When the service learned of the return.")
    source = models.CharField(max_length=CODE, choices=Source, blank=True)
    police_ref = models.CharField("police reference", max_length=100, blank=True)
    police_risk = models.CharField(max_length=CODE, choices=PoliceRisk, blank=True)
    missing_from = models.CharField(max_length=CODE, choices=MissingFrom, blank=True)
    ended_how = models.CharField(max_length=CODE, choices=EndedHow, blank=True)
    circumstances = models.TextField(max_length=LONG, blank=True)
    history = models.BooleanField(
        default=False, help_text="Brought over from before the service used this system: never laid in a tray."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="A duplicate or an error; counted nowhere.")
    withdrawn_because = models.CharField(max_length=1000, blank=True)

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="episode_returns_after_last_seen",
                # A return known by its day only stands at 00:00 of that day, which may lie before the last sighting.
                condition=Q(returned_at__isnull=True)
                | Q(return_precision="date")
                | Q(returned_at__gte=F("last_seen_at")),
            ),
            models.CheckConstraint(
                name="episode_withdrawn_with_its_reason",
                condition=Q(withdrawn_at__isnull=True, withdrawn_because="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_because="")),
            ),
        ]
        indexes = [
            models.Index("last_seen_at", name="episode_by_last_seen"),
            models.Index("returned_at", name="episode_by_return"),
            models.Index("reported_at", name="episode_by_report"),
        ]

    def __str__(self) -> str:
        return self.episode_id


class Access(models.Model):
    """Who may see a child's case, on what basis, from when until when. A fact like others, never overwritten."""

    class Basis(models.TextChoices):
        INVOLVEMENT = "involvement", "Works with the child"
        ALLOCATION = "allocation", "Holds the referral"
        BREAK_GLASS = "break_glass", "Gave a reason"
        RESTRICTION = "restriction", "Named for a restricted child"
        PROVIDER = "provider", "Provider's contract"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="accesses")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="accesses")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="accesses")
    basis = models.CharField(max_length=CODE, choices=Basis)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    because = models.CharField(max_length=1000, blank=True)
    ended_because = models.CharField(max_length=1000, blank=True, help_text="Why a person ended it before its time.")
    involvement = models.ForeignKey(
        Involvement, null=True, blank=True, on_delete=models.PROTECT, related_name="accesses"
    )

    class Meta:
        verbose_name_plural = "accesses"
        constraints = [
            models.CheckConstraint(
                name="access_is_for_a_team_or_a_person", condition=Q(team__isnull=False) | Q(user__isnull=False)
            ),
            models.CheckConstraint(
                name="access_by_involvement_names_it",
                condition=Q(basis="involvement", involvement__isnull=False)
                | (~Q(basis="involvement") & Q(involvement__isnull=True)),
            ),
            models.UniqueConstraint(
                name="one_open_access_of_an_involvement", fields=["involvement"], condition=Q(until__isnull=True)
            ),
            models.CheckConstraint(
                name="access_ended_for_a_reason_has_an_end", condition=Q(ended_because="") | Q(until__isnull=False)
            ),
        ]
        indexes = [
            models.Index("child", "team", "user", name="access_of_child"),
            models.Index("user", name="access_of_person", condition=Q(user__isnull=False)),
        ]


class Finding(models.Model):
    """Something odd that came in and was kept: what, about which record, and since when."""

    class Kind(models.TextChoices):
        REPEATED_KEY = "repeated_key", "The file holds this record more than once; the last row was taken"
        TYPED_DIFFERS = "typed_differs", "The file differs from what a person typed; what was typed stays"
        UNKNOWN_AUTHORITY = "unknown_authority", "This authority code is not on the list"
        OVERLAP = "overlap", "Two absences of this child overlap"
        ENDED_WITHOUT_TIME = "ended_without_time", "The absence has ended, but the return has no time"
        AWAY_NOT_LOOKED_AFTER = "away_not_looked_after", "Away without authorisation, but not looked after"
        LOOKED_AFTER_WITHOUT_PLACEMENT = "looked_after_without_placement", "Looked after without a placement"
        ADULT = "adult", "Was 18 or over when last seen"
        RESPONSE_DOES_NOT_FIT = "response_does_not_fit", "The response does not fit who was asked"
        OUTCOME_WITHOUT_REASON = "outcome_without_reason", "The outcome lacks its reason"
        OUTCOMES_DISAGREE = "outcomes_disagree", "Two interview records give this absence different outcomes"
        HELD_BEFORE_RETURN = "held_before_return", "The interview was held before the return"
        DONE_NOT_HELD = "done_not_held", "The interview counts as done but has no time at which it was held"
        HELD_NOT_DONE = "held_not_done", "The interview was held, but the outcome says that it was not"
        ORDER_OF_TIMES = "order_of_times", "Written up, answered or told before what it follows"
        ROUTED_OTHERWISE = "routed_otherwise", "By what is known now, the referral would go elsewhere"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=CODE, choices=Kind)
    record = models.CharField(max_length=200, help_text="For instance episodes.csv E0000123.")
    detail = models.CharField(max_length=1000, blank=True)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it was seen to be no longer so.")

    class Meta:
        constraints = [models.UniqueConstraint(name="one_finding_per_record", fields=["child", "kind", "record"])]
