"""The interview offered to the child or, apart, to a parent or carer."""

import pytest

from procedures.models import Version
from rhi.models import Offer
from tests.records import london
from tests.rhi.contact.sent import clock, offer, offered, page, trail

pytestmark = pytest.mark.django_db


def test_an_offer_is_recorded_and_stops_its_clock(signed_in, referral, worker):
    answer = signed_in.post(page("record_offer", referral), offer())

    assert answer.headers["Location"] == page("referral", referral)
    made = Offer.objects.get()
    assert (made.to, made.offered_at, made.route, made.method, made.recorded_by) == (
        "child",
        london("2026-05-13 10:00"),
        "phone",
        "face_to_face",
        worker,
    )
    assert clock(referral, "offer").met_at == london("2026-05-13 10:00")
    assert trail("offer_recorded") == [
        (["C1"], {"referral": referral.pk, "to": "child", "route": "phone", "method": "face_to_face"})
    ]


def test_an_offer_to_a_parent_alone_does_not_stop_the_clock(signed_in, referral):
    signed_in.post(page("record_offer", referral), offer(to="parent"))

    assert Offer.objects.get().to == "parent"
    assert clock(referral, "offer").met_at is None


def test_child_and_parent_are_offered_it_apart(signed_in, referral):
    signed_in.post(page("record_offer", referral), offer())
    signed_in.post(page("record_offer", referral), offer(to="parent"))

    assert sorted(Offer.objects.values_list("to", flat=True)) == ["child", "parent"]


def test_a_form_that_nobody_touched_records_no_offer(signed_in, referral):
    for _ in range(2):
        form = signed_in.get(page("record_offer", referral)).context["form"]
        shown = {name: value for name in form.fields if (value := form[name].initial)}
        answer = signed_in.post(page("record_offer", referral), shown | {"offered_at": "2026-05-13T10:00"})
        assert answer.context["form"].errors == {"to": ["Choose to whom"]}

        signed_in.post(page("record_offer", referral), offer())

    assert Offer.objects.get().to == "child"


def test_the_same_offer_sent_twice_is_recorded_once(signed_in, referral):
    for _ in range(2):
        assert signed_in.post(page("record_offer", referral), offer()).status_code == 302

    assert Offer.objects.count() == 1
    assert len(trail("offer_recorded")) == 1


@pytest.mark.parametrize(
    ("cells", "field", "why"),
    [
        (
            {"route": "letter"},
            "route",
            (
                "Under this procedure a letter is not an offer. Log it as an attempt by letter; record the offer when"
                " you have put it to them in another way."
            ),
        ),
        (
            {"to": "parent", "route": "via_carer"},
            "route",
            "An offer to the parent or carer does not go through them. Choose how it was put.",
        ),
        (
            {"offered_at": "2026-05-12T06:00"},
            "offered_at",
            "This lies before the child’s return, Tue 12 May, 07:00.",
        ),
        ({"to": "not_recorded"}, "to", "Select a valid choice. not_recorded is not one of the available choices."),
    ],
)
def test_an_offer_that_cannot_be_is_refused_in_words(signed_in, referral, cells, field, why):
    answer = signed_in.post(page("record_offer", referral), offer(**cells))

    assert answer.context["form"].errors == {field: [why]}
    assert not Offer.objects.exists()


def test_where_the_procedure_counts_a_letter_as_an_offer_it_is_one(signed_in, referral):
    text = referral.version.text.replace("counts_as_offer = false", "counts_as_offer = true")
    Version.objects.update(text=text)

    signed_in.post(page("record_offer", referral), offer(route="letter"))

    assert Offer.objects.get().route == "letter"


def test_a_second_offer_to_the_child_is_a_new_response_to_the_first(signed_in, referral, worker):
    offered(referral, worker)

    answer = signed_in.post(page("record_offer", referral), offer(offered_at="2026-05-14T10:00"))

    assert answer.context["form"].non_field_errors() == [
        (
            "You have already recorded an offer to the child Wed 13 May, 10:00. If you have put it to them again,"
            " record their new response to that offer."
        )
    ]
