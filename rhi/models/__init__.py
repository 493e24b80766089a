"""The interview: what was tried and said, its form and outcomes; and what people are told and sent of it."""

from rhi.models.covering import EpisodeMoved
from rhi.models.following import Support
from rhi.models.forms import Answer, SentBack, SubmittedForm
from rhi.models.interviews import (
    Appointment,
    Attempt,
    Interview,
    InterviewEpisode,
    Offer,
    Outcome,
    Recorded,
    TakenBack,
)
from rhi.models.letters import Letter, LetterKind, LetterQuerySet
from rhi.models.notices import REMINDERS, Email, Noted, Notice, NoticeKind, Preferences
from rhi.models.reading import Addendum, CaseNote, Escalation, InterviewRead
from rhi.models.sharing import Filed, Share
from rhi.models.visiting import Attachment, RecordsCheck, VisitorWarning

__all__ = [
    "REMINDERS",
    "Addendum",
    "Answer",
    "Appointment",
    "Attachment",
    "Attempt",
    "CaseNote",
    "Email",
    "EpisodeMoved",
    "Escalation",
    "Filed",
    "Interview",
    "InterviewEpisode",
    "InterviewRead",
    "Letter",
    "LetterKind",
    "LetterQuerySet",
    "Noted",
    "Notice",
    "NoticeKind",
    "Offer",
    "Outcome",
    "Preferences",
    "Recorded",
    "RecordsCheck",
    "SentBack",
    "Share",
    "SubmittedForm",
    "Support",
    "TakenBack",
    "VisitorWarning",
]
