"""Papers filed with an interview: what may be filed, who opens it, and how one is taken out."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from rhi import papers as pure
from rhi.actions import contact, papers, signing, slips
from rhi.actions.form_facts import case_of
from rhi.models import Attachment, Interview
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import NOW
from tests.rhi import case_work
from tests.rhi.visiting.doing import chunk, exif, file, jpeg, page, pdf, png, read, segment, sent, trail
from tests.rhi.writing import answer_all, hold, member, words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

PLACE = b"51.0190N 3.1000W"


def docx(main="wordprocessingml.document.main+xml", *more):
    """A document of Word, the same bytes at any time: they name the tests."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(zipfile.ZipInfo("[Content_Types].xml"), f"application/vnd.openxmlformats-officedocument.{main}")
        for name in ("word/document.xml", *more):
            made.writestr(zipfile.ZipInfo(name), "<w:document/>")
    return packed.getvalue()


# What may be filed is told by its bytes


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pdf(), "application/pdf"),
        (jpeg(), "image/jpeg"),
        (png(), "image/png"),
        (docx(), pure.DOCX),
        ("Notes of the visit – quiet, then talked.".encode(), "text/plain"),
    ],
    ids=["pdf", "jpeg", "png", "docx", "text"],
)
def test_a_paper_is_what_its_bytes_are_whatever_it_is_called(signed_in, referral, content, kind):
    sent_as = sent(content, name="../../harmless.exe", kind="text/html")

    response = signed_in.post(page("file_paper", referral), {"name": "The form", "file": sent_as})

    assert response.url == page("referral", referral)
    filed = Attachment.objects.get()
    assert (filed.name, filed.kind, filed.size) == ("The form", kind, len(filed.content))


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!DOCTYPE html><p>Hello",
        b"Notes\n<script>alert(1)</script>",
        b"\x00\x00\x00\x18ftypheic\x00\x00",
        b"GIF89a" + bytes(40),
        b"MZ" + bytes(40),
        pdf()[:-8],
        b"<html>" + pdf(),
        jpeg(end=b""),
        jpeg()[:40],
        png()[:-6],
        png().replace(b"IDAT", b"IDAX"),
        docx("wordprocessingml.document.main+xml", "word/vbaProject.bin"),
        docx("spreadsheetml.sheet.main+xml"),
        docx()[:60],
        b"PK\x03\x04" + bytes(30),
        b"   \n",
    ],
    ids=lambda content: repr(content[:14]),
)
def test_what_a_browser_could_run_and_what_is_not_whole_is_refused(content):
    assert pure.examined(content) is None


def test_a_refusal_says_what_can_be_filed_and_keeps_the_words(signed_in, referral):
    response = signed_in.post(
        page("file_paper", referral), {"name": "Notes of Tuesday", "file": sent(b"<html>", name="notes.pdf")}
    )

    assert "This is not a whole PDF, JPEG or PNG picture" in words(response)
    assert 'value="Notes of Tuesday"' in response.content.decode()
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("larger", [1, 5_000_000])
def test_what_is_too_large_is_refused_and_keeps_the_words(signed_in, referral, larger):
    content = pdf(bytes(pure.LIMIT + larger))

    response = signed_in.post(page("file_paper", referral), {"file": sent(content), "name": "Notes of Tuesday"})

    assert "The file is larger than 10 MB" in words(response)
    assert 'value="Notes of Tuesday"' in response.content.decode()
    assert not Attachment.objects.exists()


def test_what_is_just_as_large_as_may_be_is_filed(signed_in, referral):
    content = pdf(b" " * (pure.LIMIT - len(pdf(b""))))
    assert len(content) == pure.LIMIT

    signed_in.post(page("file_paper", referral), {"name": "All of it", "file": sent(content)})

    assert Attachment.objects.get().size == pure.LIMIT


def test_an_empty_file_and_a_missing_name_are_said(signed_in, referral):
    response = signed_in.post(page("file_paper", referral), {"name": "", "file": sent(b"")})

    assert "Say what it is" in words(response)
    assert "The file is empty" in words(response)


# Where a picture was taken


