"""One letter: what it says, to whom and why; approving it, pulling it back, opening it, and writing a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from episodes.models import Carer, Child
from jobs import claims
from procedures.calendar import local_date
from rhi import letters as writing
from rhi.actions import letters as actions
from rhi.actions.letter_blocks import Doubts, content_of, in_the_way, named
from rhi.actions.letter_facts import Around, around
from rhi.actions.letter_others import address_of
from rhi.actions.letters import LetterRefused
from rhi.addressees import Person, Standing
from rhi.forms.contact import BecauseForm
from rhi.forms.fields import DeskForm
from rhi.forms.letters import AddressForm, ApproveForm, PrintedForm, WriteForm
from rhi.letters.texts import ENGLISH
from rhi.models import Letter
from rhi.views.reaching import denied, person, put_on_trail, the_referral
from staff import audit
from staff.permissions import Permission, allowed, requires

State = Letter.State
#: The states of a letter with the tone in which they are shown.
TONES = {
    State.PROPOSED: "blue",
    State.APPROVED: "turquoise",
    State.SENDING: "yellow",
    State.SENT: "green",
    State.FAILED: "red",
    State.UNCERTAIN: "orange",
    State.CANCELLED: "grey",
}
WITH = ("carer", "interview", "proposed_by", "approved_by", "seconded_by", "settled_by")


def the_letter(request: HttpRequest, pk: int, *, now: datetime, act: bool = False) -> Letter:
    """A letter that the person may see, or with `act` may act on; without its PDF. Raises Http404."""
    user = person(request)
    rows = Letter.objects.select_related("child__responsible_authority", "referral__version", *WITH).defer("pdf")
    letter = (rows.approvable_by(user, now) if act else rows.visible_to(user, now)).filter(pk=pk).first()
    if letter is None:
        raise denied(Letter, pk)
    return letter


def languages(found: Letter) -> list[tuple[str, str]]:
    """The languages between which whoever approves a letter can choose; none where there is only one."""
    offered = writing.languages(found.referral.version.procedure.name)
    return offered if len(offered) > 1 and not found.approved_at and found.state == State.PROPOSED else []


def _in_language(request: HttpRequest, found: Letter) -> Letter:
    """The letter in the language that the person has chosen to see, if it is one of those; nothing is stored."""
    wanted = (request.POST if request.method == "POST" else request.GET).get("language", "")
    if wanted in dict(languages(found)):
        found.language = wanted
    return found


@dataclass(frozen=True)
class Shown:
    """A letter as its page shows it. `content` and `preview` are empty where it cannot be written or is frozen."""

    letter: Letter
    facts: Around
    whys: list[str]
    content: writing.Content | None
    preview: SafeString | None
    now: datetime

    @classmethod
    def of(cls, letter: Letter, *, now: datetime) -> Shown:
        """Gather it; nothing keeps a letter that is over."""
        facts = around([letter.referral_id], now=now)[letter.referral_id]
        is_open = letter.state in (State.PROPOSED, State.APPROVED)
        content = preview = None
        if is_open and not letter.approved_at:
            try:
                content = content_of(letter, facts, now=now)
                preview = writing.preview_html(content)
            except writing.CannotWrite:
                content = None  # why it cannot be written is among the whys
        return cls(letter, facts, in_the_way(letter, facts, now=now) if is_open else [], content, preview, now)

    @property
    def to(self) -> str:
        """Who it is to, by name."""
        if self.letter.addressee:
            return self.letter.addressee
        child = self.facts.child
        return self.letter.carer.name if self.letter.carer else f"{child.first_name} {child.last_name}"

    @property
    def state(self) -> str:
        """Its state in words."""
        waits = self.letter.state == State.PROPOSED and self.letter.approved_at
        return "Waits for a second person" if waits else self.letter.get_state_display()

    @property
    def doubts(self) -> Doubts | None:
        """What somebody has to confirm of the address first; None where there is nothing."""
        return (actions.of_its_address(self.letter, self.facts, now=self.now) or None) if self.whys else None

    @property
    def unsafe(self) -> list[tuple[str, str]]:
        """Whoever is not safe to contact, and where they live as far as it is on record."""
        return [(named(carer), ", ".join(filter(None, address_of(carer)))) for carer in self.facts.unsafe]

    @property
    def offers(self) -> str:
        """Whether it counts as an offer, where it offers an interview."""
        if self.letter.kind not in actions.OFFERING:
            return ""
        return writing.as_an_offer(self.letter.referral.version.procedure)


@requires(Permission.SEE_REFERRALS)
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """What a letter says, to whom and why that person, and what keeps it; by POST, approve, second or settle it."""
    now = timezone.now()
    shown_to = person(request)
    found = _in_language(request, the_letter(request, pk, now=now))
    acts = allowed(shown_to, Permission.APPROVE_LETTERS)
    acts = acts and Letter.objects.approvable_by(shown_to, now).filter(pk=pk).exists()
    if request.method == "POST" and not acts:
        raise denied(Letter, pk)
    shown = Shown.of(found, now=now)
    form = _settling(request, shown, now=now) or _approving(request, shown)
    if request.method == "POST" and form is None:  # somebody was faster, or it is sent twice
        messages.info(request, actions.how_it_stands(found, to=shown_to, now=now))
    if form is not None and form.is_valid():
        try:
            if isinstance(form, PrintedForm):
                return _settle(request, shown, form, now=now)
            return _approve(request, shown, form, now=now)
        except LetterRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            shown = Shown.of(_in_language(request, the_letter(request, pk, now=now)), now=now)
            if isinstance(form, ApproveForm):
                form.show_with(_mark(shown))
    children = [found.child.child_id]
    put_on_trail(request, audit.Type.LETTER_READ, now=now, children=children, subject=found, referral=found.referral_id)
    return render(
        request,
        "rhi/letter.html",
        {
            "now": now,
            "shown": shown,
            "letter": shown.letter,
            "referral": shown.letter.referral,
            "tone": TONES[State(shown.letter.state)],
            "hold": claims.on_hold(),
            "languages": languages(shown.letter),
            "form": form if acts else None,
            "settles": isinstance(form, PrintedForm),
            "acts": acts,
            "own": shown.letter.approved_by == shown_to,
            "may_cancel": acts and shown.letter.state in (State.PROPOSED, State.APPROVED, State.FAILED),
            "may_return": acts and shown.letter.state == State.SENT and not shown.letter.returned_at,
            "may_confirm": shown.doubts if acts else None,
        },
    )


def _settling(request: HttpRequest, shown: Shown, *, now: datetime) -> PrintedForm | None:
    """The form by which a printed letter of which nobody knows whether it was posted is settled."""
    if shown.letter.state != State.UNCERTAIN or shown.letter.channel != Letter.Channel.PRINT:
        return None
    return PrintedForm(request.POST if request.method == "POST" else None, now=now)


def _settle(request: HttpRequest, shown: Shown, form: PrintedForm, *, now: datetime) -> HttpResponse:
    """Record that it was posted, or let it be printed again. Raises LetterRefused."""
    posted_at = form.cleaned_data["posted_at"]
    actions.settle_printed(shown.letter, posted_at=posted_at, by=person(request), now=now)
    messages.success(request, "Recorded as posted." if posted_at else "It waits in the print queue again.")
    return redirect("rhi:letters")


def _approving(request: HttpRequest, shown: Shown) -> ApproveForm | None:
    """The form by which the letter is approved or seconded; None when it waits for neither."""
    found, restricted = shown.letter, shown.facts.child.restricted
    second = found.approved_at is not None
    if found.state == State.APPROVED and (found.seconded_by_id or not restricted):
        return None
    if found.state not in (State.PROPOSED, State.APPROVED):
        return None
    return ApproveForm(
        request.POST if request.method == "POST" else None,
        channels=actions.channels()[:1] if second else actions.channels(),
        in_care="" if second else shown.facts.in_care,
        placed=shown.facts.placed,
        restricted=not second and restricted,
        initial={"shown": _mark(shown), "language": found.language},
    )


def _mark(shown: Shown) -> str:
    return actions.shown_as(shown.letter, shown.content) if shown.content else ""


def _approve(request: HttpRequest, shown: Shown, form: ApproveForm, *, now: datetime) -> HttpResponse:
    """Approve it, or be the second person. Raises LetterRefused."""
    by = person(request)
    if shown.letter.approved_at:
        actions.second(shown.letter, by=by, now=now)
    else:
        done = actions.approve(shown.letter, **form.answers(), by=by, now=now)
        if done.state == State.PROPOSED:
            messages.success(request, "Approved. The child is restricted, so a second person looks at the letter too.")
            return redirect("rhi:letter", done.pk)
    messages.success(request, f"The letter to {shown.to} is approved.")
    return redirect("rhi:letters")


@requires(Permission.APPROVE_LETTERS)
@require_http_methods(["GET", "POST"])
def cancel_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a letter, or pull back one that was approved, with the reason."""
    now = timezone.now()
    found = the_letter(request, pk, now=now, act=True)
    form = BecauseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            done = actions.cancel(found, **form.cleaned_data, by=person(request), now=now)
        except LetterRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The letter is pulled back." if done.approved_at else "The letter is cancelled.")
            return redirect("rhi:referral", found.referral_id)
    return _page(request, "rhi/letter_cancel.html", found, form, now=now)


