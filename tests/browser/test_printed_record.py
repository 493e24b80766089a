"""The record of an interview on paper: every sheet is marked, and nothing lies over anything else."""

from io import BytesIO

from pypdf import PdfReader

from rhi.actions.outcomes_by_hand import Settled, covered_episodes, record_held, record_outcomes
from rhi.actions.signing import write_up
from rhi.models import Answer
from rhi.questions.shapes import Situation
from tests.browser.walking import Walk
from tests.rhi.writing import answer_all
from tests.staff.people import now

LONG = "\n\n".join(["Nobody would listen to me when I said so. " * 8] * 3)


def written(referral, by):
    """An interview with long answers, written up."""
    at = now()
    record_held(referral, held_at=at, method="face_to_face", by=by, now=at)
    (covered,) = covered_episodes(referral)
    record_outcomes(referral, settled={covered.pk: Settled("completed")}, by=by, now=at)
    answer_all(referral, by, Situation(held=True, looked_after=True, repeat=True), at=at)
    Answer.objects.filter(question__in=["child_own_account", "why_returned", "analysis"]).update(value={"answer": LONG})
    write_up(referral, by=by, now=at)


def lines(sheet):
    """What stands on a sheet, each piece of text with its height above the lower edge (points), the highest first."""
    found = []

    def see(text, matrix, position, _font, _size):
        if text.strip():
            found.append((matrix[1] * position[4] + matrix[3] * position[5] + matrix[5], text.strip()))

    sheet.extract_text(visitor_text=see)
    return sorted(found, reverse=True)


def test_every_sheet_says_what_it_is_and_the_marking_lies_over_no_answer(desk, visit):
    referral, *_ = desk.referrals
    desk.hand(referral, desk.caseworker)
    written(referral, desk.caseworker)
    page = visit("/account/sign-in/")
    Walk(page).sign_in(desk.leader)
    page.goto(f"/referrals/{referral.pk}/record/")

    sheets = PdfReader(BytesIO(page.pdf(format="A4", prefer_css_page_size=True))).pages

    assert len(sheets) > 3
    for number, sheet in enumerate(sheets, start=1):
        words = " ".join(sheet.extract_text().split())
        assert words.count(f"OFFICIAL-SENSITIVE. Referral R{referral.pk}. Printed by {desk.leader.name}, ") == 1
        assert words.count("OFFICIAL-SENSITIVE") == 2, "head and foot"
        assert f"Page {number} of {len(sheets)}" in words
        (foot,) = [height for height, text in lines(sheet) if text.startswith("OFFICIAL-SENSITIVE. Ref")]
        matter = [height for height, text in lines(sheet) if height > foot]
        assert min(matter) - foot > 12, "one line of the foot, and room above it"
        below = " ".join(text for height, text in lines(sheet) if height < foot)
        assert len(below.split()) < 15, "the rest of the foot and the page's number, and no answer"
