"""What was odd in the records and was taken in all the same."""

from __future__ import annotations

from django.db import models

from episodes.models.children import Child
from episodes.models.records import CODE


class Finding(models.Model):
    """Something odd that came in and was kept: what, about which record, and since when."""

    class Kind(models.TextChoices):
        REPEATED_KEY = "repeated_key", "The file holds this record more than once; the last row was taken"
        TYPED_DIFFERS = "typed_differs", "The file differs from what a person typed; what was typed stays"
        UNKNOWN_AUTHORITY = "unknown_authority", "This authority code is not on the list"
        OVERLAP = "overlap", "Two episodes of this child overlap"
        ENDED_WITHOUT_TIME = "ended_without_time", "The episode has ended, but the return has no time"
        AWAY_NOT_LOOKED_AFTER = "away_not_looked_after", "Away without authorisation, but not looked after"
        LOOKED_AFTER_WITHOUT_PLACEMENT = "looked_after_without_placement", "Looked after without a placement"
        ADULT = "adult", "Was 18 or over when last seen"
        RESPONSE_DOES_NOT_FIT = "response_does_not_fit", "The response does not fit who was asked"
        OUTCOME_WITHOUT_REASON = "outcome_without_reason", "The outcome lacks its reason"
        OUTCOMES_DISAGREE = "outcomes_disagree", "Two interview records give this episode different outcomes"
        HELD_BEFORE_RETURN = "held_before_return", "The interview was held before the return"
        DONE_NOT_HELD = "done_not_held", "The interview counts as done but has no time at which it was held"
        HELD_NOT_DONE = "held_not_done", "The interview was held, but the outcome says that it was not"
        SPOKEN_NOT_OFFERED = "spoken_not_offered", "The child was spoken to, and no offer to the child is recorded"
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