@requires(Permission.APPROVE_LETTERS)
@require_http_methods(["GET", "POST"])
def letter_came_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a letter came back as undeliverable; of one that has not gone, that the address is right."""
    now = timezone.now()
    found = the_letter(request, pk, now=now, act=True)
    if found.state in (State.PROPOSED, State.APPROVED):
        return _confirm_address(request, found, now=now)
    form = DeskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.record_returned(found, by=person(request), now=now)
        except LetterRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Recorded. Nothing more goes there until the address is corrected or confirmed.")
            return redirect("rhi:letter", found.pk)
    return _page(request, "rhi/letter_came_back.html", found, form, now=now)


def _confirm_address(request: HttpRequest, found: Letter, *, now: datetime) -> HttpResponse:
    """Confirm the address of a letter against which something speaks, with the reason."""
    doubts = Shown.of(found, now=now).doubts
    mark = doubts.mark if doubts else ""
    form = AddressForm(request.POST if request.method == "POST" else None, initial={"shown": mark})
    if form.is_valid():
        try:
            actions.confirm_address(found, **form.cleaned_data, by=person(request), now=now)
        except LetterRefused as refusal:
            form.add_error(None, str(refusal))
            form.show_with(mark)
        else:
            messages.success(request, "The address is confirmed.")
            return redirect("rhi:letter", found.pk)
    doubted = list(doubts.in_words(today=local_date(now))) if doubts else []
    return _page(request, "rhi/letter_address.html", found, form, now=now, doubts=doubts, doubted=doubted)


def _page(
    request: HttpRequest, template: str, found: Letter, form: DeskForm, *, now: datetime, **more: object
) -> HttpResponse:
    children = [found.child.child_id]
    put_on_trail(request, audit.Type.LETTER_READ, now=now, children=children, subject=found, referral=found.referral_id)
    context = {"now": now, "letter": found, "referral": found.referral, "form": form}
    return render(request, template, context | more)


@requires(Permission.SEE_REFERRALS)
@require_safe
def letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter as it was approved, to the letter; before that, its own page."""
    now = timezone.now()
    found = the_letter(request, pk, now=now)
    content = Letter.objects.values_list("pdf", flat=True).get(pk=pk)
    if content is None:
        return redirect("rhi:letter", pk)
    put_on_trail(
        request,
        audit.Type.LETTER_READ,
        now=now,
        children=[found.child.child_id],
        subject=found,
        referral=found.referral_id,
        pdf=True,
    )
    return ViewedPdf(bytes(content), f"letter-{found.pk}.pdf")


