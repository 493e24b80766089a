"""The interviews of a child, as far as they have got: rows of interviews.csv, each with its rows of attempts.csv."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rhi.invention.absences import Absence
from rhi.invention.attempts import Attempt, Reach
from rhi.invention.children import Life
from rhi.invention.courses import Course, Interview, Situation, course
from rhi.invention.involvements import Involvement
from rhi.invention.moments import by_day, local_day, minutes
from rhi.invention.teams import SOCIAL_CARE, intervention_service
from rhi.invention.world import World

INTERVIEWED_ABOUT_AWAY = 0.12
MOST_ABSENCES_OF_AN_INTERVIEW = 6
COVERED_WITH_THE_NEXT = 0.6
"""Of the episodes whose interview the next episode forestalls."""

FORGOTTEN, NEVER_CLOSED = 0.02, 0.012
HELD_BY_THE_ALLOCATED_WORKER, HELD_BY_NOBODY = 0.16, 0.05
SOCIAL_CARE_SERVICES = {"looked_after", "child_protection", "child_in_need", "assessment"}
ALLOCATING_SERVICES = {*SOCIAL_CARE_SERVICES, "family_service"}

CARER_IN = {"foster_care": "foster_carer", "kinship": "foster_carer"}
"""Who has day-to-day care in a placement; in all others it is staff."""


def interviews(
    world: World, life: Life, involvements: Sequence[Involvement], absences: Sequence[Absence]
) -> Iterator[tuple[Interview, list[Attempt]]]:
    """One for each return, or one for several where the child goes missing again before it.

    The last weeks before the records end are left unfinished, without a row where nothing has happened yet.
    """
    rng = world.rng
    worker = world.teams.worker(intervention_service(life.child.area))
    interview_id = ""
    waiting: list[Absence] = []
    for absence, following in zip(absences, [*absences[1:], None], strict=True):
        away = absence.episode.kind == "away"
        if absence.episode.returned_at is None or (away and rng.random() > INTERVIEWED_ABOUT_AWAY):
            continue
        if not waiting:
            interview_id = f"I{next(world.interview_numbers):07}"
        waiting.append(absence)
        open_rows = [row for row in involvements if row.covers(local_day(absence.back))]
        team, held_by = holder(world, life, open_rows, worker)
        episode_ids = " ".join(covered.episode.episode_id for covered in waiting)
        row = Interview(interview_id, life.child.child_id, episode_ids, team, held_by)
        progress = course(situation(world, life, open_rows, absence, row))
        if following and following.left < progress.over_at:
            if len(waiting) < MOST_ABSENCES_OF_AN_INTERVIEW and rng.random() < COVERED_WITH_THE_NEXT:
                continue
            progress = overtaken(world, progress, following)
        waiting = []
        if rng.random() > FORGOTTEN:
            yield from recorded(world, progress)


def situation(
    world: World, life: Life, open_rows: Sequence[Involvement], absence: Absence, interview: Interview
) -> Situation:
    """After the last of the episodes that the interview is about: where the child lives, how it can be reached."""
    placement = next((row for row in open_rows if row.service == "looked_after"), None)
    known_to_social_care = any(row.service in SOCIAL_CARE_SERVICES for row in open_rows)
    reach = Reach(
        rng=world.rng,
        interview_id=interview.interview_id,
        words={
            "carer": CARER_IN.get(placement.placement_kind, "placement_staff") if placement else "parent",
            "visit": "placement_visit" if placement else "home_visit",
            "via_placement": "via_placement" if placement else "phone",
        },
        professionals=("social_worker", "school", "other") if known_to_social_care else ("school", "other"),
    )
    return Situation(world.rng, life, absence, placement, interview, reach)


def holder(world: World, life: Life, open_rows: Sequence[Involvement], worker: str) -> tuple[str, str]:
    """Team and worker: mostly of the intervention service, sometimes those who work with the child anyway."""
    rng = world.rng
    if life.child.age_on(life.days[-1]) < 8:
        return SOCIAL_CARE, world.teams.worker(SOCIAL_CARE)
    ours = [] if life.of_another_authority else open_rows
    allocated = [row for row in ours if row.team and row.service in ALLOCATING_SERVICES]
    if allocated and rng.random() < HELD_BY_THE_ALLOCATED_WORKER:
        return allocated[0].team, allocated[0].worker_email
    return intervention_service(life.child.area), "" if rng.random() < HELD_BY_NOBODY else worker


def overtaken(world: World, progress: Course, following: Absence) -> Course:
    """Cut short by the next episode: what was agreed lapses, what was not yet offered never is."""
    rng, row, missing_again = world.rng, progress.interview, following.left
    attempts = [attempt for attempt in progress.attempts if attempt.attempted_at < missing_again]
    noticed = by_day(rng, missing_again)
    if attempts and noticed < following.back:
        found_out = replace(attempts[-1], attempted_at=noticed, method="phone", result="child_missing_again", note="")
        attempts.append(found_out)
    nothing_held = replace(row, held_at=None, method="", written_up_at=None)
    if row.offered_at is None or row.offered_at >= missing_again:
        row = replace(nothing_held, offered_at=None, offered_to="", response="", responded_at=None)
        row = replace(row, outcome="not_offered", reason="missing_again")
    elif row.response == "accepted" and row.responded_at and row.responded_at < missing_again:
        row = replace(nothing_held, outcome="accepted_not_held", reason="missing_again")
    else:
        row = replace(nothing_held, response="no_response", responded_at=None, outcome="no_contact", reason="no_answer")
    return Course(row, attempts, noticed + minutes(rng, 1, 30))


def recorded(world: World, progress: Course) -> Iterator[tuple[Interview, list[Attempt]]]:
    """What of it is known when the records end: nothing, the beginning, or all. Now and then nobody closes it."""
    row = progress.interview
    attempts = [attempt for attempt in progress.attempts if world.known(attempt.attempted_at)]
    if progress.over_at >= world.ends_at or world.rng.random() < NEVER_CLOSED:
        row = replace(row, held_at=None, method="", written_up_at=None, outcome="", reason="")
        if not world.known(row.offered_at):
            row = replace(row, offered_at=None, offered_to="")
        if not world.known(row.responded_at):
            row = replace(row, response="", responded_at=None)
    else:
        row = replace(row, written_up_at=world.known(row.written_up_at))
    if attempts or row.outcome:
        yield row, attempts
