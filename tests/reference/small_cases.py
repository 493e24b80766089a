"""Small cases that a reader can count: the reference must be right by itself before anything is held against it."""

from datetime import UTC, datetime
from pathlib import Path

from tests.reference.monthly_table import Counting, Value, monthly_table

OURS, ANOTHER = "E06000066", "E09000028"
OURS_ONLY = Counting(our_code=OURS, include_other_authorities=False)
ALL = Counting(our_code=OURS, include_other_authorities=True)
NOON_ON_30_APRIL = datetime(2026, 4, 30, 11, tzinfo=UTC)

HEADERS = {  # the cells at the end of a row may be left out
    "children": "child_id,first_name,last_name,date_of_birth,responsible_authority",
    "involvements": "child_id,service,start,end",
    "episodes": "episode_id,child_id,kind,last_seen_at,returned_at,notified_at,reported_at,return_precision",
    "interviews": "interview_id,child_id,episode_ids,offered_at,offered_to,response,held_at,outcome,reason",
}
CHILDREN = [
    "ANN,Ann,Example,2012-05-01",
    "BOB,Bob,Example,2011-06-01",
    f"OUR,Our,Example,2011-06-01,{OURS}",
    f"OLA,Ola,Example,2010-07-01,{ANOTHER}",
]
ONE_EPISODE = ["E1,ANN,missing,2026-03-05T20:00,2026-03-06T02:00"]


def month(
    folder: Path,
    name: str = "2026-03",
    *,
    counting: Counting = OURS_ONLY,
    now: datetime = NOON_ON_30_APRIL,
    **rows: list[str],
) -> dict[str, Value]:
    """The column of one month, from the rows of the files given."""
    for file, header in HEADERS.items():
        lines = [header, *rows.get(file, CHILDREN if file == "children" else [])]
        (folder / f"{file}.csv").write_text("\n".join(lines))
    table = monthly_table(folder, first=name, last=name, counting=counting, now=now)
    return {measure: values[name] for measure, values in table.items()}