class ViewedPdf(HttpResponse):
    """A PDF that the browser shows itself and keeps no copy of, under a name that says nothing of anybody."""

    #: django-csp's: a browser's own viewer is a page with styles of its own around the document; what would stop it
    #: is left open, and nothing else. There is no markup of ours in a PDF.
    _csp_replace: ClassVar[dict[str, None]] = {"default-src": None, "style-src": None, "img-src": None}

    def __init__(self, content: bytes, name: str) -> None:
        """Show `content`; `name` is what a saved copy would be called."""
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        super().__init__(content, content_type="application/pdf", headers=headers)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def write_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a letter to one person of the family: services on request, or one that is due by the procedure."""
    now = timezone.now()
    referral = the_referral(request, pk, now=now, work=True)
    facts = around([referral.pk], now=now)[referral.pk]
    kinds = actions.kinds(facts.rules)
    form = WriteForm(
        request.POST if request.method == "POST" else None,
        kinds=kinds,
        people=facts.people,
        carers={carer.pk: carer for carer in facts.carers},
        child=f"{referral.child.first_name} {referral.child.last_name}",
        languages=writing.languages(facts.gathered.version.procedure.name),
        speaks=facts.child.language,
        initial={"kind": kinds[-1][0]},
    )
    if form.is_valid():
        typed = form.cleaned_data
        try:
            written = actions.write(
                referral,
                typed["kind"],
                carer=form.carer,
                because=typed["because"],
                leaflets=typed["leaflets"],
                language=typed.get("language", ENGLISH),
                by=person(request),
                now=now,
            )
        except LetterRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "The letter is proposed. Somebody looks at it and approves it.")
            return redirect("rhi:letter", written.pk)
    children = [referral.child.child_id]
    put_on_trail(request, audit.Type.REFERRAL_READ, now=now, children=children, subject=referral)
    left_out = left_out_of(facts.people, facts.child, facts.carers)
    context = {"now": now, "referral": referral, "form": form, "left_out": left_out}
    return render(request, "rhi/letter_write.html", context)


def left_out_of(people: tuple[Person, ...], child: Child, carers: tuple[Carer, ...]) -> list[tuple[str, str]]:
    """Who gets no letter by the rules, by name, and why."""
    names = {carer.pk: f"{carer.name} ({carer.relationship})" for carer in carers}
    return [
        (names[each.carer] if each.carer else f"{child.first_name} {child.last_name}", each.because)
        for each in people
        if each.standing is not Standing.GETS
    ]
