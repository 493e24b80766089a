"""Invented children and what happened to them, as the rows of the six record files (docs of `import_records`).

Pure: no Django, no clock, no files. One seeded generator makes every draw, so the same wish gives the same rows;
children come out one at a time, so a quarter of a million of them need no more memory than one. `records.invent` is
the way in.

    records -> interviews -> courses -> attempts, absences -> carers -> involvements -> children -> world -> teams
    -> people, places, pace -> moments, chance
"""
