"""What happened: children, who cares for them, what they are open to, their episodes, and who may see it all."""

from episodes.models.access import Access, access_of, visible, workable
from episodes.models.children import Authority, Carer, Child, ChildQuerySet
from episodes.models.findings import Finding
from episodes.models.involvements import Involvement, PlacementArea, PlacementKind, Service
from episodes.models.missing import (
    EndedHow,
    Episode,
    EpisodeQuerySet,
    Kind,
    MissingFrom,
    PoliceRisk,
    ReturnPrecision,
    Source,
)
from episodes.models.records import CODE, LONG, NAME, Address, Typed

__all__ = [
    "CODE",
    "LONG",
    "NAME",
    "Access",
    "Address",
    "Authority",
    "Carer",
    "Child",
    "ChildQuerySet",
    "EndedHow",
    "Episode",
    "EpisodeQuerySet",
    "Finding",
    "Involvement",
    "Kind",
    "MissingFrom",
    "PlacementArea",
    "PlacementKind",
    "PoliceRisk",
    "ReturnPrecision",
    "Service",
    "Source",
    "Typed",
    "access_of",
    "visible",
    "workable",
]