def test_a_photo_loses_where_it_was_taken_and_stays_upright():
    taken = jpeg(exif(orientation=6, place=PLACE), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0GPS"))

    kept = pure.examined(taken + b"a film after its end").content

    assert PLACE not in kept
    assert b"GPS" not in kept
    assert b"film" not in kept
    upright = b"Exif\0\0MM\0*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06"
    assert upright in kept


def test_what_draws_the_picture_is_kept():
    colours = segment(0xE2, b"ICC_PROFILE\0\x01\x01colours")

    assert pure.examined(jpeg(colours)).content == jpeg(colours)


def test_a_png_loses_its_words():
    kept = pure.examined(png(chunk(b"tEXt", b"Location\0" + PLACE), chunk(b"eXIf", PLACE))).content

    assert kept == png()


# Once


def test_the_same_paper_twice_says_that_it_is_there(signed_in, referral, robin):
    file(referral, robin, jpeg(exif()), name="Page 1")

    response = signed_in.post(page("file_paper", referral), {"name": "Page 1 again", "file": sent(jpeg(exif()))})

    assert "You filed this already" in words(response)
    assert "as “Page 1”" in words(response)
    assert Attachment.objects.count() == 1


def test_one_that_was_taken_out_can_be_filed_again(referral, robin):
    paper = file(referral, robin)
    papers.take_out(referral, paper, because="Wrong child.", by=robin, now=NOW)

    file(referral, robin)

    assert papers.of_the_referral(referral).filter(taken_out_at__isnull=True).count() == 1


def test_a_paper_can_be_filed_after_the_write_up(referral, robin):
    hold(referral, robin)
    case_work.complete(referral, robin)
    answer_all(referral, robin, case_of(referral).situation, at=NOW)
    signing.write_up(referral, by=robin, now=NOW)

    assert file(referral, robin).interview.written_up_at == NOW


def test_filing_is_on_the_trail(referral, robin):
    filed = file(referral, robin)

    assert [(event.by_email, event.detail) for event in trail("paper_filed")] == [
        ("robin.hale@example.org", {"referral": referral.pk, "kind": "application/pdf", "size": filed.size})
    ]


# Opening it


def test_a_picture_is_shown_where_nothing_may_run(signed_in, referral, robin):
    filed = file(referral, robin, png())

    response = signed_in.get(page("paper", referral, filed.pk))

    assert response.content == png()
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Disposition"] == f'inline; filename="paper-{filed.pk}.png"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    policy = {each.strip() for each in response.headers["Content-Security-Policy"].split(";")}
    assert {"sandbox", "default-src 'none'", "frame-ancestors 'none'"} <= policy
    assert not any(each.startswith("script-src") for each in policy)
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "shown"),
    [(pdf(), "inline"), (b"Notes", "attachment"), (docx(), "attachment")],
    ids=["pdf", "text", "docx"],
)
def test_only_a_pdf_is_shown_besides(signed_in, referral, robin, content, shown):
    filed = file(referral, robin, content, name='Notes of "Robin Example"; filename=x.html')

    said = signed_in.get(page("paper", referral, filed.pk)).headers["Content-Disposition"]

    assert said.startswith(f'{shown}; filename="paper-{filed.pk}.')
    assert "Robin" not in said


def test_each_opening_is_on_the_trail(signed_in, referral, robin):
    filed = file(referral, robin)

    for _ in range(2):
        signed_in.get(page("paper", referral, filed.pk))

    assert [event.subject for event in trail("paper_read")] == [f"rhi.Attachment:{filed.pk}"] * 2


def test_another_team_does_not_find_it(client, referral, robin):
    filed = file(referral, robin)
    client.force_login(make_person("kim.poe@example.org", "Kim Poe"))

    assert client.get(page("paper", referral, filed.pk)).status_code == 404
    assert not AuditEvent.objects.filter(type="paper_read").exists()


def test_it_is_not_found_beneath_another_referral(signed_in, referral, robin, tmp_path):
    filed = file(referral, robin)
    other = case_work.case(tmp_path, number=2)

    assert signed_in.get(page("paper", other, filed.pk)).status_code == 404


# Taking one out


def test_whoever_filed_it_takes_it_out_and_its_bytes_go(signed_in, referral, robin):
    filed = file(referral, robin, name="Another child's notes")

    signed_in.post(page("take_out_paper", referral, filed.pk), {"because": "Of another child."})

    filed = Attachment.objects.get()
    assert (bytes(filed.content), filed.taken_out_by, filed.taken_out_because) == (b"", robin, "Of another child.")
    assert signed_in.get(page("paper", referral, filed.pk)).status_code == 404
    assert "Paper taken out by Robin Hale" in read(signed_in, "referral", referral)
    assert len(trail("paper_taken_out")) == 1


def test_nothing_is_taken_out_of_an_interview_that_is_signed_off(referral, robin):
    filed = file(referral, robin)
    Interview.objects.update(signed_off_at=NOW)

    with pytest.raises(papers.PaperRefused, match="The interview is signed off"):
        papers.take_out(referral, filed, because="Of another child.", by=robin, now=NOW)

    assert bytes(Attachment.objects.get().content)


def test_a_colleague_does_not_and_is_told_who_may(client, referral, robin):
    filed = file(referral, robin)
    client.force_login(member("ann@example.org", "Ann Lee"))

    response = client.post(page("take_out_paper", referral, filed.pk), {"because": "No."})

    assert "Robin Hale filed this. They can take it out, or a leader of their team" in words(response)
    assert Attachment.objects.get().taken_out_at is None


def test_their_leader_does(client, referral, robin):
    filed = file(referral, robin)
    client.force_login(member("lea@example.org", "Lea Orr", Role.TEAM_LEADER))

    client.post(page("take_out_paper", referral, filed.pk), {"because": "Filed by a slip."})

    assert Attachment.objects.get().taken_out_by.name == "Lea Orr"


def test_an_interview_that_carries_a_paper_does_not_go_with_a_slip(referral, robin):
    logged = case_work.attempt(referral, robin)
    filed = file(referral, robin)

    later = NOW + timedelta(minutes=1)
    slips.take_back(referral, kind="attempt", record=logged.pk, because="A slip.", by=robin, now=later)

    assert Interview.objects.get() == filed.interview


# Where it is listed


def test_it_stands_on_the_referral_on_the_form_and_in_the_printed_record(signed_in, referral, robin):
    contact.log_attempt(
        referral, attempted_at=NOW, method="phone", contacted="child", result="no_answer", by=robin, now=NOW
    )
    filed = file(referral, robin, name="Filled in at the visit")

    for name in ("referral", "form"):
        assert (
            reverse("rhi:paper", args=[referral.pk, filed.pk]) in signed_in.get(page(name, referral)).content.decode()
        )
    assert "Papers filed with the interview Filled in at the visit (Robin Hale" in read(signed_in, "record", referral)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_many_there_are(signed_in, referral, robin, django_assert_num_queries, rows):
    for number in range(rows):
        file(referral, robin, pdf(f"{number}".encode()))
    signed_in.get(page("file_paper", referral))

    # session, person, referral; the papers; the audit row (3)
    with django_assert_num_queries(7):
        response = signed_in.get(page("file_paper", referral))
    assert len(response.context["papers"]) == rows
